"""What becomes of records that hold a label when a person says what it means, says otherwise, or takes it back?

Each is understood anew from its sealed original, stored in place of what was understood before, and whatever had waited
for the label is decided again and goes on. A meaning and the work it makes are stored together: a process that ends
in between loses none of it, because what is due stays due.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

import structlog

from gateway.audit.event import Event, EventKind
from gateway.consent.decision import Review
from gateway.errors import IntegrityError, PermanentError, TransientError, code_of
from gateway.flows.context import Desk
from gateway.flows.conversing.cases import BEGINS
from gateway.flows.conversing.derived import OURS, episode_of, source_of, wait_as
from gateway.flows.deciding.sharing import Sharer
from gateway.flows.documents import key_of, open_document, part_bytes, seal_document
from gateway.flows.log_events import LogEvent
from gateway.flows.people.ask import Asker
from gateway.flows.people.label_clock import MAPPED, LabelClock
from gateway.flows.ports import UnitOfWork
from gateway.flows.receiving.keep import Keeper
from gateway.flows.store.rows import Delivery, LabelTask, Message, Record, State
from gateway.flows.trail import About
from gateway.flows.understanding.normalizer import Normalized, Normalizer, blind_label
from gateway.flows.understanding.sources import sources_of
from gateway.formats.register import FORMATS
from gateway.model.identifiers import RecordId

if TYPE_CHECKING:
    from gateway.model.tree import Group, Tree

log = structlog.get_logger()
_BATCH = 100
_UNDECIDED = frozenset({State.HELD_LABEL, State.IN_REVIEW, State.ORDERED})
"""Where a delivery may stand that is decided again, because its record says something else now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meanings:
    """Keeps what people say labels mean, and lets what waited for it flow on."""

    desk: Desk
    keeper: Keeper
    sharer: Sharer
    asker: Asker
    label_clock: LabelClock

    def say(self, list_name: str, label: str, code: str, *, actor: str) -> int:
        """Keep that *label* means *code*, and return how many records had waited for it."""
        blinded = blind_label(self.desk.vault, list_name, label)

        def write(uow: UnitOfWork) -> int:
            waited = len(uow.labels.settle(list_name, blinded, code))
            if waited:
                self.label_clock.end(uow, list_name, blinded)
            told: Group = {"code": code, "label": label, "records": waited}
            self._tell(uow, EventKind.LABEL_MAPPED, {"list_name": list_name, "label_blind": blinded, **told}, actor)
            return waited

        return self.desk.store.write(write)

    def take_back(self, list_name: str, blinded: str, *, actor: str) -> bool:
        """Forget what the label known as *blinded* was said to mean; tell whether anything was said of it."""

        def write(uow: UnitOfWork) -> bool:
            was_said = uow.labels.forget(list_name, blinded)
            if was_said:
                words: Group = {"list_name": list_name, "label_blind": blinded}
                self._tell(uow, EventKind.LABEL_RETRACTED, words, actor)
            return was_said

        return self.desk.store.write(write)

    def tick(self) -> int:
        """Understand records anew that are due to be, a few at a time, and return how many there were."""
        due = self.desk.store.read(lambda uow: uow.labels.find(status="due", limit=_BATCH))
        records = self._records(dict.fromkeys(task.record_id for task in due))
        for message, of_message in records:
            self._understand_all(message, of_message)
        return sum(len(of_message) for _, of_message in records)

    def text_of(self, task: LabelTask) -> str | None:
        """Return the label of *task*, or None where its document can no longer be opened."""
        try:
            return self.desk.store.read(lambda uow: self._opened(uow, task))
        except IntegrityError:  # its record has been joined to another child since
            return self._found_again(task)

    def _opened(self, uow: UnitOfWork, task: LabelTask) -> str:
        key = key_of(uow, uow.records.get(task.record_id))
        return self.desk.vault.open(key, f"label/{task.label_blind}", task.label_sealed).decode()

    def _found_again(self, task: LabelTask) -> str | None:
        """Return the label as the sealed original has it."""
        vault, list_name = self.desk.vault, task.list_name
        try:
            for message, records in self._records([task.record_id]):
                for _, item in self._read_again(message, records):
                    unmapped = [one.label for one in item.unmapped if one.list_name == list_name]
                    given = [label for named, label, _ in item.given if named == list_name]
                    for label in (*unmapped, *given):
                        if blind_label(vault, list_name, label) == task.label_blind:
                            return label
        except (IntegrityError, PermanentError):
            return None
        return None

    def _records(self, names: Sequence[RecordId] | dict[RecordId, None]) -> list[tuple[Message, list[Record]]]:
        """Return the records called *names* with the messages they came in, each message's in their order."""

        def read(uow: UnitOfWork) -> list[tuple[Message, list[Record]]]:
            found: dict[str, list[Record]] = {}
            for record in (uow.records.get(name) for name in names):
                found.setdefault(record.message_id, []).append(record)
            return [
                (uow.messages.get(records[0].message_id), sorted(records, key=lambda one: one.position))
                for records in found.values()
            ]

        return self.desk.store.read(read)

    def _understand_all(self, message: Message, records: Sequence[Record]) -> None:
        waiting = {record.record_id: record for record in records}
        try:
            if message.channel == OURS:
                for record in records:
                    self.desk.store.write(partial(self._make_again, message=message, record=record))
                    del waiting[record.record_id]
                return
            for record, item in self._read_again(message, records):
                self.desk.store.write(partial(self._understand, message=message, record=record, item=item))
                del waiting[record.record_id]
        except TransientError:
            raise
        except Exception as error:  # noqa: BLE001  # one that cannot be understood must not hold up all the others
            log.warning(LogEvent.LABEL_FAILED, message_id=message.message_id, code=code_of(error))
            record = next(iter(waiting.values()))
            self.desk.store.write(partial(self._give_up, message=message, record=record, code=code_of(error)))

    def _read_again(self, message: Message, records: Sequence[Record]) -> Iterator[tuple[Record, Normalized]]:
        """Yield each of *records* with what its part of the sealed original is understood to say now.

        Raises:
            NotFoundError: the original is gone, or is of fewer records.
            PermanentError: it can no longer be read.
        """
        form, normalizer = FORMATS[message.format], Normalizer(self.desk)
        sources = sources_of(self.desk, message, start=records[0].position)
        for record in records:
            source = next((one for one in sources if one.position == record.position), None)
            if source is None:
                raise PermanentError("the original no longer holds this record")
            yield record, normalizer.normalize(form.name, form.kind, source, on=message.received_at.date())

    def _understand(self, uow: UnitOfWork, message: Message, record: Record, item: Normalized) -> None:
        """Store *item* as what *record* says, and let go on what waited for it."""
        now = uow.records.get(record.record_id)
        if now.sealed != record.sealed or not self._is_current(uow, item):
            return  # changed meanwhile: it is still due, and the next look understands it with what is known then
        at = self.desk.clock.now()
        before = open_document(self.desk.vault, uow, now)
        if item.document in BEGINS and "reference" in before:
            item = replace(item, tree={**item.tree, "reference": before["reference"]})
        item = self.keeper.contacts.sift_again(uow, message, now, item)
        item = replace(item, tree=part_bytes(item.tree)[0])
        is_changed = item.tree != before
        kept = self._save(uow, now, item)
        if is_changed:
            self.keeper.tell_translated(uow, message, kept, item, at=at)
            self.keeper.refile_consents(uow, message, kept, item.tree, at=at)
            uow.epochs.lift(f"child:{ref}" for ref in dict.fromkeys(kept.subjects))
        uow.labels.close(kept.record_id)
        self.keeper.queue_labels(uow, kept, message, item)
        self._go_on(uow, kept, item.tree, at, is_changed=is_changed)

    def _make_again(self, uow: UnitOfWork, message: Message, record: Record) -> None:
        """Store what *record*, made by us of a record that was understood anew, says now; let go on what waited."""
        now, at = uow.records.get(record.record_id), self.desk.clock.now()
        source, index = source_of(uow, message, now)
        labels = uow.labels.of_record(source.record_id)
        if any(task.status == "due" for task in labels):
            return  # the next look comes behind the one that understands its source anew
        before, tree = open_document(self.desk.vault, uow, now), episode_of(self.desk, uow, source, index)
        sealed = seal_document(self.desk.vault, key_of(uow, now), now.record_id, tree)
        kept = replace(now, sealed=sealed, state=_state_of(now, is_held=bool(labels)))
        uow.records.save(kept)
        uow.labels.close(kept.record_id)
        wait_as(self.desk, uow, source, kept)
        if tree != before:
            uow.epochs.lift(f"child:{ref}" for ref in dict.fromkeys(kept.subjects))
        self._go_on(uow, kept, tree, at, is_changed=tree != before)

    def _go_on(self, uow: UnitOfWork, record: Record, tree: "Group", at: datetime, *, is_changed: bool) -> None:
        """Decide again what of *record* has not left us."""
        for delivery in uow.delivery_lists.of_message(record.message_id):
            if delivery.record_id == record.record_id and delivery.state in _UNDECIDED:
                self._decide_again(uow, delivery, tree, at, is_changed=is_changed)

    def _is_current(self, uow: UnitOfWork, item: Normalized) -> bool:
        """Tell whether labels mean now what they did when *item* was understood, and let that stay so meanwhile."""
        then: dict[tuple[str, str], str | None] = {(one.list_name, one.label): None for one in item.unmapped}
        then |= {(list_name, label): code for list_name, label, code in item.given}
        vault = self.desk.vault
        return all(
            uow.labels.meaning(list_name, blind_label(vault, list_name, label), is_held=True) == code
            for (list_name, label), code in then.items()
        )

    def _save(self, uow: UnitOfWork, record: Record, item: Normalized) -> Record:
        kept = replace(
            record,
            sealed=seal_document(self.desk.vault, key_of(uow, record), record.record_id, item.tree),
            mapping=item.mapping,
            losses=len(item.losses),
            state=_state_of(record, is_held=bool(item.unmapped)),
        )
        uow.records.save(kept)
        return kept

    def _decide_again(
        self, uow: UnitOfWork, delivery: Delivery, tree: "Group", at: datetime, *, is_changed: bool
    ) -> None:
        """Decide *delivery* as its record stands now; a question that stays the same one is not asked twice."""
        if delivery.state is not State.HELD_LABEL and not is_changed:
            return
        decision, permit_id = self.sharer.decide(uow, self.sharer.sharing_of(uow, delivery, tree), at=at)
        if delivery.state is State.IN_REVIEW:
            if isinstance(decision, Review) and decision.grounds.reason == delivery.reason:
                return
            about = About(children=delivery.subjects, message_id=delivery.message_id)
            self.asker.settle(uow, delivery.delivery_id, about, code=MAPPED)
        settled = self.sharer.settle(uow, replace(delivery, permit_id=permit_id, lost=0), decision, at=at)
        uow.deliveries.save(settled)
        self.sharer.tell(uow, settled, EventKind.DELIVERY_REDECIDED, {}, at=at)
        if settled.state is State.ORDERED:
            uow.wake(f"delivery.{settled.lane.name.lower()}", settled.delivery_id)

    def _give_up(self, uow: UnitOfWork, message: Message, record: Record, code: str) -> None:
        """Put a record that cannot be understood anew before a person: it stays as it was understood before."""
        uow.labels.close(record.record_id)
        error = PermanentError("this record could not be read again", code=code)
        subject, at = f"{message.message_id}/{record.position}", self.desk.clock.now()
        self.keeper.converser.ask_to_correct(uow, message, error, subject_id=subject, at=at)

    def _tell(self, uow: UnitOfWork, kind: EventKind, words: dict[str, "Tree"], actor: str) -> None:
        event = Event.of(kind, words, at=self.desk.clock.now(), actor=actor, organisation=self.desk.sender)
        self.desk.trail.record(uow, event)


def _state_of(record: Record, *, is_held: bool) -> State:
    """Return the state of *record*, which was understood anew, now that it does or does not hold an unmapped answer."""
    if record.state not in {State.ACCEPTED, State.HELD_LABEL}:
        return record.state
    return State.HELD_LABEL if is_held else State.ACCEPTED
