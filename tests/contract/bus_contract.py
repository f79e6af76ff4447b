"""Does a bus keep the promises of `gateway.flows.ports.Bus`? Every real one runs the same tests."""

import queue
import threading
from collections.abc import Callable
from typing import Protocol

import pytest

from gateway.errors import PermanentError, TooLargeError, TransientError
from gateway.flows.delivering.wake_up import SIZE_LIMIT_BYTES, TRIES
from gateway.flows.ports import Bus

Wake = tuple[str, str]

PATIENCE_SECONDS = 20
KEYS = ("record.#", "delivery.due", "a.#")
"""What a broker has queues for in these tests; other keys reach their subscribers all the same."""

THREADS = ("bus-", "embedded-bus")


class ClosableBus(Bus, Protocol):
    """A bus as it is assembled: it can be closed."""

    def close(self) -> None:
        """End it."""
        ...


class Listener:
    """A subscriber that keeps what it was woken with."""

    def __init__(self) -> None:
        self.heard: queue.Queue[Wake] = queue.Queue()

    def __call__(self, routing_key: str, reference: str) -> None:
        self.heard.put((routing_key, reference))

    def next(self) -> Wake:
        """Return the next wake-up, or fail when none comes."""
        return self.heard.get(timeout=PATIENCE_SECONDS)

    def several(self, number: int) -> set[Wake]:
        """Return *number* different wake-ups; how often each came is not promised."""
        heard: set[Wake] = set()
        while len(heard) < number:
            heard.add(self.next())
        return heard


class Failing(Listener):
    """A subscriber that keeps what it was woken with, and fails."""

    def __call__(self, routing_key: str, reference: str) -> None:
        super().__call__(routing_key, reference)
        raise ConnectionError


def references(size: int) -> str:
    """Return identifiers that are *size* bytes long together."""
    return f"rec_{'1' * (size - 4)}"


class BusContract:
    """A subclass gives the fixtures `bus`, and `dead_letter`, which returns the next wake-up that was set aside."""

    @pytest.fixture
    def bus(self) -> ClosableBus:
        raise NotImplementedError

    @pytest.fixture
    def dead_letter(self) -> Callable[[], Wake]:
        raise NotImplementedError

    def test_a_subscriber_is_woken_with_key_and_reference(self, bus: Bus) -> None:
        listener = Listener()
        bus.subscribe("record.due", listener)

        bus.publish("record.due", "rec_1")

        assert listener.next() == ("record.due", "rec_1")

    @pytest.mark.parametrize(
        ("pattern", "routing_key"),
        [
            ("#", "record.due"),
            ("#", "unheard_of"),
            ("record.#", "record.due"),
            ("record.#", "record"),
            ("record.#", "record.due.now"),
            ("record.due.#", "record.due.now"),
            ("unheard_of", "unheard_of"),
        ],
    )
    def test_a_pattern_matches_itself_and_everything_below_it(self, bus: Bus, pattern: str, routing_key: str) -> None:
        listener = Listener()
        bus.subscribe(pattern, listener)

        bus.publish(routing_key, "rec_1")

        assert listener.next() == (routing_key, "rec_1")

    @pytest.mark.parametrize(
        ("pattern", "routing_key"),
        [
            ("record.due", "record"),
            ("record", "record.due"),
            ("record.#", "recorded"),
            ("record.#", "a.record.due"),
            ("record.due.#", "record.done"),
        ],
    )
    def test_nobody_else_is_woken(self, bus: Bus, pattern: str, routing_key: str) -> None:
        listener, everything = Listener(), Listener()
        bus.subscribe(pattern, listener)
        bus.subscribe("#", everything)

        bus.publish(routing_key, "rec_1")

        assert everything.next() == (routing_key, "rec_1")
        assert listener.heard.empty()

    def test_every_subscriber_is_woken(self, bus: Bus) -> None:
        one, other = Listener(), Listener()
        bus.subscribe("record.due", one)
        bus.subscribe("record.#", other)

        bus.publish("record.due", "rec_1")

        assert one.next() == other.next() == ("record.due", "rec_1")

    def test_no_wake_up_is_lost(self, bus: Bus) -> None:
        listener = Listener()
        bus.subscribe("record.due", listener)

        [bus.publish("record.due", f"rec_{number}") for number in range(1000)]

        assert listener.several(1000) == {("record.due", f"rec_{number}") for number in range(1000)}

    def test_what_is_published_before_anybody_subscribes_reaches_the_first_who_does(self, bus: Bus) -> None:
        listener, other = Listener(), Listener()
        bus.subscribe("delivery.due", other)
        bus.publish("record.due", "rec_1")
        bus.publish("delivery.due", "dlv_1")
        other.next()

        bus.subscribe("record.due", listener)

        assert listener.next() == ("record.due", "rec_1")

    def test_a_subscriber_that_fails_stops_neither_the_bus_nor_the_others(self, bus: Bus) -> None:
        listener = Listener()
        bus.subscribe("record.due", Failing())
        bus.subscribe("record.due", listener)

        bus.publish("record.due", "rec_1")
        bus.publish("record.due", "rec_2")

        assert listener.several(2) == {("record.due", "rec_1"), ("record.due", "rec_2")}

    def test_a_subscriber_that_fails_once_is_told_again(self, bus: Bus) -> None:
        listener, tries = Listener(), iter([ConnectionError])

        def fails_once(routing_key: str, reference: str) -> None:
            if next(tries, None):
                raise ConnectionError
            listener(routing_key, reference)

        bus.subscribe("record.due", fails_once)

        bus.publish("record.due", "rec_1")

        assert listener.next() == ("record.due", "rec_1")

    def test_a_wake_up_that_keeps_failing_is_a_dead_letter_after_its_tries(
        self, bus: Bus, dead_letter: Callable[[], Wake]
    ) -> None:
        failing = Failing()
        bus.subscribe("record.due", failing)

        bus.publish("record.due", "rec_1")

        assert dead_letter() == ("record.due", "rec_1")
        assert list(failing.heard.queue) == [("record.due", "rec_1")] * TRIES

    def test_a_subscriber_may_publish(self, bus: Bus) -> None:
        listener = Listener()
        bus.subscribe("record.due", lambda _, reference: bus.publish("delivery.due", reference))
        bus.subscribe("delivery.due", listener)

        bus.publish("record.due", "rec_1")

        assert listener.next() == ("delivery.due", "rec_1")

    def test_publishing_waits_for_no_subscriber(self, bus: Bus) -> None:
        go_on, listener = threading.Event(), Listener()
        bus.subscribe("record.due", lambda *_: go_on.wait(PATIENCE_SECONDS) or None)
        bus.subscribe("record.due", listener)

        [bus.publish("record.due", f"rec_{number}") for number in range(100)]
        was_empty = listener.heard.empty()
        go_on.set()

        assert was_empty
        assert len(listener.several(100)) == 100

    def test_a_wake_up_of_more_than_1_kib_is_refused(self, bus: Bus) -> None:
        with pytest.raises(TooLargeError):
            bus.publish("record.due", references(SIZE_LIMIT_BYTES - len("record.due") + 1))

    def test_a_wake_up_of_1_kib_is_delivered(self, bus: Bus) -> None:
        listener, longest = Listener(), references(SIZE_LIMIT_BYTES - len("record.due"))
        bus.subscribe("record.due", listener)

        bus.publish("record.due", longest)

        assert listener.next() == ("record.due", longest)

    @pytest.mark.parametrize(
        ("routing_key", "reference"),
        [
            pytest.param("record.due", "Testina Exampleton", id="a name"),
            pytest.param("record.due", "9990000026", id="a number"),
            pytest.param("record.due", '{"message_id": "msg_1"}', id="a document"),
            pytest.param("record.due", "rec_1  rec_2", id="two blanks"),
            pytest.param("record.due", "rec_1\n", id="a line's end"),
            pytest.param("record.due", "", id="nothing"),
            pytest.param("Testina Exampleton", "rec_1", id="a name as key"),
            pytest.param("record..due", "rec_1", id="an empty word"),
            pytest.param("record.#", "rec_1", id="a pattern as key"),
        ],
    )
    def test_what_is_not_a_reference_of_ours_is_refused(self, bus: Bus, routing_key: str, reference: str) -> None:
        with pytest.raises(PermanentError) as refusal:
            bus.publish(routing_key, reference)

        assert refusal.value.code == "bus-wake"
        assert "Testina" not in refusal.value.message

    def test_several_references_make_one_wake_up(self, bus: Bus) -> None:
        listener = Listener()
        bus.subscribe("record.due", listener)

        bus.publish("record.due", "rec_1 rec_2 prm_3")

        assert listener.next() == ("record.due", "rec_1 rec_2 prm_3")

    @pytest.mark.parametrize("pattern", ["*", "record.*", "record#", "#.due", "record.#.due", "re*d", "##", "", ".#"])
    def test_a_pattern_a_broker_would_read_otherwise_is_refused(self, bus: Bus, pattern: str) -> None:
        with pytest.raises(PermanentError) as refusal:
            bus.subscribe(pattern, Listener())

        assert refusal.value.code == "bus-pattern"

    @pytest.fixture
    def others(self) -> set[threading.Thread]:
        """Return the threads of other buses in this process, made before the one that is tested."""
        return set(threading.enumerate())

    def test_after_closing_nothing_is_taken_and_no_thread_is_left(
        self, others: set[threading.Thread], bus: ClosableBus
    ) -> None:
        listener = Listener()
        bus.subscribe("record.due", listener)
        bus.publish("record.due", "rec_1")
        listener.next()

        bus.close()

        with pytest.raises(TransientError) as refusal:
            bus.publish("record.due", "rec_2")
        assert refusal.value.code == "bus-closed"
        left = set(threading.enumerate()) - others
        assert [thread.name for thread in left if thread.name.startswith(THREADS)] == []

    def test_closing_twice_is_closing_once(self, bus: ClosableBus) -> None:
        bus.close()

        bus.close()
