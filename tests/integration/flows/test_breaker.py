"""What of a partner that does not answer, or takes only so much?"""

from dataclasses import replace
from threading import Event, Thread
from typing import Any

import pytest

from gateway.errors import PartnerRefusedError, PartnerUnavailableError
from gateway.flows.store.rows import Delivery, Lane, State
from gateway.flows.trying.breakers import Breakers
from tests.acceptance.forms import LEVEL_4, form
from tests.integration.flows.house import ECAF, MASH, PORTAL, House, profile

RULES = {"failures": 2, "pause_seconds": 60}


@pytest.fixture
def house(house: House) -> House:
    """The same, with a MASH whose breaker opens after two failures."""
    house.enrol(profile("barnet-mash", breaker=RULES))
    return house


def refer(house: House, number: int, **answers: str) -> None:
    child = {"child_name": f"Nr{number} Unreal", "child_dob": f"{number + 1:02}/02/2012"}
    house.accept(form("single-child", f"FORM-{number}", **child, **answers), key=f"key-{number}")


def fail(house: House, times: int, code: str = "timeout", **more: Any) -> None:
    house.outlet.fails += [PartnerUnavailableError("nobody answers", code=code, **more) for _ in range(times)]


def pass_time(house: House, seconds: float) -> None:
    """Let time pass, as the ticker and the workers see it pass."""
    house.clock.move(seconds=seconds)
    house.app.breakers.tick()
    house.app.clocks.tick()
    house.work()


def breaker(house: House) -> Any:
    return house.app.store.read(lambda uow: uow.breakers.get(MASH))


def sent(house: House) -> int:
    return len(house.outlet.to(MASH))


def opened(house: House, waiting: int) -> None:
    """Let two deliveries fail, and some more wait."""
    fail(house, 2)
    for number in range(2 + waiting):
        refer(house, number)
    house.work()
    assert breaker(house).state == "open"
    house.outlet.sent.clear()


def test_a_partner_that_fails_in_a_row_is_left_alone(house: House) -> None:
    opened(house, waiting=5)

    pass_time(house, 59)

    assert sent(house) == 0
    assert house.app.store.read(lambda uow: uow.breakers.shelved(uow.breakers.get(MASH))) == 7


def test_one_tries_for_all_and_when_it_arrives_all_go(house: House) -> None:
    opened(house, waiting=3)

    pass_time(house, 60)

    assert sent(house) == 5
    assert breaker(house).is_well
    assert house.outlet.to(MASH)[0]["reference"] == "FORM-0"
    assert {one.state for one in house.deliveries(MASH)} == {State.ACKNOWLEDGED}


def test_one_that_tries_and_fails_lets_the_others_wait_twice_as_long(house: House) -> None:
    opened(house, waiting=3)
    fail(house, 1)

    pass_time(house, 60)
    assert sent(house) == 1
    pass_time(house, 100)
    assert sent(house) == 1
    pass_time(house, 30)

    assert sent(house) == 1 + 5


def test_waiting_behind_a_breaker_counts_no_tries(house: House) -> None:
    opened(house, waiting=3)

    pass_time(house, 30)

    assert [one.attempt for one in house.deliveries(MASH)] == [1, 1, 0, 0, 0]
    assert {one.lost for one in house.deliveries(MASH)} == {0}


def test_a_partner_that_is_down_holds_up_nobody_else(house: House) -> None:
    answers = {"kind": "mash.feedback.sent", "format": "mash/feedback-1", "url": "https://portal.example/feedback"}
    house.enrol(profile("referral-portal", endpoints=[answers], is_default=False))
    house.accept(form("early-help-consent", "KNOWN1"))
    house.work()
    opened(house, waiting=5)

    house.decide("KNOWN1")
    house.work()

    assert sent(house) == 0
    assert len(house.outlet.to(PORTAL)) == 1


def test_documents_withdrawn_meanwhile_do_not_keep_the_others_waiting(house: House) -> None:
    """One that tries for all and may not be sent any more is no answer of the partner: the next one tries."""
    house.enrol(profile("barnet-ecaf", breaker=RULES))
    agree = {"consent_agencies": "School, Early help"}
    for number in range(5):
        child = {"child_name": f"Nr{number} Unreal", "child_dob": f"{number + 1:02}/02/2012"}
        house.accept(form("early-help-consent", f"FORM-{number}", **child, **agree), key=f"key-{number}")
    house.work()
    fail(house, 2)
    for number in range(5):
        house.decide(f"FORM-{number}")
    house.work()
    house.outlet.sent.clear()
    for delivery in house.deliveries(ECAF)[:4]:
        house.app.facts.withdraw_consent(delivery.subjects[0], actor="usr_1")

    pass_time(house, 60)

    by_kind = [(one.kind, one.state) for one in house.deliveries(ECAF)]
    assert by_kind == [
        *[("caf.request.accepted", State.WITHDRAWN)] * 4,
        ("caf.request.accepted", State.ACKNOWLEDGED),
        # Nobody knows whether the two that failed arrived: who may have them is told to stop.
        *[("caf.notice.sent", State.ACKNOWLEDGED)] * 2,
    ]
    assert len(house.outlet.to(ECAF)) == 1 + 2


def test_a_probe_that_fails_by_itself_keeps_the_others_waiting_for_a_moment_only(house: House) -> None:
    opened(house, waiting=3)
    fail(house, 1, code="all-connections-busy")

    pass_time(house, 60)
    assert sent(house) == 1
    pass_time(house, 1)

    assert sent(house) == 1 + 4
    assert breaker(house).is_well


def test_an_urgent_delivery_tries_first(house: House) -> None:
    opened(house, waiting=3)
    fail(house, 1)

    pass_time(house, 5)
    refer(house, 9, perceived_level=LEVEL_4)
    house.work()
    assert [document["reference"] for document in house.outlet.to(MASH)] == ["FORM-9"]
    pass_time(house, 6)

    assert [document["reference"] for document in house.outlet.to(MASH)][:2] == ["FORM-9", "FORM-9"]
    assert breaker(house).is_well


def test_an_urgent_delivery_is_never_shelved(house: House) -> None:
    opened(house, waiting=0)
    refer(house, 9, perceived_level=LEVEL_4)
    house.work()

    urgent = [one for one in house.deliveries(MASH) if one.lane is Lane.URGENT]

    assert [(one.state, one.reason) for one in urgent] == [(State.ORDERED, "breaker-open")]
    assert urgent[0].ready_at is not None
    assert (urgent[0].ready_at - house.clock.now()).total_seconds() <= 5


def test_what_protects_a_child_and_waits_is_shown_to_a_person_within_the_hour_and_once(house: House) -> None:
    opened(house, waiting=0)
    fail(house, 1000)
    refer(house, 9, perceived_level=LEVEL_4)
    house.work()

    for _ in range(12):
        pass_time(house, 300)

    about = [task for task in house.reviews("H-NOT-DELIVERED") if task.role == "MASH_MANAGER"]
    assert len(about) == 1
    assert (about[0].opened_at - house.clock.now()).total_seconds() <= -1500


def test_an_emergency_without_a_conversation_is_shown_to_a_person_too(house: House) -> None:
    """The clock of a referral shows the referral; any other delivery that protects a child has its own."""
    refer(house, 9, perceived_level=LEVEL_4)
    (message,) = house.leased_messages()
    house.app.process.work(message)
    (delivery,) = house.leased()
    conversation = _conversation(house, delivery)
    house.app.store.write(lambda uow: uow.timers.drop(conversation, "mash.decide"))
    fail(house, 1000)

    house.app.deliver.attempt(delivery)
    pass_time(house, 31 * 60)
    pass_time(house, 31 * 60)

    (task,) = house.reviews("H-NOT-DELIVERED")
    assert (task.kind, task.subject_id) == ("undelivered", delivery.delivery_id)


def test_an_emergency_that_only_waits_for_others_to_try_is_shown_to_a_person_too(house: House) -> None:
    opened(house, waiting=0)
    refer(house, 9, perceived_level=LEVEL_4)
    for message in house.leased_messages():
        house.app.process.work(message)
    (delivery,) = [one for one in house.leased() if one.lane is Lane.URGENT]
    conversation = _conversation(house, delivery)
    house.app.store.write(lambda uow: uow.timers.drop(conversation, "mash.decide"))

    house.app.deliver.attempt(delivery)
    house.clock.move(minutes=31)
    house.app.clocks.tick()

    assert [task.subject_id for task in house.reviews("H-NOT-DELIVERED")] == [delivery.delivery_id]


def _conversation(house: House, delivery: Delivery) -> Any:
    return house.app.store.read(lambda uow: uow.records.get(delivery.record_id)).conversation_id


@pytest.mark.parametrize("code", ["no-token", "no-endpoint", "all-connections-busy", "redirect"])
def test_what_is_wrong_on_our_side_says_nothing_of_the_partner(house: House, code: str) -> None:
    fail(house, 5, code)
    refer(house, 1)
    house.work()
    pass_time(house, 1)

    assert breaker(house).is_well


def test_a_partner_that_refuses_one_document_is_there(house: House) -> None:
    fail(house, 1)
    house.outlet.fails.append(PartnerRefusedError("no", code="partner-unprocessable"))
    fail(house, 1)
    for number in range(3):
        refer(house, number)
    house.work()

    assert (breaker(house).state, breaker(house).failures) == ("closed", 1)


def test_opening_and_closing_are_in_the_audit_log(house: House) -> None:
    opened(house, waiting=1)
    pass_time(house, 60)

    kinds = [row.header for row in house.app.store.log_store.pending(1000)]

    assert sum(b'"breaker.opened"' in header for header in kinds) == 1
    assert sum(b'"breaker.closed"' in header for header in kinds) == 1


def test_the_breaker_is_the_same_for_every_process(house: House) -> None:
    """Its state is in the store: whoever opens the store next finds it as it was."""
    opened(house, waiting=2)

    another = Breakers(house.app.desk)
    (delivery, *_) = house.deliveries(MASH)
    with another.place(delivery, breaker(house), profile("barnet-mash", breaker=RULES)) as may_go:
        assert not may_go


def test_a_partners_own_tries_and_pauses_hold(house: House) -> None:
    retry = {"attempts_limit": 3, "first_seconds": 10, "most_seconds": 15}
    house.enrol(profile("barnet-mash", breaker={"failures": 99}, retry=retry))
    fail(house, 9)
    refer(house, 1)
    house.work()
    pauses = []

    for _ in range(2):
        (delivery,) = house.deliveries(MASH)
        assert delivery.ready_at is not None
        pauses.append((delivery.ready_at - house.clock.now()).total_seconds())
        pass_time(house, pauses[-1])

    assert pauses == [10, 15]
    assert [(one.state, one.attempt) for one in house.deliveries(MASH)] == [(State.DEAD_LETTER, 3)]


def test_no_more_go_in_a_second_than_a_partner_takes(house: House) -> None:
    house.enrol(profile("barnet-mash", pace={"per_second": 2, "burst": 1}))
    for number in range(6):
        refer(house, number)

    counts = []
    for _ in range(6):
        house.work()
        counts.append(sent(house))
        house.clock.move(seconds=0.5)

    assert counts == [1, 2, 3, 4, 5, 6]
    assert [document["reference"] for document in house.outlet.to(MASH)] == [f"FORM-{n}" for n in range(6)]


def test_what_is_urgent_waits_for_no_pace(house: House) -> None:
    house.enrol(profile("barnet-mash", pace={"per_second": 0.01, "burst": 1}))
    refer(house, 1)
    refer(house, 2, perceived_level=LEVEL_4)
    refer(house, 3, perceived_level=LEVEL_4)

    house.work()

    assert {document["reference"] for document in house.outlet.to(MASH)} == {"FORM-2", "FORM-3"}


def test_no_more_are_in_flight_at_once_than_a_partner_takes(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.enrol(profile("barnet-mash", pace={"in_flight": 1}))
    refer(house, 1)
    refer(house, 2)
    for message in house.leased_messages():
        house.app.process.work(message)
    first, second = house.leased()
    on_its_way, may_end = Event(), Event()
    sends = house.outlet.send

    def slow(*args: Any) -> str:
        on_its_way.set()
        may_end.wait(5)
        return sends(*args)

    monkeypatch.setattr(house.outlet, "send", slow)
    thread = Thread(target=house.app.deliver.attempt, args=(first,))
    thread.start()
    on_its_way.wait(5)

    house.app.deliver.attempt(second)
    waiting = house.deliveries(MASH)[1]
    may_end.set()
    thread.join()
    house.clock.move(seconds=1)
    house.work()

    assert (waiting.state, waiting.reason, waiting.lost) == (State.ORDERED, "window-full", 0)
    assert [one.state for one in house.deliveries(MASH)] == [State.ACKNOWLEDGED] * 2


def test_one_that_a_person_stops_while_it_is_put_back_stays_stopped(house: House) -> None:
    opened(house, waiting=0)
    refer(house, 9, perceived_level=LEVEL_4)
    for message in house.leased_messages():
        house.app.process.work(message)
    (delivery,) = [one for one in house.leased() if one.lane is Lane.URGENT]

    def close(uow: Any) -> None:
        uow.deliveries.save(replace(uow.deliveries.get(delivery.delivery_id), state=State.WITHDRAWN, ready_at=None))

    house.app.store.write(close)
    house.app.deliver.attempt(delivery)

    stopped = [one for one in house.deliveries(MASH) if one.lane is Lane.URGENT]
    assert [(one.state, one.ready_at) for one in stopped] == [(State.WITHDRAWN, None)]


ASKED = [
    pytest.param("REF-77", 1, State.ACKNOWLEDGED, id="it has it"),
    pytest.param(None, 2, State.ACKNOWLEDGED, id="it has it not"),
]


@pytest.mark.parametrize(("answer", "times", "state"), ASKED)
def test_a_partner_that_can_be_asked_is_asked_before_there_is_another_try(
    house: House, answer: str | None, times: int, state: State
) -> None:
    house.enrol(profile("barnet-mash", idempotency="query-first"))
    fail(house, 1)
    refer(house, 1)
    house.work()
    house.outlet.has.append(answer)

    pass_time(house, 60)

    (delivery,) = house.deliveries(MASH)
    assert house.outlet.asked == [delivery.delivery_id]
    assert (sent(house), delivery.state) == (times, state)


def test_a_partner_that_does_not_say_is_asked_again_and_nothing_is_sent(house: House) -> None:
    house.enrol(profile("barnet-mash", idempotency="query-first"))
    fail(house, 1)
    refer(house, 1)
    house.work()
    house.outlet.has += [PartnerUnavailableError("it does not say", code="query-failed"), "REF-1"]

    pass_time(house, 60)
    assert [one.state for one in house.deliveries(MASH)] == [State.HANDED_OVER]
    pass_time(house, 60)

    assert sent(house) == 1
    assert [one.state for one in house.deliveries(MASH)] == [State.ACKNOWLEDGED]


def test_a_partner_that_never_says_ends_with_a_person(house: House) -> None:
    house.enrol(profile("barnet-mash", idempotency="query-first", retry={"attempts_limit": 3}))
    fail(house, 1)
    refer(house, 1)
    house.work()
    house.outlet.has += [PartnerUnavailableError("it does not say", code="query-failed") for _ in range(9)]

    for _ in range(4):
        pass_time(house, 900)

    assert [one.state for one in house.deliveries(MASH)] == [State.DEAD_LETTER]
    assert sent(house) == 1
    assert [task.kind for task in house.reviews("H-NOT-DELIVERED")].count("undelivered") == 1


def test_a_query_first_partner_nobody_reached_is_not_asked(house: House) -> None:
    house.enrol(profile("barnet-mash", idempotency="query-first"))
    fail(house, 1, "unreachable")
    refer(house, 1)
    house.work()

    pass_time(house, 60)

    assert house.outlet.asked == []
    assert [one.state for one in house.deliveries(MASH)] == [State.ACKNOWLEDGED]
