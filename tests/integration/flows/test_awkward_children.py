"""Children whom records confuse, told of by every kind of form: nobody is joined, dropped or told of by mistake."""

import json

import pytest

from gateway.flows.store.rows import FactRow, State
from gateway.formats.json import write_json
from gateway.model.identifiers import ChildRef, MessageId, OrganisationId
from tests.fakes.forms import CHANNELS, Child
from tests.integration.flows.house import ECAF, MASH, SCHOOL, House, profile

REFERRALS = ["moj payload", "form post"]
"""One kind of form with questions and one with names; GOV.UK Forms has tests of its own."""
TESTINA: Child = {
    "first_name": "Testina",
    "last_name": "Exampleton",
    "dob": "14/06/2016",
    "address": "1 Nowhere Lane",
    "postcode": "ZZ99 3AA",
}
AGREED: dict[str, str | list[str]] = {
    "consent_to_share": "Yes",
    "consent_agencies": ["School", "Family support"],
    "consent_signatory_capacity": "Parent with parental responsibility",
    "consent_mode": "In writing, signed",
    "consent_date": "17/11/2026",
}


def send(house: House, channel: str, reference: str, *children: Child, **answers: str | list[str]) -> MessageId:
    """Let a form of *channel* come in, and everything follow."""
    name, _, make = CHANNELS[channel]
    asked = {"worry": "Invented", "request_type": "I want early help for a family", **answers}
    message = house.accept(make(reference, children, asked), form=name)
    house.work()
    return message


def placed(house: House, message: MessageId) -> tuple[tuple[ChildRef, ...], str | None]:
    """Return whom a message is about, and how sure we are."""
    (record,) = house.app.store.read(lambda uow: uow.records.of_message(message))
    return record.subjects, record.match_status


@pytest.mark.parametrize("channel", REFERRALS)
def test_twins_stay_two(house: House, channel: str) -> None:
    message = send(house, channel, "TWINS", TESTINA, {**TESTINA, "first_name": "Tabitha"})

    subjects, _ = placed(house, message)
    assert len(set(subjects)) == 2
    assert [one["given_names"] for one in house.outlet.to(MASH)[0]["children"]] == ["Testina", "Tabitha"]


@pytest.mark.parametrize("channel", REFERRALS)
def test_a_son_of_his_father_s_name_is_not_taken_for_him(house: House, channel: str) -> None:
    once = send(house, channel, "SON", {"first_name": "Otto", "last_name": "Pretendman", "dob": "14/06/2016"})
    again = send(house, channel, "DAD", {"first_name": "Otto", "last_name": "Pretendman", "dob": "19/11/1988"})

    assert placed(house, once)[0] != placed(house, again)[0]


@pytest.mark.parametrize("channel", REFERRALS)
def test_one_pupil_number_on_two_children_joins_nobody(house: House, channel: str) -> None:
    number = {"upn": "B801200005001"}
    other = {"first_name": "Adam", "last_name": "Fictional", "dob": "03/02/2015", **number}

    once = send(house, channel, "UPN1", {**TESTINA, **number})
    again = send(house, channel, "UPN2", other)

    assert placed(house, once)[0] != placed(house, again)[0]
    assert placed(house, again)[1] != "MATCH"


@pytest.mark.parametrize("channel", REFERRALS)
def test_two_pupil_numbers_on_one_child_are_for_a_person_to_settle(house: House, channel: str) -> None:
    once = send(house, channel, "UPN3", {**TESTINA, "upn": "B801200005001"})
    again = send(house, channel, "UPN4", {**TESTINA, "upn": "R201100018042"})

    assert placed(house, once)[0] != placed(house, again)[0]
    assert placed(house, again)[1] not in {"MATCH", "NEW"}


@pytest.mark.parametrize("channel", REFERRALS)
def test_an_adopted_child_s_two_records_are_never_one(house: House, channel: str) -> None:
    """The new name is all that the new record has of the old: same day of birth, and nothing else."""
    old = send(house, channel, "OLD", {**TESTINA, "nhs_number": "9434765919"})
    new = send(house, channel, "NEW", {"first_name": "Tess", "last_name": "Newname", "dob": "14/06/2016"})

    assert placed(house, old)[0] != placed(house, new)[0]
    assert placed(house, new)[1] == "NEW"


def withhold(house: House, child: ChildRef) -> None:
    """Put a flag on *child*: nobody off its need-list may learn where it is."""

    def put(uow: object) -> None:
        vault = house.app.desk.vault
        key = uow.children.get(child).wrapped_key  # type: ignore[attr-defined]
        body = write_json({"flag": "ADDRESS_WITHHELD", "need_list": []})
        sealed = vault.seal(key, "fact/flag_1", body)
        row = FactRow(fact_id="flag_1", child_ref=child, kind="flag", sealed=sealed, recorded_at=house.clock.now())
        uow.facts.put(row)  # type: ignore[attr-defined]
        uow.epochs.lift([f"child:{child}"])  # type: ignore[attr-defined]

    house.app.store.write(put)


@pytest.mark.parametrize("channel", REFERRALS)
def test_of_a_child_whose_address_is_withheld_a_referrer_learns_no_place(house: House, channel: str) -> None:
    house.enrol(profile("health-visitors", called="referral-portal"))
    message = send(house, channel, "REFUGE", TESTINA)
    (child,), _ = placed(house, message)
    withhold(house, child)

    body = {"reference": "REFUGE", "step": "decided", "at": house.clock.now().isoformat(), "outcome": "MO9"}
    named = {"reason": "invented", "service": "Nowhere Refuge", "contact": "Nowhere desk", "mash_reference": "NW-1"}
    house.accept(json.dumps({**body, **named}).encode(), by=MASH, form="mash/decision-1")
    house.work()

    (told,) = [document for document in house.outlet.to(OrganisationId("referral-portal")) if document]
    assert set(told) == {"reference", "step", "at", "next_step", "disagree"}
    assert "Nowhere" not in json.dumps(told)


@pytest.mark.parametrize("channel", REFERRALS)
def test_the_word_of_somebody_without_the_right_to_give_it_is_put_before_a_person(house: House, channel: str) -> None:
    capacity = "Parent without parental responsibility"
    send(house, channel, "NORIGHT", TESTINA, **{**AGREED, "consent_signatory_capacity": capacity})
    house.decide("NORIGHT")
    house.work()

    assert house.outlet.to(ECAF) == []
    assert [(one.state, one.reason) for one in house.deliveries(ECAF)] == [(State.IN_REVIEW, "H-CAPACITY")]


@pytest.mark.parametrize("channel", REFERRALS)
def test_whom_the_family_left_out_gets_nothing(house: House, channel: str) -> None:
    send(house, channel, "LEFTOUT", TESTINA, **AGREED, consent_agencies_excluded=["Family support"])
    house.decide("LEFTOUT")
    house.work()

    assert house.outlet.to(ECAF) == []
    assert [one.state for one in house.deliveries(ECAF)] == [State.REFUSED]
    assert house.outlet.to(SCHOOL) == []
