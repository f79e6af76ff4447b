"""What does a policy file hold, before anybody has checked that it makes sense?"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from gateway.consent.case import CheckConsent, ContentWhen, Point, Tables
from gateway.consent.question import Purpose
from gateway.consent.statement_rules import Terms
from gateway.errors import PolicyError
from gateway.model.category import Category, Tells


class Kind(StrEnum):
    """Whether a row that applies ends the search."""

    TERMINAL = "terminal"
    MODIFIER = "modifier"


class Result(StrEnum):
    """What a row says."""

    PERMIT = "permit"
    REFUSE = "refuse"
    REVIEW = "review"
    REDACT = "redact"


class Person(StrEnum):
    """What follows when the responsible person answers a row's question with yes."""

    PERMITS = "permits"
    """It goes; only what is withheld is still looked at."""
    GOES_ON = "goes on"
    """The row is settled, and the rows after it are asked."""
    SAYS_WHO = "says who"
    """Nothing by itself: the person says who the child is, and that is a fact for every row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a reason means, for a professional who has just met it.

    Shape: `heading` is a few words; `text` is one paragraph; `advice` is the next thing to do.
    """

    heading: str
    text: str
    advice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFile:
    """One `[[row]]`.

    Shape: all of `when` must be true; within one entry, ` or ` joins conditions of which one must be.
    """

    number: int
    stage: int
    kind: Kind
    result: Result
    reason: str
    plain: str
    source: str
    part: str = ""
    when: tuple[str, ...] = ()
    obligations: tuple[str, ...] = ()
    redacts: tuple[str, ...] = ()
    locating: bool = False
    telling: tuple[Tells, ...] = ()
    persons: bool = False
    rests_on_consent: bool = False
    person: Person | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentFile:
    """The `[consent]` table."""

    kinds: Mapping[str, tuple[str, ...]]
    may_consent: tuple[str, ...]
    child_capacities: tuple[str, ...]
    written_modes: tuple[str, ...]
    verbal_working_days: int
    any_receiver: tuple[str, ...]
    spoken_is_enough: tuple[Purpose, ...] = (Purpose.REQUEST_EH,)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyFile:
    """The whole file."""

    version: str
    title: str
    row: tuple[RowFile, ...]
    content: Mapping[str, ContentWhen]
    minimum: Mapping[str, tuple[Category, ...]]
    all_but: Mapping[str, tuple[Category, ...]]
    may_be_empty: tuple[Purpose, ...]
    consent: ConsentFile
    roles: Mapping[str, tuple[str, ...]]
    recipients: Mapping[str, tuple[str, ...]]
    confidential: tuple[Category, ...]
    agreement_grace_days: int
    wider: Mapping[str, str]
    reason: Mapping[str, Words]
    obligation: Mapping[str, str]
    in_force_from: Mapping[str, str] = field(default_factory=dict)
    left_to_areas: tuple[Point, ...] = ()


def tables_of(file: PolicyFile) -> Tables:
    """Return the lists that conditions look things up in.

    Raises:
        PolicyError: a purpose that there is not, or a list that conditions need is missing.
    """
    consent = file.consent
    terms = Terms(
        kinds={purpose_of(name, "consent.kinds"): frozenset(kinds) for name, kinds in consent.kinds.items()},
        may_consent=frozenset(consent.may_consent),
        child_capacities=frozenset(consent.child_capacities),
        written_modes=frozenset(consent.written_modes),
        verbal_working_days=consent.verbal_working_days,
        wider=file.wider,
        any_receiver=frozenset(consent.any_receiver),
    )
    return Tables(
        minimum=_minimum(file),
        may_be_empty=frozenset(file.may_be_empty),
        content={purpose_of(name, "content"): when for name, when in file.content.items()},
        terms=terms,
        manager_roles=_list(file.roles, "roles", "manager_or_above"),
        audit_roles=_list(file.roles, "roles", "audit"),
        social_work_roles=_list(file.roles, "roles", "social_work"),
        health_need_types=_list(file.recipients, "recipients", "health_need"),
        parent_or_school_types=_list(file.recipients, "recipients", "parent_or_school"),
        family_types=_list(file.recipients, "recipients", "family"),
        police_need_types=_list(file.recipients, "recipients", "police_need"),
        check_need_types=_list(file.recipients, "recipients", "check_need"),
        confidential=frozenset(file.confidential),
        agreement_grace_days=file.agreement_grace_days,
        agreement_first=frozenset(),
        check_consent=CheckConsent.STATED,
        spoken_is_enough=frozenset(consent.spoken_is_enough),
    )


def _minimum(file: PolicyFile) -> Mapping[Purpose, frozenset[Category]]:
    twice = sorted(set(file.minimum) & set(file.all_but))
    if twice:
        raise PolicyError(f"{twice[0]} is in [minimum] and in [all_but]; say it once")
    everything = frozenset(Category)
    return {
        **{purpose_of(name, "minimum"): frozenset(most) for name, most in file.minimum.items()},
        **{purpose_of(name, "all_but"): everything - frozenset(less) for name, less in file.all_but.items()},
    }


def purpose_of(name: str, table: str) -> Purpose:
    """Return the purpose called *name*.

    Raises:
        PolicyError: there is none.
    """
    try:
        return Purpose(name)
    except ValueError:
        raise PolicyError(f"[{table}] names {name!r}; the purposes are {', '.join(Purpose)}") from None


def _list(lists: Mapping[str, Iterable[str]], table: str, name: str) -> frozenset[str]:
    if name not in lists:
        raise PolicyError(f"[{table}] has no {name}; add the list, even if it is empty")
    return frozenset(lists[name])
