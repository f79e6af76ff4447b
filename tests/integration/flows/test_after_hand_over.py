"""What happens to those who have a document of ours, once a word is taken back, a protection set, or a mistake made?"""

import json
from typing import Any

import pytest

from gateway.conversations.duties import BREACH, CORRECTED, PURGED, SAFETY, STOPPED
from gateway.errors import ConflictError, NotAllowedError, PartnerUnavailableError, SchemaViolationError
from gateway.flows.by_hand.aftercare import MisSend, Note
from gateway.flows.delivering.dead_letters import DeadLetters
from gateway.flows.people.duties import Word
from gateway.flows.store.duty_repository import Duty
from gateway.flows.store.rows import Delivery, State
from gateway.model.category import Category
from gateway.model.identifiers import ChildRef, OrganisationId
from tests.acceptance.forms import form
from tests.integration.flows.house import ECAF, MASH, House, profile

AGREED = "School, Early help"
WHY = "The wrong Nowhere Hub was picked from the list; the right one is across the river."


def given(house: House, reference: str = "AFTER1") -> Delivery:
    """Let a family that agrees be referred, and the early-help system be given the record; return that delivery."""
    house.accept(form("early-help-consent", reference, consent_agencies=AGREED))
    house.work()
    house.decide(reference)
    house.work()
    delivery = house.deliveries(ECAF)[-1]
    assert delivery.state is State.ACKNOWLEDGED
    return delivery


def child_of(delivery: Delivery) -> ChildRef:
    return delivery.subjects[0]


def notices(house: House, recipient: OrganisationId = ECAF) -> list[dict[str, Any]]:
    """Return the notices that left for *recipient*, whole."""
    return [json.loads(body) for who, kind, body in house.outlet.sent if (who, kind) == (recipient, "caf.notice.sent")]


def duties(house: House, code: str) -> list[Duty]:
    """Return the duties of one kind, whatever became of them."""
    every = ("open", "escalated", "kept", "settled", "standing")
    return list(house.app.store.read(lambda uow: uow.duties.find(statuses=every, code=code, limit=100)))


def withdraw(house: House, delivery: Delivery) -> None:
    house.app.facts.withdraw_consent(child_of(delivery), actor="usr_1")
    house.work()


def mis_send() -> MisSend:
    return MisSend(by="usr_1", role="IG_OFFICER", rationale=WHY, lesson="wrong-recipient-picked")


def a_word(outcome: str, by: str = "usr_2") -> Word:
    return Word(outcome=outcome, by=by, role="IG_OFFICER", note="Their head of service wrote to us today.")


def test_who_was_given_content_under_a_consent_is_told_to_stop_sharing_it_once(house: House) -> None:
    delivery = given(house)

    withdraw(house, delivery)
    withdraw(house, delivery)

    (told,) = notices(house)
    assert told["document"]["step"] == "STOP_SHARING"
    assert told["document"]["documents"] == [delivery.delivery_id]
    assert told["format"] == "ecaf/notice-1"


def test_a_notice_holds_nothing_about_anybody(house: House) -> None:
    withdraw(house, given(house))

    told = json.dumps(notices(house))

    assert "Makebelieve" not in told
    assert "CAT-" not in told
    assert set(notices(house)[0]["document"]) == {"step", "documents", "at", "answer_by", "what_to_do"}


def test_who_was_conveyed_a_referral_holds_nothing_under_a_consent(house: House) -> None:
    withdraw(house, given(house))

    assert len(house.outlet.to(MASH)) == 1
    assert notices(house, MASH) == []


def test_who_got_it_and_is_no_recipient_any_more_is_told_too(house: House) -> None:
    delivery = given(house)
    house.enrol(profile("barnet-ecaf", is_default=False))

    withdraw(house, delivery)

    assert len(notices(house)) == 1


def test_what_is_given_after_a_new_consent_is_stopped_by_the_next_withdrawal(house: House) -> None:
    first = given(house)
    withdraw(house, first)
    consent = {
        "giver_capacity": "PARENT_PR",
        "kinds": ["SHARE"],
        "purposes": ["REQUEST_EH"],
        "status": "GIVEN",
        "mode": "WRITTEN_SIGNED",
        "effective_from": "2026-09-01T00:00:00Z",
        "expires_on": "2027-09-01T00:00:00Z",
        "conflict": False,
    }
    child = child_of(first)
    house.app.store.write(
        lambda uow: [uow.facts.delete(fact.fact_id) for fact in uow.facts.of_child(child) if fact.kind == "consent"]
    )
    house.app.facts.record_consent(child, consent, actor="usr_1")
    second = given(house, "AFTER2")

    withdraw(house, second)

    assert [one["document"]["documents"] for one in notices(house)] == [[first.delivery_id], [second.delivery_id]]


def test_a_refusal_on_a_later_form_stops_what_was_shared_before(house: House) -> None:
    delivery = given(house)

    house.accept(form("early-help-consent", "AFTER9", consent_agencies=AGREED, consent_to_share="No"))
    house.work()

    assert [one["document"]["documents"] for one in notices(house)] == [[delivery.delivery_id]]


def test_a_new_protection_sends_the_very_notice_a_withdrawal_sends(house: House) -> None:
    """Or a recipient who is not on the need-list could tell that somebody is in danger."""
    delivery = given(house)

    house.app.facts.flags.set(child_of(delivery), {"flag": "ADDRESS_WITHHELD"}, actor="usr_1")
    house.work()

    (told,) = notices(house)
    assert told["document"]["step"] == "STOP_SHARING"
    assert "ADDR" not in json.dumps(told)
    assert "withheld" not in told


def test_a_new_protection_tells_nobody_who_needs_what_it_hides(house: House) -> None:
    delivery = given(house)

    house.app.facts.flags.set(child_of(delivery), {"flag": "ADDRESS_WITHHELD", "need_list": [str(ECAF)]}, actor="usr_1")
    house.work()

    assert notices(house) == []
    assert notices(house, MASH) == []


def test_an_acknowledged_notice_leaves_nobody_anything_to_do(house: House) -> None:
    withdraw(house, given(house))

    (duty,) = duties(house, STOPPED)
    assert (duty.status, duty.outcome) == ("settled", "acknowledged")


def test_a_notice_nobody_acknowledges_in_a_working_day_is_a_managers_business(house: House) -> None:
    delivery = given(house)
    house.outlet.fails = [PartnerUnavailableError("nobody answers", code="unreachable")]
    withdraw(house, delivery)
    (duty,) = duties(house, STOPPED)
    assert duty.status == "open"

    house.clock.move(seconds=(duty.due_at - house.clock.now()).total_seconds())
    house.app.clocks.tick()

    (late,) = duties(house, STOPPED)
    assert (late.status, late.role) == ("escalated", "MASH_MANAGER")
    assert late.due_at > duty.due_at


def test_who_has_nowhere_to_get_a_notice_is_told_by_a_person(house: House) -> None:
    delivery = given(house)
    bare = profile("barnet-ecaf")
    kept = [one for one in bare.profile["endpoints"] if one["kind"] != "caf.notice.sent"]
    house.enrol(profile("barnet-ecaf", endpoints=kept))

    withdraw(house, delivery)

    assert notices(house) == []
    assert len(house.reviews("H-NO-RECIPIENT")) == 1
    assert [duty.status for duty in duties(house, STOPPED)] == ["open"]


def answer(house: House, to: str, says: str, *, by: OrganisationId = ECAF, **more: Any) -> None:
    body = {"in_answer_to": to, "answer": says, "at": "2026-11-23T12:00:00Z", **more}
    house.accept(json.dumps(body).encode(), by=by, form="ecaf/notice-answer-1")
    house.work()


def test_a_mis_send_is_purged_certified_and_put_before_the_data_protection_officer(house: House) -> None:
    delivery = given(house)

    done = house.app.aftercare.recall(delivery.delivery_id, mis_send())
    house.work()

    (told,) = notices(house)
    (purge,), (breach,) = duties(house, PURGED), duties(house, BREACH)
    assert done == "purge-requested"
    assert (told["document"]["step"], told["document"]["documents"]) == ("PURGE", [delivery.delivery_id])
    assert (breach.due_at - breach.opened_at).total_seconds() == 72 * 3600
    assert purge.status == "open"

    answer(house, told["message_id"], "PURGED", certificate="CERT-1", documents=[delivery.delivery_id])

    assert [duty.outcome for duty in duties(house, PURGED)] == ["purged"]
    assert [duty.status for duty in duties(house, BREACH)] == ["open"]


def test_the_acknowledgement_of_a_purge_is_no_certificate_of_it(house: House) -> None:
    delivery = given(house)

    house.app.aftercare.recall(delivery.delivery_id, mis_send())
    house.work()

    assert house.deliveries(ECAF)[-1].state is State.ACKNOWLEDGED
    assert [duty.status for duty in duties(house, PURGED)] == ["open"]


def test_nobody_certifies_what_somebody_else_was_to_purge(house: House) -> None:
    delivery = given(house)
    house.app.aftercare.recall(delivery.delivery_id, mis_send())
    house.work()

    answer(house, notices(house)[0]["message_id"], "PURGED", by=MASH, certificate="CERT-2")

    assert [duty.status for duty in duties(house, PURGED)] == ["open"]
    assert len(house.reviews("H-CORRECT:unknown-reference")) == 1


def test_who_says_that_they_cannot_makes_the_duty_late_at_once(house: House) -> None:
    delivery = given(house)
    house.app.aftercare.recall(delivery.delivery_id, mis_send())
    house.work()

    answer(house, notices(house)[0]["message_id"], "CANNOT")

    assert [duty.status for duty in duties(house, PURGED)] == ["escalated"]


def test_where_an_address_went_astray_the_wrong_recipient_hears_nothing_before_there_is_a_safety_plan(
    house: House,
) -> None:
    delivery = given(house)
    house.app.facts.flags.set(child_of(delivery), {"flag": "ADDRESS_WITHHELD", "need_list": ["csc-1"]}, actor="usr_1")
    house.work()
    house.outlet.sent.clear()

    done = house.app.aftercare.recall(delivery.delivery_id, mis_send())
    house.work()

    (safety,) = duties(house, SAFETY)
    assert done == "safety-first"
    assert notices(house) == []
    assert (safety.due_at - safety.opened_at).total_seconds() == 3600

    house.app.aftercare.keep(safety.duty_id, a_word("safe"))
    house.work()

    assert [one["document"]["step"] for one in notices(house)] == ["PURGE"]


def test_what_has_not_left_is_stopped_and_nobody_is_asked_to_purge_it(house: House) -> None:
    house.accept(form("early-help-consent", "AFTER3", consent_agencies=AGREED))
    house.work()
    house.decide("AFTER3")
    house.work_messages()
    (delivery,) = house.deliveries(ECAF)

    done = house.app.aftercare.recall(delivery.delivery_id, mis_send())
    house.work()

    assert done == "stopped"
    assert house.outlet.to(ECAF) == []
    assert house.deliveries(ECAF)[0].state is State.WITHDRAWN
    assert duties(house, BREACH) == []


def test_a_delivery_is_recalled_once(house: House) -> None:
    delivery = given(house)
    house.app.aftercare.recall(delivery.delivery_id, mis_send())

    with pytest.raises(ConflictError):
        house.app.aftercare.recall(delivery.delivery_id, mis_send())


def test_what_is_recalled_while_it_is_stuck_cannot_be_put_back_to_work(house: House) -> None:
    """It may have arrived, so it is purged there; and nobody sends it to the wrong recipient once more."""
    delivery = stuck(house)

    done = house.app.aftercare.recall(delivery.delivery_id, mis_send())
    with pytest.raises(ConflictError):
        DeadLetters(house.app.desk).replay(delivery.delivery_id, actor="usr_2")
    house.work()

    assert done == "purge-requested"
    assert [kind for who, kind, _ in house.outlet.sent if who == ECAF] == [delivery.kind, "caf.notice.sent"]
    assert [one["document"]["documents"] for one in notices(house)] == [[delivery.delivery_id]]


def stuck(house: House) -> Delivery:
    """Let nobody know what became of the only try to give the early-help system a record; return that delivery."""
    house.enrol(profile("barnet-ecaf", idempotency="at-most-once"))
    house.accept(form("early-help-consent", "AFTER4", consent_agencies=AGREED))
    house.work()
    house.decide("AFTER4")
    house.work_messages()
    house.outlet.fails.append(PartnerUnavailableError("no answer in time", code="timeout"))
    house.work()
    (delivery,) = house.deliveries(ECAF)
    assert delivery.state is State.DEAD_LETTER
    return delivery


def a_note(**change: Any) -> Note:
    told: dict[str, Any] = {
        "field": "child.born",
        "category": Category.ID,
        "text": "The birthday is 15 June 2016, says the birth certificate.",
        "by": "usr_1",
        "role": "CAF_COORDINATOR",
        "rationale": "The mother showed the birth certificate.",
    }
    return Note(**{**told, **change})


def corrections(house: House, recipient: OrganisationId = ECAF) -> list[dict[str, Any]]:
    wanted = (recipient, "caf.correction.sent")
    return [json.loads(body)["document"] for who, kind, body in house.outlet.sent if (who, kind) == wanted]


def test_a_correction_reaches_everybody_who_was_given_the_record_and_overwrites_nothing(house: House) -> None:
    delivery = given(house)
    before = house.app.store.read(lambda uow: uow.records.get(delivery.record_id))

    told = house.app.aftercare.correct_record(delivery.record_id, a_note())
    house.work()

    (sent,) = corrections(house)
    assert told == 1
    assert [one["document"]["step"] for one in notices(house)] == ["CORRECTION"]
    assert sent["identity"] == [{"field": "child.born", "note": a_note().text}]
    assert sent["documents"] == [delivery.delivery_id]
    assert house.app.store.read(lambda uow: uow.records.get(delivery.record_id)) == before
    assert [duty.status for duty in duties(house, CORRECTED)] == ["settled"]


def test_who_may_not_have_the_content_any_more_is_told_only_that_it_is_not_right(house: House) -> None:
    delivery = given(house)
    withdraw(house, delivery)
    house.outlet.sent.clear()

    house.app.aftercare.correct_record(delivery.record_id, a_note())
    house.work()

    assert corrections(house) == []
    assert [one["document"]["step"] for one in notices(house)] == ["CORRECTION"]


def test_a_correction_is_cut_as_the_field_it_is_about(house: House) -> None:
    """A note on an address tells the address."""
    delivery = given(house)
    house.app.facts.flags.set(child_of(delivery), {"flag": "ADDRESS_WITHHELD"}, actor="usr_1")
    house.work()
    house.outlet.sent.clear()

    note = a_note(field="child.address.lines[]", text="They live at 2 Nowhere Lane now.")
    house.app.aftercare.correct_record(delivery.record_id, note)
    house.work()

    assert "Nowhere Lane" not in json.dumps([*corrections(house), *notices(house)])


def test_a_correction_about_a_child_reaches_everybody_with_anything_about_it(house: House) -> None:
    delivery = given(house)

    told = house.app.aftercare.correct_child(child_of(delivery), a_note())
    house.work()

    assert told == 2
    assert len(notices(house)) == len(notices(house, MASH)) == 1


def test_a_correction_names_a_field_there_is(house: House) -> None:
    delivery = given(house)

    with pytest.raises(SchemaViolationError):
        house.app.aftercare.correct_record(delivery.record_id, a_note(field="child.favourite_colour"))


def test_a_note_beside_who_told_stands_where_whoever_may_not_know_gets_none(house: House) -> None:
    delivery = given(house)
    note = a_note(field="requested_by.telephones[]", text="They ring from 0000 111 now.")

    house.app.aftercare.correct_record(delivery.record_id, note)
    house.app.facts.flags.set(child_of(delivery), {"flag": "INFORMANT"}, actor="usr_1")
    house.work()

    assert "0000 111" not in json.dumps([*corrections(house), *notices(house)])
    assert [one["document"]["step"] for one in notices(house)] == ["CORRECTION", "STOP_SHARING"]


def test_nobody_is_told_of_a_note_beside_what_never_leaves(house: House) -> None:
    delivery = given(house)

    note = a_note(field="checklist.healthy.comment", category=Category.OPINION)
    told = house.app.aftercare.correct_child(child_of(delivery), note)
    house.work()

    assert (told, corrections(house), notices(house)) == (0, [], [])


@pytest.mark.parametrize("field", ["reference", "child.favourite_colour"])
def test_what_is_no_information_about_anybody_is_not_corrected(house: House, field: str) -> None:
    delivery = given(house)

    with pytest.raises(SchemaViolationError):
        house.app.aftercare.correct_record(delivery.record_id, a_note(field=field))


def test_a_note_about_a_child_is_of_the_kind_of_the_field_it_names(house: House) -> None:
    delivery = given(house)

    with pytest.raises(SchemaViolationError, match="CAT-ADDR"):
        house.app.aftercare.correct_child(child_of(delivery), a_note(field="child.address.postcode"))


def test_a_duty_is_kept_once_with_an_outcome_it_has_and_words(house: House) -> None:
    delivery = given(house)
    house.app.aftercare.recall(delivery.delivery_id, mis_send())
    (breach,) = duties(house, BREACH)

    with pytest.raises(SchemaViolationError):
        house.app.aftercare.keep(breach.duty_id, a_word("forgotten"))
    with pytest.raises(SchemaViolationError):
        house.app.aftercare.keep(breach.duty_id, Word(outcome="reported", by="usr_2", role="IG_OFFICER", note=" "))
    house.app.aftercare.keep(breach.duty_id, a_word("reported"))

    with pytest.raises(ConflictError):
        house.app.aftercare.keep(breach.duty_id, a_word("reported"))


def test_a_duty_about_what_somebody_did_is_kept_by_another(house: House) -> None:
    delivery = given(house)
    house.app.aftercare.recall(delivery.delivery_id, mis_send())
    (breach,) = duties(house, BREACH)

    def mark(uow: Any) -> None:
        uow.duties.save(Duty(**{**{name: getattr(breach, name) for name in breach.__slots__}, "not_by": "usr_1"}))

    house.app.store.write(mark)

    with pytest.raises(NotAllowedError):
        house.app.aftercare.keep(breach.duty_id, a_word("reported", by="usr_1"))
