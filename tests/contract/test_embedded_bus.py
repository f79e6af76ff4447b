import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.adapters.embedded.bus import EmbeddedBus
from tests.contract.bus_contract import PATIENCE_SECONDS, BusContract, Listener, Wake
from tests.fakes.stores import a_store


class TestEmbeddedBus(BusContract):
    @pytest.fixture
    def bus(self) -> Iterator[EmbeddedBus]:
        bus = EmbeddedBus()
        yield bus
        bus.close()

    @pytest.fixture
    def dead_letter(self, bus: EmbeddedBus) -> Callable[[], Wake]:
        def next_one() -> Wake:
            until = time.monotonic() + PATIENCE_SECONDS
            while not bus.dead_letters and time.monotonic() < until:
                time.sleep(0.01)
            return bus.dead_letters[0]

        return next_one

    def test_closing_delivers_what_was_published_before(self, bus: EmbeddedBus) -> None:
        listener = Listener()
        bus.subscribe("record.due", listener)
        bus.publish_all([("record.due", f"rec_{number}") for number in range(100)])

        bus.close()

        assert listener.heard.qsize() == 100

    def test_a_subscriber_may_write_to_the_store_that_woke_it(self, bus: EmbeddedBus, tmp_path: Path) -> None:
        done = threading.Event()
        with a_store(tmp_path, on_wake=bus.publish_all) as store:

            def _write(_routing_key: str, _reference: str) -> None:
                store.write(lambda work: work.epochs.lift(["policy"]))
                done.set()

            bus.subscribe("record.due", _write)
            store.write(lambda work: work.wake("record.due", "rec_1"))

            assert done.wait(5)
            assert store.read(lambda work: work.epochs.current(["policy"])) == {"policy": 1}
