"""What did the first release store that is stored otherwise now, and cannot be changed without the keys?

It kept senders' idempotency keys and references in clear. Kept so, a repeat would be taken for a new document, the
MASH's answer for one about no referral, and names could be read in the file. Its messages are known by having no trace.
"""

from dataclasses import replace

from gateway.flows.context import Desk
from gateway.flows.conversing.case_names import REFERRAL, blind_key, blind_reference, is_sealed, seal_names
from gateway.flows.documents import read_group
from gateway.flows.ports import UnitOfWork
from gateway.flows.trace import TRACE_ID_BYTES

_DONE = "names kept blinded"
_BATCH = 200
_OURS = "gateway"
"""The channel of what the gateway says itself, whose keys are its own and hold nothing of anybody's."""


def bring_up_to_date(desk: Desk) -> None:
    """Keep as it is kept now what the first release stored; does nothing when that was done before.

    Promise: it may be ended at any moment and is gone on with at the next start; several processes may do it at once.
    """
    if desk.store.read(lambda uow: uow.epochs.current([_DONE])[_DONE]):
        return
    after = ""
    while after := desk.store.write(lambda uow, start=after: _messages(desk, uow, start)):  # type: ignore[misc]
        continue
    while after := desk.store.write(lambda uow, start=after: _conversations(desk, uow, start)):  # type: ignore[misc]
        continue
    desk.store.write(lambda uow: uow.epochs.lift([_DONE]))


def _messages(desk: Desk, uow: UnitOfWork, after: str) -> str:
    """Blind the keys of some messages; return the last one's id, or nothing when there is no more."""
    found = uow.untraced.messages(after=after, limit=_BATCH)
    for message in found:
        key = message.idempotency_key
        blinded = key if message.channel == _OURS else blind_key(desk.vault, key)
        fresh = desk.vault.noise(TRACE_ID_BYTES).hex()
        uow.untraced.give_trace(replace(message, idempotency_key=blinded, trace_id=fresh))
    return found[-1].message_id if found else ""


def _conversations(desk: Desk, uow: UnitOfWork, after: str) -> str:
    """Seal the names of some conversations; as above."""
    found = uow.untraced.conversations(REFERRAL, after=after, limit=_BATCH)
    for held in found:
        if not is_sealed(held):
            told = read_group(held.body.encode())
            blinded = blind_reference(desk.vault, held.reference) if held.reference else ""
            uow.conversations.save(
                replace(held, reference=blinded, body=seal_names(desk.vault, held.conversation_id, told))
            )
    return found[-1].conversation_id if found else ""
