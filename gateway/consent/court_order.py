"""What did a court order about telling of a child, as somebody wrote it down, and what are the rules told of it?

An order is recorded by one person. One that forbids counts at once; one that requires counts once another person has
verified it with the court. What the rules are asked is `order_of`: the kind, and whether it was verified.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.consent.question import CourtOrder, Purpose, Question, Recipient
from gateway.consent.statement_rules import Terms, may_name_agency

REQUIRES: Final = "requires_disclosure"
PROHIBITS: Final = "prohibits_disclosure"
KINDS: Final = (REQUIRES, PROHIBITS)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedOrder:
    """One order of a court, or demand of a statute, about one child.

    Shape: `recipients` are organisations, or, of an order that forbids, also types of one; where it names none, it
    forbids to tell anybody. `purposes` and `categories` are what is ordered; where none is named, all of it.
    `recorded_by` and `verified_by` are pseudonyms of people. `made_on` is a day.
    Units: UTC. `effective_from` is included, `expires_on` is not.
    """

    kind: str
    court: str
    reference: str
    made_on: str
    recorded_by: str
    version: int = 1
    recipients: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    effective_from: datetime | None = None
    expires_on: datetime | None = None
    document_sha256: str | None = None
    verified_by: str | None = None
    verified_at: datetime | None = None

    @property
    def requires(self) -> bool:
        """Tell whether it requires disclosure; one of a kind that nobody knows forbids it."""
        return self.kind == REQUIRES

    @property
    def is_verified(self) -> bool:
        """Tell whether somebody has verified it with the court."""
        return self.verified_by is not None

    def holds_at(self, at: datetime) -> bool:
        """Tell whether it is in force at *at*."""
        return (self.effective_from is None or self.effective_from <= at) and not self.is_over(at)

    def is_over(self, at: datetime) -> bool:
        """Tell whether its time has passed at *at*."""
        return self.expires_on is not None and self.expires_on <= at

    def names(self, recipient: Recipient, terms: Terms) -> bool:
        """Tell whether it is about telling *recipient*; who may not tell health may not tell a doctor's practice."""
        if self.requires:
            return recipient.organisation in self.recipients
        return not self.recipients or may_name_agency(self.recipients, recipient, terms)

    def concerns(self, question: Question, terms: Terms) -> bool:
        """Tell whether it bears on *question*.

        A notice asks somebody to stop sharing, to purge or to correct, and discloses nothing: an order that forbids to
        tell must not keep those who have been told from being stopped.
        """
        if question.purpose is Purpose.ADMIN or not self.holds_at(question.at):
            return False
        is_wanted = not self.purposes or question.purpose in self.purposes
        return is_wanted and self.names(question.recipient, terms)

    def covers(self, categories: Collection[str]) -> bool:
        """Tell whether all of *categories* is ordered."""
        return not self.categories or set(self.categories).issuperset(categories)


def order_of(orders: Iterable[RecordedOrder], question: Question, terms: Terms) -> CourtOrder | None:
    """Return what the rules are told of the *orders* about one child: one that forbids wins over all that require.

    A verified order that names kinds of information requires these and no others. Of a document that holds more it is
    told as not verified: no rule can tell what a court would have said of the rest, so a person decides (`H-ORDER`).
    """
    concerning = [one for one in orders if one.concerns(question, terms)]
    forbidding = [one for one in concerning if not one.requires]
    if forbidding:
        return CourtOrder(kind=PROHIBITS, verified=any(one.is_verified for one in forbidding))
    if not concerning:
        return None
    return CourtOrder(
        kind=REQUIRES, verified=any(one.is_verified and one.covers(question.categories) for one in concerning)
    )


def strictest(orders: Sequence[CourtOrder | None]) -> CourtOrder | None:
    """Return what binds a document about several children, by what is ordered of each.

    Forbidden of one, it is forbidden. Required it is where it is required of every child in it: an order about one says
    nothing of another.
    """
    told = [one for one in orders if one is not None]
    forbidding = next((one for one in told if one.kind != REQUIRES), None)
    if forbidding is not None or not told:
        return forbidding
    if len(told) < len(orders):
        return None
    return CourtOrder(kind=REQUIRES, verified=all(one.verified is True for one in told))
