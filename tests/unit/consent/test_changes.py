"""What would each change make of a question, and where does it make no sense?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.consent.changes import IMAGINED, LETS_IT_GO, STOPS_IT, World
from gateway.consent.question import (
    Agreement,
    Consent,
    CourtOrder,
    Detriment,
    MatchFact,
    Override,
    PersonDecision,
    Purpose,
    Question,
)
from tests.unit.consent.questions import AT, NO_HARM, POLICY, a_consent, a_question

CHANGES = {change.code: change for change in (*LETS_IT_GO, *STOPS_IT)}
TERMS = POLICY.tables.terms
WORLD = World(
    terms=TERMS, asked_by="H-RECIP", audit_role="AUDITOR", social_work_role="SOCIAL_WORKER", manager_role="DSL"
)
NOBODY = World(terms=TERMS)
HELD = Agreement(id="dsa-7", version="3", status="in_force", expired_days=0)
YES = Consent(
    consent_id=IMAGINED,
    giver_capacity="PARENT_PR",
    kinds=("SHARE",),
    purposes=("COORDINATE",),
    status="GIVEN",
    mode="ELECTRONIC",
    agencies_allowed=("camhs-1",),
    effective_from=AT,
    expires_on=AT + timedelta(days=365),
    conflict=False,
)
SPOKEN = a_consent(mode="VERBAL_WITNESSED")
EARLIER = datetime(2026, 11, 24, tzinfo=UTC)
LATER = datetime(2027, 9, 1, tzinfo=UTC)
REQUIRES = CourtOrder(kind="requires_disclosure")
FORBIDS = CourtOrder(kind="prohibits_disclosure", verified=True)
ASKED_BEFORE = PersonDecision(choice="permit", role="DSL", reason="H-MATCH", earlier=("H-DSA",))


def made(code: str, question: Question, world: World = WORLD) -> Question | None:
    return CHANGES[code].made(question, world)


def without_consents(**facts: object) -> Question:
    return replace(a_question(consents=()), **facts)  # type: ignore[arg-type]  # fields of it


MADE: dict[str, tuple[str, Question, Question]] = {
    "a doubtful child is identified": (
        "IDENTIFIED",
        a_question(match=MatchFact(status="POTENTIAL")),
        a_question(match=MatchFact(status="MATCH", score=1.0)),
    ),
    "so is one of whom nothing is said": (
        "IDENTIFIED",
        a_question(match=None),
        a_question(match=MatchFact(status="MATCH", score=1.0)),
    ),
    "a match turns out doubtful": ("DOUBTED", a_question(), a_question(match=MatchFact(status="POTENTIAL"))),
    "the family says yes to exactly this, in writing": (
        "CONSENTED",
        a_question(),
        a_question(consents=(a_consent(), YES)),
    ),
    "a yes to nobody known names nobody": (
        "CONSENTED",
        without_consents(recipient=replace(a_question().recipient, organisation=None)),
        without_consents(
            recipient=replace(a_question().recipient, organisation=None), consents=(replace(YES, agencies_allowed=()),)
        ),
    ),
    "a yes to a transfer is of the kind a transfer rests on": (
        "CONSENTED",
        without_consents(purpose=Purpose.TRANSFER),
        without_consents(
            purpose=Purpose.TRANSFER, consents=(replace(YES, kinds=("TRANSFER",), purposes=("TRANSFER",)),)
        ),
    ),
    "what was spoken is confirmed": (
        "CONFIRMED",
        a_question(consents=(SPOKEN, a_consent())),
        a_question(consents=(replace(SPOKEN, mode="ELECTRONIC"), a_consent(mode="ELECTRONIC"))),
    ),
    "the recipient is added where some are named": (
        "ADDED",
        a_question(consents=(a_consent(agencies_allowed=("school-9",)), a_consent())),
        a_question(consents=(a_consent(agencies_allowed=("school-9", "camhs-1")), a_consent())),
    ),
    "the family takes its no back": (
        "CHANGED_ITS_MIND",
        a_question(consents=(a_consent(status="REFUSED"), a_consent(agencies_denied=("camhs-1",)))),
        a_question(consents=(a_consent(status="SUPERSEDED"), a_consent(), YES)),
    ),
    "so it does with an exclusion alone": (
        "CHANGED_ITS_MIND",
        a_question(consents=(a_consent(agencies_denied=("camhs-1",)), a_consent())),
        a_question(consents=(a_consent(), a_consent(), YES)),
    ),
    "so it does with a withdrawal": (
        "CHANGED_ITS_MIND",
        a_question(consents=(a_consent(status="WITHDRAWN"),)),
        a_question(consents=(a_consent(status="SUPERSEDED"), YES)),
    ),
    "those who differ agree": (
        "RECONCILED",
        a_question(consents=(a_consent(conflict=None), a_consent())),
        a_question(consents=(a_consent(), a_consent())),
    ),
    "the form says that the family agrees": (
        "AGREED_ON_FORM",
        a_question(agreement_on_form=False),
        a_question(agreement_on_form=None),
    ),
    "an agreement comes into force": (
        "AGREEMENT",
        a_question(recipient={"agreement": replace(HELD, status="expired", expired_days=90)}),
        a_question(),
    ),
    "so does one where there is none": (
        "AGREEMENT",
        a_question(recipient={"agreement": None}),
        a_question(recipient={"agreement": Agreement(status="in_force", expired_days=0)}),
    ),
    "an agreement runs out": (
        "AGREEMENT_ENDS",
        a_question(),
        a_question(recipient={"agreement": replace(HELD, status="expired", expired_days=1)}),
    ),
    "whoever asks signs": ("SIGNED", a_question(requester={"agreement_signed": None}), a_question()),
    "the family agrees that somebody looks": (
        "CONSENT_TO_CHECK",
        without_consents(purpose=Purpose.CHECK_EXISTS),
        without_consents(
            purpose=Purpose.CHECK_EXISTS,
            consent_mode_satisfied=True,
            consents=(
                replace(YES, kinds=tuple(sorted(TERMS.kinds[Purpose.CHECK_EXISTS])), purposes=("CHECK_EXISTS",)),
            ),
        ),
    ),
    "an order is verified": (
        "VERIFIED",
        a_question(court_order=REQUIRES),
        a_question(court_order=replace(REQUIRES, verified=True)),
    ),
    "a court forbids it": ("FORBIDDEN", a_question(), a_question(court_order=FORBIDS)),
    "harm is weighed": ("WEIGHED", a_question(), a_question(detriment=NO_HARM)),
    "harm is weighed where nobody is known to have": (
        "WEIGHED",
        a_question(detriment=Detriment(assessed=None)),
        a_question(detriment=NO_HARM),
    ),
    "a manager decides about a child in need": (
        "OVERRIDDEN",
        a_question(purpose=Purpose.SAFEGUARD_S17),
        a_question(
            purpose=Purpose.SAFEGUARD_S17,
            override=Override(asserted=True, basis="safeguarding", rationale=IMAGINED, authoriser_role="DSL"),
        ),
    ),
    "a manager decides about a step up": (
        "OVERRIDDEN",
        a_question(purpose=Purpose.STEP_UP),
        a_question(
            purpose=Purpose.STEP_UP,
            override=Override(asserted=True, basis="safeguarding", rationale=IMAGINED, authoriser_role="DSL"),
        ),
    ),
    "the social worker asks": (
        "SOCIAL_WORKER",
        a_question(purpose=Purpose.PULL_THROUGH),
        a_question(purpose=Purpose.PULL_THROUGH, requester={"role": "SOCIAL_WORKER"}),
    ),
    "an auditor asks": (
        "AUDITOR",
        a_question(purpose=Purpose.AUDIT),
        a_question(purpose=Purpose.AUDIT, requester={"role": "AUDITOR"}),
    ),
    "the person it waits for says yes": (
        "PERMITTED",
        a_question(),
        a_question(
            person_decision=PersonDecision(choice="permit", role=IMAGINED, review_id=IMAGINED, reason="H-RECIP")
        ),
    ),
    "what a person said before stays said": (
        "PERMITTED",
        a_question(person_decision=ASKED_BEFORE),
        a_question(
            person_decision=PersonDecision(
                choice="permit", role=IMAGINED, review_id=IMAGINED, reason="H-RECIP", earlier=("H-MATCH", "H-DSA")
            )
        ),
    ),
    "a person who named no question has settled none": (
        "PERMITTED",
        a_question(person_decision=PersonDecision(choice="permit", role="DSL")),
        a_question(
            person_decision=PersonDecision(choice="permit", role=IMAGINED, review_id=IMAGINED, reason="H-RECIP")
        ),
    ),
    "all of it is withdrawn": (
        "WITHDRAWN",
        a_question(consents=(a_consent(), SPOKEN)),
        a_question(consents=(a_consent(status="WITHDRAWN"), replace(SPOKEN, status="WITHDRAWN"))),
    ),
    "the recipient is excluded besides the others": (
        "EXCLUDED",
        a_question(consents=(a_consent(agencies_denied=("school-9",)),)),
        a_question(consents=(a_consent(agencies_denied=("school-9", "camhs-1")),)),
    ),
    "every consent runs out": (
        "RUN_OUT",
        a_question(consents=(a_consent(expires_on=LATER), a_consent(expires_on=EARLIER), a_consent(expires_on=None))),
        a_question(
            consents=(a_consent(expires_on=LATER), a_consent(expires_on=EARLIER), a_consent(expires_on=None)), at=LATER
        ),
    ),
    "the family agrees to early help": (
        "FAMILY_AGREES",
        a_question(purpose=Purpose.STEP_DOWN),
        a_question(purpose=Purpose.STEP_DOWN, family_agreement=True),
    ),
    "the caller is not called back": (
        "NOT_CALLED_BACK",
        a_question(purpose=Purpose.CHECK_EXISTS),
        a_question(purpose=Purpose.CHECK_EXISTS, caller_verified=False),
    ),
    "the episode is closed": (
        "EPISODE_CLOSED",
        a_question(purpose=Purpose.PULL_THROUGH),
        a_question(purpose=Purpose.PULL_THROUGH, statutory_episode_open=False),
    ),
    "training lapses": ("TRAINING_LAPSED", a_question(), a_question(requester={"training_valid": False})),
    "the way is no longer secure": ("INSECURE", a_question(), a_question(recipient={"secure_channel": False})),
}


@pytest.mark.parametrize(("code", "question", "then"), MADE.values(), ids=MADE)
def test_a_change_makes_this_and_nothing_else_of_a_question(code: str, question: Question, then: Question) -> None:
    assert made(code, question) == then


NAMELESS = replace(a_question(), recipient=replace(a_question().recipient, organisation=None))
SENSELESS: dict[str, tuple[str, Question]] = {
    "a child surely known is not identified": ("IDENTIFIED", a_question()),
    "nor is a new one": ("IDENTIFIED", a_question(match=MatchFact(status="NEW"))),
    "what no match joined is not doubted": ("DOUBTED", a_question(joined_by_match=False)),
    "what is in writing is not confirmed": ("CONFIRMED", a_question()),
    "nobody is added where none are named": ("ADDED", a_question()),
    "nobody nameless is added": ("ADDED", replace(NAMELESS, consents=(a_consent(agencies_allowed=("school-9",)),))),
    "who said no to nothing changes no mind": ("CHANGED_ITS_MIND", a_question()),
    "who agree are not reconciled": ("RECONCILED", a_question()),
    "a form that says nothing against it is not asked again": ("AGREED_ON_FORM", a_question(agreement_on_form=True)),
    "no agreement does not run out": ("AGREEMENT_ENDS", a_question(recipient={"agreement": None})),
    "one that ran out does not either": (
        "AGREEMENT_ENDS",
        a_question(recipient={"agreement": replace(HELD, status="expired")}),
    ),
    "only a check asks for consent to a check": ("CONSENT_TO_CHECK", a_question()),
    "no order is not verified": ("VERIFIED", a_question()),
    "nor is one that forbids": ("VERIFIED", a_question(court_order=CourtOrder(kind="prohibits_disclosure"))),
    "nor is one that was": ("VERIFIED", a_question(court_order=replace(REQUIRES, verified=True))),
    "a court that has spoken forbids nothing more": ("FORBIDDEN", a_question(court_order=REQUIRES)),
    "what was weighed is not weighed again": ("WEIGHED", a_question(detriment=Detriment(assessed=True, harmful=True))),
    "no manager decides about coordinating help": ("OVERRIDDEN", a_question()),
    "no social worker asks but to pull through": ("SOCIAL_WORKER", a_question()),
    "no auditor asks but to audit": ("AUDITOR", a_question()),
    "what nobody said is not withdrawn": ("WITHDRAWN", a_question(consents=())),
    "who said nothing excludes nobody": ("EXCLUDED", a_question(consents=())),
    "nobody nameless is excluded": ("EXCLUDED", NAMELESS),
    "what is over does not run out": ("RUN_OUT", a_question(consents=(a_consent(expires_on=AT),))),
    "what has no end does not run out": ("RUN_OUT", a_question(consents=(a_consent(expires_on=None),))),
    "the family is not asked but for a step down": ("FAMILY_AGREES", a_question()),
    "nor does it disagree but with one": ("FAMILY_DISAGREES", a_question()),
    "nobody is called back but for a check": ("CALLED_BACK", a_question()),
    "no episode matters but to pull through": ("EPISODE", a_question()),
}


@pytest.mark.parametrize(("code", "question"), SENSELESS.values(), ids=SENSELESS)
def test_a_change_that_makes_no_sense_is_not_made(code: str, question: Question) -> None:
    assert made(code, question) is None


@pytest.mark.parametrize(
    ("code", "purpose"),
    [
        ("OVERRIDDEN", Purpose.STEP_UP),
        ("SOCIAL_WORKER", Purpose.PULL_THROUGH),
        ("AUDITOR", Purpose.AUDIT),
        ("PERMITTED", Purpose.COORDINATE),
    ],
)
def test_nobody_decides_or_asks_where_the_policy_names_nobody(code: str, purpose: Purpose) -> None:
    assert made(code, a_question(purpose=purpose), NOBODY) is None


def test_where_no_parent_may_consent_somebody_who_may_is_imagined() -> None:
    others = World(terms=replace(TERMS, may_consent=frozenset({"YP_16_17", "LA_PR"})))

    then = made("CONSENTED", a_question(consents=()), others)

    assert then is not None
    assert [consent.giver_capacity for consent in then.consents] == ["LA_PR"]
