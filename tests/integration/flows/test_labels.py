"""What waits for an answer nobody has mapped, and what flows on when somebody has?"""

from typing import Any

import pytest

from gateway.audit.event import EventKind
from gateway.errors import TransientError
from gateway.flows.receiving.message_state import state_of
from gateway.flows.store.rows import Delivery, State
from gateway.model.identifiers import MessageId
from gateway.simulators.school import superstar_report
from tests.acceptance.forms import form
from tests.integration.flows.house import ECAF, MASH, SCHOOL, House

LABEL = "Wholly\u00a0Invented"
PUPIL = {
    "primary_id": "2001",
    "Forename": "Testina",
    "Surname": "Exampleton",
    "DOB": "2016-06-15T00:00:00+01:00",
    "Gender": "F",
    "Address Line 1": "1 Nowhere Lane",
    "Postcode": "ZZ99 3AA",
    "Ethnicity": LABEL,
    "CAF Consent Given": "Yes",
    "CAF Consent Date": "2026-10-02T00:00:00+01:00",
    "CAF Consent Mode": "In writing, signed",
    "CAF Consent Signatory Capacity": "Parent with parental responsibility",
}
WHO = "person:0123"


def a_report(house: House, **changes: str) -> MessageId:
    message = house.accept(superstar_report([PUPIL | changes]), by=SCHOOL, form="sims/superstar-1")
    house.work()
    return message


def say(house: House, label: str = LABEL, code: str = "WBRI", list_name: str = "ethnicity") -> int:
    waited = house.app.meanings.say(list_name, label, code, actor=WHO)
    house.app.meanings.tick()
    house.work()
    return waited


def last(house: House) -> Delivery:
    return house.deliveries(ECAF)[-1]


def state(house: House, message: MessageId) -> State:
    return house.app.store.read(lambda uow: state_of(uow, uow.messages.get(message)))


def children(house: House) -> list[dict[str, Any]]:
    return [document["child"] for document in house.outlet.to(ECAF)]


def test_what_we_disclose_waits_for_an_answer_nobody_has_mapped(house: House) -> None:
    message = a_report(house)

    assert (last(house).state, last(house).reason) == (State.HELD_LABEL, "H-LABEL")
    assert state(house, message) is State.HELD_LABEL
    assert house.outlet.to(ECAF) == []


def test_a_held_document_flows_on_with_the_right_code_when_its_label_is_mapped(house: House) -> None:
    message = a_report(house)

    waited = say(house, "wholly INVENTED")

    assert waited == 1
    assert [child["ethnicity"] for child in children(house)] == ["WBRI"]
    assert state(house, message) is State.ACKNOWLEDGED


def test_a_later_document_with_the_label_waits_for_nothing(house: House) -> None:
    a_report(house)
    say(house)

    a_report(house, primary_id="2002", Forename="Otto", Surname="Unreal", DOB="2012-02-03T00:00:00+00:00")

    assert [child["ethnicity"] for child in children(house)] == ["WBRI", "WBRI"]


def test_what_a_sender_conveys_is_not_held_by_an_answer(house: House) -> None:
    house.accept(form("single-child", "LABEL1", child_ethnicity="Wholly Invented"))
    house.work()

    assert len(house.outlet.to(MASH)) == 1
    assert len(house.app.store.read(lambda uow: uow.labels.find())) == 1


def test_a_document_with_two_such_answers_waits_for_both(house: House) -> None:
    a_report(house, Gender="Wholly Other")

    say(house)
    assert last(house).state is State.HELD_LABEL
    say(house, "Wholly Other", "2", "sex")

    assert [(child["ethnicity"], child["sex"]) for child in children(house)] == [("WBRI", "2")]


def test_work_that_was_cut_off_behind_the_word_is_found_again(house: House) -> None:
    a_report(house)
    house.app.meanings.say("ethnicity", LABEL, "WBRI", actor=WHO)

    looked_at = [house.app.meanings.tick(), house.app.meanings.tick()]
    house.work()

    assert looked_at == [1, 0]
    assert len(children(house)) == 1


def test_a_label_mapped_while_its_document_is_being_stored_is_not_missed(house: House) -> None:
    """The document was understood before somebody said what the label means, and is stored after."""
    before = house.app.desk.store.read
    house.accept(superstar_report([PUPIL]), by=SCHOOL, form="sims/superstar-1")
    said: list[int] = []

    def read(work: Any) -> Any:
        answer = before(work)
        if answer is None and not said:
            said.append(house.app.meanings.say("ethnicity", LABEL, "WBRI", actor=WHO))
        return answer

    object.__setattr__(house.app.desk.store, "read", read)
    house.work()
    object.__setattr__(house.app.desk.store, "read", before)
    assert said == [0]

    house.app.meanings.tick()
    house.work()

    assert [child["ethnicity"] for child in children(house)] == ["WBRI"]


def test_a_meaning_that_is_changed_before_anything_left_goes_out_as_changed(house: House) -> None:
    a_report(house)
    house.app.meanings.say("ethnicity", LABEL, "WBRI", actor=WHO)
    house.app.meanings.tick()

    say(house, code="WIRI")

    assert [child["ethnicity"] for child in children(house)] == ["WIRI"]


def test_a_meaning_that_is_taken_back_holds_what_has_not_left(house: House) -> None:
    a_report(house)
    house.app.meanings.say("ethnicity", LABEL, "WBRI", actor=WHO)
    house.app.meanings.tick()
    (blinded,) = [one.label_blind for one in house.app.store.read(lambda uow: uow.labels.meanings(limit=9))]

    was_said = house.app.meanings.take_back("ethnicity", blinded, actor=WHO)
    house.app.meanings.tick()
    house.work()

    assert was_said
    assert last(house).state is State.HELD_LABEL
    assert children(house) == []


def test_a_document_understood_by_a_persons_word_is_due_again_when_the_word_changes(house: House) -> None:
    """It never waited, and is found all the same."""
    say(house)
    message = a_report(house)
    house.app.meanings.say("ethnicity", LABEL, "WIRI", actor=WHO)

    house.app.meanings.tick()

    (record,) = house.app.store.read(lambda uow: uow.records.of_message(message))
    told = [event.kind for event in house.app.store.read(lambda uow: uow.audit.of_message(message))]
    assert record.state is State.ACCEPTED
    assert told.count(EventKind.DOCUMENT_TRANSLATED.value) == 2


def test_a_code_the_list_has_not_on_that_day_leaves_the_label_open(house: House) -> None:
    """However often the gateway looks, nobody is told that it is understood."""
    a_report(house)

    say(house, code="NOSUCH")

    assert last(house).state is State.HELD_LABEL
    assert house.app.meanings.tick() == 0
    assert len(house.app.store.read(lambda uow: uow.labels.find())) == 1


def test_a_consent_withdrawn_meanwhile_stays_withdrawn(house: House) -> None:
    a_report(house)
    child = last(house).subjects[0]
    house.app.facts.withdraw_consent(child, actor="usr_1")

    say(house)

    assert last(house).state is not State.ORDERED
    assert children(house) == []
    assert {one["fact"]["status"] for one in house.app.facts.held_about(child)} == {"WITHDRAWN"}


def test_an_answer_about_consent_counts_once_it_is_understood(house: House) -> None:
    """Until then nobody knows who may see it, and it waits for that alone; afterwards nobody needs to be asked."""
    message = a_report(house, **{"CAF Consent Signatory Capacity": "Her mum", "Ethnicity": "White British"})
    asked = last(house)

    say(house, "Her mum", "PARENT_PR", "signatory_capacity")

    assert (asked.state, asked.reason) == (State.HELD_LABEL, "H-LABEL")
    assert state(house, message) is State.ACKNOWLEDGED
    assert house.reviews("H-CAPACITY") == []


def test_a_label_whose_record_was_joined_to_another_child_can_still_be_read(house: House) -> None:
    a_report(house)
    (task,) = house.app.store.read(lambda uow: uow.labels.find())
    house.app.store.write(lambda uow: uow.labels.close(task.record_id))
    spoilt = type(task)(**{name: getattr(task, name) for name in task.__slots__} | {"label_sealed": b"\x01spoilt" * 9})

    assert house.app.meanings.text_of(spoilt) == "Wholly Invented"


def test_a_document_that_cannot_be_read_again_is_put_before_a_person(house: House) -> None:
    message = a_report(house)
    house.app.store.write(lambda uow: uow.originals.delete(message))

    say(house)

    assert house.app.meanings.tick() == 0
    assert len(house.reviews("H-CORRECT:not-found")) == 1


def test_a_store_that_is_away_leaves_what_is_due_due(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    a_report(house)
    house.app.meanings.say("ethnicity", LABEL, "WBRI", actor=WHO)

    def away(_work: object) -> None:
        raise TransientError("the store is away")

    with monkeypatch.context() as patched:
        patched.setattr(house.app.desk.store, "write", away)
        with pytest.raises(TransientError):
            house.app.meanings.tick()

    assert house.app.meanings.tick() == 1


def test_what_is_being_made_ready_to_go_goes_by_the_word_said_meanwhile(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the making of a document and the mark that it is handed over, a person corrects themselves."""
    a_report(house)
    house.app.meanings.say("ethnicity", LABEL, "WBRI", actor=WHO)
    house.app.meanings.tick()
    (due,) = house.leased()
    library = house.app.desk.library
    outbound, said = library.outbound, list[int]()

    def table_while_somebody_speaks(name: str) -> Any:
        if not said:
            said.append(house.app.meanings.say("ethnicity", LABEL, "WIRI", actor=WHO))
            house.app.meanings.tick()
        return outbound(name)

    monkeypatch.setattr(library, "outbound", table_while_somebody_speaks)
    house.app.deliver.attempt(due)
    house.work()

    assert said == [0]
    assert [child["ethnicity"] for child in children(house)] == ["WIRI"]
