"""What is a referrer told, and in how much detail?

The class of the referrer decides: a professional and a school are told the outcome and what to do next, the public only
that their report has been read, an anonymous referrer nothing.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from gateway.conversations.feedback_words import (
    DISAGREE,
    FROM_THE_MASH,
    HANDLED,
    HOLD_FILE,
    IN_WORDS,
    NEXT_STEP,
    RETURNED,
    THANKS,
    WAITING,
)
from gateway.model.referral import MashOutcome
from gateway.model.tree import Group, Tree
from gateway.working_time.calendar import Calendar

_UNNAMED = frozenset({MashOutcome.MO12})
"""Outcomes whose very code is protected: an allegation may be about somebody who reads the feedback."""
_SCHOOL_WORDS = re.compile(r"\b(school|academy|nursery|college|pre-?school)\b", re.IGNORECASE)
_PUBLIC_CHANNELS = frozenset({"public", "family"})
_CHANNELS_OF_ALL = frozenset({"portal", "mash"})
"""Types of organisation that pass on other people's forms: the form itself says who the referrer is."""


class ReferrerClass(StrEnum):
    """How much a referrer may be told."""

    PROFESSIONAL = "professional"
    SCHOOL = "school"
    PUBLIC = "public"
    ANONYMOUS = "anonymous"


def referrer_class(sender_type: str | None, referrer: Group | None) -> ReferrerClass:
    """Return the class of whoever sent a referral.

    A school or agency that signed in with its own credential is what it is. For a form that somebody else passed on,
    what the form says counts, except on a channel for the public, where nobody is believed to be a professional.

    Shape: `sender_type` is the type of the organisation whose credential brought the referral, `referrer` the form's
    canonical block of that name.
    """
    if sender_type == "school":
        return ReferrerClass.SCHOOL
    told = {name: value for name, value in (referrer or {}).items() if value not in (None, "", [])}
    if sender_type in _PUBLIC_CHANNELS:
        return _member_of_the_public(told)
    if sender_type is not None and sender_type not in _CHANNELS_OF_ALL:
        return ReferrerClass.PROFESSIONAL
    post = " ".join(value for name in ("role", "organisation") if isinstance(value := told.get(name), str))
    if not post:
        return _member_of_the_public(told)
    return ReferrerClass.SCHOOL if _SCHOOL_WORDS.search(post) else ReferrerClass.PROFESSIONAL


def _member_of_the_public(told: Mapping[str, Tree]) -> ReferrerClass:
    can_be_told = any(name in told for name in ("name", "telephones", "emails", "address"))
    return ReferrerClass.PUBLIC if can_be_told else ReferrerClass.ANONYMOUS


def decision_feedback(
    referrer: ReferrerClass,
    reference: str,
    *,
    outcome: MashOutcome,
    decided_at: datetime,
    is_protected: bool,
    more: Mapping[str, Tree],
) -> Group | None:
    """Return the `mash.feedback` document on a decision, or None where there is nobody to tell.

    With `is_protected` (a withheld address, an adoption) every outcome but a returned form reads the same, so that
    nothing about where the child is can be read off it; and of a returned form nothing is told but what is missing.

    Shape: `more` is what goes with the outcome: `advice`, `service`, `contact`, `mash_reference`, `missing` and
    `disagree`, each if there is one; `unseen` says that the form went back before the MASH had seen it.
    """
    if referrer is ReferrerClass.ANONYMOUS:
        return None
    base: Group = {"reference": reference, "step": "decided", "at": decided_at.isoformat()}
    if referrer is ReferrerClass.PUBLIC:
        return base | {"step": "received", "next_step": THANKS}
    disagree: Group = {"disagree": more.get("disagree") or DISAGREE}
    if is_protected and outcome is not MashOutcome.MO10:
        return base | {"next_step": _for(referrer, HANDLED)} | disagree
    named = {} if outcome in _UNNAMED else _named(outcome, {} if is_protected else more)
    advice = None if is_protected else more.get("advice")
    words = RETURNED if more.get("unseen") else NEXT_STEP[outcome]
    told = words + (FROM_THE_MASH.format(advice=advice) if advice else "")
    missing: Group = {"missing": more["missing"]} if more.get("missing") else {}
    return base | named | {"next_step": _for(referrer, told)} | missing | disagree


def _named(outcome: MashOutcome, more: Mapping[str, Tree]) -> Group:
    """Return the outcome with what to quote and whom to ask; whoever must not know the outcome gets none of it."""
    beside = {name: more[name] for name in ("service", "contact", "mash_reference") if more.get(name)}
    return {"outcome": outcome.value, "outcome_in_words": IN_WORDS[outcome], **beside}


def waiting_feedback(
    referrer: ReferrerClass, reference: str, *, at: datetime, due: datetime, calendar: Calendar
) -> Group | None:
    """Return the `mash.feedback` document on an acknowledgement, or None for whoever is told nothing of it."""
    if referrer not in {ReferrerClass.PROFESSIONAL, ReferrerClass.SCHOOL}:
        return None
    local = due.astimezone(calendar.zone)
    words = WAITING.format(due=f"{local:%A} {local.day} {local:%B %Y at %H:%M}")
    return {"reference": reference, "step": "acknowledged", "at": at.isoformat(), "next_step": _for(referrer, words)}


def _for(referrer: ReferrerClass, words: str) -> str:
    return f"{words} {HOLD_FILE}" if referrer is ReferrerClass.SCHOOL else words
