"""May this document leave now, and what of it?

A permit is a record and proves nothing: it may be old, copied, or about somebody else. Only `clear` turns one into a
`Clearance`, at the moment of hand-over, and what a clearance holds is already cut. An outbound translator accepts a
clearance and nothing else, so content from our store has no other way out.

What holds the guard up: a clearance object is an empty shell, and what it stands for is kept in this module under the
object's identity. A shell that was made in any other way (called, copied, unpickled, `object.__new__`, a subclass)
stands for nothing, and every use of it raises `IntegrityError`. The limit is Python's own: code in this process that
reaches for a module's private names can do anything. The guard stops mistakes and shortcuts, and an architecture test
watches for whoever reaches.
"""

import types
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Never, NoReturn, Self, final
from weakref import WeakKeyDictionary

from gateway.consent.content_filter import Withheld, categories_in, cut
from gateway.consent.decision import Grounds, Permit
from gateway.consent.hidden_person import HiddenPerson
from gateway.errors import IntegrityError
from gateway.model.category import Category
from gateway.model.tree import Group, Tree

TEST_POLICY: Final = "test-permit"
"""How the policy version of a permit begins that was made for a trial: what leaves under it is NOT FOR RELEASE."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentFacts:
    """What is true at hand-over.

    Shape: `recipient` is the organisation the document is about to be handed to; `epochs` are the current values of
    the counters that the permit names. `hidden` is who must not be told of, where the permit hides persons: while the
    counters stand it is whom the decision knew of. None means that nobody is named, and every adult may be the one.
    """

    recipient: str
    epochs: Mapping[str, int]
    hidden: tuple[HiddenPerson, ...] = field(default=(), repr=False)


class StaleReason(StrEnum):
    """Why a permit no longer speaks for the facts."""

    EPOCH = "epoch"
    """A consent, flag, agreement or the policy has changed since."""
    TIME = "time"
    """The passing of time alone may have changed the answer."""
    CATEGORIES = "categories"
    """The document holds a kind of information that the decision was not asked about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stale:
    """The permit does not hold any more: decide again."""

    reason: StaleReason


@dataclass(frozen=True, slots=True, kw_only=True)
class _Content:
    """What a clearance stands for."""

    recipient: str
    document: str
    tree: Group
    withheld: tuple[Withheld, ...]
    grounds: Grounds
    epochs: Mapping[str, int]


@final
class Clearance:
    """Proof that one document, already cut, may be handed to one recipient now. Only `clear` makes one."""

    __slots__ = ("__weakref__",)

    def __new__(cls, _nobody_has_one: Never, /) -> Self:
        """Refuse: there is no public constructor, and mypy knows that no argument fits this one."""
        raise _refusal("made by a call")

    def __init_subclass__(cls) -> NoReturn:
        raise _refusal("subclassed")

    @property
    def recipient(self) -> str:
        """Return the organisation that it may be handed to."""
        return _content_of(self).recipient

    @property
    def document(self) -> str:
        """Return the canonical document's name."""
        return _content_of(self).document

    @property
    def tree(self) -> Group:
        """Return a fresh copy of the cut document, so that nothing can be put back into this one."""
        return _fresh_group(_content_of(self).tree)

    @property
    def withheld(self) -> tuple[Withheld, ...]:
        """Return what kinds of information it goes without, and why."""
        return _content_of(self).withheld

    @property
    def grounds(self) -> Grounds:
        """Return the grounds of the permit it rests on."""
        return _content_of(self).grounds

    @property
    def epochs(self) -> Mapping[str, int]:
        """Return the counters that must still stand so when the hand-over is marked."""
        return _content_of(self).epochs

    @property
    def is_test(self) -> bool:
        """Tell whether it rests on a test permit: what comes of it is NOT FOR RELEASE."""
        return _content_of(self).grounds.policy_version.startswith(TEST_POLICY)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise _refusal("changed")

    def __delattr__(self, name: str) -> NoReturn:
        raise _refusal("changed")

    def __copy__(self) -> NoReturn:
        raise _refusal("copied")

    def __deepcopy__(self, memo: object) -> NoReturn:
        raise _refusal("copied")

    def __replace__(self, **changes: object) -> NoReturn:
        raise _refusal("replaced")

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise _refusal("pickled")

    def __setstate__(self, state: object) -> NoReturn:
        raise _refusal("unpickled")


_MADE: WeakKeyDictionary[Clearance, _Content] = WeakKeyDictionary()


def clear(permit: Permit, facts: CurrentFacts, at: datetime, *, document: str, tree: Group) -> Clearance | Stale:
    """Return the clearance to hand *tree* over now, cut to what *permit* lets go; or why it must be decided again.

    Args:
        permit: what was decided.
        facts: what is true now.
        at: now.
        document: the canonical document's name.
        tree: the whole document. Only what is left of it after the cut is in the clearance.

    Units: `at` is UTC.

    Raises:
        IntegrityError: the permit is for another recipient.
        SchemaViolationError: the tree is not such a document.
    """
    if facts.recipient != permit.grounds.recipient:
        raise IntegrityError(
            "a permit for one recipient was brought to clear a document for another",
            expected=permit.grounds.recipient,
            found=facts.recipient,
        )
    stale = _stale(permit, facts, at) or _unasked(permit, document, tree)
    if stale is not None:
        return Stale(reason=stale)
    made = cut(document, tree, permit, facts.hidden)
    return _make(
        _Content(
            recipient=permit.grounds.recipient,
            document=document,
            tree=made.tree,
            withheld=made.withheld,
            grounds=permit.grounds,
            epochs=types.MappingProxyType(dict(permit.epochs)),
        )
    )


def require_clearance(candidate: object) -> Clearance:
    """Return *candidate* if `clear` made it: what a translator calls first, whatever a type annotation promised.

    Raises:
        IntegrityError: it is anything else.
    """
    if type(candidate) is not Clearance:
        raise _refusal("brought in as something else")
    _content_of(candidate)
    return candidate


def _stale(permit: Permit, facts: CurrentFacts, at: datetime) -> StaleReason | None:
    if dict(facts.epochs) != dict(permit.epochs):
        return StaleReason.EPOCH
    until = permit.grounds.valid_until
    if at < permit.grounds.decided_at or (until is not None and at >= until):
        return StaleReason.TIME
    return None


def _unasked(permit: Permit, document: str, tree: Group) -> StaleReason | None:
    redacted = {category for redaction in permit.redactions for category in redaction.categories}
    asked = {*permit.kept, *redacted, Category.ROUTING}
    return None if categories_in(document, tree) <= asked else StaleReason.CATEGORIES


def _fresh_group(group: Group) -> Group:
    return {name: part if type(part) is str else _fresh(part) for name, part in group.items()}


def _fresh(part: Tree) -> Tree:
    match part:
        case dict():
            return _fresh_group(part)
        case list():
            return [_fresh(item) for item in part]
        case _:
            return part


def _make(content: _Content) -> Clearance:
    shell: Clearance = object.__new__(Clearance)
    _MADE[shell] = content
    return shell


def _content_of(shell: Clearance) -> _Content:
    try:
        return _MADE[shell]
    except (KeyError, TypeError):
        raise _refusal("used though nothing stands behind it") from None


def _refusal(how: str) -> IntegrityError:
    return IntegrityError(f"a clearance comes only from clear(), at hand-over; one was {how}")
