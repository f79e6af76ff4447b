"""What was decided in a time: enough for a Caldicott Guardian and a DPO, and never a name."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gateway.app.commands.decision_log import COLUMNS, as_text
from gateway.app.operations.caller import Caller
from gateway.errors import NotAllowedError, SchemaViolationError
from gateway.flows.store.rows import Delivery, State
from tests.unit.operations.house import House, a_caller, a_form, two_pupils_who_may_be_one

OFFICER = a_caller("IG_OFFICER")
SINCE = "2026-11-01T00:00:00Z"


def decisions(house: House, /, *, caller: Caller = OFFICER, **asked: Any) -> list[dict[str, Any]]:
    house.clock.move(seconds=1)
    answer: Any = house.order(caller, "audit.decisions", **{"since": SINCE, **asked})
    found: list[dict[str, Any]] = answer["decisions"]
    return found


def a_report(house: House) -> None:
    report, _ = two_pupils_who_may_be_one()
    house.receive("school-example", "sims/superstar-1", report)
    house.work()


def a_referral(house: House) -> None:
    house.receive("referral-portal", "mash/govuk-forms-1", a_form("safeguarding-unknown-child.json"))
    house.work()


def an_answered_question(house: House) -> Delivery:
    """Let the sharing agreement of the early-help system run out, and let a person decide all the same."""
    system = house.application.store.read(lambda uow: uow.directory.organisation("barnet-ecaf"))  # type: ignore[arg-type]
    held = {**system.profile["agreement"], "status": "expired", "expires_on": "2026-11-20"}
    changed = replace(system, profile={**system.profile, "agreement": held})
    house.application.store.write(lambda uow: uow.directory.put_organisation(changed))
    a_report(house)
    (review,) = house.application.store.read(lambda uow: uow.reviews.find(status="open", limit=10))
    house.order(
        a_caller("MASH_MANAGER"),
        "reviews.decide",
        review=review.review_id,
        choice="permit",
        rationale="Invented reasons, two of them.",
    )
    house.work()
    (waiting,) = house.application.store.read(lambda uow: uow.delivery_lists.find(state=State.ACKNOWLEDGED, limit=10))
    return waiting


def test_a_decision_is_told_with_request_rules_answer_and_what_became_of_it(house: House) -> None:
    a_report(house)

    (line,) = decisions(house)

    assert line["request"]["purpose"] == "SCHOOL_EXPORT"
    assert line["request"]["requester"] == "school-example"
    assert line["request"]["recipient"] == "barnet-ecaf"
    assert "CAT-ID" in line["request"]["categories"]
    assert line["policy"] == {"version": "sharing-2026.1", "sha256": house.application.desk.policy.digest}
    assert (line["decision"], line["reason"], line["basis"]) == ("PERMIT", "P-CONSENT", "consent")
    assert len(line["consent_ids"]) == 1
    assert line["agreement"]["status"] == "in_force"
    assert line["switches"] == {"s16LA": False, "s16LC": False}
    assert (line["response"]["state"], line["erased"]) == ("acknowledged", False)
    assert line["response"]["handed_over_at"]


def test_the_list_holds_no_name_and_nobody_s_own_words(house: House) -> None:
    an_answered_question(house)

    said = str(decisions(house))

    assert [one for one in ("Testina", "Exampleton", "Nowhere", "ZZ99", "Invented reasons") if one in said] == []


def test_what_went_without_consent_is_found_with_its_reasons(house: House) -> None:
    a_report(house)
    a_referral(house)

    assert {one["basis"] for one in decisions(house)} == {"consent", "need"}

    (found,) = decisions(house, without_consent=True)

    assert (found["reason"], found["rationale"]) == ("P-EMERG", "due")


def test_overrides_are_found_by_the_role_of_whoever_decided(house: House) -> None:
    an_answered_question(house)

    lines = decisions(house, overrides=True)

    assert [one["person"]["reason"] for one in lines] == ["H-DSA"]
    role = lines[0]["person"]["role"]
    assert lines[0]["rationale"] == f"with {lines[0]['person']['review_id']}"
    assert decisions(house, role=role) == lines
    assert decisions(house, role="CALDICOTT_NOBODY") == []


@pytest.mark.parametrize(("decision", "count"), [("PERMIT", 1), ("DENY", 0), ("REVIEW", 1)])
def test_answers_are_told_apart_in_the_three_words_of_the_draft(house: House, decision: str, count: int) -> None:
    an_answered_question(house)

    assert len(decisions(house, decision=decision)) == count


def test_only_what_was_decided_in_the_time_is_told(house: House) -> None:
    a_report(house)
    later = (house.clock.now() + timedelta(seconds=1)).isoformat()

    assert decisions(house, until=SINCE) == []
    assert decisions(house, since=later) == []
    assert len(decisions(house, until=later)) == 1


def test_one_child_s_decisions_are_told_alone(house: House) -> None:
    a_report(house)
    a_referral(house)
    lines = decisions(house)
    child = house.application.store.read(lambda uow: uow.records.of_message(lines[0]["request"]["message_id"]))[
        0
    ].subjects[0]

    mine = decisions(house, child=child)

    assert mine == [line for line in lines if line["request"]["message_id"] == lines[0]["request"]["message_id"]]
    assert 0 < len(mine) < len(lines)


def test_a_long_list_is_given_in_parts_that_neither_lose_nor_repeat_one(house: House) -> None:
    a_report(house)
    house.clock.move(minutes=1)
    a_referral(house)
    house.clock.move(minutes=1)
    house.receive("referral-portal", "mash/govuk-forms-1", a_form("early-help-with-consent.json"))
    house.work()
    whole = decisions(house)
    assert len(whole) > 2

    parts, since = [], SINCE
    for _ in range(len(whole)):
        answer: Any = house.order(OFFICER, "audit.decisions", since=since, limit=2)
        parts += answer["decisions"]
        since = answer["more_since"] or "2030-01-01T00:00:00Z"

    assert parts == whole


def test_more_at_one_instant_than_the_limit_is_never_cut_in_silence(house: House) -> None:
    a_report(house)
    a_referral(house)

    with pytest.raises(SchemaViolationError, match="raise it"):
        decisions(house, limit=1)


def test_the_list_is_told_in_the_log(house: House) -> None:
    a_report(house)

    decisions(house)

    assert house.events()[-1] == "export.made"


def test_whoever_may_not_export_the_log_does_not_get_it(house: House) -> None:
    with pytest.raises(NotAllowedError):
        decisions(house, caller=a_caller("MASH_SCREENER"))


def test_the_spreadsheet_has_every_column_and_a_row_for_each_decision(house: House) -> None:
    an_answered_question(house)
    lines = decisions(house)

    head, *rows = as_text(lines).splitlines()

    assert head.split(",") == list(COLUMNS)
    assert len(rows) == len(lines)
    cells = dict(zip(COLUMNS, rows[-1].split(","), strict=True))
    assert (cells["person_review"][:4], cells["agreement_status"], cells["erased"]) == ("rev_", "expired", "no")
