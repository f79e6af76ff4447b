"""Which conditions may a row of the policy name?

Each is a statement that is true or false of one question. One that permits something is true only where every fact
it needs is known; one that protects somebody is true also where the fact is not known.
"""

from collections.abc import Callable, Iterator, Mapping
from types import FunctionType, MappingProxyType, ModuleType
from typing import Final, TypeAlias

from gateway.consent import conditions_of_family, conditions_of_parties, conditions_of_protection, conditions_of_request
from gateway.consent.case import Case
from gateway.consent.question import Purpose

Predicate: TypeAlias = Callable[[Case], bool]


def _public(module: ModuleType) -> Iterator[tuple[str, Predicate]]:
    for name, member in vars(module).items():
        if isinstance(member, FunctionType) and member.__module__ == module.__name__ and not name.startswith("_"):
            yield name, member


def _purpose_is(purpose: Purpose) -> Predicate:
    def purpose_is(case: Case) -> bool:
        return case.question.purpose is purpose

    purpose_is.__doc__ = f"The purpose is {purpose.value}."
    return purpose_is


_MODULES = (conditions_of_request, conditions_of_parties, conditions_of_protection, conditions_of_family)

FIXED: Final = frozenset({f"purpose_is_{purpose.value.lower()}" for purpose in Purpose} | {"conveying", "disclosing"})
"""Conditions that look at nothing but purpose and mode."""

PREDICATES: Final[Mapping[str, Predicate]] = MappingProxyType(
    {
        **{f"purpose_is_{purpose.value.lower()}": _purpose_is(purpose) for purpose in Purpose},
        **{name: predicate for module in _MODULES for name, predicate in _public(module)},
    }
)
"""Every condition there is, by the name a policy row uses."""
