"""Which matter is this document about? Found by what its senders call it, and never taken for another's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from gateway.conversations.asking import CHECK, ENQUIRY
from gateway.flows.context import Desk
from gateway.flows.conversing.case_names import REFERRAL, REQUEST, blind_reference
from gateway.flows.documents import read_group
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import Conversation, Message, Record
from gateway.model.identifiers import ChildRef, ConversationId, RecordId
from gateway.model.tree import Group

BEGINS = frozenset({REFERRAL, REQUEST, ENQUIRY, CHECK})
"""The documents that begin a conversation; each conversation's kind is called as its document."""
_ANSWERED_ALIKE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {REFERRAL: (REFERRAL, REQUEST), REQUEST: (REQUEST, REFERRAL)}
)
"""Of which other kinds one reference must not be: a MASH answers both in one format, by the reference alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """Finds conversations."""

    desk: Desk

    def opened(
        self, uow: UnitOfWork, message: Message, document: str, tree: Group, subjects: tuple[ChildRef, ...]
    ) -> tuple[Group, Conversation]:
        """Return *tree*, a *document* about *subjects*, under a reference that is nobody else's, and its conversation.

        References are the senders' own, and two senders, or one that is careless, may use the same one twice; an answer
        must never be taken for an answer about another child. So one that another sender has used, or that was used for
        other children or another kind of document, gets our message's id behind it.
        """
        reference = str(tree.get("reference") or message.message_id)
        held = self._first(uow, _ANSWERED_ALIKE.get(document, (document,)), reference)
        if held is not None and not (held.kind == document and _is_same_case(uow, held, message, subjects)):
            reference = f"{reference}/{message.message_id}"
            held = self._first(uow, (document,), reference)
        return {**tree, "reference": reference}, held or self._fresh(document, reference)

    def answered(self, uow: UnitOfWork, message: Message, tree: Group, kinds: Sequence[str]) -> Conversation | None:
        """Return the conversation of one of *kinds* that *tree* answers, if it is its sender's to answer."""
        reference = str(tree.get("reference"))
        held = (self._first(uow, (kind,), reference) for kind in kinds)
        return next((one for one in held if one is not None and _was_sent_to(uow, one, message)), None)

    def own(self, uow: UnitOfWork, message: Message, kind: str, reference: str) -> Conversation | None:
        """Return the conversation of this *kind* that whoever sent *message* began and calls *reference*, if any."""
        held = self._first(uow, (kind,), reference)
        if held is None:
            return None
        began = uow.messages.get(uow.records.get(records_of(held)[0]).message_id)
        return held if began.organisation == message.organisation else None

    def subjects_of(self, uow: UnitOfWork, held: Conversation | None) -> tuple[ChildRef, ...]:
        """Return the children that *held* is about: nobody, where there is no such conversation."""
        return uow.records.get(records_of(held)[0]).subjects if held is not None else ()

    def last_record(self, uow: UnitOfWork, held: Conversation) -> Record:
        """Return what came in last under the reference of *held*."""
        return uow.records.get(records_of(held)[-1])

    def _first(self, uow: UnitOfWork, kinds: Sequence[str], reference: str) -> Conversation | None:
        blinded = blind_reference(self.desk.vault, reference)
        found = (uow.conversations.by_reference(kind, blinded) for kind in kinds)
        return next((one for one in found if one is not None), None)

    def _fresh(self, document: str, reference: str) -> Conversation:
        return Conversation(
            conversation_id=ConversationId(self.desk.ids.fresh("cnv")),
            kind=document,
            reference=blind_reference(self.desk.vault, reference),
            state="",
            body="",
        )


def records_of(held: Conversation) -> tuple[RecordId, ...]:
    """Return the records a stored conversation is about, oldest first."""
    names = read_group(held.body.encode())["records"]
    return tuple(RecordId(str(name)) for name in names) if isinstance(names, list) else ()


def _is_same_case(uow: UnitOfWork, held: Conversation, message: Message, subjects: tuple[ChildRef, ...]) -> bool:
    """Tell whether *message*, about *subjects*, may go on with *held*: the same sender, of one of the same children."""
    first = uow.records.get(records_of(held)[0])
    is_same_sender = uow.messages.get(first.message_id).organisation == message.organisation
    return is_same_sender and not set(first.subjects).isdisjoint(subjects)


def _was_sent_to(uow: UnitOfWork, held: Conversation, message: Message) -> bool:
    """Tell whether whoever sent *message* is somebody that the document of *held* went to, or was to go to."""
    records = [uow.records.get(name) for name in records_of(held)]
    due = ((record, one) for record in records for one in uow.delivery_lists.of_message(record.message_id))
    return any(one.recipient == message.organisation and one.kind == record.kind for record, one in due)
