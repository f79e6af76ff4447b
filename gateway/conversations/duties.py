"""What must people do because something was shared, refused or went astray: who, by when, and how does it end?

An obligation of the policy either asks something of a person, and then it is a row of `DUTIES`, or something else
keeps it, and `KEPT_BY` says what. A test sees to it that every obligation a policy can name is one or the other.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from gateway.conversations.review import DUTY_MANAGER
from gateway.working_time.calendar import Calendar

_REVIEW_EVERY = timedelta(days=91)
_MONTH = timedelta(days=30)
NO_INFORM = "O-NOINFORM"
INFORM = frozenset({"O-INFORM", "O-INFORM-IF-SAFE"})
RATIONALE, REVIEW_AFTER, REVIEW_DATE, CALDICOTT = "O-RATIONALE", "O-REVIEW-AFTER", "O-REVIEW-DATE", "O-CALDICOTT"
STOPPED, PURGED, CORRECTED, SAFETY, BREACH = "N-STOPPED", "N-PURGED", "N-CORRECTED", "N-SAFETY", "N-BREACH"
_RETURNED_BY_ITSELF = "D-RETURN"
"""The reason of row 51, whose sender is told by feedback."""


class Per(StrEnum):
    """How often one is opened: once for each of these, however many decisions ask for it."""

    DELIVERY = "delivery"
    CHILD = "child"
    CHILD_AND_RECIPIENT = "child and recipient"
    RECIPIENT = "recipient"
    REQUESTER = "requester"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """One kind of duty.

    Shape: `outcomes` are how a person may say that it ended; a reason in words goes with each. `hours` and `lasting`
    run by the clock on the wall, `working_days` in the working time of the service. `recurs` tells that keeping it
    begins the next one. With `is_standing` there is nothing to do but to refrain, and no clock.
    """

    title: str
    role: str
    outcomes: tuple[str, ...]
    per: Per = Per.DELIVERY
    working_days: int | None = None
    lasting: timedelta | None = None
    recurs: bool = False
    is_standing: bool = False

    def due(self, at: datetime, calendar: Calendar) -> datetime:
        """Return by when it must be kept, if it was opened at *at* (UTC)."""
        if self.lasting is not None:
            return at + self.lasting
        return calendar.add_days(at, self.working_days or 1)


def _hours(number: int) -> timedelta:
    return timedelta(hours=number)


DUTIES: Mapping[str, Spec] = MappingProxyType(
    {
        RATIONALE: Spec(
            title="Write down why it was shared or not, on what basis, and what else was weighed",
            role="MASH_MANAGER",
            outcomes=("recorded",),
            lasting=_hours(24),
        ),
        "O-INFORM": Spec(
            title="Tell the family who was told what, and why; or record why not",
            role="CAF_COORDINATOR",
            outcomes=("told", "not-told"),
            working_days=3,
        ),
        "O-INFORM-IF-SAFE": Spec(
            title="If it is safe, tell the family who was told what, and why; or record why not",
            role="MASH_MANAGER",
            outcomes=("told", "not-told"),
            working_days=3,
        ),
        NO_INFORM: Spec(
            title="Do not tell the family, or anybody else, that this was shared",
            role="MASH_MANAGER",
            outcomes=(),
            lasting=_hours(0),
            is_standing=True,
        ),
        CALDICOTT: Spec(
            title="For the Caldicott Guardian: look at this",
            role="IG_OFFICER",
            outcomes=("looked-at",),
            working_days=3,
        ),
        "O-DPO": Spec(
            title="For the data protection officer: look at this",
            role="IG_OFFICER",
            outcomes=("looked-at",),
            per=Per.RECIPIENT,
            working_days=3,
        ),
        "O-ADVICE": Spec(
            title="Give advice to whoever decides this",
            role="DSL",
            outcomes=("advised", "not-needed"),
            working_days=1,
        ),
        REVIEW_AFTER: Spec(
            title="Look afterwards at what was let go in an emergency: not whoever let it go",
            role="IG_OFFICER",
            outcomes=("right", "wrong"),
            working_days=1,
        ),
        REVIEW_DATE: Spec(
            title="Ask the family whether its consent still stands",
            role="CAF_COORDINATOR",
            outcomes=("stands", "changed"),
            per=Per.CHILD,
            lasting=_REVIEW_EVERY,
            recurs=True,
        ),
        "O-CONFIRM": Spec(
            title="Get the spoken consent confirmed in writing",
            role="CAF_COORDINATOR",
            outcomes=("confirmed", "not-confirmed"),
            per=Per.CHILD,
            working_days=10,
        ),
        "O-ACK": Spec(
            title="See that the recipient accepts the terms of sharing it on",
            role="CAF_COORDINATOR",
            outcomes=("accepted", "refused"),
            working_days=3,
        ),
        "O-GIVE-FAMILY-COPY": Spec(
            title="Offer the family its record to carry",
            role="CAF_COORDINATOR",
            outcomes=("offered", "not-offered"),
            per=Per.CHILD,
            working_days=3,
        ),
        "O-OFFER-RECONSENT": Spec(
            title="Ask the family whether it gives its consent again",
            role="CAF_COORDINATOR",
            outcomes=("offered", "not-offered"),
            per=Per.CHILD,
            working_days=3,
        ),
        "O-OFFER-ADD": Spec(
            title="Ask the family whether this recipient may be added",
            role="CAF_COORDINATOR",
            outcomes=("offered", "not-offered"),
            per=Per.CHILD_AND_RECIPIENT,
            working_days=3,
        ),
        "O-RETURN": Spec(
            title="Tell whoever asked that the family's consent is missing",
            role="CAF_COORDINATOR",
            outcomes=("returned", "not-needed"),
            per=Per.REQUESTER,
            working_days=3,
        ),
        "O-ALERT": Spec(
            title="Find out why nothing here lets it go, or who is at the other end",
            role="INTEGRATION_ENGINEER",
            outcomes=("looked-at",),
            per=Per.RECIPIENT,
            working_days=1,
        ),
        "O-DEADLINE": Spec(
            title="Answer the person whose record it is, within the month the law gives",
            role="IG_OFFICER",
            outcomes=("answered", "refused"),
            lasting=_MONTH,
        ),
        STOPPED: Spec(
            title="See that the recipient knows that it must stop sharing",
            role="CAF_COORDINATOR",
            outcomes=("confirmed", "not-confirmed"),
            working_days=1,
        ),
        CORRECTED: Spec(
            title="See that the recipient knows of the correction",
            role="CAF_COORDINATOR",
            outcomes=("confirmed", "not-confirmed"),
            working_days=1,
        ),
        SAFETY: Spec(
            title="A withheld address may have gone astray: agree a safety plan with whom it protects, before all else",
            role="MASH_MANAGER",
            outcomes=("safe",),
            lasting=_hours(1),
        ),
        PURGED: Spec(
            title="Get the certificate that the wrong recipient has purged what it was sent",
            role="IG_OFFICER",
            outcomes=("certified", "not-certified"),
            working_days=1,
        ),
        BREACH: Spec(
            title="For the data protection officer: decide whether the Information Commissioner is told",
            role="IG_OFFICER",
            outcomes=("reported", "not-reportable"),
            lasting=_hours(72),
        ),
    }
)
"""Every duty of a person: what it asks, of whom, by when.

Source: the times are those of the sharing rules (reasons within 24 hours of an emergency, a spoken yes confirmed within
ten working days, a purge certified within one, 72 hours of UK GDPR Article 33, one month of Article 12(3)); where they
have none, those of a question: one working day or three.
"""

KEPT_BY: Mapping[str, str] = MappingProxyType(
    {
        "O-LOG": "every decision is in the audit log, as `decision.made`",
        "O-LOG-SENS": "`decision.made` names the redaction under seal, and every look is in the log as `data.read`",
        "O-REDACT": "the cut at hand-over; the document names what is withheld, by kind and reason, never by content",
        "O-MARK-INCOMPLETE": "the same list in the document: where it stands, nothing read as absent is known to be so",
        "O-MINIMISE": "the question H-RECIP itself, which a manager answers; rule 46 cuts what they let go",
        "O-HOLD": "the document is held until a person has said which child it is",
        "O-ADVISE": "the reason's advice, which whoever looks at the document reads",
        "O-CARRY-ID": "the child's identifiers stand in the document wherever its kind of information may go",
        "O-NOCONTENT-OUT": "rules 24 to 28: nothing content-bearing goes until a consent is held",
        "O-SNAPSHOT": "each delivery is a copy of the record as it stood; no receiver looks into ours",
        "O-PROVENANCE": "`provenance` in the document, and the sealed digest of what was handed over",
    }
)
"""What keeps every other obligation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """Whom a decision was about: what one duty is told from the next by."""

    delivery: str
    children: tuple[str, ...]
    recipient: str
    requester: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Incurred:
    """A duty that a decision leaves: its code, what it is unique by, and the children it is about."""

    code: str
    subject: str
    children: tuple[str, ...]


def incurred(obligations: Iterable[str], reason: str, parties: Parties) -> tuple[Incurred, ...]:
    """Return what a decision with these *obligations* leaves people to do.

    Where the family must not be told, nobody is asked to tell it.
    """
    named = set(obligations)
    silenced = INFORM if NO_INFORM in named else frozenset()
    left = [code for code in DUTIES if code in named - silenced and (code, reason) != ("O-RETURN", _RETURNED_BY_ITSELF)]
    return tuple(one for code in left for one in _each(code, parties))


def _each(code: str, parties: Parties) -> tuple[Incurred, ...]:
    match DUTIES[code].per:
        case Per.DELIVERY:
            return (Incurred(code=code, subject=parties.delivery, children=parties.children),)
        case Per.CHILD:
            return tuple(Incurred(code=code, subject=child, children=(child,)) for child in parties.children)
        case Per.CHILD_AND_RECIPIENT:
            both = ((child, f"{child}/{parties.recipient}") for child in parties.children)
            return tuple(Incurred(code=code, subject=name, children=(child,)) for child, name in both)
        case Per.RECIPIENT:
            return (Incurred(code=code, subject=parties.recipient, children=()),)
        case Per.REQUESTER:
            return (Incurred(code=code, subject=parties.requester, children=()),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue:
    """A duty that nobody kept in time: `role` has it too, by `due_at` (UTC). It never ends by itself."""

    role: str
    due_at: datetime


def overdue(code: str, role: str, at: datetime, calendar: Calendar) -> Overdue:
    """Return who is asked next for a duty that was due by *at*: whoever had it, or else the duty manager."""
    spec = DUTIES[code]
    is_long = spec.lasting is not None and spec.lasting > timedelta(days=1)
    due = calendar.add_days(at, 1) if is_long else spec.due(at, calendar)
    return Overdue(role=role if role == "IG_OFFICER" else DUTY_MANAGER, due_at=due)
