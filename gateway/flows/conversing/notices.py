"""How is everybody who was given documents told what to do about them, once each, and by whom is that watched?

A notice is a delivery like any other: decided (rule 39), translated, in order behind what it is about, retried,
acknowledged. The duty beside it has a clock, so that somebody asks where nobody acknowledges.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from gateway.audit.event import EventKind
from gateway.consent.permission import Withdrawal
from gateway.consent.question import Mode
from gateway.conversations.duties import DUTIES
from gateway.conversations.notices import DUTY_OF, notice
from gateway.flows.context import Desk
from gateway.flows.conversing.emit import Emission, emit
from gateway.flows.conversing.order import Orderer
from gateway.flows.deciding.gather import holds_content
from gateway.flows.documents import open_document
from gateway.flows.people.duties import DutyKeeper, Opening
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import Delivery, Lane, Organisation
from gateway.flows.trail import About
from gateway.model.identifiers import ChildRef, DeliveryId, OrganisationId
from gateway.model.notice import NoticeStep

if TYPE_CHECKING:
    from gateway.model.tree import Group, Tree

NOTICE = "caf.notice.sent"
_FORMAT, _DOCUMENT = "ecaf/notice-1", "ecaf.notice"
NEED_BASED = frozenset({"P-EMERG", "P-ORDER", "P-S47", "P-16LA", "P-S17O"})
"""Permits that rest on need or law: nobody received under a consent what these let go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one holder is told: about which documents of ours, in the order they got them."""

    step: NoticeStep
    holder: OrganisationId
    documents: tuple[DeliveryId, ...]
    children: tuple[ChildRef, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notifier:
    """Sends notices."""

    desk: Desk
    orderer: Orderer
    duties: DutyKeeper

    def stop_consented(
        self, uow: UnitOfWork, child: ChildRef, *, at: datetime, taken_back: Withdrawal | None = None
    ) -> int:
        """Tell everybody who ever got content about *child* with the family's consent to stop sharing; return how many.

        What was conveyed by its sender, or let go by need or law, nobody got under a consent. Where only a part was
        *taken_back*, those it does not touch are told nothing.
        """
        given = [one for one in self._content(uow, child) if self._rests_on_consent(uow, one)]
        if taken_back is not None:
            given = [one for one in given if _touches(uow, taken_back, one)]
        return self._stop(uow, child, given, at)

    def stop_protected(
        self, uow: UnitOfWork, child: ChildRef, flag: str, needing: Iterable[str], *, at: datetime
    ) -> int:
        """Tell everybody who ever got content about *child*, but for those on the need-list, to stop sharing.

        The notice is the one a withdrawal sends, so that nobody reads a protection off it.
        """
        listed = set(needing)
        given = [one for one in self._content(uow, child) if not _needs(uow, one.recipient, flag, listed)]
        return self._stop(uow, child, given, at)

    def stop_forbidden(
        self, uow: UnitOfWork, child: ChildRef, names: Callable[[Organisation], bool], *, at: datetime
    ) -> int:
        """Tell everybody who ever got content about *child*, and whom an order *names*, to stop sharing it."""
        given = [one for one in self._content(uow, child) if names(uow.directory.organisation(one.recipient))]
        return self._stop(uow, child, given, at)

    def send(self, uow: UnitOfWork, told: Told, *, cause: str, correlation_id: str, at: datetime) -> None:
        """Order one notice, unless *cause* has ordered it before, and open the duty to see that it is heeded."""
        code = DUTY_OF[told.step]
        answer_by = DUTIES[code].due(at, self.desk.calendar)
        tree = notice(told.step, told.documents, at=at, answer_by=answer_by)
        emitted = emit(self.desk, uow, self._emission(told, tree, correlation_id), cause=cause, at=at)
        if emitted is None:
            return
        message, record = emitted
        words: dict[str, Tree] = {
            "notice": told.step.value,
            "reason": told.step.value,
            "recipient": told.holder,
            "message_id": message.message_id,
        }
        about = About(organisation=self.desk.sender, children=told.children, message_id=message.message_id)
        self.desk.trail.tell(uow, EventKind.NOTICE_ORDERED, words, at=at, about=about)
        self.orderer.order_all(uow, message, record, tree, at=at, referrer=told.holder)
        ordered = uow.delivery_lists.of_record(record.record_id)
        opening = Opening(
            code=code,
            subject=ordered[0] if ordered else record.record_id,
            reason=told.step.value,
            children=told.children,
            message_id=message.message_id,
            recipient=told.holder,
            due_at=answer_by,
        )
        self.duties.open(uow, opening, at=at)

    def _stop(self, uow: UnitOfWork, child: ChildRef, given: Sequence[Delivery], at: datetime) -> int:
        told_before = self._told_to_stop(uow, child)
        holders = dict.fromkeys(one.recipient for one in given)
        sent = 0
        for holder in holders:
            theirs = tuple(one.delivery_id for one in given if one.recipient == holder)
            news = tuple(name for name in theirs if name not in told_before)
            if not news:
                continue
            told = Told(step=NoticeStep.STOP_SHARING, holder=holder, documents=news, children=(child,))
            self.send(uow, told, cause=f"stop/{news[-1]}", correlation_id=_first_message(given, holder), at=at)
            sent += 1
        return sent

    def _content(self, uow: UnitOfWork, child: ChildRef) -> list[Delivery]:
        return [one for one in uow.delivery_lists.given_about(child) if holds_content(one)]

    def _rests_on_consent(self, uow: UnitOfWork, delivery: Delivery) -> bool:
        if Mode(delivery.mode) is Mode.CONVEY or delivery.permit_id is None:
            return False
        return uow.permits.get(delivery.permit_id).reason not in NEED_BASED

    def _told_to_stop(self, uow: UnitOfWork, child: ChildRef) -> set[str]:
        """Return the documents about *child* whose holders were sent, or are due, a notice to stop sharing them."""
        notices = [record for record in uow.records.about(child) if record.document == _DOCUMENT]
        trees = [open_document(self.desk.vault, uow, record) for record in notices]
        return {name for tree in trees for name in _documents_of(tree)}

    def _emission(self, told: Told, tree: "Group", correlation_id: str) -> Emission:
        return Emission(
            kind=NOTICE,
            format=_FORMAT,
            document=_DOCUMENT,
            tree=tree,
            subjects=told.children,
            correlation_id=correlation_id,
            on_behalf_of=self.desk.sender,
            lane=Lane.NORMAL,
            conversation_id=None,
        )


def _documents_of(tree: "Group") -> list[str]:
    documents = tree.get("documents")
    if tree.get("step") != NoticeStep.STOP_SHARING.value or not isinstance(documents, list):
        return []
    return [str(name) for name in documents]


def _first_message(given: Sequence[Delivery], holder: OrganisationId) -> str:
    return next(one.message_id for one in given if one.recipient == holder)


def _touches(uow: UnitOfWork, taken_back: Withdrawal, given: Delivery) -> bool:
    """Tell whether what was *taken_back* reaches a document that was *given*.

    Which kind of information a document held is not known of each: a category, or a kind of consent, that was taken
    back reaches them all.
    """
    if taken_back.is_whole or taken_back.kinds or taken_back.categories:
        return True
    recipient = uow.directory.organisation(given.recipient)
    reached = {recipient.organisation, recipient.type}.intersection(taken_back.agencies)
    return bool(reached) or given.purpose in taken_back.purposes


def _needs(uow: UnitOfWork, name: OrganisationId, flag: str, listed: set[str]) -> bool:
    """Tell whether an organisation may see behind *flag*: it is on the need-list, or needs to know of each such one."""
    return name in listed or flag in uow.directory.organisation(name).profile.get("need_list", ())
