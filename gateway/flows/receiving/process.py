"""What becomes of an accepted document? It is opened, split, understood, matched, and what follows is ordered."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

import structlog

from gateway.audit.event import EventKind
from gateway.errors import (
    Fate,
    IntegrityError,
    OvertakenError,
    PermanentError,
    SchemaViolationError,
    TransientError,
    code_of,
    fate_of,
)
from gateway.flows.context import Desk
from gateway.flows.conversing.converse import Converser
from gateway.flows.log_events import LogEvent
from gateway.flows.ports import UnitOfWork
from gateway.flows.receiving.keep import Keeper
from gateway.flows.receiving.message_state import CORRECTION
from gateway.flows.store.rows import Lane, Message, Original, State
from gateway.flows.tally import Counted
from gateway.flows.trail import About
from gateway.flows.trying.retry import next_try
from gateway.flows.trying.suspects import Suspects, given_back, is_suspect
from gateway.flows.understanding.normalizer import Normalized, Normalizer
from gateway.flows.understanding.originals import open_original, records_known
from gateway.flows.understanding.sources import sources_of
from gateway.formats.gate import RecordSource, split
from gateway.formats.register import FORMATS, Format

if TYPE_CHECKING:
    from gateway.model.tree import Tree

log = structlog.get_logger()
_SMALL_BYTES = 1024 * 1024
"""A document of up to this size is held in memory with all its records."""
_RECORDS_A_LINE = 500
"""How many records are worked through between two lines of the log about a long document."""
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

    def __init__(self, desk: Desk, keeper: Keeper, converser: Converser, suspects: Suspects) -> None:
        self._desk = desk
        self._suspects = suspects
        self._keeper = keeper
        self._converser = converser
        self._normalizer = Normalizer(desk)

    def work_all(self, messages: Sequence[Message]) -> None:
        """Work *messages* of one lane through, in their order; whatever happens is stored.

        They go into one transaction, because each commit costs as much as the rest of the work. When anything is wrong
        with any of them they are worked one by one, and nothing goes on past one that is to be tried again.
        """
        is_small = all(one.size_bytes <= _SMALL_BYTES and not is_suspect(one) for one in messages)
        if not (is_small and self._work_together(messages)):
            for number, message in enumerate(messages):
                if self.work(message) is Fate.RETRY and message.lane is not Lane.URGENT:
                    self._put_back(messages[number + 1 :])
                    return

    def work(self, message: Message) -> Fate | None:
        """Work *message* through and return its fate, None when it went well; whatever happens is stored."""
        with self._suspects.guard(message):
            try:
                self._work(self._suspects.begin_message(message))
            except OvertakenError:
                return None
            except Exception as error:  # noqa: BLE001  # the one place where a failed message's fate is decided
                return self._failed(message, error)
        return None

    def _work_together(self, messages: Sequence[Message]) -> bool:
        """Tell whether *messages* were worked through in one transaction; if not, nothing of it is stored."""
        try:
            originals = self._desk.store.read(lambda uow: [uow.originals.get(one.message_id) for one in messages])
            whole = [(one, self._records_of(one, original)) for one, original in zip(messages, originals, strict=True)]
            if sum(len(records) for _, records in whole) > self._desk.settings.records_a_transaction:
                return False
            self._desk.store.write(partial(self._store_whole, whole=whole))
        except Exception:  # noqa: BLE001  # each is worked again by itself, and its own error decides its fate
            return False
        return True

    def _store_whole(self, uow: UnitOfWork, whole: Sequence[tuple[Message, Sequence[Normalized | Unreadable]]]) -> None:
        for message, records in whole:
            self._store_last(uow, message, records)

    def _records_of(self, message: Message, original: Original) -> list[Normalized | Unreadable]:
        """Return the records of *message* that are not stored yet."""
        form = FORMATS[message.format]
        sources = split(form, open_original(self._desk.vault, original), limits=self._desk.limits, start=message.cursor)
        return [self._normalize(form, source, message.received_at.date()) for source in sources]

    def _put_back(self, messages: Sequence[Message]) -> None:
        """Give up the lease on *messages*: they are due again, behind the one that is to be tried again."""

        def write(uow: UnitOfWork) -> None:
            still_ours = [one for one in messages if uow.messages.get(one.message_id).lease == one.lease]
            for message in still_ours:
                uow.messages.save(replace(message, ready_at=message.received_at, lost=given_back(message.lost)))

        self._desk.store.write(write)

    def _work(self, message: Message) -> None:
        form = FORMATS[message.format]
        sources = sources_of(self._desk, message, start=message.cursor)
        normalized = (self._normalize(form, source, message.received_at.date()) for source in sources)
        for batch in _batches(normalized, self._desk.settings.records_a_transaction):
            begun, message = message.cursor, self._store_batch(message, batch)
            self._tell_progress(message, begun)
        self._desk.store.write(partial(self._finish, message=message))

    def _tell_progress(self, message: Message, begun: int) -> None:
        """Tell the operators now and then how far a long document is; *begun* is how far it was before this batch."""
        self._desk.tally.add(Counted.RECORDS, message.format, number=message.cursor - begun)
        if message.cursor // _RECORDS_A_LINE == begun // _RECORDS_A_LINE:
            return
        log.info(
            LogEvent.MESSAGE_UNDER_WAY,
            message_id=message.message_id,
            records_done=message.cursor,
            records_known=self._desk.store.read(lambda uow: records_known(uow, self._desk.vault, message)),
            trace_id=message.trace_id,
        )

    def _store_batch(self, message: Message, batch: Sequence[Normalized | Unreadable]) -> Message:
        """Store *batch*; where a mistake of ours meets one record, that one is shown to a person and the rest go on."""
        try:
            return self._desk.store.write(partial(self._store, message=message, batch=batch))
        except (TransientError, IntegrityError, OvertakenError):
            raise
        except Exception as error:  # noqa: BLE001  # whatever it is, it must not take the other records with it
            if len(batch) == 1:
                return self._desk.store.write(partial(self._store, message=message, batch=[_odd(batch[0], error)]))
            for item in batch:
                message = self._store_batch(message, [item])
            return message

    def _normalize(self, form: Format, source: RecordSource, on: date) -> Normalized | Unreadable:
        try:
            return self._normalizer.normalize(form.name, form.kind, source, on=on)
        except PermanentError as error:
            return Unreadable(position=source.position, error=error)

    def _store(self, uow: UnitOfWork, message: Message, batch: Sequence[Normalized | Unreadable]) -> Message:
        _must_still_be_ours(uow, message)
        stored = self._kept(uow, message, batch)
        uow.messages.save(stored)
        return stored

    def _store_last(self, uow: UnitOfWork, message: Message, batch: Sequence[Normalized | Unreadable]) -> None:
        """Store the last records of *message*, and that it is done."""
        _must_still_be_ours(uow, message)
        stored = self._kept(uow, message, batch) if batch else message
        uow.messages.save(self._done(uow, stored))

    def _finish(self, uow: UnitOfWork, message: Message) -> None:
        """Store that *message*, whose records are all stored, is done."""
        _must_still_be_ours(uow, message)
        uow.messages.save(self._done(uow, message))

    def _kept(self, uow: UnitOfWork, message: Message, batch: Sequence[Normalized | Unreadable]) -> Message:
        """Keep *batch* and return *message* with its cursor behind it."""
        at = self._desk.clock.now()
        for item in batch:
            match item:
                case Unreadable(position=position, error=error):
                    subject = f"{message.message_id}/{position}"
                    self._converser.ask_to_correct(uow, message, error, subject_id=subject, at=at)
                case Normalized():
                    self._keeper.keep(uow, message, item, at=at)
        lease = at + timedelta(seconds=self._desk.settings.lease_seconds)
        reason = message.reason
        if any(isinstance(item, Unreadable) for item in batch):
            reason = reason or CORRECTION
        return replace(message, cursor=batch[-1].position + 1, ready_at=lease, reason=reason, lost=0)

    def _done(self, uow: UnitOfWork, message: Message) -> Message:
        """Return *message* as done; what the gate let in although its shape was wrong is shown to a person too."""
        if message.reason == "schema":
            error = SchemaViolationError("the form has not the agreed shape; it was taken because it tells of a child")
            at = self._desk.clock.now()
            self._converser.ask_to_correct(uow, message, error, subject_id=message.message_id, at=at)
        return replace(message, state=State.ORDERED, ready_at=None, lost=0)

    def _failed(self, message: Message, error: Exception) -> Fate:
        attempt = message.attempt + 1
        fate = fate_of(error, attempt=attempt, limit=self._desk.settings.attempts_limit)
        log.warning(
            LogEvent.MESSAGE_FAILED,
            message_id=message.message_id,
            code=code_of(error),
            attempt=attempt,
            fate=fate.value,
            trace_id=message.trace_id,
        )
        self._desk.tally.count(Counted.MESSAGE_FAILED, message.format, fate.value)
        self._desk.store.write(lambda uow: self._store_failure(uow, message, error, fate))
        return fate

    def _store_failure(self, uow: UnitOfWork, message: Message, error: Exception, fate: Fate) -> None:
        at, code = self._desk.clock.now(), code_of(error)
        now = uow.messages.get(message.message_id)
        if (now.state, now.lease) != (State.ACCEPTED, message.lease):
            return
        if fate is Fate.RETRY:
            again = next_try(at, now.attempt + 1, self._desk.settings)
            uow.messages.save(replace(now, attempt=now.attempt + 1, ready_at=again, lost=0))
            return
        uow.messages.save(replace(now, state=State.DEAD_LETTER, ready_at=None, reason=code, lost=0))
        about = About(organisation=message.organisation, message_id=message.message_id)
        words: dict[str, Tree] = {"message_id": message.message_id, "reason": code}
        self._desk.trail.tell(uow, EventKind.MESSAGE_DEAD_LETTERED, words, at=at, about=about)
        shown = PermanentError("work on this message failed; see dead-letters show", code=code)
        self._converser.ask_to_correct(uow, now, shown, subject_id=message.message_id, at=at)


def _must_still_be_ours(uow: UnitOfWork, message: Message) -> None:
    """Return while nobody has taken *message* over, who would store its records a second time."""
    now = uow.messages.get(message.message_id)
    if (now.state, now.cursor, now.lease) != (State.ACCEPTED, message.cursor, message.lease):
        raise OvertakenError("somebody else works on this message")


def _odd(item: Normalized | Unreadable, error: Exception) -> Unreadable:
    """Return *item* as one that could not be kept; what the error says may be personal, so only its class is told."""
    told = PermanentError("keeping this record failed", code=code_of(error))
    return Unreadable(position=item.position, error=told)


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
