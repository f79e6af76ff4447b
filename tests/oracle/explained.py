"""Where does our engine hold back though the second engine permits, and why may it?

The prose says that what is not known is never a yes. The second engine reads that of what permits; ours reads it also
of what protects, and holds back where a denial, a disagreement or a danger is not ruled out. These are all such
classes; a cell of none of them is a fault of one engine or the other.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

from gateway.consent.case import FLAGS
from gateway.consent.question import Consent, Purpose, Question
from gateway.model.category import Category
from tests.oracle.second_opinion import Labels
from tests.unit.consent.questions import KNOWSLEY

Explained = Callable[[Question, Labels], bool]
_IDENTITY: Final = {Category.ID, Category.ROUTING}
_TWO_WEEKS: Final = timedelta(days=15)
_WRITTEN: Final = {"WRITTEN_SIGNED", "ELECTRONIC"}


def nobody_named(question: Question, _because: Labels) -> bool:
    """Nobody named the recipient, so that it is in no directory."""
    return not question.recipient.organisation


def only_identity(question: Question, _because: Labels) -> bool:
    """Nothing is asked for but who the child is: beyond a check to ours, if the purpose is another or no match told."""
    return set(question.categories) <= _IDENTITY


def danger_not_known(question: Question, _because: Labels) -> bool:
    """It is not known whether the recipient could work it out, or what a mark means."""
    return question.recipient.could_reidentify is None or _odd_mark(question)


def consent_not_clear(question: Question, _because: Labels) -> bool:
    """A consent lacks its dates, its kind, its purposes, its status, or a word on whether anybody disagrees."""
    return any(_vague(one) for one in question.consents)


def agency_not_clear(question: Question, because: Labels) -> bool:
    """A denial may mean this recipient: its kind is not known, or a narrower kind was denied."""
    recipient = question.recipient
    denied = [word for one in question.consents for word in one.agencies_denied]
    may_be = recipient.type is None or (recipient.type == "health" and "gp" in denied)
    return (may_be and bool(denied)) or consent_not_clear(question, because)


def several_transfers(question: Question, because: Labels) -> bool:
    """Of several consents to a transfer, not every one names the receiver: the most restrictive counts."""
    is_move = question.purpose is Purpose.TRANSFER and len(question.consents) > 1
    return is_move or agency_not_clear(question, because)


def spoken_of_late(question: Question, because: Labels) -> bool:
    """Spoken on the tenth working day before: ours ends it at the hour, the second engine with the day."""
    late = [
        one
        for one in question.consents
        if one.mode not in _WRITTEN and one.effective_from and question.at - one.effective_from < _TWO_WEEKS
    ]
    return bool(late) or consent_not_clear(question, because)


def sender_insists(question: Question, _because: Labels) -> bool:
    """A sender insists on telling what was told in confidence: asked of a person before it is cut."""
    return question.override is not None and question.override.basis == "competent-confidential"


def mark_not_known(question: Question, _because: Labels) -> bool:
    """A mark that nobody knows protects like all of them."""
    return _odd_mark(question)


def need_not_clear(question: Question, because: Labels) -> bool:
    """The reasons of an override are blank, or a consent or a denial is not clear."""
    override = question.override
    is_blank = override is not None and not (override.rationale or "").strip()
    return is_blank or agency_not_clear(question, because) or spoken_of_late(question, because)


def area_asks_for_more(question: Question, _because: Labels) -> bool:
    """A profile says from where a case may step down in its area, which this may be; the second engine has no areas."""
    return question.area in {None, KNOWSLEY}


def area_not_known(question: Question, _because: Labels) -> bool:
    """It may be the area that asks for the family's agreement first."""
    return question.area is None


def more_is_cut(question: Question, because: Labels) -> bool:
    """Ours cuts more: who told us, a mark nobody knows, a purpose's set where the need has a wider one.

    Nor does the second engine know what the never-see matrix asks besides: what the police told, immigration status.
    """
    need = not because.isdisjoint({"P-NEED", "P-DRAFT", "P-SD"})
    informant = any(flag.flag == "INFORMANT" for flag in question.flags)
    return (
        need
        or informant
        or not {Category.IMM, Category.POLICE}.isdisjoint(question.categories)
        or _odd_mark(question)
        or question.recipient.type is None
        or consent_not_clear(question, because)
    )


EXPLAINED: Final[Mapping[str, Explained]] = {
    "D-CHANNEL": nobody_named,
    "H-MATCH": only_identity,
    "H-DA": danger_not_known,
    "D-POLICE": mark_not_known,
    "H-PARENT-CONFLICT": consent_not_clear,
    "H-CAPACITY": consent_not_clear,
    "D-EXPIRED": consent_not_clear,
    "D-NONE": consent_not_clear,
    "H-VERBAL": consent_not_clear,
    "D-VERBAL": spoken_of_late,
    "D-AGENCY": agency_not_clear,
    "D-AGENCY-NOTLISTED": agency_not_clear,
    "D-REFUSED": consent_not_clear,
    "D-WITHDRAWN": consent_not_clear,
    "D-NOCONSENT": consent_not_clear,
    "H-S17": need_not_clear,
    "D-XFER": lambda question, because: several_transfers(question, because) or spoken_of_late(question, because),
    "H-COMPETENT": sender_insists,
    "D-SD-FROM": area_asks_for_more,
    "D-RETURN": area_not_known,
    "D-EMPTY": more_is_cut,
    "H-EMPTY": more_is_cut,
}
"""For each of our reasons not to permit, the class of facts in which the second engine may differ."""


def _odd_mark(question: Question) -> bool:
    return any(flag.flag not in FLAGS for flag in question.flags)


def _vague(consent: Consent) -> bool:
    told = (consent.status, consent.conflict, consent.effective_from, consent.expires_on)
    return None in told or not consent.kinds or not consent.purposes
