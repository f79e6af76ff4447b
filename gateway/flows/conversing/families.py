"""What becomes of a family that is registered? One early-help episode for each child, set up as the form says."""

from dataclasses import dataclass
from datetime import datetime

from gateway.errors import PermanentError
from gateway.flows.context import Desk
from gateway.flows.conversing.emit import Emission, emit
from gateway.flows.conversing.order import Orderer
from gateway.flows.conversing.questions import Questions
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import Message, Record
from gateway.model.tree import Group
from gateway.translation.message_translator import project

FAMILY = "ecaf.family"
REGISTERED = "caf.family.registered"
_EPISODE = "ecaf.episode"
_NOT_OPEN = "N"


@dataclass(frozen=True, slots=True, kw_only=True)
class Families:
    """Sets up the episodes of registered families."""

    desk: Desk
    orderer: Orderer
    questions: Questions

    def registered(self, uow: UnitOfWork, message: Message, record: Record, tree: Group, *, at: datetime) -> None:
        """Order an episode for each child of *record*: nothing of one child's is in another's.

        Raises:
            PermanentError: the sender's own enquiry, which has to come first, is not named or was not answered, or an
                episode is open.
        """
        if not record.subjects:
            raise PermanentError("the form names no child", code="no-child")
        answer = self.questions.last_answer(uow, message, str(tree.get("enquiry") or ""), record.subjects)
        if answer is None:
            text = (
                "a family is registered once your enquiry about one of its children was answered; name it in `enquiry`"
            )
            raise PermanentError(text, code="enquiry-first")
        if answer != _NOT_OPEN:
            raise PermanentError("the enquiry found an open episode, or could not rule one out", code="episode-open")
        mapping = self.desk.library.projection(FAMILY, _EPISODE)
        family = str(tree.get("reference") or message.message_id)
        for index, child in enumerate(record.subjects):
            episode: Group = {**project(mapping, tree, index=index).tree, "family_reference": family}
            emission = Emission(
                kind=REGISTERED,
                format=self.desk.routes.of(REGISTERED)[0].format,
                document=_EPISODE,
                tree=episode,
                subjects=(child,),
                correlation_id=message.correlation_id,
                on_behalf_of=message.organisation,
                lane=message.lane,
                conversation_id=None,
                match_status=record.match_status,
                match_score=record.match_score,
            )
            emitted = emit(self.desk, uow, emission, cause=f"{record.record_id}/{REGISTERED}/{index}", at=at)
            if emitted is not None:
                said, kept = emitted
                self.orderer.order_all(uow, said, kept, episode, at=at)
