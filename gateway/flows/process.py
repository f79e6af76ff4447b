"""What becomes of an accepted document? It is opened, split, understood, matched, and what follows is ordered."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TypeVar

import structlog

from gateway.audit.event import Event, EventKind
from gateway.errors import Fate, GatewayError, PermanentError, fate_of
from gateway.flows.context import Desk
from gateway.flows.converse import Converser
from gateway.flows.keep import Keeper
from gateway.flows.normalizer import Normalized, Normalizer
from gateway.flows.ports import UnitOfWork
from gateway.flows.retry import next_try
from gateway.flows.rows import Message, Original, State
from gateway.formats.gate import RecordSource, split
from gateway.formats.register import FORMATS, Format

log = structlog.get_logger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A record message no mapping could carry: kept, shown to a person, and never in the way of its neighbours."""

    position: int
    error: PermanentError


class Process:
    """Works accepted documents through.

    Promise: the records of one file are stored in batches, each with the cursor behind it, so that work that was cut
    off goes on behind the last whole batch, and no record is stored twice.
    """

    def __init__(self, desk: Desk, keeper: Keeper, converser: Converser) -> None:
        self._desk = desk
        self._keeper = keeper
        self._converser = converser
        self._normalizer = Normalizer(desk)

    def work(self, message: Message) -> None:
        """Work *message* through; whatever happens is stored."""
        try:
            self._work(message)
        except Exception as error:  # noqa: BLE001  # the one place where a failed message's fate is decided
            self._failed(message, error)

    def _work(self, message: Message) -> None:
        form = FORMATS[message.format]
        body = self._open(self._desk.store.read(lambda uow: uow.originals.get(message.message_id)))
        sources = split(form, body, limits=self._desk.limits, start=message.cursor)
        normalized = (self._normalize(form, source) for source in sources)
        for batch in _batches(normalized, self._desk.settings.records_a_transaction):
            message = self._desk.store.write(lambda uow, now=message, them=batch: self._store(uow, now, them))
        self._desk.store.write(lambda uow: uow.messages.save(replace(message, state=State.ORDERED, ready_at=None)))

    def _open(self, original: Original) -> bytes:
        place = f"message/{original.message_id}/chunk"
        opened = (
            self._desk.vault.open(original.wrapped_key, f"{place}/{number}", chunk)
            for number, chunk in enumerate(original.chunks)
        )
        return b"".join(opened)

    def _normalize(self, form: Format, source: RecordSource) -> Normalized | Unreadable:
        try:
            return self._normalizer.normalize(form.name, form.kind, source)
        except PermanentError as error:
            return Unreadable(position=source.position, error=error)

    def _store(self, uow: UnitOfWork, message: Message, batch: Sequence[Normalized | Unreadable]) -> Message:
        at = self._desk.clock.now()
        for item in batch:
            match item:
                case Unreadable():
                    self._converser.ask_to_correct(uow, message, item.position, item.error, at=at)
                case Normalized():
                    self._keeper.keep(uow, message, item, at=at)
        done = replace(message, cursor=batch[-1].position + 1)
        uow.messages.save(done)
        return done

    def _failed(self, message: Message, error: Exception) -> None:
        attempt = message.attempt + 1
        fate = fate_of(error, attempt=attempt, limit=self._desk.settings.attempts_limit)
        code = error.code if isinstance(error, GatewayError) else type(error).__name__
        log.warning("message.failed", message=message.message_id, code=code, attempt=attempt, fate=fate.value)
        self._desk.store.write(lambda uow: self._store_failure(uow, message, code, fate))

    def _store_failure(self, uow: UnitOfWork, message: Message, code: str, fate: Fate) -> None:
        at = self._desk.clock.now()
        now = uow.messages.get(message.message_id)
        if fate is Fate.RETRY:
            again = next_try(at, now.attempt + 1, self._desk.settings)
            uow.messages.save(replace(now, attempt=now.attempt + 1, ready_at=again, reason=code))
            return
        uow.messages.save(replace(now, state=State.DEAD_LETTER, ready_at=None, reason=code))
        event = Event(
            kind=EventKind.MESSAGE_DEAD_LETTERED,
            at=at,
            actor="gateway",
            organisation=message.organisation,
            reference={"message_id": message.message_id, "code": code},
        )
        self._desk.trail.record(uow, event, message_id=message.message_id)
        self._converser.unworkable(uow, now, code, at=at)


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
