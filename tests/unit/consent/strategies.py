"""Any sharing question, and any document, for Hypothesis."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from gateway.consent.case import FLAGS
from gateway.consent.decision import Decision, Permit
from gateway.consent.question import (
    Agreement,
    Consent,
    CourtOrder,
    Detriment,
    MatchFact,
    Mode,
    Override,
    ProtectionFlag,
    Purpose,
    Question,
)
from gateway.consent.question_json import CODES
from gateway.model.category import Category, Tells
from gateway.model.document import leaves_of
from gateway.model.tree import Group
from tests.unit.consent.questions import AT, COURT_REQUIRES, NO_HARM, OVERRIDE, a_consent, a_question

ORGANISATIONS = st.sampled_from(["camhs-1", "csc-1", "school-1", "borough-2"])
AGENCIES = st.lists(st.sampled_from(["camhs-1", "csc-1", "school", "health", "gp", "ANY_LA"]), max_size=2).map(tuple)
INSTANTS = [AT + timedelta(days=days) for days in (-400, -30, -15, -5, 0, 1, 5, 200)]
PURPOSES = st.sampled_from(Purpose)
MAYBE = (True, False, None)


def _codes(name: str) -> tuple[str | None, ...]:
    return (*CODES[name], None)


CONSENTS = st.builds(
    Consent,
    consent_id=st.just("c"),
    giver_capacity=st.sampled_from([*_codes("Consent.giver_capacity"), "PARENT_PR", "PARENT_PR"]),
    kinds=st.lists(st.sampled_from(["SHARE", "TRANSFER", "SCHOOL_EXPORT"]), max_size=2).map(tuple),
    purposes=st.lists(PURPOSES.map(lambda purpose: purpose.value), max_size=4).map(tuple),
    status=st.sampled_from([*_codes("Consent.status"), "GIVEN", "GIVEN"]),
    mode=st.sampled_from(_codes("Consent.mode")),
    agencies_allowed=st.just(()) | AGENCIES,
    agencies_denied=st.just(()) | AGENCIES,
    categories_denied=st.just(()) | st.lists(st.sampled_from(["CAT-EDU", "CAT-ID", "secrets"]), max_size=2).map(tuple),
    effective_from=st.sampled_from([*INSTANTS, None]),
    expires_on=st.sampled_from([*INSTANTS, None]),
    conflict=st.sampled_from([False, False, True, None]),
)
FLAG_RECORDS = st.builds(
    ProtectionFlag,
    flag=st.sampled_from([*sorted(FLAGS), "SOMETHING_NEW"]),
    person=st.just("p1"),
    need_list=st.lists(ORGANISATIONS, max_size=2).map(tuple),
    whole_payload=st.sampled_from(MAYBE),
)
CATEGORIES = st.lists(st.sampled_from(Category), max_size=5, unique=True).map(tuple)

_PARTS: dict[str, tuple[Any, ...]] = {
    "mode": (Mode.CONVEY,),
    "direction": ("in", None),
    "level": _codes("Question.level"),
    "requester.type": (None, "health"),
    "requester.role": (None, "SCHOOL_USER", "AUDITOR"),
    "requester.authenticated": (None, False),
    "requester.training_valid": (None, False),
    "requester.agreement_signed": (None, False),
    "requester.listed_safeguarding_person": MAYBE,
    "recipient.organisation": (None, "csc-1", "school-1", "borough-2"),
    "recipient.type": (None, "school", "csc", "gp", "borough"),
    "recipient.in_directory": (None, False),
    "recipient.secure_channel": (None, False),
    "recipient.listed_safeguarding_person": MAYBE,
    "recipient.could_reidentify": (None, True),
    "recipient.held_content": (None, False),
    "recipient.agreement": (
        None,
        Agreement(status="expired", expired_days=9),
        Agreement(status="expired", expired_days=99),
    ),
    "override": (None, Override(asserted=True), replace(OVERRIDE, basis="competent-confidential")),
    "match": (None, *(MatchFact(status=status) for status in _codes("MatchFact.status"))),
    "joined_by_match": (False,),
    "emergency": (True, None),
    "deemed_relevant": MAYBE,
    "detriment": (NO_HARM, Detriment(assessed=True, harmful=True), Detriment(assessed=True)),
    "court_order": (
        COURT_REQUIRES,
        CourtOrder(kind="requires_disclosure"),
        CourtOrder(kind="prohibits_disclosure"),
        CourtOrder(),
    ),
    "statutory_episode_open": (None, False),
    "caller_verified": (None, False),
    "consent_mode_satisfied": (None, False),
    "family_agreement": (None, False),
    "recorded_concern": MAYBE,
    "no_consent_block": MAYBE,
    "area": ("E09000028", "E08000011"),
    "steps_down_from": (None, *_codes("Question.steps_down_from")),
    "early_help_alone": MAYBE,
    "agreement_on_form": MAYBE,
    "can_go_back": MAYBE,
    "switches": ({"s16LA": True}, {"s16LA": False}),
}
_CHANGES = st.sampled_from([(path, value) for path, values in _PARTS.items() for value in values])
_ADDED = (
    CATEGORIES.map(lambda many: ("categories", many))
    | CONSENTS.map(lambda one: ("consents+", one))
    | st.lists(CONSENTS, max_size=2).map(lambda many: ("consents", tuple(many)))
    | FLAG_RECORDS.map(lambda one: ("flags+", one))
)


def _changed(question: Question, changes: list[tuple[str, Any]]) -> Question:
    for path, value in changes:
        part, _, name = path.partition(".")
        if path.endswith("+"):
            more: Any = (*getattr(question, path[:-1]), value)
            question = replace(question, **{path[:-1]: more})
        elif name:
            question = replace(question, **{part: replace(getattr(question, part), **{name: value})})
        else:
            question = replace(question, **{part: value})
    return question


def _permitted(purpose: Purpose) -> Question:
    """Return a question of that purpose with every fact as it should be."""
    everything = a_consent(
        kinds=("SHARE", "TRANSFER"), purposes=tuple(Purpose), agencies_allowed=("camhs-1", "csc-1", "ANY_LA")
    )
    return a_question(
        purpose=purpose,
        requester={"role": "SOCIAL_WORKER"},
        recipient={"held_content": True},
        consents=(everything,),
        override=OVERRIDE,
        statutory_episode_open=True,
        caller_verified=True,
        consent_mode_satisfied=True,
        family_agreement=True,
    )


QUESTIONS = st.builds(_changed, PURPOSES.map(_permitted), st.lists(_CHANGES | _ADDED, max_size=5))
"""Any purpose, everything as it should be, and then up to five facts that are not."""


def lets_go(decision: Decision) -> set[tuple[Category, str]]:
    """Return what a decision lets go: each kind of information, `plain`, and what of it is not withheld by itself."""
    if not isinstance(decision, Permit):
        return set()
    untold = {mark for redaction in decision.redactions for mark in redaction.telling}
    ways = {"plain", *(mark for mark in Tells if mark not in untold)}
    if not any(redaction.locating for redaction in decision.redactions):
        ways.add("locating")
    return {(category, way) for category in decision.kept if category is not Category.ROUTING for way in ways}


def trees(document: str) -> st.SearchStrategy[Group]:
    """Return any tree of *document*: some of its leaves, each with some text."""
    return _groups(list(leaves_of(document)))


def _groups(paths: list[str]) -> st.SearchStrategy[Group]:
    inner: dict[str, list[str]] = {}
    for path in paths:
        name, _, rest = path.partition(".")
        inner.setdefault(name, []).append(rest)
    parts: dict[str, st.SearchStrategy[Any]] = {
        name.removesuffix("[]"): _part(rests, is_list=name.endswith("[]")) for name, rests in inner.items()
    }
    return st.fixed_dictionaries({}, optional=parts)


def _part(rests: list[str], *, is_list: bool) -> st.SearchStrategy[Any]:
    one: st.SearchStrategy[Any] = st.text(max_size=3) if rests == [""] else _groups(rests)
    return st.lists(one, min_size=1, max_size=2) if is_list else one
