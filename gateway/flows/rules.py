"""When do new rules come into force, and what of what was decided under the old ones?"""

from typing import TYPE_CHECKING

from gateway.audit.event import EventKind
from gateway.flows.context import Desk
from gateway.flows.gather import POLICY_EPOCH
from gateway.flows.ports import UnitOfWork
from gateway.flows.rows import Conversation
from gateway.flows.trail import About
from gateway.model.identifiers import ConversationId

if TYPE_CHECKING:
    from gateway.model.tree import Group

_KIND = "installation"
_IN_FORCE = "policy in force"


def bring_into_force(desk: Desk) -> bool:
    """Make the policy this process was started with the one in force, and tell whether it was another before.

    Promise: nothing that was permitted under another policy can be marked as handed over any more: it is decided again.
    """
    return desk.store.write(lambda uow: _bring_into_force(desk, uow))


def _bring_into_force(desk: Desk, uow: UnitOfWork) -> bool:
    held = uow.conversations.by_reference(_KIND, _IN_FORCE)
    if held is not None and held.state == desk.policy.digest:
        return False
    uow.conversations.save(
        Conversation(
            conversation_id=held.conversation_id if held else ConversationId(desk.ids.fresh("cnv")),
            kind=_KIND,
            reference=_IN_FORCE,
            state=desk.policy.digest,
            body="{}",
            version=held.version if held else 0,
        )
    )
    uow.epochs.lift([POLICY_EPOCH])
    words: Group = {"policy_version": desk.policy.version, "policy_sha256": desk.policy.digest}
    desk.trail.tell(uow, EventKind.POLICY_LOADED, words, at=desk.clock.now(), about=About())
    return True
