"""Which questions wait for a person, and who may answer?"""

from typing import Any

import pytest

from gateway.errors import ConflictError, NotAllowedError, SchemaViolationError
from gateway.flows.store.rows import ReviewTask, State
from gateway.model.identifiers import ReviewId
from tests.unit.operations.house import House, a_caller, two_pupils_who_may_be_one

SCREENER = a_caller("MASH_SCREENER")
WHY = "The school confirmed by telephone that the birthday was mistyped."


def a_question(house: House) -> dict[str, Any]:
    """Return the question whether a second pupil is the first one."""
    first, second = two_pupils_who_may_be_one()
    house.receive("school-example", "sims/superstar-1", first)
    house.work()
    house.receive("school-example", "sims/superstar-1", second)
    house.work()
    listed = house.order(SCREENER, "reviews.list")["reviews"]
    assert isinstance(listed, list)
    asked = [one for one in listed if isinstance(one, dict) and "same" in str(one["choices"])]
    assert len(asked) == 1
    return asked[0]


def test_a_question_says_what_it_is_about_why_and_by_when(house: House) -> None:
    question = a_question(house)

    assert question["kind_words"] == "Is this the same child?"
    assert question["about"]["from_name"] == "Nowhere Lane Primary School"
    assert question["role"] == "MASH_SCREENER"
    assert question["overdue"] is False
    assert question["may_decide"] is True


def test_who_must_say_whether_it_is_the_same_child_sees_both_side_by_side(house: House) -> None:
    shown = house.order(SCREENER, "reviews.show", review=a_question(house)["review"])

    (pair,) = listed(shown, "likenesses")
    assert pair["told"]["born"] == "2016-06-16"
    assert pair["known"]["born"] == "2016-06-15"
    assert "dob=similar" in " ".join(pair["evidence"])


def listed(answer: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = answer[name]
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize("role", ["INTEGRATION_ENGINEER", "AUDITOR", "DSL", "IG_OFFICER"])
def test_who_may_not_answer_sees_no_names(house: House, role: str) -> None:
    shown = house.order(a_caller(role), "reviews.show", review=a_question(house)["review"])

    assert "Exampleton" not in str(shown)


def test_a_withheld_address_is_not_shown_beside_the_other(house: House) -> None:
    question = a_question(house)
    shown = house.order(SCREENER, "reviews.show", review=question["review"])
    children = listed(shown, "children")
    house.order(SCREENER, "flags.set", child=children[0]["child"], flag="ADDRESS_WITHHELD")

    again = house.order(SCREENER, "reviews.show", review=question["review"])

    (pair,) = listed(again, "likenesses")
    assert pair["told"]["postcode"] == "withheld"
    assert pair["known"]["postcode"] == "withheld"
    assert "1 Nowhere Lane" not in str(again)


def test_the_answer_lets_the_document_flow_on_and_is_kept_with_its_reason(house: House) -> None:
    question = a_question(house)

    answer = house.order(SCREENER, "reviews.decide", review=question["review"], choice="different", rationale=WHY)

    house.work()
    shown = house.order(SCREENER, "reviews.show", review=question["review"])
    assert answer["state"] in set(State)
    assert shown["status"] == "different"
    assert shown["rationale"] == WHY
    assert house.order(SCREENER, "reviews.list")["reviews"] == []
    assert "review.decided" in house.events()


@pytest.mark.parametrize(("role", "reads"), [("INTEGRATION_ENGINEER", False), ("AUDITOR", True), ("DSL", True)])
def test_what_somebody_wrote_as_their_reason_is_not_for_everybody(house: House, role: str, reads: bool) -> None:
    question = a_question(house)
    house.order(SCREENER, "reviews.decide", review=question["review"], choice="refuse", rationale=WHY)

    shown = house.order(a_caller(role), "reviews.show", review=question["review"])

    assert (shown["rationale"] == WHY) is reads


@pytest.mark.parametrize("role", ["DSL", "AUDITOR", "INTEGRATION_ENGINEER"])
def test_consents_and_protection_are_shown_to_who_needs_them(house: House, role: str) -> None:
    question = a_question(house)

    assert "children" not in house.order(a_caller(role), "reviews.show", review=question["review"])
    assert "children" in house.order(SCREENER, "reviews.show", review=question["review"])


@pytest.mark.parametrize("role", ["CAF_COORDINATOR", "IG_OFFICER", "DSL"])
def test_only_the_role_that_is_asked_answers(house: House, role: str) -> None:
    question = a_question(house)

    with pytest.raises(NotAllowedError):
        house.order(a_caller(role), "reviews.decide", review=question["review"], choice="same", rationale=WHY)


def test_a_manager_may_answer_for_the_role_that_is_asked(house: House) -> None:
    question = a_question(house)
    manager = a_caller("MASH_MANAGER")

    assert house.order(manager, "reviews.decide", review=question["review"], choice="same", rationale=WHY)["state"]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"rationale": "ok"}, id="no reason to speak of"),
        pytest.param({"rationale": "          x"}, id="blanks for a reason"),
        pytest.param({"choice": "permit"}, id="a choice this question has not"),
        pytest.param({"choice": "perhaps"}, id="a choice no question has"),
    ],
)
def test_an_answer_without_reason_or_sense_is_refused(house: House, change: dict[str, str]) -> None:
    args = {"review": a_question(house)["review"], "choice": "same", "rationale": WHY, **change}

    with pytest.raises(SchemaViolationError):
        house.order(SCREENER, "reviews.decide", **args)


def test_a_question_is_answered_once(house: House) -> None:
    question = a_question(house)
    house.order(SCREENER, "reviews.decide", review=question["review"], choice="refuse", rationale=WHY)

    with pytest.raises(ConflictError):
        house.order(SCREENER, "reviews.decide", review=question["review"], choice="same", rationale=WHY)


def test_a_question_past_its_time_is_shown_as_late(house: House) -> None:
    question = a_question(house)
    task: ReviewTask = house.application.store.read(lambda uow: uow.reviews.get(ReviewId(question["review"])))
    house.clock.move(seconds=(task.due_at - house.clock.now()).total_seconds())

    shown = house.order(SCREENER, "reviews.show", review=question["review"])

    assert shown["overdue"] is True


def test_those_somebody_may_answer_can_be_asked_for_alone(house: House) -> None:
    a_question(house)

    assert house.order(a_caller("CAF_COORDINATOR"), "reviews.list", mine=True)["reviews"] == []
    assert len(listed(house.order(SCREENER, "reviews.list", mine=True), "reviews")) == 1
