"""What happens to what has left us: a mis-send recalled, a record corrected, a duty kept?

Nothing that was handed over can be called back by a machine. So whoever has it is told what to do, people here are told
what they must do, each with a clock, and every step is one thread of the audit log.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from gateway.audit.event import EventKind
from gateway.consent.decision import Permit
from gateway.consent.question import Purpose
from gateway.consent.question_json import permit_from_json
from gateway.conversations.duties import BREACH, NO_INFORM, SAFETY
from gateway.errors import ConflictError, NotFoundError, SchemaViolationError
from gateway.flows.context import Desk
from gateway.flows.conversing.emit import Emission, emit
from gateway.flows.conversing.notices import Notifier, Told
from gateway.flows.conversing.order import takes
from gateway.flows.deciding.gather import flags_of, holds_content
from gateway.flows.deciding.sharing import Order, Sharer
from gateway.flows.documents import read_group
from gateway.flows.people.duties import DutyKeeper, Opening, Word
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.duty_repository import Duty
from gateway.flows.store.rows import Delivery, Lane, Record, State
from gateway.flows.trail import About
from gateway.model.annotation import annotation, kind_at, kinds_at, leaves_at
from gateway.model.category import Category
from gateway.model.document import leaves_of
from gateway.model.identifiers import ChildRef, DeliveryId, OrganisationId, RecordId
from gateway.model.notice import NoticeStep

if TYPE_CHECKING:
    from gateway.model.tree import Group, Tree

RECALLED = "recalled"
CORRECTION = "caf.correction.sent"
_NOTED, _FORMAT, _DOCUMENT = "caf.correction.noted", "ecaf/correction-1", "ecaf.correction"
_PURGED, _SAFETY_FIRST = _GRAVITY = ("purge-requested", "safety-first")
_NOT_LEFT = frozenset({State.ORDERED, State.IN_REVIEW, State.HELD_LABEL, State.HELD_MATCH})
_MAY_STILL_GO = _NOT_LEFT | {State.HANDED_OVER, State.DEAD_LETTER}
"""States from which a document leaves by itself, or because a person puts it back to work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MisSend:
    """Who says that a document went to the wrong recipient, why, and with which lessons code."""

    by: str
    role: str
    rationale: str
    lesson: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What corrects a record: a note beside one field, of that field's kind of information; who wrote it, and why."""

    field: str
    category: Category
    text: str
    by: str
    role: str
    rationale: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftercare:
    """Looks after what has left us."""

    desk: Desk
    sharer: Sharer
    notifier: Notifier

    @property
    def duties(self) -> DutyKeeper:
        """Return the keeper of people's duties."""
        return self.notifier.duties

    def recall(self, delivery_id: DeliveryId, told: MisSend) -> str:
        """Stop a document that goes to the wrong recipient, or have it purged there, and return what was done.

        Shape: `stopped` when it had not left; `purge-requested`; or `safety-first` when somebody's withheld address may
        have gone with it: then the wrong recipient is asked nothing before a person has agreed a safety plan.

        Raises:
            NotFoundError: there is no such delivery.
            ConflictError: it never left and will not, or was recalled before.
        """
        return self.desk.store.write(lambda uow: self._recall(uow, delivery_id, told))

    def keep(self, duty_id: str, word: Word) -> Duty:
        """Store what a person says came of a duty; a purge that waited for a safety plan is asked for then.

        Raises:
            NotFoundError, ConflictError, NotAllowedError, SchemaViolationError: as `DutyKeeper.keep`.
        """
        return self.desk.store.write(lambda uow: self._keep(uow, duty_id, word))

    def correct_record(self, record_id: RecordId, note: Note) -> int:
        """Write *note* beside a record, tell everybody who was given it, and return how many that are.

        Raises:
            NotFoundError: there is no such record.
            SchemaViolationError: its document has no such field.
        """
        return self.desk.store.write(lambda uow: self._correct_record(uow, record_id, note))

    def correct_child(self, child: ChildRef, note: Note) -> int:
        """Write *note* beside all that is about a child, tell everybody who was given any, and return how many.

        Raises:
            NotFoundError: there is no such child.
            SchemaViolationError: the field is of another kind of information than the note.
        """
        return self.desk.store.write(lambda uow: self._correct_child(uow, child, note))

    def _recall(self, uow: UnitOfWork, delivery_id: DeliveryId, told: MisSend) -> str:
        at, delivery = self.desk.clock.now(), uow.deliveries.get(delivery_id)
        self._require_recallable(uow, delivery)
        words: dict[str, Tree] = {"lesson": told.lesson, "rationale": told.rationale, "role": told.role}
        self._tell(uow, delivery, EventKind.DELIVERY_RECALLED, words, by=told.by, at=at)
        same = map(uow.deliveries.get, uow.delivery_lists.of_record(delivery.record_id))
        stopped = [one for one in same if one.recipient == delivery.recipient and one.state in _MAY_STILL_GO]
        for one in stopped:
            self._withdraw(uow, one, at)
        # What is stopped between two tries may be there as well, and nobody could recall it any more.
        gone = {one.delivery_id: one for one in (delivery, *stopped) if one.handed_over_at is not None}
        done = {self._call_back(uow, one, at) for one in gone.values()}
        return max(done, key=_GRAVITY.index, default="stopped")

    def _call_back(self, uow: UnitOfWork, delivery: Delivery, at: datetime) -> str:
        """Do what is to be done about a document that left, and return what that was."""
        self._open_breach(uow, delivery, at)
        if self._may_have_told_where(uow, delivery):
            self._open(uow, SAFETY, delivery, at)
            return _SAFETY_FIRST
        self._ask_to_purge(uow, delivery, at)
        return _PURGED

    def _require_recallable(self, uow: UnitOfWork, delivery: Delivery) -> None:
        """Return if *delivery* left or may leave, and was not recalled before."""
        if any(duty.code == BREACH for duty in uow.duties.of(delivery.delivery_id)) or delivery.reason == RECALLED:
            raise ConflictError("this delivery was recalled before; see duties list")
        if delivery.handed_over_at is None and delivery.state not in _NOT_LEFT:
            raise ConflictError("this document never left, and nothing is on its way")

    def _open_breach(self, uow: UnitOfWork, delivery: Delivery, at: datetime) -> None:
        """Tell the data protection officer, and have the family told, unless it must not be."""
        self._open(uow, BREACH, delivery, at)
        if not any(duty.code == NO_INFORM for duty in uow.duties.of(delivery.delivery_id)):
            self._open(uow, "O-INFORM-IF-SAFE", delivery, at)

    def _keep(self, uow: UnitOfWork, duty_id: str, word: Word) -> Duty:
        at = self.desk.clock.now()
        kept = self.duties.keep(uow, duty_id, word, at=at)
        if kept.code == SAFETY:
            self._ask_to_purge(uow, uow.deliveries.get(DeliveryId(kept.subject_id)), at)
        return kept

    def _may_have_told_where(self, uow: UnitOfWork, delivery: Delivery) -> bool:
        """Tell whether *delivery* may have told its recipient an address that is withheld from them."""
        record = uow.records.get(delivery.record_id)
        recipient = uow.directory.organisation(delivery.recipient)
        if "ADDRESS_WITHHELD" in recipient.profile.get("need_list", ()):
            return False
        hidden = (flag for flag in flags_of(self.desk, uow, record.subjects) if flag.flag == "ADDRESS_WITHHELD")
        if all(delivery.recipient in flag.need_list for flag in hidden):
            return False
        return not any(one.locating for one in self._permit(uow, delivery).redactions) and holds_content(delivery)

    def _permit(self, uow: UnitOfWork, delivery: Delivery) -> Permit:
        if delivery.permit_id is None:
            raise TypeError("what was handed over always has a permit")
        return permit_from_json(read_group(uow.permits.get(delivery.permit_id).body.encode()))

    def _withdraw(self, uow: UnitOfWork, delivery: Delivery, at: datetime) -> None:
        stopped = replace(
            delivery,
            state=State.WITHDRAWN,
            reason=RECALLED,
            ready_at=None,
            sealed_document=None,
            wrapped_key=None,
        )
        uow.deliveries.save(stopped)
        self.sharer.tell(uow, stopped, EventKind.DELIVERY_WITHDRAWN, {}, at=at)
        about = About(children=delivery.subjects, message_id=delivery.message_id)
        self.sharer.asker.settle(uow, delivery.delivery_id, about, code=RECALLED)

    def _open(self, uow: UnitOfWork, code: str, delivery: Delivery, at: datetime) -> None:
        opening = Opening(
            code=code,
            subject=delivery.delivery_id,
            reason=RECALLED,
            children=delivery.subjects,
            message_id=delivery.message_id,
            recipient=delivery.recipient,
        )
        self.duties.open(uow, opening, at=at)

    def _ask_to_purge(self, uow: UnitOfWork, delivery: Delivery, at: datetime) -> None:
        told = Told(
            step=NoticeStep.PURGE,
            holder=delivery.recipient,
            documents=(delivery.delivery_id,),
            children=delivery.subjects,
        )
        name = delivery.delivery_id
        self.notifier.send(uow, told, cause=f"purge/{name}", correlation_id=delivery.message_id, at=at)

    def _tell(
        self,
        uow: UnitOfWork,
        delivery: Delivery,
        kind: EventKind,
        more: "dict[str, Tree]",
        *,
        by: str,
        at: datetime,
    ) -> None:
        words: dict[str, Tree] = {
            "delivery_id": delivery.delivery_id,
            "message_id": delivery.message_id,
            "recipient": delivery.recipient,
            "format": delivery.format,
            "purpose": delivery.purpose,
            **more,
        }
        about = About(
            actor=by, organisation=self.desk.sender, children=delivery.subjects, message_id=delivery.message_id
        )
        self.desk.trail.tell(uow, kind, words, at=at, about=about)

    def _correct_record(self, uow: UnitOfWork, record_id: RecordId, note: Note) -> int:
        record = uow.records.get(record_id)
        leaf = leaves_of(record.document).get(note.field)
        if leaf is None or leaf.category is Category.ROUTING:
            raise SchemaViolationError(f"a document {record.document} has no such field; see gateway mapping coverage")
        told = replace(note, category=kind_at(record.document, note.field))
        # What never leaves was given to nobody; a note beside it would be the first to tell of it.
        names = () if leaf.internal else uow.delivery_lists.of_record(record_id)
        given = (uow.deliveries.get(name) for name in names)
        return self._correct(uow, record, told, [one for one in given if one.handed_over_at is not None])

    def _correct_child(self, uow: UnitOfWork, child: ChildRef, note: Note) -> int:
        records = [one for one in uow.records.about(child) if one.document not in {_DOCUMENT, "ecaf.notice"}]
        if not records:
            raise NotFoundError("nothing is held about such a child")
        kinds = kinds_at(note.field)
        if kinds and note.category not in kinds:
            raise SchemaViolationError(f"that field is of another kind of information: {', '.join(sorted(kinds))}")
        never_left = bool(leaves_at(note.field)) and all(leaf.internal for leaf in leaves_at(note.field))
        given = () if never_left else uow.delivery_lists.given_about(child)
        return self._correct(uow, records[-1], note, given, about=(child,))

    def _correct(
        self,
        uow: UnitOfWork,
        record: Record,
        note: Note,
        given: Iterable[Delivery],
        about: tuple[ChildRef, ...] = (),
    ) -> int:
        at, children = self.desk.clock.now(), about or record.subjects
        held = [one for one in given if holds_content(one)]
        leaves = leaves_at(note.field) if about else (leaves_of(record.document)[note.field],)
        part = annotation(note.field, note.text, leaves)
        tree: Group = {"at": at.isoformat(), PARTS[note.category]: [part]}
        correcting = _Correcting(record=record, children=children, tree=tree, cause=self.desk.ids.fresh("cor"))
        self._emit(uow, _NOTED, correcting, "noted", at=at)
        words: dict[str, Tree] = {
            "record_id": record.record_id,
            "categories": [note.category.value],
            "place": note.field,
            "rationale": note.rationale,
            "role": note.role,
        }
        who = About(actor=note.by, organisation=self.desk.sender, children=children, message_id=record.message_id)
        self.desk.trail.tell(uow, EventKind.RECORD_CORRECTED, words, at=at, about=who)
        holders = dict.fromkeys(one.recipient for one in held)
        for holder in holders:
            self._tell_holder(uow, holder, [one for one in held if one.recipient == holder], correcting, at=at)
        return len(holders)

    def _tell_holder(
        self,
        uow: UnitOfWork,
        holder: OrganisationId,
        theirs: list[Delivery],
        correcting: "_Correcting",
        *,
        at: datetime,
    ) -> None:
        """Tell *holder* that what they have is not right, and what is, where they may have that now."""
        names, last = tuple(one.delivery_id for one in theirs), theirs[-1]
        told = Told(step=NoticeStep.CORRECTION, holder=holder, documents=names, children=correcting.children)
        cause = f"{correcting.cause}/notice/{holder}"
        self.notifier.send(uow, told, cause=cause, correlation_id=last.message_id, at=at)
        if not takes(uow.directory.organisation(holder), CORRECTION):
            return
        own = replace(correcting, tree={"documents": [*names], **correcting.tree})
        order = Order(
            record=self._emit(uow, CORRECTION, own, holder, at=at),
            tree=own.tree,
            route=self.desk.routes.of(CORRECTION)[0],
            recipient=holder,
            requester=self.desk.sender,
            lane=Lane.NORMAL,
            purpose=Purpose(last.purpose),
        )
        self.sharer.order(uow, order, at=at)

    def _emit(self, uow: UnitOfWork, kind: str, correcting: "_Correcting", whose: str, *, at: datetime) -> Record:
        emission = Emission(
            kind=kind,
            format=_FORMAT,
            document=_DOCUMENT,
            tree=correcting.tree,
            subjects=correcting.children,
            correlation_id=correcting.record.message_id,
            on_behalf_of=self.desk.sender,
            lane=Lane.NORMAL,
            conversation_id=None,
            match_status=correcting.record.match_status,
            match_score=correcting.record.match_score,
        )
        emitted = emit(self.desk, uow, emission, cause=f"{correcting.cause}/{whose}", at=at)
        if emitted is None:
            raise TypeError("a fresh cause has ordered nothing before")
        return emitted[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Correcting:
    """A correction that is under way: what it corrects, about whom, and what it says."""

    record: Record
    children: tuple[ChildRef, ...]
    tree: "Group"
    cause: str


def _parts() -> dict[Category, str]:
    """Return the part of a correction that notes of each kind of information stand in."""
    leaves = leaves_of(_DOCUMENT).values()
    return {leaf.category: leaf.path.partition("[]")[0] for leaf in leaves if leaf.path.endswith("[].note")}


PARTS = _parts()
