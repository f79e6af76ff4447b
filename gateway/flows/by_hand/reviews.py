"""What happens when a person has decided what a rule could not?

A person's word changes a fact, and the rules are asked again with it: who the child is, or that the responsible role
permits what a row handed to it. What the rules forbid outright stays forbidden.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from gateway.audit.event import EventKind
from gateway.consent.question import Override, PersonDecision
from gateway.conversations.duties import CALDICOTT, RATIONALE
from gateway.conversations.review import TAKES_TWO
from gateway.errors import ConflictError, NotAllowedError, SchemaViolationError
from gateway.flows.context import Desk
from gateway.flows.conversing.order import NO_RECIPIENT, Orderer
from gateway.flows.deciding.sharing import WAITING, Sharer
from gateway.flows.documents import open_document
from gateway.flows.facts.keeper import FactKeeper
from gateway.flows.people import label_clock
from gateway.flows.people.ask import REVIEW_DUE
from gateway.flows.people.duties import Opening, Word
from gateway.flows.ports import UnitOfWork
from gateway.flows.receiving.keep import Keeper
from gateway.flows.store.proposal_repository import Proposal
from gateway.flows.store.rows import Delivery, Record, ReviewTask, State
from gateway.flows.trail import About
from gateway.flows.understanding.contacts import ATTACH, KIND, QUESTION
from gateway.flows.understanding.join import Joiner
from gateway.model.identifiers import ConversationId, DeliveryId, MessageId, RecordId, ReviewId

if TYPE_CHECKING:
    from gateway.model.tree import Tree

CHOICES = {
    "sharing": ("permit", "refuse"),
    "match": ("same", "different", "refuse"),
    "correction": ("done",),
    "clock": ("done",),
    "undelivered": ("done",),
    "malware": ("done",),
    label_clock.QUESTION: ("done",),
    QUESTION: (ATTACH, "leave"),
}
AWAITING_SECOND = "awaiting-second"
"""What a document's state is said to be once one of two persons has spoken."""
_SAFEGUARDING = "safeguarding"
_NO_CONSENT = "H-S17"
_MATCH_REASONS = frozenset({"H-MATCH", "H-MATCH-CONF"})
_ALL = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a person decided, who they are, and why: the rationale is kept sealed."""

    choice: str
    by: str
    role: str
    rationale: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviews:
    """Takes people's decisions and lets what waited for them flow on."""

    desk: Desk
    sharer: Sharer
    keeper: Keeper
    joiner: Joiner
    orderer: Orderer

    def decide(self, review_id: ReviewId, verdict: Verdict) -> str:
        """Store *verdict* and return the state the held document is in now, or `done`.

        Raises:
            NotFoundError: no such review.
            ConflictError: it was decided before.
            NotAllowedError: it takes two persons, and this one has spoken already.
            SchemaViolationError: not one of the review's choices, or no rationale.
        """
        if not verdict.rationale.strip():
            raise SchemaViolationError("say why: a decision about a family needs its rationale")
        return self.desk.store.write(lambda uow: self._decide(uow, review_id, verdict))

    def _decide(self, uow: UnitOfWork, review_id: ReviewId, verdict: Verdict) -> str:
        at = self.desk.clock.now()
        task = uow.reviews.get(review_id)
        if task.status not in {"open", "escalated"}:
            raise ConflictError("this review was decided before; see reviews show")
        choices = choices_of(task)
        if verdict.choice not in choices:
            raise SchemaViolationError(f"choose one of {', '.join(choices)}")
        if verdict.choice == "permit" and task.reason in TAKES_TWO:
            first = uow.proposals.get(review_id)
            if first is None:
                return self._propose(uow, task, verdict, at)
            if first.proposed_by == verdict.by:
                raise NotAllowedError("another person must confirm it: it sets aside what somebody said")
        state = self._follow(uow, task, verdict, at)
        self._close(uow, task, verdict, at)
        return state

    def _propose(self, uow: UnitOfWork, task: ReviewTask, verdict: Verdict, at: datetime) -> str:
        """Keep the first person's word; nothing goes before a second has confirmed it."""
        wrapped = self.desk.vault.new_key()
        proposal = Proposal(
            review_id=task.review_id,
            choice=verdict.choice,
            proposed_by=verdict.by,
            role=verdict.role,
            proposed_at=at,
            note_sealed=self.desk.vault.seal(wrapped, _proposed(task), verdict.rationale.encode()),
            note_key=wrapped,
        )
        uow.proposals.put(proposal)
        words: dict[str, Tree] = {
            "review_id": task.review_id,
            "decision": verdict.choice,
            "reason": task.reason,
            "role": verdict.role,
            "rationale": verdict.rationale,
        }
        self.desk.trail.tell(uow, EventKind.REVIEW_PROPOSED, words, at=at, about=self._about(uow, task, verdict))
        return AWAITING_SECOND

    def _override(self, uow: UnitOfWork, task: ReviewTask, delivery: Delivery, at: datetime) -> Override | None:
        """Return the override that two persons assert, with its reasons written down; None where it takes no two."""
        first = uow.proposals.get(task.review_id) if task.reason in TAKES_TWO else None
        if first is None:
            return None
        note = self.desk.vault.open(first.note_key, _proposed(task), first.note_sealed).decode()
        opening = Opening(
            code=RATIONALE,
            subject=delivery.delivery_id,
            reason=task.reason,
            children=delivery.subjects,
            message_id=delivery.message_id,
            recipient=delivery.recipient,
        )
        word = Word(outcome="recorded", by=first.proposed_by, role=first.role, note=note)
        self.sharer.duties.keep_at_once(uow, opening, word, at=at)
        self.sharer.duties.open(uow, replace(opening, code=CALDICOTT), at=at)
        if task.reason != _NO_CONSENT:
            return None
        return Override(asserted=True, basis=_SAFEGUARDING, rationale="given", authoriser_role=first.role)

    def _follow(self, uow: UnitOfWork, task: ReviewTask, verdict: Verdict, at: datetime) -> str:
        if task.kind == QUESTION and verdict.choice == ATTACH:
            self.keeper.contacts.attach(uow, uow.records.get(RecordId(task.subject_id)), at=at)
        if task.kind != "sharing" and verdict.choice == "again":
            return self._order_again(uow, RecordId(task.subject_id), at)
        if task.kind != "sharing":
            self._lay_down(uow, task)
            return "done"
        delivery = uow.deliveries.get(DeliveryId(task.subject_id))
        if delivery.state not in WAITING and not self._is_protection_refused(uow, delivery):
            raise ConflictError("the document this review held up has gone on meanwhile; see messages trace")
        if verdict.choice == "refuse":
            return self._save(uow, replace(delivery, state=State.REFUSED, reason="D-PERSON", ready_at=None))
        record = uow.records.get(delivery.record_id)
        match verdict.choice:
            case "same":
                return self._join(uow, delivery, record, at)
            case "different":
                record = replace(record, match_status="NEW", match_score=0.0)
                uow.records.save(record)
                return self._again(uow, delivery, record, None, at)
            case _:
                override = self._override(uow, task, delivery, at)
                person = PersonDecision(
                    choice=verdict.choice,
                    role=verdict.role,
                    review_id=task.review_id,
                    reason=task.reason,
                    earlier=self._permitted_before(uow, delivery, record),
                )
                return self._again(uow, delivery, record, person, at, override=override)

    def _order_again(self, uow: UnitOfWork, record_id: RecordId, at: datetime) -> str:
        """Follow the routes of a record once more: there is somebody to get it now, or the question comes back."""
        record = uow.records.get(record_id)
        message = uow.messages.get(record.message_id)
        tree = open_document(self.desk.vault, uow, record)
        state = State.HELD_LABEL if uow.labels.waits(record_id) else State.ACCEPTED
        uow.records.save(replace(record, state=state))
        self.orderer.order_all(uow, message, record, tree, at=at)
        return "ordered again"

    def _lay_down(self, uow: UnitOfWork, task: ReviewTask) -> None:
        """Let what a person has dealt with outside the gateway no longer be told as waiting for one."""
        match task.subject_id.partition("_")[0]:
            case "rec":
                record = uow.records.get(RecordId(task.subject_id))
                if record.state is State.IN_REVIEW:
                    uow.records.save(replace(record, state=State.ACKNOWLEDGED))
            case "msg" if task.kind == "correction":
                message = uow.messages.get(MessageId(task.subject_id.partition("/")[0]))
                if message.state is State.ORDERED:
                    uow.messages.save(replace(message, reason=None))
            case _:
                return

    def _join(self, uow: UnitOfWork, delivery: Delivery, record: Record, at: datetime) -> str:
        """Make *record* one about the child we know, and order it anew under that child's facts."""
        joined = self.joiner.join(uow, record)
        facts = FactKeeper(self.desk, self.keeper.notifier)
        for known in (ref for ref in dict.fromkeys(joined.subjects) if ref not in record.subjects):
            facts.tell_what_came_along(uow, known)
        uow.deliveries.save(replace(delivery, state=State.WITHDRAWN, reason="re-ordered", ready_at=None))
        message = uow.messages.get(record.message_id)
        tree = open_document(self.desk.vault, uow, joined)
        self.keeper.file_consents(uow, joined, tree, at)
        self.orderer.order_all(uow, message, joined, tree, at=at)
        latest = [one for one in uow.delivery_lists.of_message(record.message_id) if one.record_id == record.record_id]
        return latest[-1].state.value

    def _again(
        self,
        uow: UnitOfWork,
        delivery: Delivery,
        record: Record,
        person: PersonDecision | None,
        at: datetime,
        *,
        override: Override | None = None,
    ) -> str:
        tree = open_document(self.desk.vault, uow, record)
        sharing = self.sharer.sharing_of(uow, delivery, tree, person, override)
        decision, permit_id = self.sharer.decide(uow, sharing, at=at)
        return self._save(uow, self.sharer.settle(uow, replace(delivery, permit_id=permit_id), decision, at=at))

    def _permitted_before(self, uow: UnitOfWork, delivery: Delivery, record: Record) -> tuple[str, ...]:
        """Return the reasons a person has permitted *delivery* for, knowing all that is known about the children now.

        Without them two rows that both ask would ask for ever. One decided before a fact changed is asked again.
        """
        facts = [fact.recorded_at for ref in record.subjects for fact in uow.facts.of_child(ref) if fact.kind != KIND]
        since = max(facts, default=delivery.created_at)
        return tuple(
            task.reason
            for task in uow.reviews.find(status="permit", limit=_ALL)
            if task.subject_id == delivery.delivery_id and task.decided_at is not None and task.decided_at >= since
        )

    def _save(self, uow: UnitOfWork, delivery: Delivery) -> str:
        uow.deliveries.save(delivery)
        if delivery.state is State.ORDERED:
            uow.wake(f"delivery.{delivery.lane.name.lower()}", delivery.delivery_id)
        return delivery.state.value

    def _close(self, uow: UnitOfWork, task: ReviewTask, verdict: Verdict, at: datetime) -> None:
        wrapped = self.desk.vault.new_key()
        note = self.desk.vault.seal(wrapped, f"review/{task.review_id}/note", verdict.rationale.encode())
        uow.reviews.save(
            replace(
                task,
                status=verdict.choice,
                decided_by=verdict.by,
                decided_at=at,
                note_sealed=note,
                note_key=wrapped,
            )
        )
        uow.timers.drop(ConversationId(task.review_id), REVIEW_DUE)
        words: dict[str, Tree] = {
            "review_id": task.review_id,
            "decision": verdict.choice,
            "reason": task.reason,
            "role": verdict.role,
            "rationale": verdict.rationale,
        }
        self.desk.trail.tell(uow, EventKind.REVIEW_DECIDED, words, at=at, about=self._about(uow, task, verdict))

    def _about(self, uow: UnitOfWork, task: ReviewTask, verdict: Verdict) -> About:
        if task.kind != "sharing":
            return About(actor=verdict.by, organisation=self.desk.sender)
        delivery = uow.deliveries.get(DeliveryId(task.subject_id))
        children = uow.records.get(delivery.record_id).subjects
        return About(actor=verdict.by, organisation=self.desk.sender, children=children, message_id=delivery.message_id)

    def _is_protection_refused(self, uow: UnitOfWork, delivery: Delivery) -> bool:
        """Tell whether *delivery* protects a child and was refused: a person may have the rules asked again."""
        return delivery.state is State.REFUSED and self.sharer.protects(uow, delivery)


def _proposed(task: ReviewTask) -> str:
    """Return what the first person's reason is bound to."""
    return f"review/{task.review_id}/proposal"


def choices_of(task: ReviewTask) -> tuple[str, ...]:
    """Return what a person may choose for *task*."""
    if task.reason == NO_RECIPIENT:
        return ("again", "done")
    kind = "match" if task.kind == "sharing" and task.reason in _MATCH_REASONS else task.kind
    return CHOICES[kind]
