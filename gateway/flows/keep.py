"""How is one record message kept, and what does it set going?

In one transaction: its children are placed, the form's word on consent becomes facts, the record is sealed and stored,
its conversation begins or goes on, and what is due to whom is decided and ordered.
"""

from dataclasses import dataclass
from datetime import datetime

from gateway.audit.event import Event, EventKind
from gateway.flows.context import Desk
from gateway.flows.converse import Converser
from gateway.flows.documents import child_key, seal_document
from gateway.flows.form_consent import consents_of_form
from gateway.flows.identify import Matcher, Subject, children_of, least_sure
from gateway.flows.normalizer import Normalized
from gateway.flows.ports import UnitOfWork
from gateway.flows.rows import FactRow, LabelTask, Message, Record, State
from gateway.flows.sharing import Order, Sharer
from gateway.formats.json import write_json
from gateway.model.identifiers import OrganisationId, RecordId
from gateway.model.tree import Group


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeper:
    """Keeps record messages."""

    desk: Desk
    matcher: Matcher
    sharer: Sharer
    converser: Converser

    def keep(self, uow: UnitOfWork, message: Message, item: Normalized, *, at: datetime) -> Record:
        """Store *item* as a record of *message* and set going what it asks for."""
        subjects = tuple(self.matcher.place(uow, child) for child in children_of(item.tree))
        record = self._record(uow, message, item, subjects)
        uow.records.add(record)
        self._tell(uow, message, record, item, subjects, at)
        self.file_consents(uow, record, item.tree, at)
        self._queue_labels(uow, record, message, item)
        self.converser.record_kept(uow, message, record, item.tree, at=at)
        self.order_all(uow, message, record, item.tree, at=at)
        return record

    def order_all(self, uow: UnitOfWork, message: Message, record: Record, tree: Group, *, at: datetime) -> None:
        """Order *record* along every route of its kind."""
        for route in self.desk.routes.of(record.kind):
            for recipient in self.recipients(uow, route.to, message):
                order = Order(
                    record=record,
                    tree=tree,
                    route=route,
                    recipient=recipient,
                    requester=message.organisation,
                    lane=route.lane or message.lane,
                )
                self.sharer.order(uow, order, at=at)

    def recipients(self, uow: UnitOfWork, to: str, message: Message) -> tuple[OrganisationId, ...]:
        """Return the organisations a route's `to` means for *message*."""
        if to == "referrer":
            return (uow.messages.get(message.message_id).organisation,)
        return tuple(
            one.organisation
            for one in uow.directory.organisations()
            if one.system == to and one.is_enabled and one.profile.get("is_default", True)
        )

    def _record(self, uow: UnitOfWork, message: Message, item: Normalized, subjects: tuple[Subject, ...]) -> Record:
        record_id = RecordId(self.desk.ids.fresh("rec"))
        own = None if subjects else self.desk.vault.new_key()
        key = own or child_key(uow, subjects[0].child_ref)
        status, score = least_sure(subjects) if subjects else (None, None)
        return Record(
            record_id=record_id,
            message_id=message.message_id,
            position=item.position,
            kind=item.kind,
            document=item.document,
            sealed=seal_document(self.desk.vault, key, record_id, item.tree),
            subjects=tuple(dict.fromkeys(subject.child_ref for subject in subjects)),
            state=State.ACCEPTED,
            match_status=status,
            match_score=score,
            wrapped_key=own,
            mapping=item.mapping,
            losses=len(item.losses),
        )

    def _tell(
        self,
        uow: UnitOfWork,
        message: Message,
        record: Record,
        item: Normalized,
        subjects: tuple[Subject, ...],
        at: datetime,
    ) -> None:
        reference = {
            "record_id": record.record_id,
            "document": record.document,
            "mapping": record.mapping,
            "losses": str(record.losses),
            "unmapped": str(len(item.unmapped)),
        }
        paths: Group = {"losses": [{"path": loss.path, "why": loss.why} for loss in item.losses]}
        event = Event(
            kind=EventKind.RECORD_TRANSLATED,
            at=at,
            actor="gateway",
            organisation=message.organisation,
            reference=reference,
            details=paths,
        )
        self.desk.trail.record_of(uow, event, record.subjects, message_id=message.message_id)
        for subject in subjects:
            self._tell_match(uow, message, subject, at)

    def _tell_match(self, uow: UnitOfWork, message: Message, subject: Subject, at: datetime) -> None:
        event = Event(
            kind=EventKind.CHILD_MATCHED,
            at=at,
            actor="gateway",
            organisation=message.organisation,
            reference={"status": subject.status, "score": f"{subject.score:.2f}"},
            details={"evidence": list(subject.evidence), "rival": subject.rival or ""},
        )
        self.desk.trail.record_of(uow, event, (subject.child_ref,), message_id=message.message_id)

    def file_consents(self, uow: UnitOfWork, record: Record, tree: Group, at: datetime) -> None:
        """Keep what the form says the family agreed to, for each child it is about."""
        for ref in record.subjects:
            key = child_key(uow, ref)
            for number, consent in enumerate(consents_of_form(tree, at)):
                fact_id = f"form/{record.record_id}/{ref}/{number}"
                sealed = self.desk.vault.seal(key, f"fact/{fact_id}", write_json(consent))
                uow.facts.put(FactRow(fact_id=fact_id, child_ref=ref, kind="consent", sealed=sealed, recorded_at=at))
                uow.epochs.lift([f"child:{ref}"])

    def _queue_labels(self, uow: UnitOfWork, record: Record, message: Message, item: Normalized) -> None:
        for label in item.unmapped:
            blinded = self.desk.vault.blind(f"label/{label.list_name}", label.label).hex()
            key = record.wrapped_key or child_key(uow, record.subjects[0])
            uow.labels.add(
                LabelTask(
                    list_name=label.list_name,
                    label_blind=blinded,
                    label_sealed=self.desk.vault.seal(key, f"label/{blinded}", label.label.encode()),
                    system=message.format.split("/")[0],
                    path=label.path,
                    record_id=record.record_id,
                )
            )
