"""How is one record message kept, and what does it set going?

In one transaction: its children are placed, the form's word on consent becomes facts, the record is sealed and stored,
its conversation begins or goes on, and what is due to whom is decided and ordered.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from gateway.audit.event import EventKind
from gateway.consent.permission_json import permission_from_json
from gateway.conversations.asking import ENQUIRY
from gateway.errors import PermanentError
from gateway.flows.context import Desk
from gateway.flows.conversing.cases import BEGINS, Cases
from gateway.flows.conversing.converse import DECIDED_ABOUT, DECISION, Converser
from gateway.flows.conversing.families import FAMILY, Families
from gateway.flows.conversing.give_back import Form, Returner
from gateway.flows.conversing.notice_answers import ANSWER, Answers
from gateway.flows.conversing.notices import Notifier
from gateway.flows.conversing.order import Orderer
from gateway.flows.conversing.questions import ANSWERS, QUESTIONS, Questions
from gateway.flows.deciding.form_consent import consents_of_enquiry, consents_of_form, help_of_form
from gateway.flows.deciding.gather import consent_epoch
from gateway.flows.documents import child_key, digests_of, part_bytes, read_group, seal_attachments, seal_document
from gateway.flows.facts.consent_notice import NOTICE, Notices
from gateway.flows.facts.permission_clock import set_clocks, stop_clocks
from gateway.flows.facts.permissions import Permissions
from gateway.flows.people.label_clock import LabelClock
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import Conversation, FactRow, LabelTask, Message, Record, State
from gateway.flows.trail import About
from gateway.flows.understanding.contacts import ContactWatch
from gateway.flows.understanding.identify import Matcher, Subject, children_of, least_sure
from gateway.flows.understanding.normalizer import Normalized, blind_label
from gateway.formats.json import write_json
from gateway.model.identifiers import ChildRef, RecordId
from gateway.model.tree import Group, Tree

_NO = frozenset({"WITHDRAWN", "REFUSED"})


class _Follow(Protocol):
    def __call__(self, uow: UnitOfWork, message: Message, record: Record, tree: Group, *, at: datetime) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeper:
    """Keeps record messages."""

    desk: Desk
    matcher: Matcher
    converser: Converser
    orderer: Orderer
    contacts: ContactWatch
    returner: Returner
    cases: Cases
    questions: Questions
    families: Families
    label_clock: LabelClock
    notices: Notices
    notifier: Notifier
    answers: Answers

    def keep(self, uow: UnitOfWork, message: Message, item: Normalized, *, at: datetime) -> Record:
        """Store *item* as a record of *message* and set going what it asks for."""
        placed = tuple(self.matcher.place(uow, child) for child in children_of(item.tree))
        item, held = self._in_its_case(uow, message, item, placed)
        sifted = self.contacts.sift(uow, message, item, tuple(subject.child_ref for subject in placed), at=at)
        tree, apart = part_bytes(sifted.item.tree)
        item = replace(sifted.item, tree=tree)
        record = self._record(uow, message, item, placed, held)
        uow.records.add(record)
        seal_attachments(self.desk.vault, uow, record.record_id, apart, at=at)
        self.tell_translated(uow, message, record, item, at=at)
        for subject in placed:
            self._tell_match(uow, message, record, subject, at)
        if sifted.is_asked:
            self.contacts.ask(uow, message, record, at=at)
        self.file_consents(uow, record, item.tree, at)
        self.queue_labels(uow, record, message, item)
        if item.document == NOTICE and placed:
            self.notices.heard(uow, message, record, item.tree, placed[0], at=at)
        if item.document == ANSWER:
            self.answers.heard(uow, message, record, item.tree, at=at)
        self._go_on(uow, message, record, item, held, at=at)
        return record

    def _in_its_case(
        self, uow: UnitOfWork, message: Message, item: Normalized, placed: tuple[Subject, ...]
    ) -> tuple[Normalized, Conversation | None]:
        """Return *item* as the case it begins or answers knows it, and that case."""
        if item.document in BEGINS:
            subjects = tuple(subject.child_ref for subject in placed)
            tree, held = self.cases.opened(uow, message, item.document, item.tree, subjects)
            return replace(item, tree=tree), held
        kinds = DECIDED_ABOUT if item.document == DECISION else (ANSWERS.get(item.document, ""),)
        is_answer = item.document == DECISION or item.document in ANSWERS
        return item, self.cases.answered(uow, message, item.tree, kinds) if is_answer else None

    def _go_on(
        self,
        uow: UnitOfWork,
        message: Message,
        record: Record,
        item: Normalized,
        held: Conversation | None,
        *,
        at: datetime,
    ) -> None:
        """Let the conversation that *record* belongs to go on, and order what is due to whom."""
        form = Form(message=message, record=record, tree=item.tree)
        if item.document in ANSWERS:
            self._or_ask(uow, form, self.questions.answered, at=at)
            return
        if item.document == FAMILY:
            self._or_ask(uow, form, self.families.registered, at=at)
            return
        if held is not None and item.document in QUESTIONS:
            self.questions.put(uow, record, item.tree, held, at=at)
        elif held is not None and item.document in DECIDED_ABOUT:
            self.converser.received(uow, message, record, item.tree, held, at=at)
        elif item.document == DECISION:
            self.converser.heard(uow, message, record, item.tree, at=at)
        standing = self.returner.standing_of(uow, form, unread={one.list_name for one in item.unmapped})
        ordered = self.orderer.order_form(uow, message, record, item.tree, at=at, standing=standing)
        self.returner.give_back(uow, form, ordered, standing=standing, at=at)

    def _or_ask(self, uow: UnitOfWork, form: Form, follow: "_Follow", *, at: datetime) -> None:
        """Do what follows from *form*, or put before a person why it cannot be done: it is kept either way."""
        try:
            follow(uow, form.message, form.record, form.tree, at=at)
        except PermanentError as error:
            self.converser.ask_to_correct(uow, form.message, error, subject_id=form.record.record_id, at=at)

    def file_consents(self, uow: UnitOfWork, record: Record, tree: Group, at: datetime) -> None:
        """Keep what the form says the family agreed to, for each child it is about."""
        for ref in dict.fromkeys(record.subjects):
            self._file_consents_of(uow, record, ref, self._said(uow, record, tree, at), at)
            self._file_help_of(uow, record, ref, help_of_form(tree, at))

    def refile_consents(self, uow: UnitOfWork, message: Message, record: Record, tree: Group, *, at: datetime) -> None:
        """Keep what the form is now understood to say of consent, but for what was withdrawn meanwhile: that stays."""
        for ref in dict.fromkeys(record.subjects):
            self._file_help_of(uow, record, ref, help_of_form(tree, message.received_at))
            key = child_key(uow, ref)
            own = f"form/{record.record_id}/{ref}/"
            held = [fact for fact in uow.facts.of_child(ref) if fact.fact_id.startswith(own)]
            said = [read_group(self.desk.vault.open(key, f"fact/{fact.fact_id}", fact.sealed)) for fact in held]
            if any(consent.get("status") == "WITHDRAWN" for consent in said):
                continue
            for fact in held:
                uow.facts.retire(fact.fact_id, at=at)
                uow.facts.delete(fact.fact_id)
                stop_clocks(uow, ref, fact.fact_id)
            self._file_consents_of(uow, record, ref, self._said(uow, record, tree, message.received_at), at)

    def _said(self, uow: UnitOfWork, record: Record, tree: Group, at: datetime) -> list[Group]:
        """Return what the form says the family agreed to: an enquiry's consent is to being looked up, and no more."""
        if record.document != ENQUIRY:
            return consents_of_form(tree, at)
        return consents_of_enquiry(tree, at, uow.messages.get(record.message_id).organisation)

    def _file_consents_of(
        self, uow: UnitOfWork, record: Record, ref: ChildRef, consents: list[Group], at: datetime
    ) -> None:
        if consents:
            key = child_key(uow, ref)
            for number, consent in enumerate(consents):
                fact_id = f"form/{record.record_id}/{ref}/{number}"
                consent["consent_id"] = fact_id
                sealed = self.desk.vault.seal(key, f"fact/{fact_id}", write_json(consent))
                uow.facts.put(FactRow(fact_id=fact_id, child_ref=ref, kind="consent", sealed=sealed, recorded_at=at))
                set_clocks(self.desk, uow, ref, permission_from_json(consent), at=at)
                self._tell_consent(uow, record, ref, consent, at)
        uow.epochs.lift([consent_epoch(ref)])
        if any(consent["status"] in _NO for consent in consents):
            self.notifier.stop_consented(uow, ref, at=at)

    def _file_help_of(self, uow: UnitOfWork, record: Record, ref: ChildRef, said: Group | None) -> None:
        if said is not None:
            about = About(children=(ref,), message_id=record.message_id)
            fact_id = f"help/{record.record_id}/{ref}"
            Permissions(self.desk, self.notifier).file_help(uow, ref, said, fact_id=fact_id, about=about)

    def _record(
        self,
        uow: UnitOfWork,
        message: Message,
        item: Normalized,
        placed: tuple[Subject, ...],
        held: Conversation | None,
    ) -> Record:
        record_id = RecordId(self.desk.ids.fresh("rec"))
        subjects = tuple(subject.child_ref for subject in placed)
        begins = item.document in BEGINS
        if not begins and held is not None:
            subjects = self.cases.subjects_of(uow, held)
        if item.document == ANSWER:
            subjects = self.answers.subjects_about(uow, message, item.tree)
        own = None if subjects else self.desk.vault.new_key()
        key = own or child_key(uow, subjects[0])
        status, score = least_sure(placed) if placed else (None, None)
        return Record(
            record_id=record_id,
            message_id=message.message_id,
            position=item.position,
            kind=item.kind,
            document=item.document,
            sealed=seal_document(self.desk.vault, key, record_id, item.tree),
            subjects=subjects,
            state=State.HELD_LABEL if item.unmapped else State.ACCEPTED,
            conversation_id=held.conversation_id if held is not None and begins else None,
            match_status=status,
            match_score=score,
            wrapped_key=own,
            mapping=item.mapping,
            losses=len(item.losses),
        )

    def tell_translated(
        self, uow: UnitOfWork, message: Message, record: Record, item: Normalized, *, at: datetime
    ) -> None:
        """Record that *item* is now what *record* says, by which mapping, and what got lost."""
        losses: list[Tree] = [{"path": loss.path, "why": loss.why} for loss in item.losses]
        words: dict[str, Tree] = {
            "message_id": message.message_id,
            "record_id": record.record_id,
            "direction": "in",
            "format": message.format,
            "document": record.document,
            "mapping_sha256": record.mapping,
            "losses": record.losses,
            "loss_paths": losses,
            "unmapped": len(item.unmapped),
        }
        digests = digests_of(item.tree)
        if digests:
            words["attachments"] = list(digests.values())
        about = About(organisation=message.organisation, children=record.subjects, message_id=message.message_id)
        self.desk.trail.tell(uow, EventKind.DOCUMENT_TRANSLATED, words, at=at, about=about)

    def _tell_match(self, uow: UnitOfWork, message: Message, record: Record, subject: Subject, at: datetime) -> None:
        about = About(children=(subject.child_ref,), message_id=message.message_id)
        named: dict[str, Tree] = {"message_id": message.message_id, "record_id": record.record_id}
        words: dict[str, Tree] = {
            **named,
            "match_status": subject.status,
            "match_score": round(subject.score * 1000),
            "evidence": list(subject.evidence),
            "rival": subject.rival,
        }
        if subject.is_new:
            self.desk.trail.tell(uow, EventKind.CHILD_CREATED, named, at=at, about=about)
        self.desk.trail.tell(uow, EventKind.MATCH_MADE, words, at=at, about=about)

    def _tell_consent(self, uow: UnitOfWork, record: Record, ref: ChildRef, consent: Group, at: datetime) -> None:
        words: dict[str, Tree] = {
            "record_id": record.record_id,
            "consent_ids": [consent["consent_id"]],
            "consent_status": consent["status"],
            "fact": consent,
        }
        about = About(children=(ref,), message_id=record.message_id)
        self.desk.trail.tell(uow, EventKind.CONSENT_RECORDED, words, at=at, about=about)

    def queue_labels(self, uow: UnitOfWork, record: Record, message: Message, item: Normalized) -> None:
        """Remember which labels of *item* wait for a person, and which mean what a person said.

        Where somebody has said since *item* was understood what a label means, *record* is due to be understood anew.
        """
        paths = {(one.list_name, one.label): one.path for one in item.unmapped}
        open_ones = dict.fromkeys(paths, "open")
        settled = {(list_name, label): "settled" for list_name, label, _ in item.given}
        for (list_name, label), status in (settled | open_ones).items():
            blinded = blind_label(self.desk.vault, list_name, label)
            is_news = (list_name, label) not in settled and self._is_said(uow, list_name, blinded)
            key = record.wrapped_key or child_key(uow, record.subjects[0])
            task = LabelTask(
                list_name=list_name,
                label_blind=blinded,
                label_sealed=self.desk.vault.seal(key, f"label/{blinded}", label.encode()),
                system=message.format.partition("/")[0],
                path=paths.get((list_name, label), ""),
                record_id=record.record_id,
                status="due" if is_news else status,
            )
            uow.labels.add(task)
            if task.status == "open":
                self.label_clock.begin(uow, list_name, blinded, at=self.desk.clock.now())

    def _is_said(self, uow: UnitOfWork, list_name: str, blinded: str) -> bool:
        """Tell whether somebody has said what a label means since the record that holds it was understood."""
        return uow.labels.meaning(list_name, blinded, is_held=True) is not None
