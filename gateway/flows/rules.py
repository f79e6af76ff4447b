"""When do new rules and tables come into force, and what of what was decided under the old ones?"""

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
_POLICY = "policy in force"
_TABLES = "tables in force"


def bring_into_force(desk: Desk) -> bool:
    """Make the policy this process was started with the one in force, and tell whether it was another before.

    New tables are told in the log as well: by them one can say which table a document was translated by.

    Promise: nothing that was permitted under another policy can be marked as handed over any more: it is decided again.
    """
    return desk.store.write(lambda uow: _bring_into_force(desk, uow))


def _bring_into_force(desk: Desk, uow: UnitOfWork) -> bool:
    if _is_new(desk, uow, _TABLES, desk.library.digest):
        tables: Group = {"library_sha256": desk.library.digest}
        desk.trail.tell(uow, EventKind.MAPPINGS_LOADED, tables, at=desk.clock.now(), about=About())
    if not _is_new(desk, uow, _POLICY, desk.policy.digest):
        return False
    uow.epochs.lift([POLICY_EPOCH])
    words: Group = {"policy_version": desk.policy.version, "policy_sha256": desk.policy.digest}
    desk.trail.tell(uow, EventKind.POLICY_LOADED, words, at=desk.clock.now(), about=About())
    return True


def _is_new(desk: Desk, uow: UnitOfWork, what: str, digest: str) -> bool:
    """Tell whether *digest* is another than that of *what* is in force, and remember it."""
    held = uow.conversations.by_reference(_KIND, what)
    if held is not None and held.state == digest:
        return False
    uow.conversations.save(
        Conversation(
            conversation_id=held.conversation_id if held else ConversationId(desk.ids.fresh("cnv")),
            kind=_KIND,
            reference=what,
            state=digest,
            body="{}",
            version=held.version if held else 0,
        )
    )
    return True
