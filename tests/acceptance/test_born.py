"""A baby is awaited, and later born: one child, whom a person joins and nobody else."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from gateway.demo.stage import Stage
from gateway.flows.store.rows import Delivery, State
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
    stage.until("the second episode", lambda: len(sent(stage)) == 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A gateway, the child that was awaited, and what was held when a child was born."""

    stage: Stage
    awaited: ChildRef
    held: Delivery


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Nobody has answered yet."""
    with Stage(tmp_path_factory.mktemp("asked") / "gateway") as stage:
        awaited, held = awaited_then_born(stage)
        yield Place(stage=stage, awaited=awaited, held=held)


@pytest.fixture(scope="module")
def joined(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A person has said that they are one."""
    with Stage(tmp_path_factory.mktemp("joined") / "gateway") as stage:
        awaited, held = awaited_then_born(stage)
        answer(stage, "same")
        yield Place(stage=stage, awaited=awaited, held=held)


def test_an_awaited_child_goes_out_with_the_day_it_is_due_and_no_sex(asked: Place) -> None:
    child = sent(asked.stage)[0]

    assert (child["expected"], child["sex"]) == ("2026-11-30", "0")
    assert "born" not in child


def test_whether_a_newborn_is_the_child_that_was_awaited_is_for_a_person_to_say(asked: Place) -> None:
    """Family name and postcode agree, and that is all: it may be the baby, and it may be a cousin."""
    held = asked.held

    assert (held.state, held.reason) == (State.HELD_MATCH, "H-MATCH")
    assert held.subjects[0] != asked.awaited
    assert decisions(asked.stage, held.message_id) == [("barnet-ecaf", "H-MATCH", policy_version(asked.stage))]
    assert len(sent(asked.stage)) == 1


def test_a_brother_born_years_before_is_not_taken_for_the_child_that_is_awaited(asked: Place) -> None:
    record = the_record(asked.stage, refer(asked.stage, "BROTHER", **BROTHER))

    assert record.match_status == "NEW"


def test_once_a_person_has_said_so_the_awaited_child_is_the_born_one_and_the_only_one(joined: Place) -> None:
    child = sent(joined.stage)[1]

    assert (child["born"], child["was_expected"], child["sex"]) == ("2026-11-16", "2026-11-30", "2")
    assert "expected" not in child
    again = to(joined.stage, "barnet-ecaf")[-1]
    assert again.subjects == (joined.awaited,)
    assert decisions(joined.stage, again.message_id)[-1] == ("barnet-ecaf", "P-CONSENT", policy_version(joined.stage))


def test_the_next_form_about_the_born_child_finds_the_one_child_by_itself(joined: Place) -> None:
    record = the_record(joined.stage, refer(joined.stage, "LATER", **BORN))

    assert (record.subjects, record.match_status) == ((joined.awaited,), "MATCH")


def test_where_a_person_says_that_they_are_two_children_they_stay_two(stage: Stage) -> None:
    awaited, held = awaited_then_born(stage)

    answer(stage, "different")

    assert "was_expected" not in sent(stage)[1]
    assert to(stage, "barnet-ecaf")[-1].subjects == held.subjects != (awaited,)
