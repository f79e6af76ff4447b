"""Who is let in, and why not?"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from gateway.adapters.sql.sqlite import SqliteStore
from gateway.app.pressure import Intake, Limits, Pressure
from gateway.errors import StoreUnavailableError
from gateway.flows.store.figures import StoreFigures
from gateway.flows.store.rows import Lane, Message, State
from gateway.model.identifiers import MessageId, OrganisationId
from tests.fakes.clock import MONDAY_MORNING, SteppedClock
from tests.fakes.stores import a_store

LIMITS = Limits(free_bytes=100, free_share=0.2, urgent_bytes=50, commit_seconds=5, backlog_seconds=900, waiting=10)
WELL = StoreFigures(
    waiting=0,
    commits=1,
    commit_seconds=0.001,
    works=1,
    failures=0,
    recent_seconds=0.001,
    file_bytes=1,
    log_bytes=1,
    free_bytes=600,
    total_bytes=1000,
)


@dataclass
class Told:
    """The real store, with the figures a test says."""

    store: SqliteStore
    told: StoreFigures = WELL
    is_broken: bool = False

    def figures(self) -> StoreFigures:
        return self.told

    def read(self, work: Callable[[Any], Any]) -> Any:
        if self.is_broken:
            raise StoreUnavailableError("gone")
        return self.store.read(work)

    def write(self, work: Callable[[Any], Any]) -> Any:
        return self.store.write(work)

    def submit(self, work: Callable[[Any], Any]) -> Any:
        return self.store.submit(work)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Told]:
    opened = a_store(tmp_path)
    yield Told(opened)
    opened.close()


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()


@pytest.fixture
def pressure(store: Told, clock: SteppedClock) -> Pressure:
    return Pressure(store, LIMITS, clock)


def _wait(store: Told, lane: Lane = Lane.NORMAL) -> None:
    message = Message(
        message_id=MessageId("msg_1"),
        organisation=OrganisationId("school-example"),
        format="mash/flat-1",
        idempotency_key="1",
        body_sha256="0",
        size_bytes=1,
        received_at=MONDAY_MORNING,
        lane=lane,
        state=State.ACCEPTED,
        ready_at=MONDAY_MORNING,
    )
    store.write(lambda uow: uow.messages.claim(message))


def test_a_house_that_is_well_lets_everybody_in(pressure: Pressure) -> None:
    pressure.look()

    assert pressure.intake is Intake.OPEN


@pytest.mark.parametrize(
    ("figures", "code"),
    [
        pytest.param({"free_bytes": 199}, "storage-nearly-full", id="share of the disk"),
        pytest.param({"free_bytes": 99, "total_bytes": 200}, "storage-nearly-full", id="bytes"),
        pytest.param({"recent_seconds": 5.1}, "store-slow", id="slow commits"),
        pytest.param({"waiting": 10}, "store-busy", id="too much waiting"),
    ],
)
def test_a_pressed_house_lets_in_what_is_urgent(
    pressure: Pressure, store: Told, figures: dict[str, Any], code: str
) -> None:
    store.told = replace(WELL, **figures)

    pressure.look()

    refusal = pressure.refusal(is_urgent=False)
    assert pressure.intake is Intake.URGENT_ONLY
    assert refusal is not None
    assert refusal.code == code
    assert refusal.retry_after_seconds


def test_without_the_last_of_the_room_nothing_is_let_in(pressure: Pressure, store: Told) -> None:
    store.told = replace(WELL, free_bytes=49)

    pressure.look()

    assert pressure.intake is Intake.SHUT


def test_a_door_that_closed_opens_only_with_some_room_to_spare(pressure: Pressure, store: Told) -> None:
    seen = []
    for free in (199, 205, 219, 220):
        store.told = replace(WELL, free_bytes=free)
        pressure.look()
        seen.append(pressure.intake)

    assert seen == [Intake.URGENT_ONLY, Intake.URGENT_ONLY, Intake.URGENT_ONLY, Intake.OPEN]


def test_a_disk_of_another_machine_is_not_judged(pressure: Pressure, store: Told) -> None:
    store.told = replace(WELL, free_bytes=None, total_bytes=None)

    pressure.look()

    assert pressure.intake is Intake.OPEN


@pytest.mark.parametrize(
    ("lane", "intake"),
    [
        pytest.param(Lane.URGENT, Intake.URGENT_ONLY, id="urgent"),
        pytest.param(Lane.NORMAL, Intake.URGENT_ONLY, id="normal"),
        pytest.param(Lane.BULK, Intake.OPEN, id="bulk may take its time"),
    ],
)
def test_what_waits_for_us_too_long_holds_back_what_is_new(
    pressure: Pressure, store: Told, clock: SteppedClock, lane: Lane, intake: Intake
) -> None:
    _wait(store, lane)
    clock.move(seconds=899)
    pressure.look()
    before = pressure.intake
    clock.move(seconds=2)

    pressure.look()

    assert (before, pressure.intake) == (Intake.OPEN, intake)


def test_a_store_that_cannot_be_read_is_not_called_a_backlog(pressure: Pressure, store: Told) -> None:
    store.is_broken = True

    pressure.look()

    assert pressure.intake is Intake.OPEN


def test_the_operators_are_told_once_each_way(pressure: Pressure, store: Told) -> None:
    with capture_logs() as lines:
        for free in (49, 49, 600, 600):
            store.told = replace(WELL, free_bytes=free)
            pressure.look()

    told = [(line["event"], line.get("code"), line.get("intake")) for line in lines]
    assert told == [("intake.narrowed", "storage-nearly-full", "shut"), ("intake.opened", None, None)]
