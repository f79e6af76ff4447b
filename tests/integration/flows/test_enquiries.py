"""Is an episode open? Looked up by whoever holds the records, answered by the rules for a check of existence alone."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.flows.conversing.order import NO_RECIPIENT
from gateway.flows.store.rows import Delivery, State
from gateway.model.identifiers import MessageId
from tests.integration.flows.house import ECAF, SCHOOL, House, profile

EXAMPLES = Path(__file__).parents[2] / "vectors" / "examples" / "ecaf"
POLICY = Path(__file__).parents[3] / "mappings" / "policy"
STRANGER = {"given_names": "Stranger", "family_name": "Nobody", "born": "2015-02-03"}
LATE = "H-ENQUIRY-LATE"


def example(name: str, **changes: Any) -> dict[str, Any]:
    """Return an example, with some of its document changed."""
    told: dict[str, Any] = json.loads((EXAMPLES / name).read_bytes())
    return {**told, "document": {**told["document"], **changes}}


def enquire(house: House, name: str = "enquiry-spoken-consent.json", **changes: Any) -> MessageId:
    told = example(name, **changes)
    message = house.accept(json.dumps(told).encode(), by=SCHOOL, form="ecaf/enquiry-1")
    house.work()
    return message


def answer(house: House, name: str = "answer-open.json", **changes: Any) -> MessageId:
    told = example(name, **changes)
    message = house.accept(json.dumps(told).encode(), by=ECAF, form="ecaf/enquiry-answer-1")
    house.work()
    return message


def answers(house: House) -> list[Delivery]:
    return [one for one in house.deliveries(SCHOOL) if one.kind == "caf.enquiry.answered"]


def test_an_enquiry_goes_to_whoever_holds_the_records(house: House) -> None:
    enquire(house)

    (asked,) = house.outlet.to(ECAF)
    assert (asked["reference"], asked["child"]["given_names"]) == ("ENQ-0001", "Testina")
    assert [(one.purpose, one.mode) for one in house.deliveries(ECAF)] == [("CHECK_EXISTS", "CONVEY")]


def test_the_enquirer_learns_that_there_is_one_and_whom_to_call(house: House) -> None:
    enquire(house)
    answer(house)

    assert house.outlet.to(SCHOOL) == [example("answer-open.json")["document"]]
    assert [one.reason for one in answers(house)] == ["P-CHECK"]


def test_the_enquirer_learns_that_there_is_none(house: House) -> None:
    enquire(house)
    answer(house, "answer-none.json")

    assert [told["open"] for told in house.outlet.to(SCHOOL)] == ["N"]


@pytest.mark.parametrize("name", ["answer-open.json", "answer-none.json"])
@pytest.mark.parametrize(
    "said",
    [{}, {"consent": {"agrees_to_share": "N", "given_on": "2026-11-20"}}, {"consent": {"parent_aware": "Y"}}],
    ids=["nothing", "no", "told, and no answer"],
)
def test_without_the_family_s_word_nobody_is_told_even_whether_there_is_one(
    house: House, name: str, said: dict[str, Any]
) -> None:
    enquire(house, "enquiry-without-consent.json", **{"reference": "ENQ-0001", **said})
    answer(house, name)

    assert house.outlet.to(SCHOOL) == []
    assert [(one.state, one.reason) for one in answers(house)] == [(State.REFUSED, "D-CHECK")]


def test_a_caller_who_was_not_verified_is_told_nothing(house: House) -> None:
    house.enrol(profile("school-example", staff={"training_valid": True, "agreement_signed": True}))

    enquire(house)
    answer(house)

    assert [one.reason for one in answers(house)] == ["D-CHECK"]


def test_a_word_that_something_is_looked_up_is_no_word_that_anything_is_shared(house: House) -> None:
    message = enquire(house)

    (record,) = house.app.store.read(lambda uow: uow.records.of_message(message))
    (held,) = house.app.facts.held_about(record.subjects[0])
    fact: Any = held["fact"]
    assert (fact["kinds"], fact["purposes"], fact["agencies_allowed"]) == (["CHECK_EXISTS"], ["CHECK_EXISTS"], [SCHOOL])


def test_a_word_to_one_enquirer_is_no_word_to_another(house: House) -> None:
    other = profile("school-example", called="other-school")
    house.enrol(other)
    enquire(house)

    told = example("enquiry-without-consent.json", reference="ENQ-0003")
    house.accept(json.dumps(told).encode(), by=other.organisation, form="ecaf/enquiry-1")
    house.work()
    answer(house, reference="ENQ-0003")

    assert [one.reason for one in house.deliveries(other.organisation)] == ["D-CHECK"]


def test_who_takes_the_word_back_before_the_answer_has_gone_stops_it(house: House) -> None:
    message = enquire(house)
    (record,) = house.app.store.read(lambda uow: uow.records.of_message(message))
    house.accept(json.dumps(example("answer-open.json")).encode(), by=ECAF, form="ecaf/enquiry-answer-1")
    house.work_messages()

    house.app.facts.withdraw_consent(record.subjects[0], actor="test")
    house.work()

    assert house.outlet.to(SCHOOL) == []
    assert [one.reason for one in answers(house)] == ["D-CHECK"]


@pytest.fixture
def blackburn(tmp_path: Path) -> Iterator[House]:
    """A gateway where only who has parental responsibility can agree that something is looked up."""
    shutil.copytree(POLICY, tmp_path / "policy")
    profile = tmp_path / "policy" / "local" / "blackburn-2026.1.toml"
    profile.write_text(profile.read_text().replace("E06000008", "E09000003"))
    built = House.build(tmp_path, policy_folder=tmp_path / "policy")
    yield built
    built.app.bus.close()
    built.app.store.close()


@pytest.mark.parametrize(("capacity", "reason"), [("PARENT_PR", "P-CHECK"), ("CARER", "D-CHECK")])
def test_where_it_takes_a_parent_s_word_nobody_else_s_will_do(blackburn: House, capacity: str, reason: str) -> None:
    word = {"agrees_to_share": "Y", "signatory_capacity": capacity, "mode": "WRITTEN_SIGNED", "given_on": "2026-11-20"}
    enquire(blackburn, consent=word)
    answer(blackburn)

    assert [one.reason for one in answers(blackburn)] == [reason]


def test_where_an_address_is_withheld_whom_to_call_is_withheld_too(house: House) -> None:
    message = enquire(house)
    (record,) = house.app.store.read(lambda uow: uow.records.of_message(message))
    house.app.facts.flags.set(record.subjects[0], {"flag": "ADDRESS_WITHHELD", "need_list": []}, actor="test")

    answer(house)

    assert house.outlet.to(SCHOOL) == [
        {"reference": "ENQ-0001", "answered_at": "2026-11-23T10:40:00+00:00", "open": "Y"}
    ]


def test_an_answer_to_an_enquiry_that_went_to_another_is_shown_to_a_person(house: House) -> None:
    other = profile("barnet-ecaf", called="other-ecaf", is_default=False)
    house.enrol(other)
    enquire(house)

    house.accept(json.dumps(example("answer-open.json")).encode(), by=other.organisation, form="ecaf/enquiry-answer-1")
    house.work()

    assert house.outlet.to(SCHOOL) == []
    assert len(house.reviews("H-CORRECT:unknown-reference")) == 1


def test_an_enquiry_that_nobody_answers_in_two_working_days_is_shown_to_the_coordinator(house: House) -> None:
    enquire(house)
    house.clock.move(days=5)
    house.app.clocks.tick()

    assert [task.role for task in house.reviews(LATE)] == ["CAF_COORDINATOR"]


def test_an_answer_in_time_leaves_nobody_asked(house: House) -> None:
    enquire(house)
    answer(house)
    house.clock.move(days=5)
    house.app.clocks.tick()

    assert house.reviews(LATE) == []


@pytest.mark.parametrize("name", ["answer-open.json", "answer-none.json"])
def test_what_was_answered_stands_nowhere_in_clear(house: House, name: str) -> None:
    message = enquire(house)
    answer(house, name)

    (record,) = house.app.store.read(lambda uow: uow.records.of_message(message))
    assert record.conversation_id is not None
    held = house.app.store.read(lambda uow: uow.conversations.get(record.conversation_id))
    assert "answer" not in json.loads(held.body)


def test_an_enquiry_that_nobody_takes_is_shown_to_a_person(house: House) -> None:
    ecaf = profile("barnet-ecaf")
    kept = [one for one in ecaf.profile["endpoints"] if one["kind"] != "caf.enquiry.requested"]
    house.enrol(profile("barnet-ecaf", endpoints=kept))

    enquire(house)

    assert len(house.reviews(NO_RECIPIENT)) == 1


def register(house: House, **changes: Any) -> None:
    told = example("family-two-children.json", **changes)
    house.accept(json.dumps(told).encode(), by=SCHOOL, form="ecaf/family-1")
    house.work()


def episodes(house: House) -> list[dict[str, Any]]:
    return [json.loads(body)["document"] for _, kind, body in house.outlet.sent if kind == "caf.family.registered"]


def test_a_family_becomes_one_episode_for_each_child_and_none_holds_another_s(house: House) -> None:
    enquire(house)
    answer(house, "answer-none.json")

    register(house)

    set_up = episodes(house)
    assert [one["child"]["given_names"] for one in set_up] == ["Testina", "Tobias"]
    assert {(one["kind"], one["family_reference"], one["state"]) for one in set_up} == {
        ("family", "FAM-0001", "requested")
    }
    assert ["Tobias" in json.dumps(one) for one in set_up] == [False, True]
    assert ["Testina" in json.dumps(one) for one in set_up] == [True, False]


def test_a_family_without_a_word_on_the_form_becomes_drafts(house: House) -> None:
    enquire(house)
    answer(house, "answer-none.json")

    told = example("family-two-children.json")
    del told["document"]["consent"]
    house.accept(json.dumps(told).encode(), by=SCHOOL, form="ecaf/family-1")
    house.work()

    assert [one["state"] for one in episodes(house)] == ["draft", "draft"]


@pytest.mark.parametrize(
    ("answered", "changes", "code"),
    [
        ("answer-open.json", {}, "episode-open"),
        ("answer-none.json", {"enquiry": "ENQ-0009"}, "enquiry-first"),
        ("answer-none.json", {"children": []}, "no-child"),
        ("answer-none.json", {"children": [STRANGER]}, "enquiry-first"),
    ],
    ids=["an episode is open", "no such enquiry", "no child", "an enquiry about another child"],
)
def test_a_family_that_cannot_be_set_up_is_shown_to_a_person(
    house: House, answered: str, changes: dict[str, Any], code: str
) -> None:
    enquire(house)
    answer(house, answered)

    register(house, **changes)

    assert episodes(house) == []
    assert len(house.reviews(f"H-CORRECT:{code}")) == 1


def test_an_enquiry_that_was_not_answered_sets_nothing_up(house: House) -> None:
    enquire(house)

    register(house)

    assert episodes(house) == []
    assert len(house.reviews("H-CORRECT:enquiry-first")) == 1


def test_who_asks_to_become_a_user_is_told_to_the_system_that_opens_accounts(house: House) -> None:
    told = example("registration-new-user.json")

    house.accept(json.dumps(told).encode(), by=SCHOOL, form="ecaf/registration-1")
    house.work()

    assert house.outlet.to(ECAF) == [told["document"]]
    assert [(one.purpose, one.reason) for one in house.deliveries(ECAF)] == [("ADMIN", "P-CONVEY")]
