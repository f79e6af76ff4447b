"""How does a school get the file with which its own pupils change schools? Decided, cut and told, like all that leaves.

An episode holds nothing of what such a file is made of, so that each pupil is read from the newest of the school's own
documents about them, opened in memory.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from gateway.audit.event import EventKind
from gateway.consent.clearance import Clearance, clear
from gateway.consent.decision import Permit
from gateway.consent.question import Mode, Purpose
from gateway.errors import IntegrityError, NotFoundError
from gateway.flows.context import Desk
from gateway.flows.conversing.emit import Emission, emit
from gateway.flows.deciding.gather import Sharing, facts_now
from gateway.flows.deciding.sharing import Sharer
from gateway.flows.documents import part_bytes
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import Conversation, Lane, Message, Record
from gateway.flows.trail import About
from gateway.flows.understanding.contacts import ContactWatch, name_of
from gateway.flows.understanding.normalizer import blind_label
from gateway.flows.understanding.originals import SealedBody, open_original
from gateway.formats.ctf_writer import SERIAL_LIMIT, ctf_file_name
from gateway.formats.gate import RecordSource, split, split_large
from gateway.formats.register import CTF_NEWEST, FORMATS
from gateway.formats.writers import write_together
from gateway.model.identifiers import ChildRef, ConversationId, OrganisationId
from gateway.translation.message_translator import translate_in, translate_out
from gateway.translation.partner_document import OutEnvelope, PartnerDocument
from gateway.working_time.calendar import LONDON

if TYPE_CHECKING:
    from gateway.model.tree import Group, Tree

EXPORTED = "sims.pupil.exported"
_FORMAT, _PUPIL, _SCHOOLS = f"sims/ctf-{CTF_NEWEST}", "sims.pupil", "sims/"
_NUMBERS = "transfer file number"
_AUTHORITY_DIGITS = 3
_OURS = "gateway"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which file is wanted: of these children, for this school, from it to another.

    Shape: `source` and `destination` are three digits of an authority and four of the school; no destination is nobody
    knows where. `actor` is the pseudonym of whoever ordered it.
    """

    children: tuple[ChildRef, ...]
    school: OrganisationId
    source: str
    destination: str | None
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What came of it: the file, if there is one, and of each child who is not in it, why.

    Shape: `losses` are the places of what a transfer file has no room for.
    """

    name: str | None
    content: bytes
    pupils: int
    refused: tuple[tuple[ChildRef, str], ...]
    losses: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """One child as their school last told of them."""

    child: ChildRef
    message: Message
    record: Record
    tree: "Group"


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolExports:
    """Makes transfer files."""

    desk: Desk
    sharer: Sharer
    contacts: ContactWatch

    def make(self, wanted: Wanted) -> Exported:
        """Return the file of *wanted*; every decision, and that it was made, stands in the log.

        Raises:
            NotFoundError: no such school, or the school has told us nothing of one of the children.
            TranslationError: a transfer file cannot be made of it.
        """
        found = [self._found(wanted, child) for child in dict.fromkeys(wanted.children)]
        return self.desk.store.write(lambda uow: self._export(uow, wanted, found))

    def _export(self, uow: UnitOfWork, wanted: Wanted, pupils: Sequence["_Found"]) -> Exported:
        at = self.desk.clock.now()
        made: list[PartnerDocument] = []
        included: list[ChildRef] = []
        refused: list[tuple[ChildRef, str]] = []
        for pupil in pupils:
            decided = self._decided(uow, wanted, pupil, at)
            if isinstance(decided, str):
                refused.append((pupil.child, decided))
            else:
                made.append(decided)
                included.append(pupil.child)
        losses = tuple(dict.fromkeys(loss.path for one in made for loss in one.losses))
        if not made:
            return Exported(name=None, content=b"", pupils=0, refused=tuple(refused), losses=losses)
        content = write_together(FORMATS[_FORMAT], [one.tree for one in made])
        name = ctf_file_name(made[0].tree, serial=self._number(uow, wanted))
        self._tell(uow, wanted, tuple(included), content, at)
        return Exported(name=name, content=content, pupils=len(made), refused=tuple(refused), losses=losses)

    def _decided(self, uow: UnitOfWork, wanted: Wanted, pupil: "_Found", at: datetime) -> PartnerDocument | str:
        """Return one pupil as the school may have them, or the reason why it may not."""
        source, record = pupil.message, pupil.record
        tree = {**pupil.tree, "transfer": _transfer(wanted, at)}
        emission = Emission(
            kind=EXPORTED,
            format=_FORMAT,
            document=_PUPIL,
            tree=tree,
            subjects=(pupil.child,),
            correlation_id=source.correlation_id,
            on_behalf_of=wanted.school,
            lane=Lane.BULK,
            conversation_id=None,
            match_status=record.match_status,
            match_score=record.match_score,
        )
        emitted = emit(self.desk, uow, emission, cause=f"{EXPORTED}/{self.desk.ids.fresh('exp')}", at=at)
        if emitted is None:
            raise IntegrityError("an export of its own name was made before")
        message, kept = emitted
        sharing = Sharing(
            record=kept,
            tree=tree,
            recipient=wanted.school,
            requester=wanted.school,
            purpose=Purpose.SCHOOL_EXPORT,
            mode=Mode.DISCLOSE,
            direction="out",
        )
        decision, _ = self.sharer.decide(uow, sharing, at=at)
        if not isinstance(decision, Permit):
            return decision.grounds.reason
        hiding = [redaction.reason for redaction in decision.redactions if redaction.locating]
        if hiding:
            # Such a file says between which schools it goes, and with that where the child is.
            return hiding[0]
        return self._cleared(uow, decision, sharing, message, at)

    def _cleared(
        self, uow: UnitOfWork, permit: Permit, sharing: Sharing, message: Message, at: datetime
    ) -> PartnerDocument:
        """Return what *permit* lets go, in the transaction that decided: nothing can have changed since."""
        facts = facts_now(self.desk, uow, permit, sharing.record.subjects, to=sharing.recipient, mode=sharing.mode)
        cleared = clear(permit, facts, at, document=_PUPIL, tree=sharing.tree)
        if not isinstance(cleared, Clearance):
            raise IntegrityError("a permit was stale in the transaction it was made in")
        envelope = OutEnvelope(
            message=EXPORTED,
            message_id=message.message_id,
            correlation_id=message.correlation_id,
            sent_at=at,
            sender=self.desk.sender,
        )
        return translate_out(self.desk.library.outbound(_FORMAT), cleared, envelope=envelope)

    def _newest(self, uow: UnitOfWork, wanted: Wanted, child: ChildRef) -> tuple[Message, Record]:
        """Return the newest of the school's own documents about *child*, and the record that came of it."""
        for record in reversed(uow.records.about(child)):
            message = uow.messages.get(record.message_id)
            is_theirs = message.organisation == wanted.school and message.channel != _OURS
            if is_theirs and message.format.startswith(_SCHOOLS) and record.subjects == (child,):
                return message, record
        raise NotFoundError("this school has told us nothing of this child; see messages list")

    def _found(self, wanted: Wanted, child: ChildRef) -> "_Found":
        """Return *child* as the school last told of them, without contacts who are held back."""
        store = self.desk.store
        message, record = store.read(lambda uow: self._newest(uow, wanted, child))
        source = next((one for one in self._sources(message, record) if one.position == record.position), None)
        if source is None:
            raise NotFoundError("the original no longer holds this pupil")

        def meaning(list_name: str, label: str) -> str | None:
            blinded = blind_label(self.desk.vault, list_name, label)
            return store.read(lambda uow: uow.labels.meaning(list_name, blinded))

        on = message.received_at.date()
        made = translate_in(self.desk.library.inbound(message.format), source.tree, meaning=meaning, on=on)
        held = set(store.read(lambda uow: self.contacts.held_back(uow, record)))
        tree, _ = part_bytes(made.tree)
        told = tree.pop("contacts", None)
        kept: list[Tree] = [one for one in told if name_of(one) not in held] if isinstance(told, list) else []
        return _Found(child=child, message=message, record=record, tree={**tree, "contacts": kept} if kept else tree)

    def _sources(self, message: Message, record: Record) -> Iterator[RecordSource]:
        form, start = FORMATS[message.format], record.position
        if message.size_bytes <= self.desk.limits.whole_bytes:
            original = self.desk.store.read(lambda uow: uow.originals.get(message.message_id))
            body = open_original(self.desk.vault, original)
            return split(form, body, limits=self.desk.limits, start=start)
        sealed = SealedBody(self.desk.store, self.desk.vault, message)
        return split_large(form, sealed, sealed.contents, start=start)

    def _number(self, uow: UnitOfWork, wanted: Wanted) -> int:
        """Return the number of the next file from this school to that one; after the last the first comes again."""
        pair = f"{wanted.source}/{wanted.destination or ''}"
        held = uow.conversations.by_reference(_NUMBERS, pair)
        number = int(held.state) % SERIAL_LIMIT + 1 if held is not None else 1
        conversation = Conversation(
            conversation_id=held.conversation_id if held else ConversationId(self.desk.ids.fresh("cnv")),
            kind=_NUMBERS,
            reference=pair,
            state=str(number),
            body="{}",
            version=held.version if held else 0,
        )
        uow.conversations.save(conversation)
        return number

    def _tell(
        self, uow: UnitOfWork, wanted: Wanted, children: Sequence[ChildRef], content: bytes, at: datetime
    ) -> None:
        words: dict[str, Tree] = {
            "export_sha256": sha256(content).hexdigest(),
            "format": _FORMAT,
            "records": len(children),
            "object": {"school": wanted.school, "from": wanted.source, "to": wanted.destination},
        }
        about = About(actor=wanted.actor, organisation=self.desk.sender, children=tuple(children))
        self.desk.trail.tell(uow, EventKind.EXPORT_MADE, words, at=at, about=about)


def _transfer(wanted: Wanted, at: datetime) -> "Group":
    """Return what the file says of itself: between which schools, and when, by the clock on the wall."""
    local = at.astimezone(LONDON).replace(tzinfo=None, microsecond=0)
    told: Group = {"made_at": local.isoformat(), "qualifier": "partial", "source": _school(wanted.source)}
    return told | ({"destination": _school(wanted.destination)} if wanted.destination else {})


def _school(number: str) -> "Group":
    return {"authority": number[:_AUTHORITY_DIGITS], "establishment": number[_AUTHORITY_DIGITS:]}
