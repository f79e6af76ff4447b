"""How does an event of a flow become a row of the audit log, in the same transaction as its effect?"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from gateway.audit.entry import Entry, make_entry
from gateway.audit.event import Event, EventKind
from gateway.flows.ports import Ids, UnitOfWork, Vault
from gateway.flows.store.rows import AuditRow, ChildRow
from gateway.model.identifiers import ChildRef, EventId, MessageId, OrganisationId
from gateway.model.tree import Tree

_BLINDING_BYTES = 32
GATEWAY = "system"
"""What the gateway is called as the one who acts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """Whom an event is about, and who did it."""

    actor: str = GATEWAY
    organisation: OrganisationId | None = None
    children: tuple[ChildRef, ...] = ()
    message_id: MessageId | None = None


@dataclass(frozen=True, slots=True)
class Trail:
    """The writer of audit events.

    Promise: the header that becomes a leaf holds nothing personal and nothing that links two events of one child; what
    does is sealed under the child's key, and goes with it.
    """

    vault: Vault
    ids: Ids

    def tell(
        self,
        uow: UnitOfWork,
        kind: EventKind,
        words: Mapping[str, Tree],
        *,
        at: datetime,
        about: About,
    ) -> None:
        """Append an event of *kind* saying *words*; the catalogue knows which stand open and which are sealed."""
        event = Event.of(kind, words, at=at, actor=about.actor, organisation=about.organisation)
        self.record_of(uow, event, about.children, message_id=about.message_id)

    def record(self, uow: UnitOfWork, event: Event, *, message_id: MessageId | None = None) -> None:
        """Append an event that is about no child."""
        uow.audit.append(self.prepare(event, message_id=message_id)[0])

    def record_of(
        self,
        uow: UnitOfWork,
        event: Event,
        children: Iterable[ChildRef],
        *,
        message_id: MessageId | None = None,
    ) -> None:
        """Append an event once for each child it is about, so that each child's log is complete by itself."""
        known = [uow.children.get(ref) for ref in dict.fromkeys(children)]
        if not known:
            self.record(uow, event, message_id=message_id)
        for child in known:
            uow.audit.append(self._of_child(uow, event, child, message_id))

    def prepare(self, event: Event, *, message_id: MessageId | None = None) -> tuple[AuditRow, Entry]:
        """Return the row of an event about no child, made before its transaction, and the entry it will be."""
        blinding = self.vault.noise(_BLINDING_BYTES)
        entry = make_entry(event, blinding=blinding, subject_tag=None, subject_seq=None, subject_prev=None)
        event_id = EventId(self.ids.fresh("evt"))
        wrapped = self.vault.new_key()
        row = AuditRow(
            event_id=event_id,
            kind=event.kind.value,
            header=entry.header,
            sealed_payload=self.vault.seal(wrapped, f"audit/{event_id}", blinding + entry.payload),
            child_ref=None,
            message_id=message_id,
            recorded_at=event.at,
            commitment=entry.commitment,
            wrapped_key=wrapped,
        )
        return row, entry

    def _of_child(self, uow: UnitOfWork, event: Event, child: ChildRow, message_id: MessageId | None) -> AuditRow:
        sequence, previous = uow.audit.chain(child.child_ref)
        blinding = self.vault.noise(_BLINDING_BYTES)
        tag = self.vault.tag(child.wrapped_key, f"audit/{sequence}").hex()
        entry = make_entry(event, blinding=blinding, subject_tag=tag, subject_seq=sequence, subject_prev=previous)
        event_id = EventId(self.ids.fresh("evt"))
        return AuditRow(
            event_id=event_id,
            kind=event.kind.value,
            header=entry.header,
            sealed_payload=self.vault.seal(child.wrapped_key, f"audit/{event_id}", blinding + entry.payload),
            child_ref=child.child_ref,
            message_id=message_id,
            recorded_at=event.at,
            commitment=entry.commitment,
            subject_seq=sequence,
        )

    def reveal(self, row: AuditRow, wrapped_key: bytes) -> tuple[bytes, bytes]:
        """Return the blinding (32 bytes) and the payload an event was recorded with.

        Raises:
            IntegrityError: the sealed bytes are not those that were recorded.
        """
        plain = self.vault.open(wrapped_key, f"audit/{row.event_id}", row.sealed_payload)
        return plain[:_BLINDING_BYTES], plain[_BLINDING_BYTES:]
