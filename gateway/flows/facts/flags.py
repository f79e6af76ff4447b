"""How are protection flags on a child kept, and what stops when one is set?"""

from dataclasses import dataclass

from gateway.audit.event import EventKind
from gateway.consent.question_json import check_flag
from gateway.flows.context import Desk
from gateway.flows.conversing.notices import Notifier
from gateway.flows.facts.child_facts import ChildFacts
from gateway.flows.ports import UnitOfWork
from gateway.model.identifiers import ChildRef
from gateway.model.tree import Group

FLAG = "flag"
_UNTOLD = frozenset({"POLICE_HOLD", "INFORMANT"})
"""Protections under which no family is told of what was shared."""


@dataclass(frozen=True, slots=True)
class Flags:
    """Keeps protection flags."""

    desk: Desk
    notifier: Notifier

    @property
    def facts(self) -> ChildFacts:
        """Return the keeper of facts of this kind."""
        return ChildFacts(desk=self.desk, kind=FLAG, argument="fact")

    def set(self, child: ChildRef, flag: Group, *, actor: str) -> str:
        """Set a protection flag, in the shape of a sharing question's `flags[]`, and return its id.

        Raises:
            NotFoundError: no such child.
            SchemaViolationError: not a protection flag; the path says where.
        """
        check_flag(flag)
        fact_id = f"{FLAG}/{self.desk.ids.fresh('flg')}"
        self.desk.store.write(lambda uow: self._set(uow, child, fact_id, flag, actor))
        return fact_id

    def lift(self, child: ChildRef, fact_id: str, *, actor: str) -> None:
        """Take a protection flag away.

        Raises:
            NotFoundError: the child has no such flag.
        """
        self.desk.store.write(lambda uow: self._lift(uow, child, fact_id, actor))

    def stop(self, uow: UnitOfWork, child: ChildRef, flag: Group) -> None:
        """Tell those who have something about *child* and do not need what *flag* hides to stop sharing it."""
        at, kind, needing = self.desk.clock.now(), str(flag["flag"]), flag.get("need_list")
        listed = [str(name) for name in needing] if isinstance(needing, list) else []
        self.notifier.stop_protected(uow, child, kind, listed, at=at)
        if kind in _UNTOLD:
            self.notifier.duties.silence(uow, child, at=at)

    def _set(self, uow: UnitOfWork, child: ChildRef, fact_id: str, flag: Group, actor: str) -> None:
        self.facts.put(uow, child, fact_id, flag)
        self.stop(uow, child, flag)
        words: Group = {"fact_id": fact_id, "flag": flag["flag"], "fact": flag}
        self.facts.tell(uow, child, EventKind.FLAG_SET, words, actor=actor)

    def _lift(self, uow: UnitOfWork, child: ChildRef, fact_id: str, actor: str) -> None:
        self.facts.end(uow, child, fact_id)
        self.facts.tell(uow, child, EventKind.FLAG_LIFTED, {"fact_id": fact_id}, actor=actor)
