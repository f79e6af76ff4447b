"""Small sharing questions for tests: one that goes through on consent, and ways to change one fact of it."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from gateway.consent.case import Case
from gateway.consent.decide import NEED_STAGE, decide
from gateway.consent.decision import Decision, Permit
from gateway.consent.policy import Policy, load_policy
from gateway.consent.question import (
    Agreement,
    Consent,
    CourtOrder,
    Detriment,
    MatchFact,
    Override,
    ProtectionFlag,
    Purpose,
    Question,
    Recipient,
    Requester,
)
from gateway.model.category import Category

AT: Final = datetime(2026, 11, 23, 9, tzinfo=UTC)
"""A Monday."""
ROOT: Final = Path(__file__).parents[3]
POLICY_TEXT: Final = (ROOT / "mappings" / "policy" / "sharing-2026.1.toml").read_bytes()
BASE: Final[Policy] = load_policy(POLICY_TEXT)
SOUTHWARK: Final = "E09000028"
KNOWSLEY: Final = "E08000011"


def with_areas(policy: Policy) -> Policy:
    """Return *policy* with an area that asks for the family's agreement first, and one that limits steps down."""
    areas = {"agreement_first": frozenset({SOUTHWARK}), "step_down_from": {KNOWSLEY: frozenset({"child_in_need"})}}
    return replace(policy, tables=replace(policy.tables, **areas))


POLICY: Final[Policy] = with_areas(BASE)
"""The shipped policy, with those two areas."""

ASKED: Final = (Category.ID, Category.EDU)


def a_consent(**changes: Any) -> Consent:
    """Return a mother's written yes to coordinating help, in force for a year; *changes* replace parts of it."""
    given = Consent(
        consent_id="c1",
        giver_capacity="PARENT_PR",
        kinds=("SHARE",),
        purposes=("COORDINATE",),
        status="GIVEN",
        mode="WRITTEN_SIGNED",
        effective_from=datetime(2026, 9, 1, tzinfo=UTC),
        expires_on=datetime(2027, 9, 1, tzinfo=UTC),
        conflict=False,
    )
    return replace(given, **changes)


def a_flag(flag: str, **changes: Any) -> ProtectionFlag:
    """Return a protection flag on somebody in the document."""
    return replace(ProtectionFlag(flag=flag, person="p1", need_list=("csc-1",)), **changes)


def a_question(
    *, requester: dict[str, Any] | None = None, recipient: dict[str, Any] | None = None, **changes: Any
) -> Question:
    """Return a question that is permitted on consent and cut by nothing; *changes* replace facts of it."""
    asked = Question(
        purpose=Purpose.COORDINATE,
        at=AT,
        direction="out",
        level="L2",
        area="E09000003",
        requester=Requester(
            organisation="school-1",
            type="school",
            role="SCHOOL_USER",
            authenticated=True,
            training_valid=True,
            agreement_signed=True,
            listed_safeguarding_person=False,
        ),
        recipient=Recipient(
            organisation="camhs-1",
            type="health",
            in_directory=True,
            secure_channel=True,
            listed_safeguarding_person=False,
            could_reidentify=False,
            held_content=False,
            agreement=Agreement(id="dsa-7", version="3", status="in_force", expired_days=0),
        ),
        categories=ASKED,
        consents=(a_consent(),),
        match=MatchFact(status="MATCH", score=0.98),
        emergency=False,
    )
    return replace(
        asked,
        requester=replace(asked.requester, **(requester or {})),
        recipient=replace(asked.recipient, **(recipient or {})),
        **changes,
    )


LISTED: Final[dict[str, Any]] = {"organisation": "csc-1", "type": "csc", "listed_safeguarding_person": True}
"""A recipient that is a listed safeguarding recipient."""
COURT_REQUIRES: Final = CourtOrder(kind="requires_disclosure", verified=True)
OVERRIDE: Final = Override(asserted=True, basis="safeguarding", rationale="invented reasons", authoriser_role="DSL")
NO_HARM: Final = Detriment(assessed=True, harmful=False)
DUTY: Final[dict[str, Any]] = {
    "switches": {"s16LA": True},
    "requester": {"listed_safeguarding_person": True},
    "recipient": LISTED,
    "deemed_relevant": True,
}
"""Facts under which listed persons must tell one another."""


def answer(question: Question) -> Decision:
    """Return the answer under the shipped policy."""
    return decide(question, policy=POLICY)


def reasons(decision: Decision) -> set[str]:
    """Return every reason a decision gives: the deciding one, and those of what is withheld."""
    withheld = {redaction.reason for redaction in decision.redactions} if isinstance(decision, Permit) else set()
    return {decision.grounds.reason, *withheld}


def fired(question: Question) -> set[str]:
    """Return the names (`9b`) of the rows that fired, worked out from the file's own order, condition by condition."""
    case = Case(question, POLICY.tables)
    names: set[str] = set()
    permitted = False
    for row in POLICY.rows:
        if row.stage == 7 and not permitted:
            break
        if (row.stage < 7 and permitted) or not row.applies(case):
            continue
        names.add(f"{row.number}{row.part}")
        if row.kind == "terminal":
            if row.result != "permit":
                break
            permitted = True
            case.permit_rests_on_consent = row.rests_on_consent
            case.permit_rests_on_need = row.stage == NEED_STAGE
    return names
