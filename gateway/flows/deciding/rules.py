"""When do new rules and tables come into force, and what of what was decided under the old ones?"""

from typing import TYPE_CHECKING

from gateway.audit.event import EventKind
from gateway.flows.context import Desk
from gateway.flows.deciding.gather import POLICY_EPOCH
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import Conversation
from gateway.flows.trail import About
from gateway.model.identifiers import ConversationId

if TYPE_CHECKING:
    from gateway.model.tree import Group

_KIND = "installation"
_POLICY = "policy in force"
_TABLES = "tables in force"


def bring_into_force(desk: Desk) -> bool:
    """Make the policy and the laws that hold here now those in force, and tell whether they were others before.

    New tables are told in the log as well: by them one can say which table a document was translated by.

    Promise: nothing that was permitted under other rules can be marked as handed over any more: it is decided again.
    """
    return desk.store.write(lambda uow: _bring_into_force(desk, uow))


class RuleWatch:
    """Sees that the day of a policy, a profile or a law has come while a process runs, and brings it into force."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._known = ""

    def tick(self) -> None:
        """Bring into force what holds now, if it is not what held when last looked at."""
        digest = self._desk.in_force.digest
        if digest != self._known:
            bring_into_force(self._desk)
            self._known = digest


def _bring_into_force(desk: Desk, uow: UnitOfWork) -> bool:
    if _is_new(desk, uow, _TABLES, desk.library.digest):
        tables: Group = {"library_sha256": desk.library.digest}
        desk.trail.tell(uow, EventKind.MAPPINGS_LOADED, tables, at=desk.clock.now(), about=About())
    rules = desk.in_force
    if not _is_new(desk, uow, _POLICY, rules.digest):
        return False
    uow.epochs.lift([POLICY_EPOCH])
    switches: Group = dict(rules.switches)
    words: Group = {
        "policy_version": rules.policy.version,
        "policy_sha256": rules.policy.digest,
        "switches": switches,
    }
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
