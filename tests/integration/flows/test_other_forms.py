"""What becomes of forms other than a GOV.UK Forms referral, once they are in?"""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.flows.conversing.order import NO_RECIPIENT
from gateway.flows.store.rows import Lane, State
from gateway.model.identifiers import MessageId
from tests.integration.flows.house import ECAF, MASH, House, profile

EXAMPLES = Path(__file__).parents[2] / "vectors" / "examples" / "mash"


def example(name: str) -> bytes:
    return (EXAMPLES / name).read_bytes()


def original(house: House, message: MessageId) -> bytes:
    """Return what is stored of a document as it came."""
    kept = house.app.store.read(lambda uow: uow.originals.get(message))
    return house.app.desk.vault.open(kept.wrapped_key, f"message/{message}/chunk/0", kept.chunks[0])


def test_a_request_for_early_help_goes_to_the_mash_as_a_request(house: House) -> None:
    house.accept(example("start-request.form"), form="mash/start-request-1")
    house.work()

    assert [(who, kind) for who, kind, _ in house.outlet.sent] == [(MASH, "caf.request.submitted")]
    (request,) = house.outlet.to(MASH)
    assert (request["reference"], request["level"]) == ("REQ-0001", "L2")
    assert [child["given_names"] for child in request["children"]] == ["Testina", "Tobias"]
    assert [one.purpose for one in house.deliveries(MASH)] == ["REQUEST_EH"]


def test_a_request_is_no_referral_and_has_a_conversation_of_its_own_kind(house: House) -> None:
    message = house.accept(example("start-request.form"), form="mash/start-request-1")
    house.work()

    (record,) = house.app.store.read(lambda uow: uow.records.of_message(message))
    held = house.app.store.read(lambda uow: uow.conversations.get(record.conversation_id))
    assert (record.kind, record.document, held.kind) == ("caf.request.submitted", "ecaf.request", "ecaf.request")


def test_what_a_request_says_of_consent_is_kept_as_the_family_s_word(house: House) -> None:
    message = house.accept(example("start-request.form"), form="mash/start-request-1")
    house.work()

    (record,) = house.app.store.read(lambda uow: uow.records.of_message(message))
    facts = [house.app.store.read(lambda uow, ref=ref: uow.facts.of_child(ref)) for ref in record.subjects]
    assert [[fact.kind for fact in of_child] for of_child in facts] == [["consent", "help"], ["consent", "help"]]


def test_a_request_of_which_the_parent_was_not_told_is_conveyed_as_it_says(house: House) -> None:
    house.accept(example("start-request-parent-not-told.form"), form="mash/start-request-1")
    house.work()

    (request,) = house.outlet.to(MASH)
    assert request["consent"] == {"parent_aware": "N"}
    assert house.outlet.to(ECAF) == []


@pytest.mark.parametrize(
    ("more", "purpose"),
    [(b"&immediate_danger=Yes", "EMERGENCY"), (b"&threshold=Level+4", "SAFEGUARD_S47")],
    ids=["danger", "level 4"],
)
def test_a_request_that_tells_of_danger_waits_for_nobody(house: House, more: bytes, purpose: str) -> None:
    body = example("start-request.form").replace(b"&tier=Level+2", b"")

    message = house.accept(body + more, form="mash/start-request-1")
    lane = house.message(message).lane
    house.work()

    assert lane is Lane.URGENT
    assert [one.purpose for one in house.deliveries(MASH)] == [purpose]


def test_a_request_that_no_mash_takes_is_kept_and_shown_to_a_person(house: House) -> None:
    mash = profile("barnet-mash")
    kept = [one for one in mash.profile["endpoints"] if one["kind"] != "caf.request.submitted"]
    house.enrol(replace(mash, profile={**mash.profile, "endpoints": kept}))

    message = house.accept(example("start-request.form"), form="mash/start-request-1")
    house.work()

    (record,) = house.app.store.read(lambda uow: uow.records.of_message(message))
    assert (record.state, record.reason) == (State.IN_REVIEW, NO_RECIPIENT)
    assert [one.subject_id for one in house.reviews(NO_RECIPIENT)] == [record.record_id]


@pytest.mark.parametrize(
    ("file", "lane"), [("moj-payload.json", Lane.NORMAL), ("moj-webhook.json", Lane.URGENT)], ids=["payload", "webhook"]
)
def test_a_submission_of_moj_forms_goes_to_the_mash(house: House, file: str, lane: Lane) -> None:
    message = house.accept(example(file), form="mash/moj-forms-1")
    house.work()

    assert house.message(message).lane is lane
    (referral,) = house.outlet.to(MASH)
    assert [child.get("given_names") for child in referral["children"]] == ["Testina", None]


def test_the_secrets_of_a_submission_are_nowhere_in_what_is_stored(house: House) -> None:
    body = example("moj-payload.json")

    message = house.accept(body, form="mash/moj-forms-1")

    stored = original(house, message)
    assert b"INVENTEDKEY12345" in body
    assert b"INVENTEDKEY12345" not in stored
    assert json.loads(stored) == {name: part for name, part in json.loads(body).items() if name != "actions"}


def test_the_same_submission_again_is_known_by_what_was_sent(house: House) -> None:
    once = house.accept(example("moj-payload.json"), form="mash/moj-forms-1")
    again = house.accept(example("moj-payload.json"), form="mash/moj-forms-1")
    house.work()

    assert once == again
    assert len(house.outlet.to(MASH)) == 1


def test_a_referral_with_another_council_s_names_is_urgent_and_arrives(house: House) -> None:
    body = b"Childs+Forename=Testina&CHILD_SURNAME=Exampleton&D.O.B=14%2F06%2F2016&In+immediate+danger%3F=Yes"

    message = house.accept(body + b"&Reason+for+referal=Invented", form="mash/flat-1")
    house.work()

    assert house.message(message).lane is Lane.URGENT
    (referral,) = house.outlet.to(MASH)
    assert referral["worry"] == "Invented"
    assert referral["children"] == [{"family_name": "Exampleton", "born": "2016-06-14", "given_names": "Testina"}]
