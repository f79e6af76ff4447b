"""How does the family's word stand on one question: a yes in force, a no, or not known?

Most restrictive wins, not latest. A yes counts only where everything it needs is known: that it was given, from when
until when, and that it names this kind and purpose. A no counts even where little is known about it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from gateway.consent.question import Consent, Purpose, Recipient

_GIVEN: Final = frozenset({"GIVEN", "GIVEN_LIMITED"})
_SATURDAY: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What consent means here, as the policy file says.

    Shape: `kinds` are the kinds of consent a purpose rests on; a purpose that is not named rests on `SHARE`.
    `may_consent` are the capacities in which somebody can consent for a child; `child_capacities` those of a child.
    `written_modes` need no confirmation. `wider` names the type of agency that a narrower one belongs to.
    `any_receiver` are the words by which a family lets its record follow it to whatever authority it moves to.
    """

    kinds: Mapping[Purpose, frozenset[str]]
    may_consent: frozenset[str]
    child_capacities: frozenset[str]
    written_modes: frozenset[str]
    verbal_working_days: int
    wider: Mapping[str, str]
    any_receiver: frozenset[str]


@dataclass(slots=True, kw_only=True)
class Standing:
    """How the family's word stands on one question.

    Shape: `yes` are the consents in force that cover kind and purpose; `binding` are those whose limits hold: every one
    that is not known to be out of force, those of `yes` among them. `unknown` tells that there is a word whose meaning
    is not known. `changes` are the instants (UTC) after the question's at which time alone changes any of this.
    """

    refused: bool = False
    withdrawn: bool = False
    expired: bool = False
    unknown: bool = False
    yes: list[Consent] = field(default_factory=list)
    binding: list[Consent] = field(default_factory=list)
    refusers: list[Consent] = field(default_factory=list)
    changes: list[datetime] = field(default_factory=list)

    @property
    def is_absent(self) -> bool:
        """Tell whether nobody has said anything about this."""
        return not (self.binding or self.refused or self.withdrawn or self.expired)


def standing_of(
    consents: Iterable[Consent], *, purpose: Purpose, at: datetime, is_content: bool, terms: Terms
) -> Standing:
    """Return how *consents* stand on sharing for *purpose* at *at*.

    Args:
        consents: everything the family said, by whomever.
        purpose: what the document is for.
        at: the question's instant (UTC).
        is_content: the purpose carries content and rests on consent alone: then a withdrawal of sharing stops it,
            whatever purposes the withdrawn consent had listed.
        terms: what consent means here.
    """
    standing = Standing()
    kinds = terms.kinds.get(purpose, _SHARE)
    for consent in consents:
        if consent.status == "SUPERSEDED" or not _touches(consent.kinds, kinds):
            continue
        if (consent.status == "WITHDRAWN" and is_content) or purpose.value in consent.withdrawn_purposes:
            standing.withdrawn = True
        elif _names(consent, purpose) or not consent.purposes:
            _count(standing, consent, _covers(consent, purpose, kinds), at, terms)
    return standing


def lapses_at(consent: Consent, terms: Terms) -> datetime | None:
    """Return the instant at which a consent that is not in writing stops counting, or None if it is in writing.

    Working days here are Monday to Friday in UTC. Bank holidays are not known to this rule, so it can only end a
    spoken consent too early, never too late.
    """
    if consent.mode in terms.written_modes or consent.effective_from is None:
        return None
    return add_weekdays(consent.effective_from, terms.verbal_working_days)


def add_weekdays(start: datetime, days: int) -> datetime:
    """Return the same time of day, *days* weekdays after *start*; the last there is, where no calendar goes so far."""
    at = start
    try:
        while days > 0:
            at += timedelta(days=1)
            days -= at.weekday() < _SATURDAY
    except OverflowError:
        return datetime.max.replace(tzinfo=start.tzinfo)
    return at


def names_agency(listed: Iterable[str], recipient: Recipient, terms: Terms) -> bool:
    """Tell whether *recipient* is surely one of the *listed* agencies."""
    called = {recipient.organisation, recipient.type, terms.wider.get(recipient.type or "")}
    return any(entry in called for entry in listed)


def may_name_agency(listed: Iterable[str], recipient: Recipient, terms: Terms) -> bool:
    """Tell whether *recipient* may be one of the *listed* agencies: a denial counts even where that is not sure."""
    listed = tuple(listed)
    if not listed:
        return False
    if recipient.type is None or names_agency(listed, recipient, terms):
        return True
    return any(terms.wider.get(entry) == recipient.type for entry in listed)


_SHARE: Final = frozenset({"SHARE"})


def _touches(said: tuple[str, ...], kinds: frozenset[str]) -> bool:
    return not said or not kinds.isdisjoint(said)


def _names(consent: Consent, purpose: Purpose) -> bool:
    return purpose is Purpose.TRANSFER or purpose.value in consent.purposes


def _covers(consent: Consent, purpose: Purpose, kinds: frozenset[str]) -> bool:
    return not kinds.isdisjoint(consent.kinds) and _names(consent, purpose)


def _count(standing: Standing, consent: Consent, covers: bool, at: datetime, terms: Terms) -> None:  # noqa: FBT001  # private
    if consent.status in _GIVEN:
        _count_given(standing, consent, covers, at, terms)
    elif consent.status == "REFUSED":
        standing.refused = True
        standing.refusers.append(consent)
    elif consent.status == "WITHDRAWN":
        standing.withdrawn = True
    elif consent.status == "EXPIRED":
        standing.expired = True
    else:
        # Not known to be over: whatever it denies is denied.
        standing.unknown = True
        standing.binding.append(consent)


def _count_given(standing: Standing, consent: Consent, covers: bool, at: datetime, terms: Terms) -> None:  # noqa: FBT001  # private
    start, end = consent.effective_from, consent.expires_on
    instants = (start, end, lapses_at(consent, terms))
    standing.changes.extend(instant for instant in instants if instant is not None and instant > at)
    if end is not None and at >= end:
        standing.expired = True
    elif start is None or at >= start:
        standing.binding.append(consent)
        if covers and start is not None and end is not None:
            standing.yes.append(consent)
