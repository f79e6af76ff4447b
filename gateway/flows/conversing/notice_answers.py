"""What do receivers answer to our notices, and what is settled by it?"""

from dataclasses import dataclass
from datetime import datetime

from gateway.conversations.notices import SETTLED_BY_ANSWER
from gateway.errors import NotFoundError, PermanentError
from gateway.flows.conversing.converse import Converser
from gateway.flows.people.duties import DutyKeeper
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.duty_repository import WAITING
from gateway.flows.store.rows import Delivery, Message, Record
from gateway.model.identifiers import ChildRef, DeliveryId
from gateway.model.notice import NoticeAnswer
from gateway.model.tree import Group

ANSWER = "ecaf.notice-answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Takes receivers' answers to notices, and to documents that came with terms."""

    duties: DutyKeeper
    converser: Converser

    def subjects_about(self, uow: UnitOfWork, message: Message, tree: Group) -> tuple[ChildRef, ...]:
        """Return the children of what *tree* answers; nobody, where it is not its sender's to answer."""
        delivery = _answered(uow, message, tree)
        return delivery.subjects if delivery else ()

    def heard(self, uow: UnitOfWork, message: Message, record: Record, tree: Group, *, at: datetime) -> None:
        """Settle what the answer settles; one to something its sender never got is put before a person.

        Who answers that they cannot do it makes the duty late at once.
        """
        delivery = _answered(uow, message, tree)
        if delivery is None:
            error = PermanentError("nothing of this message id was ever given to its sender", code="unknown-reference")
            self.converser.ask_to_correct(uow, message, error, subject_id=record.record_id, at=at)
            return
        answer = NoticeAnswer(str(tree["answer"]))
        if answer is NoticeAnswer.CANNOT:
            for duty in uow.duties.of(delivery.delivery_id):
                if duty.status in WAITING:
                    self.duties.fall_due(uow, duty.duty_id, at=at)
            return
        codes = SETTLED_BY_ANSWER[answer]
        self.duties.settle(uow, delivery.delivery_id, codes=codes, outcome=answer.value.lower(), at=at)


def _answered(uow: UnitOfWork, message: Message, tree: Group) -> Delivery | None:
    """Return the delivery that *tree* answers, if it was one to whoever sent *message*."""
    try:
        found = uow.deliveries.get(DeliveryId(str(tree.get("in_answer_to"))))
    except NotFoundError:
        return None
    return found if found.recipient == message.organisation and found.handed_over_at is not None else None
