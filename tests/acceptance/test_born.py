"""A baby is awaited, and later born: one child, whom a person joins and nobody else."""

from typing import Any

from gateway.demo.stage import Stage
from gateway.flows.rows import Delivery, State
from gateway.model.identifiers import ChildRef, MessageId
from tests.acceptance.forms import accept, form, wait_for
from tests.acceptance.told import decisions, policy_version, questions, the_record, to

NAMELESS = {"child_known_as": "", "child_upn": "", "child_nhs_number": "", "child_estimated_age": ""}
UNBORN = NAMELESS | {
    "child_name": "Unborn Exampleton",
    "child_dob": "",
    "child_expected_date": "30/11/2026",
    "child_sex": "I do not know",
}
BORN = NAMELESS | {"child_name": "Rosa Exampleton", "child_dob": "16/11/2026", "child_sex": "Female"}
BROTHER = NAMELESS | {"child_name": "Otto Exampleton", "child_dob": "02/05/2022", "child_sex": "Male"}
RATIONALE = "The midwife confirmed by telephone: this is the baby that was expected."


def refer(stage: Stage, reference: str, **answers: str) -> MessageId:
    """Let a family that agrees be referred, and return our id of the form once the MASH has it."""
    message = accept(stage, form("early-help-consent", reference, consent_agencies="School, Early help", **answers))
    wait_for(stage, message, State.ACKNOWLEDGED)
    return message


def start_early_help(stage: Stage, reference: str) -> Delivery:
    """Let the MASH decide that a CAF is to start, and return what is due to the early-help system because of it."""
    before = len(to(stage, "barnet-ecaf"))
    stage.mash("decide", {"reference": reference, "outcome": "MO3", "advice": "A CAF coordinator will call."})
    stage.until("a delivery to the eCAF", lambda: len(to(stage, "barnet-ecaf")) > before)
    return to(stage, "barnet-ecaf")[-1]


def sent(stage: Stage) -> list[dict[str, Any]]:
    """Return the children of the episodes the early-help system took, oldest first."""
    return [effect["document"]["document"]["child"] for effect in stage.effects("barnet-ecaf")]


def awaited_then_born(stage: Stage) -> tuple[ChildRef, Delivery]:
    """Return the child that was awaited, and what is held because it may be the one that was born."""
    refer(stage, "AWAITED", **UNBORN)
    first = start_early_help(stage, "AWAITED")
    stage.until("the first episode", lambda: len(sent(stage)) == 1)
    refer(stage, "BORN", **BORN)
    return first.subjects[0], start_early_help(stage, "BORN")


def answer(stage: Stage, choice: str) -> None:
    """Let a person say whether the two are one child."""
    (question,) = questions(stage, "H-MATCH")
    stage.order("reviews.decide", {"review": question["review"], "choice": choice, "rationale": RATIONALE})


def test_an_awaited_child_goes_out_with_the_day_it_is_due_and_no_sex(stage: Stage) -> None:
    refer(stage, "AWAITED", **UNBORN)

    start_early_help(stage, "AWAITED")

    stage.until("the episode", lambda: len(sent(stage)) == 1)
    (child,) = sent(stage)
    assert (child["expected"], child["sex"]) == ("2026-11-30", "0")
    assert "born" not in child


def test_whether_a_newborn_is_the_child_that_was_awaited_is_for_a_person_to_say(stage: Stage) -> None:
    """Family name and postcode agree, and that is all: it may be the baby, and it may be a cousin."""
    awaited, held = awaited_then_born(stage)

    assert (held.state, held.reason) == (State.HELD_MATCH, "H-MATCH")
    assert held.subjects[0] != awaited
    assert decisions(stage, held.message_id) == [("barnet-ecaf", "H-MATCH", policy_version(stage))]
    assert len(sent(stage)) == 1


def test_once_a_person_has_said_so_the_awaited_child_is_the_born_one_and_the_only_one(stage: Stage) -> None:
    awaited, _ = awaited_then_born(stage)

    answer(stage, "same")

    stage.until("the second episode", lambda: len(sent(stage)) == 2)
    child = sent(stage)[1]
    assert (child["born"], child["was_expected"], child["sex"]) == ("2026-11-16", "2026-11-30", "2")
    assert "expected" not in child
    again = to(stage, "barnet-ecaf")[-1]
    assert again.subjects == (awaited,)
    assert decisions(stage, again.message_id)[-1] == ("barnet-ecaf", "P-CONSENT", policy_version(stage))


def test_the_next_form_about_the_born_child_finds_the_one_child_by_itself(stage: Stage) -> None:
    awaited, _ = awaited_then_born(stage)
    answer(stage, "same")

    record = the_record(stage, refer(stage, "LATER", **BORN))

    assert (record.subjects, record.match_status) == ((awaited,), "MATCH")


def test_where_a_person_says_that_they_are_two_children_they_stay_two(stage: Stage) -> None:
    awaited, held = awaited_then_born(stage)

    answer(stage, "different")

    stage.until("the second episode", lambda: len(sent(stage)) == 2)
    assert "was_expected" not in sent(stage)[1]
    assert to(stage, "barnet-ecaf")[-1].subjects == held.subjects != (awaited,)


def test_a_brother_born_years_before_is_not_taken_for_the_child_that_is_awaited(stage: Stage) -> None:
    refer(stage, "AWAITED", **UNBORN)

    record = the_record(stage, refer(stage, "BROTHER", **BROTHER))

    assert record.match_status == "NEW"
