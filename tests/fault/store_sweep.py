"""Is a store as it should be, whichever single call of its disk fails, and if the power fails after that?

One short life of a store (open, write alone and together, close, open again, write) is lived again and again, the fault
a call later each time, until the life ends before the fault comes. Nothing runs beside it, so it is the same life.
"""

import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from gateway.adapters.sql.connection import Driver
from gateway.adapters.sql.sqlite import SqliteStore, open_store
from gateway.errors import StoreUnavailableError
from gateway.flows.ports import UnitOfWork
from gateway.model.identifiers import MessageId
from tests.contract.rows import a_message, an_event, an_original
from tests.fakes.stores import BARNET, an_empty_file, nobody
from tests.fault.apsw_driver import driver_over
from tests.fault.disk import Disk, nothing_happens
from tests.fault.mishaps import CALLS, Full, Loss, Once
from tests.fault.power import lay_down, pick_up

Fault = Once | Full | Loss
_CHUNK = bytes(9000)
_LOSSES = {"power", "new"}
KINDS = (*CALLS, "full", "power", "new")


@dataclass(slots=True, kw_only=True)
class Life:
    """What one life of a store came to: who was told that their work is durable, and what was told to the others."""

    acknowledged: list[int] = field(default_factory=list)
    refused: list[Exception] = field(default_factory=list)
    works_again: bool = False
    is_over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What came of all lives: how many there were, units acknowledged in them, and what is wrong."""

    lives: int
    acknowledged: int
    wrong: list[str]


def sweep(folder: Path, kind: str, seed: int, *, step: int = 1, is_lax: bool = False) -> Swept:
    """Live with a fault of *kind* at every *step*-th call, and look at what is left each time.

    Args:
        folder: where the stores lie.
        kind: `power`, `full`, or the name of the call that fails; `new` is power loss from before the file was made.
        seed: by which it is chosen what a power loss leaves.
        step: 1 for every call.
        is_lax: plant a fault: the store syncs as `synchronous=NORMAL` does.
    """
    number, lives, acknowledged, wrong = 1, 0, 0, []
    while True:
        place = folder / f"{kind}-{number}"
        disk = Disk(f"{place}")
        life = _lived(place, disk, _fault(kind, number, disk, place, seed), is_new=kind == "new", is_lax=is_lax)
        if not life.is_over:
            return Swept(lives=lives, acknowledged=acknowledged, wrong=wrong)
        lives, acknowledged = lives + 1, acknowledged + len(life.acknowledged)
        wrong += [f"{kind} {number}, seed {seed}: {what}" for what in _wrong(life, kind, place)]
        shutil.rmtree(place)
        number += step


def _fault(kind: str, number: int, disk: Disk, place: Path, seed: int) -> Fault:
    def now() -> None:
        lay_down(place, disk.after_loss(random.Random(seed + number)))  # noqa: S311 - it only has to be the same again

    if kind in _LOSSES:
        return Loss(number, now)
    return Full(number) if kind == "full" else Once(kind, number)


def _lived(place: Path, disk: Disk, fault: Fault, *, is_new: bool, is_lax: bool) -> Life:
    """Live one life with *fault* in it, and try again when the disk is well."""
    life, driver = Life(), driver_over(disk.name, is_lax=is_lax)
    place.mkdir(parents=True)
    if not is_new:
        shutil.copy(an_empty_file(), place / "store.db")
    disk.mishap = fault
    for first in (0, 10):
        with suppress(StoreUnavailableError), closing(_opened(place, driver)) as store:
            _write(store, life, range(first, first + 4))
    life.is_over = fault.is_over
    if not isinstance(fault, Loss):
        disk.mishap = nothing_happens
        with closing(_opened(place, driver)) as store:
            _write(store, life, range(20, 24))
            life.works_again = {20, 21, 22, 23} <= set(life.acknowledged)
            lay_down(place, disk.after_loss(random.Random(str(place))))  # noqa: S311 - likewise
    return life


def _opened(place: Path, driver: Driver) -> SqliteStore:
    return open_store(place / "store.db", authority=BARNET, on_wake=nobody, driver=driver)


def _write(store: SqliteStore, life: Life, numbers: range) -> None:
    """Write one unit alone and the others together, and note what each was told."""
    with suppress(StoreUnavailableError):
        store.read(lambda uow: uow.messages.find(limit=5))
    alone = store.submit(_unit(numbers[0]))
    alone.exception()
    for number, promise in zip(numbers, [alone, *(store.submit(_unit(one)) for one in numbers[1:])], strict=True):
        error = promise.exception()
        if error is None:
            life.acknowledged.append(number)
        elif isinstance(error, Exception):
            life.refused.append(error)


def _unit(number: int) -> Callable[[UnitOfWork], None]:
    def write(uow: UnitOfWork) -> None:
        uow.messages.claim(a_message(number))
        uow.originals.put(an_original(number, chunks=(_CHUNK,)))
        uow.audit.append(an_event(number, event_id=f"event_{number}", message_id=MessageId(f"msg_{number}")))

    return write


def _wrong(life: Life, kind: str, place: Path) -> Iterator[str]:
    """Tell what is wrong with what was told, and with what is there after the power has failed too."""
    for error in life.refused:
        if not isinstance(error, StoreUnavailableError):
            yield f"was told {type(error).__name__}, not that the store is unavailable"
    if kind not in _LOSSES and not life.works_again:
        yield "the store does not work again"
    pick_up(place)
    with closing(sqlite3.connect(place / "store.db")) as found:
        sound = found.execute("PRAGMA integrity_check").fetchone()[0]
    if sound != "ok":
        yield f"the file is damaged: {sound}"
        return
    with closing(open_store(place / "store.db", authority=BARNET, on_wake=nobody)) as store:
        yield from store.read(lambda uow: list(_missing(uow, life)))


def _missing(uow: UnitOfWork, life: Life) -> Iterator[str]:
    there = {message.message_id for message in uow.messages.find(limit=1000)}
    for number in life.acknowledged:
        if f"msg_{number}" not in there:
            yield f"unit {number} was acknowledged, and is lost"
    for message_id in sorted(there):
        if not uow.originals.get(MessageId(message_id)).chunks or len(uow.audit.of_message(MessageId(message_id))) != 1:
            yield f"{message_id} is there by half"
