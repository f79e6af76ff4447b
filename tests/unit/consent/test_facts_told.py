"""Which facts of a question are told with the decision that was made from them?"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gateway.consent.facts_told import facts_told
from gateway.consent.question import Agreement, CourtOrder, Detriment, PersonDecision
from tests.unit.consent.questions import OVERRIDE, a_consent, a_flag, a_question


def test_every_fact_with_a_version_of_its_own_is_told() -> None:
    question = a_question(
        switches={"s16LA": True},
        flags=(a_flag("ADOPTED"),),
        override=OVERRIDE,
        person_decision=PersonDecision(choice="permit", role="DSL", review_id="r1", reason="H-MATCH"),
    )

    told: Any = facts_told(question)

    assert {name: told[name] for name in ("at", "area", "level", "match", "agreement", "switches")} == {
        "at": "2026-11-23T09:00:00Z",
        "area": "E09000003",
        "level": "L2",
        "match": "MATCH",
        "agreement": {"id": "dsa-7", "version": "3", "status": "in_force"},
        "switches": {"s16LA": True},
    }
    assert told["override"] == {"basis": "safeguarding", "authoriser_role": "DSL"}
    assert told["person"] == {"role": "DSL", "review_id": "r1", "reason": "H-MATCH"}
    assert [sorted(flag) for flag in told["flags"]] == [["flag", "version"]]
    assert told["flags"][0]["flag"] == "ADOPTED"


def test_a_consent_is_told_by_its_codes_and_times() -> None:
    told: Any = facts_told(a_question())

    (consent,) = told["consents"]
    assert len(consent.pop("version")) == 16
    assert consent == {
        "consent_id": "c1",
        "status": "GIVEN",
        "giver_capacity": "PARENT_PR",
        "mode": "WRITTEN_SIGNED",
        "effective_from": "2026-09-01T00:00:00+00:00",
        "expires_on": "2027-09-01T00:00:00+00:00",
    }


def test_the_version_changes_with_any_part_of_a_consent_or_a_flag() -> None:
    told: Any = facts_told(a_question(flags=(a_flag("ADOPTED"),)))
    other: Any = facts_told(
        a_question(
            consents=(a_consent(agencies_denied=("camhs",)),), flags=(replace(a_flag("ADOPTED"), need_list=("csc-2",)),)
        )
    )

    assert told["consents"][0]["version"] != other["consents"][0]["version"]
    assert told["flags"][0]["version"] != other["flags"][0]["version"]


def test_what_is_not_known_is_not_told() -> None:
    nothing = a_consent(giver_capacity=None, mode=None, effective_from=None, expires_on=None)
    question = a_question(area=None, level=None, match=None, recipient={"agreement": None}, consents=(nothing,))

    told: Any = facts_told(question)

    assert sorted(told) == ["at", "consents", "flags", "switches"]
    assert sorted(told["consents"][0]) == ["consent_id", "status", "version"]


def test_an_agreement_that_is_missing_is_told_as_such() -> None:
    told: Any = facts_told(a_question(recipient={"agreement": Agreement(status="missing")}))

    assert told["agreement"]["status"] == "missing"


def test_the_time_is_told_in_full() -> None:
    question = a_question()

    told: Any = facts_told(replace(question, at=question.at + timedelta(seconds=1, microseconds=5)))

    assert told["at"] == "2026-11-23T09:00:01.000005Z"


def test_what_a_court_ordered_and_a_practitioner_weighed_is_told() -> None:
    order, found = CourtOrder(kind="requires_disclosure", verified=True), Detriment(assessed=True, harmful=False)

    told: Any = facts_told(a_question(court_order=order, deemed_relevant=True, detriment=found))

    assert told["court_order"] == {"kind": "requires_disclosure", "verified": True}
    assert (told["deemed_relevant"], told["detriment"]) == (True, {"assessed": True, "harmful": False})


@pytest.mark.parametrize("verified", [False, None])
def test_an_order_of_which_nobody_knows_that_it_was_verified_is_told_as_not_verified(verified: bool | None) -> None:
    told: Any = facts_told(a_question(court_order=CourtOrder(kind="requires_disclosure", verified=verified)))

    assert told["court_order"] == {"kind": "requires_disclosure", "verified": False}
