"""Which records did we make of a record that came in, and what does an answer in that one mean for them?

An episode is made of a referral when the MASH asks for early help. While nobody has said what an answer in the referral
means, the episode would leave without it: so it waits for the same labels, and is made again when the referral has
been understood again.
"""

from gateway.errors import IntegrityError, NotFoundError
from gateway.flows.context import Desk
from gateway.flows.documents import key_of, open_document
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import LabelTask, Message, Record, State
from gateway.model.identifiers import MessageId
from gateway.model.tree import Group
from gateway.translation.message_translator import project

EPISODE = "ecaf.episode"
OURS = "gateway"
"""The channel of what the gateway says itself."""
_UNKNOWN = b""
_MAY_WAIT = frozenset({State.HELD_LABEL, State.IN_REVIEW})


def episode_of(desk: Desk, uow: UnitOfWork, referral: Record, index: int) -> Group:
    """Return the episode that *referral* starts for its child number *index*, as the referral stands now."""
    mapping = desk.library.projection(referral.document, EPISODE)
    return project(mapping, open_document(desk.vault, uow, referral), index=index).tree


def source_of(uow: UnitOfWork, message: Message, record: Record) -> tuple[Record, int]:
    """Return the referral that *record* of our own *message* was made of, and for which of its children.

    Raises:
        NotFoundError: it is not kept.
    """
    made_of = uow.records.of_message(MessageId(message.correlation_id))
    found = next((one for one in made_of if one.conversation_id == record.conversation_id), None)
    if found is None:
        raise NotFoundError("the referral of this episode is not kept")
    return found, _index(message)


def is_waiting(uow: UnitOfWork, source: Record) -> bool:
    """Tell whether *source* holds an answer that nobody has mapped yet."""
    return source.state in _MAY_WAIT and uow.labels.waits(source.record_id)


def wait_as(desk: Desk, uow: UnitOfWork, source: Record, record: Record) -> None:
    """Let *record*, made of *source*, wait for every label that *source* waits for."""
    own = key_of(uow, record)
    for task in uow.labels.of_record(source.record_id):
        place = f"label/{task.label_blind}"
        label = _opened(desk, uow, source, task)
        is_said = uow.labels.meaning(task.list_name, task.label_blind, is_held=True) is not None
        uow.labels.add(
            LabelTask(
                list_name=task.list_name,
                label_blind=task.label_blind,
                label_sealed=desk.vault.seal(own, place, label),
                system=task.system,
                path=task.path,
                record_id=record.record_id,
                status="due" if is_said else task.status,
            )
        )


def _opened(desk: Desk, uow: UnitOfWork, source: Record, task: LabelTask) -> bytes:
    """Return the label of *task*; nothing, where its record has been joined to another child since."""
    try:
        return desk.vault.open(key_of(uow, source), f"label/{task.label_blind}", task.label_sealed)
    except IntegrityError:
        return _UNKNOWN


def _index(message: Message) -> int:
    """Return for which of the referral's children our *message* was made: its cause ends with it."""
    return int(message.idempotency_key.rpartition("/")[2])
