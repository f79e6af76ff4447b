"""Can a document be lost, wedged, or told to be done when it is not?"""

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.errors import PartnerRefusedError, PartnerUnavailableError
from gateway.flows.by_hand.reviews import Verdict
from gateway.flows.delivering.dead_letters import DeadLetters
from gateway.flows.ports import UnitOfWork
from gateway.flows.receiving.message_state import state_of
from gateway.flows.store.rows import State, Timer
from gateway.model.identifiers import ConversationId, DeliveryId
from tests.acceptance.forms import LEVEL_4, form
from tests.integration.flows.house import MASH, SCHOOL, House, profile, sims


def state(house: House, message: str) -> State:
    """Return what the outside is told of a message."""
    return house.app.store.read(lambda uow: state_of(uow, house.message(message)))  # type: ignore[arg-type]


def crash_after_mark(house: House, name: DeliveryId) -> State:
    """Leave a delivery as a process does that was killed behind the hand-over mark; return its state."""

    def mark(uow: UnitOfWork) -> State:
        delivery = replace(uow.deliveries.get(name), state=State.HANDED_OVER, attempt=1)
        uow.deliveries.save(delivery)
        return delivery.state

    return house.app.store.write(mark)


@pytest.mark.parametrize("mode", ["In writing, signed", "Verbally, with a witness"])
def test_a_day_no_calendar_reaches_does_not_stop_a_referral(house: House, mode: str) -> None:
    """A slip of the finger in the consent block must not keep a child's injury from the MASH."""
    said = {"consent_date": "31/12/9999", "consent_mode": mode}
    house.accept(form("early-help-consent", "YEAR1", perceived_level=LEVEL_4, **said))

    house.work()

    assert [document["reference"] for document in house.outlet.to(MASH)] == ["YEAR1"]


def test_one_record_that_breaks_us_does_not_take_its_neighbours_with_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bug met by the second pupil of a school's file is shown to a person; the first and the third go on."""
    keep, met = house.app.process._keeper.keep, []  # the fault is planted where only it can be

    def breaking(*args: object, **named: object) -> object:
        met.append(args)
        if args[2].position == 1:  # type: ignore[attr-defined]
            raise ZeroDivisionError
        return keep(*args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(type(house.app.process._keeper), "keep", lambda _self, *a, **n: breaking(*a, **n))
    message = house.accept(sims("superstar-three-pupils.xml"), by=SCHOOL, form="sims/superstar-1")

    house.work()

    records = house.app.store.read(lambda uow: uow.records.of_message(message))
    assert [record.position for record in records] == [0, 2]
    assert [task.subject_id for task in house.reviews("H-CORRECT:ZeroDivisionError")] == [f"{message}/1"]
    assert state(house, message) is State.IN_REVIEW


def test_a_message_that_two_workers_hold_is_worked_once(house: House) -> None:
    """A worker that slept past its lease wakes up beside its successor."""
    message = house.accept(sims("superstar-three-pupils.xml"), by=SCHOOL, form="sims/superstar-1")
    (slow,) = house.leased_messages()
    house.clock.move(seconds=120)
    (fast,) = house.leased_messages()

    house.app.process.work(fast)
    house.app.process.work(slow)

    assert house.message(message).state is State.ORDERED
    assert len(house.app.store.read(lambda uow: uow.records.of_message(message))) == 3
    assert house.reviews("H-CORRECT:conflict") == []


def test_a_delivery_that_two_workers_hold_goes_out_once(house: House) -> None:
    house.accept(form("single-child", "TWICE1"))
    (message,) = house.leased_messages()
    house.app.process.work(message)
    (slow,) = house.leased()
    house.clock.move(seconds=120)
    (fast,) = house.leased()
    house.outlet.fails.append(PartnerUnavailableError("later", code="partner-unavailable"))

    house.app.deliver.attempt(fast)
    house.app.deliver.attempt(slow)

    assert len(house.outlet.to(MASH)) == 1


def test_one_whose_lease_ran_out_does_not_order_again_what_another_has_sent(house: House) -> None:
    """The other marked it and is sending; the partner would take it twice if it were ordered again meanwhile."""
    house.enrol(profile("barnet-mash", idempotency="at-most-once"))
    house.accept(form("single-child", "SLOW1"))
    (message,) = house.leased_messages()
    house.app.process.work(message)
    (slow,) = house.leased()
    house.clock.move(seconds=120)
    (fast,) = house.leased()
    crash_after_mark(house, fast.delivery_id)
    house.app.facts.flags.set(slow.subjects[0], {"flag": "ADDRESS_WITHHELD"}, actor="usr_1")

    house.app.deliver.attempt(slow)

    assert [one.state for one in house.deliveries(MASH)] == [State.HANDED_OVER]


def test_one_whose_lease_ran_out_gives_nothing_back_that_another_has_worked_through(house: House) -> None:
    house.accept(form("single-child", "BACK1"))
    slow = house.leased_messages()
    house.clock.move(seconds=120)
    (fast,) = house.leased_messages()
    house.app.process.work(fast)

    house.app.process._put_back(slow)

    assert house.message(fast.message_id).state is State.ORDERED


def test_a_deadline_that_cannot_be_acted_on_does_not_stop_the_others(house: House) -> None:
    """One broken timer, due first, must not keep every escalation after it from anybody."""
    house.accept(form("single-child", "CLOCK1"))
    house.work()
    broken = Timer(
        timer_id="broken", conversation_id=ConversationId("cnv_none"), kind="mash.decide", due_at=house.clock.now()
    )
    house.app.store.write(lambda uow: uow.timers.put(broken))
    house.clock.move(days=14)

    house.app.clocks.tick()

    assert len(house.reviews("H-CLOCK-LATE")) == 1


def test_a_refused_emergency_can_be_sent_once_what_refused_it_is_mended(house: House) -> None:
    """The person who was told within the hour mends the channel and says yes; nobody fills in the form again."""
    house.enrol(profile("barnet-mash", secure_channel=False))
    house.accept(form("s47-unknown-child", "MEND1"))
    house.work()
    assert [one.state for one in house.deliveries(MASH)] == [State.REFUSED]

    house.enrol(profile("barnet-mash"))
    verdict = Verdict(choice="permit", by="usr_1", role="MASH_MANAGER", rationale="The line is encrypted again.")
    house.app.reviews.decide(house.reviews("D-CHANNEL")[0].review_id, verdict)
    house.work()

    assert [document["reference"] for document in house.outlet.to(MASH)] == ["MEND1"]


def test_an_undelivered_emergency_is_asked_about_every_hour(house: House) -> None:
    house.enrol(profile("barnet-mash", idempotency="at-most-once"))
    house.outlet.fails.append(PartnerUnavailableError("nobody knows", code="timeout"))
    house.accept(form("s47-unknown-child", "HOUR1"))
    house.work()
    (task,) = [one for one in house.reviews("H-NOT-DELIVERED") if one.kind == "undelivered"]

    house.clock.move(minutes=61)
    house.app.clocks.tick()

    again = house.app.store.read(lambda uow: uow.reviews.get(task.review_id))
    assert again.status == "escalated"
    assert again.due_at - house.clock.now() == timedelta(hours=1)


def test_what_a_partner_may_have_is_not_sent_again_by_a_machine(house: House) -> None:
    """A partner that takes in twice what is sent twice gets a doubtful document a second time only if a person says."""
    house.enrol(profile("barnet-mash", idempotency="at-most-once"))
    house.outlet.fails.append(PartnerUnavailableError("no answer in time", code="timeout"))
    house.accept(form("single-child", "ONCE1"))

    house.work()
    house.clock.move(hours=2)
    house.work()

    assert len(house.outlet.to(MASH)) == 1
    assert [one.state for one in house.deliveries(MASH)] == [State.DEAD_LETTER]


def test_a_crash_between_hand_over_and_answer_is_doubtful_too(house: House) -> None:
    house.enrol(profile("barnet-mash", idempotency="at-most-once"))
    house.accept(form("single-child", "CRASH1"))
    (message,) = house.leased_messages()
    house.app.process.work(message)
    (delivery,) = house.leased()
    crashed = crash_after_mark(house, delivery.delivery_id)

    house.clock.move(hours=2)
    house.work()

    assert house.outlet.to(MASH) == []
    assert [(one.state, one.reason) for one in house.deliveries(MASH)] == [(State.DEAD_LETTER, "maybe-received")]
    assert crashed is State.HANDED_OVER


def test_a_partner_that_nobody_reached_is_tried_again_even_at_most_once(house: House) -> None:
    house.enrol(profile("barnet-mash", idempotency="at-most-once"))
    house.outlet.fails.append(PartnerUnavailableError("nobody there", code="unreachable"))
    house.accept(form("single-child", "AGAIN1"))

    house.work()
    house.clock.move(hours=2)
    house.work()

    assert [one.state for one in house.deliveries(MASH)] == [State.ACKNOWLEDGED]


@pytest.mark.parametrize("way", ["at-most-once", "query-first"])
def test_a_partner_that_pointed_elsewhere_may_have_it_and_is_not_sent_it_again_unasked(house: House, way: str) -> None:
    """Whoever takes a form often answers 302 or 303: the page that says so lies elsewhere."""
    house.enrol(profile("barnet-mash", idempotency=way))
    house.outlet.fails.append(PartnerUnavailableError("a redirect", code="redirect"))
    house.outlet.has.append("REF-OF-THE-FIRST")
    house.accept(form("single-child", "AGAIN2"))

    house.work()
    house.clock.move(hours=2)
    house.work()

    assert len(house.outlet.to(MASH)) == 1


def test_the_question_why_it_was_stuck_is_closed_once_it_arrives_after_a_replay(house: House) -> None:
    """Or it would be escalated again and again, and named persons called, for what lies with its recipient."""
    house.outlet.fails.append(PartnerRefusedError("no", code="partner-unprocessable"))
    house.accept(form("single-child", "AGAIN3"))
    house.work()
    (stuck,) = house.deliveries(MASH)
    (asked,) = [one for one in house.reviews("H-NOT-DELIVERED") if one.subject_id == stuck.delivery_id]

    DeadLetters(house.app.desk).replay(stuck.delivery_id, actor="usr_1")
    house.work()

    closed = house.app.store.read(lambda uow: uow.reviews.get(asked.review_id))
    assert [one.state for one in house.deliveries(MASH)] == [State.ACKNOWLEDGED]
    assert (asked.status, closed.status) == ("open", "settled")


def test_a_referral_that_nobody_is_set_up_to_get_is_not_told_to_be_acknowledged(house: House) -> None:
    house.enrol(profile("barnet-mash", endpoints=[]))

    message = house.accept(form("single-child", "NOWHERE1"))
    house.work()

    assert state(house, message) is State.IN_REVIEW
