"""How is one kind of fact about a child kept: sealed under its key, with what it said before, and with its counter?

Whatever changes one raises the child's counter in the same transaction: nothing decided before is handed over after.
"""

from dataclasses import dataclass
from typing import Final

from gateway.audit.event import EventKind
from gateway.errors import NotFoundError, Place
from gateway.flows.context import Desk
from gateway.flows.documents import child_key, read_group
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.fact_history import OldFact
from gateway.flows.store.rows import FactRow
from gateway.flows.trail import About
from gateway.formats.json import write_json
from gateway.model.identifiers import ChildRef
from gateway.model.tree import Group, Tree

_SECONDS: Final = "seconds"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildFacts:
    """Keeps the facts of one `kind`; `argument` is what an operation calls the id of one."""

    desk: Desk
    kind: str
    argument: str

    def put(self, uow: UnitOfWork, child: ChildRef, fact_id: str, body: Group) -> None:
        """Keep *body* as what the fact says from now on; what it said before becomes history."""
        at = self.desk.clock.now()
        sealed = self.desk.vault.seal(child_key(uow, child), f"fact/{fact_id}", write_json(body))
        if any(one.fact_id == fact_id for one in uow.facts.of_child(child)):
            uow.facts.retire(fact_id, at=at)
        uow.facts.put(FactRow(fact_id=fact_id, child_ref=child, kind=self.kind, sealed=sealed, recorded_at=at))
        uow.epochs.lift([f"child:{child}"])

    def get(self, uow: UnitOfWork, child: ChildRef, fact_id: str) -> Group:
        """Return what the fact says.

        Raises:
            NotFoundError: the child has none of that id and kind.
        """
        held = next((one for one in self._held(uow, child) if one.fact_id == fact_id), None)
        if held is None:
            raise NotFoundError("nothing of that kind and id is held about this child", place=Place(path=self.argument))
        return self._open(uow, held)

    def end(self, uow: UnitOfWork, child: ChildRef, fact_id: str) -> Group:
        """Let the fact hold no more from now on, and return what it said; it stays as history.

        Raises:
            NotFoundError: the child has none of that id and kind.
        """
        body = self.get(uow, child, fact_id)
        uow.facts.retire(fact_id, at=self.desk.clock.now())
        uow.facts.delete(fact_id)
        uow.epochs.lift([f"child:{child}"])
        return body

    def listed(self, uow: UnitOfWork, child: ChildRef) -> list[Tree]:
        """Return what is held: `{"id", "recorded_at", "fact"}` each, oldest first."""
        return [{**self._shown(one), "fact": self._open(uow, one)} for one in self._held(uow, child)]

    def past(self, uow: UnitOfWork, child: ChildRef) -> list[Tree]:
        """Return every version that no longer holds: `{"id", "recorded_at", "until", "fact"}` each."""
        return [
            {
                **self._shown(one),
                "until": one.retired_at.isoformat(timespec=_SECONDS),
                "fact": self._open(uow, one),
            }
            for one in uow.facts.retired(child)
            if one.kind == self.kind
        ]

    def tell(self, uow: UnitOfWork, child: ChildRef, kind: EventKind, words: dict[str, Tree], *, actor: str) -> None:
        """Audit what *actor* did to a fact of *child*."""
        about = About(actor=actor, organisation=self.desk.sender, children=(child,))
        self.desk.trail.tell(uow, kind, words, at=self.desk.clock.now(), about=about)

    def _held(self, uow: UnitOfWork, child: ChildRef) -> list[FactRow]:
        return [one for one in uow.facts.of_child(child) if one.kind == self.kind]

    def _open(self, uow: UnitOfWork, fact: FactRow | OldFact) -> Group:
        return read_group(self.desk.vault.open(child_key(uow, fact.child_ref), f"fact/{fact.fact_id}", fact.sealed))

    def _shown(self, fact: FactRow | OldFact) -> Group:
        return {"id": fact.fact_id, "recorded_at": fact.recorded_at.isoformat(timespec=_SECONDS)}
