"""Does a bus keep the promises of `gateway.flows.ports.Bus`? Every real one runs the same tests."""

import queue
from collections.abc import Callable

import pytest

from gateway.errors import PermanentError, TooLargeError
from gateway.flows.ports import Bus

Wake = tuple[str, str]

PATIENCE_SECONDS = 5


class Listener:
    """A subscriber that keeps what it was woken with."""

    def __init__(self) -> None:
        self.heard: queue.Queue[Wake] = queue.Queue()

    def __call__(self, routing_key: str, reference: str) -> None:
        self.heard.put((routing_key, reference))

    def next(self) -> Wake:
        """Return the next wake-up, or fail when none comes."""
        return self.heard.get(timeout=PATIENCE_SECONDS)


class BusContract:
    """A subclass gives the fixtures `bus`, and `settled`, which returns when everything published was delivered."""

    @pytest.fixture
    def bus(self) -> Bus:
        raise NotImplementedError

    @pytest.fixture
    def settled(self, bus: Bus) -> Callable[[], None]:
        raise NotImplementedError

    def test_a_subscriber_is_woken_with_key_and_reference(self, bus: Bus) -> None:
        listener = Listener()
        bus.subscribe("record.due", listener)

        bus.publish("record.due", "rec_1")

        assert listener.next() == ("record.due", "rec_1")

    @pytest.mark.parametrize(
        ("pattern", "routing_key"),
        [("#", "record.due"), ("record.#", "record.due"), ("record.#", "record"), ("record.#", "record.due.now")],
    )
    def test_a_pattern_matches_everything_below_it(self, bus: Bus, pattern: str, routing_key: str) -> None:
        listener = Listener()
        bus.subscribe(pattern, listener)

        bus.publish(routing_key, "rec_1")

        assert listener.next() == (routing_key, "rec_1")

    @pytest.mark.parametrize(
        ("pattern", "routing_key"),
        [("record.due", "record"), ("record", "record.due"), ("record.#", "recorded"), ("record.#", "a.record.due")],
    )
    def test_nobody_else_is_woken(self, bus: Bus, settled: Callable[[], None], pattern: str, routing_key: str) -> None:
        listener = Listener()
        bus.subscribe(pattern, listener)

        bus.publish(routing_key, "rec_1")
        settled()

        assert listener.heard.empty()

    def test_every_subscriber_is_woken(self, bus: Bus) -> None:
        one, other = Listener(), Listener()
        bus.subscribe("record.due", one)
        bus.subscribe("record.#", other)

        bus.publish("record.due", "rec_1")

        assert one.next() == other.next() == ("record.due", "rec_1")

    def test_no_wake_up_is_lost(self, bus: Bus, settled: Callable[[], None]) -> None:
        listener = Listener()
        bus.subscribe("record.due", listener)

        [bus.publish("record.due", f"rec_{number}") for number in range(1000)]
        settled()

        assert set(listener.heard.queue) == {("record.due", f"rec_{number}") for number in range(1000)}

    def test_a_subscriber_that_fails_stops_neither_the_bus_nor_the_others(self, bus: Bus) -> None:
        def _fails(_routing_key: str, _reference: str) -> None:
            raise ConnectionError

        listener = Listener()
        bus.subscribe("record.due", _fails)
        bus.subscribe("record.due", listener)

        bus.publish("record.due", "rec_1")
        bus.publish("record.due", "rec_2")

        assert [listener.next(), listener.next()] == [("record.due", "rec_1"), ("record.due", "rec_2")]

    def test_a_subscriber_may_publish(self, bus: Bus) -> None:
        listener = Listener()
        bus.subscribe("record.due", lambda _, reference: bus.publish("delivery.due", reference))
        bus.subscribe("delivery.due", listener)

        bus.publish("record.due", "rec_1")

        assert listener.next() == ("delivery.due", "rec_1")

    @pytest.mark.parametrize("reference", ["x" * 1015, "ü" * 508], ids=["letters", "bytes"])
    def test_a_wake_up_of_more_than_1_kib_is_refused(self, bus: Bus, reference: str) -> None:
        with pytest.raises(TooLargeError):
            bus.publish("record.due", reference)

    def test_a_wake_up_of_1_kib_is_delivered(self, bus: Bus) -> None:
        listener = Listener()
        bus.subscribe("record.due", listener)

        bus.publish("record.due", "x" * 1014)

        assert listener.next() == ("record.due", "x" * 1014)

    @pytest.mark.parametrize("pattern", ["*", "record.*", "record#", "#.due", "record.#.due", "re*d", "##"])
    def test_a_pattern_a_broker_would_read_otherwise_is_refused(self, bus: Bus, pattern: str) -> None:
        with pytest.raises(PermanentError) as refusal:
            bus.subscribe(pattern, Listener())

        assert refusal.value.code == "bus-pattern"
