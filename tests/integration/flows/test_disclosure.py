"""Can content leave without a permit that holds now, or be taken for somebody else's?"""

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.flows.by_hand.reviews import Verdict
from gateway.flows.store.rows import State
from gateway.model.identifiers import OrganisationId
from gateway.model.tree import Group
from tests.acceptance.forms import form
from tests.integration.flows.house import ECAF, MASH, House, profile

AGREED = "School, Early help"
IN_FORCE = {"id": "dsa-early-help-1", "version": "2", "status": "in_force"}
WHY = "The mother has told us that it is the same girl."
NEIGHBOUR = OrganisationId("neighbour-mash")
GIVEN: dict[str, Any] = {
    "status": "GIVEN",
    "kinds": ["SHARE"],
    "giver_capacity": "PARENT_PR",
    "mode": "WRITTEN_SIGNED",
    "effective_from": "2026-09-01T00:00:00Z",
}


def early_help(house: House, reference: str, **answers: str) -> None:
    """Let a family that agrees be referred, and the MASH take it on."""
    answers.setdefault("consent_agencies", AGREED)
    house.accept(form("early-help-consent", reference, **answers))
    house.work()
    house.decide(reference)


def process_only(house: House) -> None:
    """Do what is due with messages, and hand nothing over."""
    for message in house.leased_messages():
        house.app.process.work(message)


def told(verdict: str) -> Verdict:
    """Return a person's word."""
    return Verdict(choice=verdict, by="usr_1", role="MASH_SCREENER", rationale=WHY)


def test_an_agreement_that_ran_out_while_the_document_waited_stops_it(house: House) -> None:
    """Time alone ends an agreement: no counter rises, and still nothing may leave the day after."""
    house.enrol(profile("barnet-ecaf", agreement={**IN_FORCE, "expires_on": "2026-11-23"}))
    early_help(house, "LAPSE1")
    process_only(house)
    assert [one.state for one in house.deliveries(ECAF)] == [State.ORDERED]

    house.clock.move(days=1)
    house.work()

    assert [one.state for one in house.deliveries(ECAF)] == [State.IN_REVIEW]
    assert house.outlet.to(ECAF) == []


def test_an_agreement_that_ran_out_does_not_stop_a_referral(house: House) -> None:
    house.enrol(profile("barnet-mash", agreement={**IN_FORCE, "expires_on": "2026-11-23"}))
    house.accept(form("single-child", "CONVEY1"))
    process_only(house)

    house.clock.move(days=1)
    house.work()

    assert [document["reference"] for document in house.outlet.to(MASH)] == ["CONVEY1"]


def test_a_decision_of_another_boroughs_mash_moves_nothing(house: House) -> None:
    """A neighbour's MASH may know our reference; only the one the referral went to may decide it."""
    endpoints: list[dict[str, Any]] = []
    house.enrol(profile("barnet-mash", called=NEIGHBOUR, endpoints=endpoints))
    house.accept(form("early-help-consent", "MINE1", consent_agencies=AGREED))
    house.work()

    message = house.decide("MINE1", by=NEIGHBOUR)
    house.work()

    assert house.deliveries(ECAF) == []
    assert len(house.reviews("H-CORRECT:unknown-reference")) == 1
    records = house.app.store.read(lambda uow: uow.records.of_message(message))
    assert [record.subjects for record in records] == [()]


def test_a_referral_goes_to_our_own_mash_and_not_to_a_neighbours(house: House) -> None:
    """An organisation that is no default addressee gets nothing that does not name it."""
    neighbour = profile("barnet-mash", called=NEIGHBOUR, is_default=False)
    house.enrol(neighbour)

    house.accept(form("single-child", "OURS1"))
    house.work()

    assert house.deliveries(NEIGHBOUR) == []
    assert len(house.outlet.to(MASH)) == 1


def test_a_reference_used_again_for_another_child_begins_another_conversation(house: House) -> None:
    """Or the MASH's word about the first child would send out the record of the second."""
    house.accept(form("early-help-consent", "SAME1", consent_agencies=AGREED), key="first")
    house.accept(form("single-child", "SAME1", child_name="Otto Unreal", child_dob="03/02/2012"), key="second")
    house.work()

    house.decide("SAME1")
    house.work()

    assert len({document["reference"] for document in house.outlet.to(MASH)}) == 2
    assert [document["child"]["family_name"] for document in house.outlet.to(ECAF)] == ["Makebelieve"]


def test_a_flag_set_before_a_join_holds_after_it(house: House) -> None:
    """The refuge was told of while nobody knew that the two records are one girl's."""
    early_help(house, "KNOWN1")
    house.work()
    house.outlet.sent.clear()
    early_help(house, "DOUBT1", child_name="Mabel Makebelieve-Unreal", child_postcode="ZZ99 3CZ")
    house.work()
    held = house.deliveries(ECAF)[-1]
    assert held.state is State.HELD_MATCH

    house.app.facts.flags.set(held.subjects[0], {"flag": "ADDRESS_WITHHELD"}, actor="usr_1")
    house.app.reviews.decide(house.reviews(str(held.reason))[-1].review_id, told("same"))
    house.work()

    sent = json.dumps(house.outlet.to(ECAF))
    assert "Makebelieve" in sent
    assert "ZZ99" not in sent


def test_what_is_withdrawn_after_a_join_leaves_no_yes_behind_and_nothing_of_the_other_record(house: House) -> None:
    early_help(house, "KNOWN2")
    house.work()
    early_help(house, "DOUBT2", child_name="Mabel Makebelieve-Unreal", child_postcode="ZZ99 3CZ")
    house.work()
    held = house.deliveries(ECAF)[-1]
    (gone,) = held.subjects
    house.app.facts.record_consent(gone, GIVEN, actor="usr_1")
    house.app.reviews.decide(house.reviews(str(held.reason))[-1].review_id, told("same"))
    (known,) = house.deliveries(ECAF)[-1].subjects
    before = house.app.facts.held_about(gone)

    house.app.facts.withdraw_consent(known, actor="usr_1")

    left = {one["fact"]["status"] for one in house.app.facts.held_about(known) if one["kind"] == "consent"}
    assert (known != gone, left) == (True, {"WITHDRAWN"})
    assert house.app.facts.held_about(gone) == before


SAID: dict[str, Group] = {
    "a no": {**GIVEN, "status": "REFUSED"},
    "a protection": {"flag": "INFORMANT"},
    "a part taken back": {**GIVEN, "withdrawals": [{"at": "2026-11-01T00:00:00Z", "agencies": ["early_help"]}]},
}


@pytest.mark.parametrize("said", SAID.values(), ids=SAID.keys())
def test_whoever_has_content_is_told_to_stop_by_what_a_join_brings_along(house: House, said: Group) -> None:
    early_help(house, "KNOWN3")
    house.work()
    early_help(house, "DOUBT3", child_name="Mabel Makebelieve-Unreal", child_postcode="ZZ99 3CZ")
    house.work()
    held = house.deliveries(ECAF)[-1]
    keep = house.app.facts.flags.set if "flag" in said else house.app.facts.record_consent
    keep(held.subjects[0], said, actor="usr_1")
    house.outlet.sent.clear()

    house.app.reviews.decide(house.reviews(str(held.reason))[-1].review_id, told("same"))
    house.work()

    told_to = [
        json.loads(body)["document"]
        for who, kind, body in house.outlet.sent
        if (who, kind) == (ECAF, "caf.notice.sent")
    ]
    assert "STOP_SHARING" in [one["step"] for one in told_to]


def test_a_document_decided_under_an_older_policy_is_decided_again(house: House) -> None:
    early_help(house, "POLICY1")
    process_only(house)
    before = house.deliveries(ECAF)[0].permit_id

    object.__setattr__(house.app.desk.policy, "version", "sharing-2027.1")
    house.work()

    after = house.deliveries(ECAF)[0]
    assert after.state is State.ACKNOWLEDGED
    assert after.permit_id != before


def test_two_rows_that_both_ask_do_not_ask_for_ever(house: House) -> None:
    """What one person has permitted is not asked again because another row asks after it."""
    house.enrol(profile("barnet-ecaf", agreement={**IN_FORCE, "status": "expired", "expires_on": "2026-11-20"}))
    early_help(house, "TWO1", consent_signatory_capacity="")
    house.work()
    held = house.deliveries(ECAF)[0]
    assert held.reason == "H-DSA"

    house.app.reviews.decide(house.reviews("H-DSA")[-1].review_id, told("permit"))
    house.app.reviews.decide(house.reviews("H-CAPACITY")[-1].review_id, told("permit"))
    house.work()

    assert house.deliveries(ECAF)[0].state is State.ACKNOWLEDGED


def test_a_permission_given_before_a_flag_was_set_is_asked_again(house: House) -> None:
    house.enrol(profile("barnet-ecaf", agreement={**IN_FORCE, "status": "expired", "expires_on": "2026-11-20"}))
    early_help(house, "TWO2", consent_signatory_capacity="")
    house.work()
    house.app.reviews.decide(house.reviews("H-DSA")[-1].review_id, told("permit"))

    house.clock.move(seconds=5)
    house.app.facts.flags.set(house.deliveries(ECAF)[0].subjects[0], {"flag": "POLICE_HOLD"}, actor="usr_1")
    house.app.reviews.decide(house.reviews("H-CAPACITY")[-1].review_id, told("permit"))
    house.work()

    assert house.deliveries(ECAF)[0].reason == "H-DSA"
    assert house.outlet.to(ECAF) == []


def test_what_a_sender_calls_a_case_is_nowhere_in_clear(house: House, tmp_path: Path) -> None:
    """Some make references and keys from names: those must not stand in the store where the names may not."""
    house.accept(form("early-help-consent", "MAKEBELIEVE-2015", consent_agencies=AGREED), key="zzmakebelieve-mabel")
    house.work()
    house.decide("MAKEBELIEVE-2015", key="makebelieve-decided")
    house.work()

    stored = b"".join(path.read_bytes() for path in (tmp_path / "data").iterdir()).lower()
    assert len(house.outlet.to(ECAF)) == 1
    assert stored.count(b"makebelieve") == 0
