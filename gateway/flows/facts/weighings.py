"""How is it kept what practitioners found when weighing whether to tell somebody of a child?"""

from dataclasses import dataclass

from gateway.audit.event import EventKind
from gateway.consent.law_json import check_weighing, law_to_json
from gateway.consent.weighing import Weighing
from gateway.flows.context import Desk
from gateway.flows.deciding.law_facts import WEIGHING
from gateway.flows.facts.child_facts import ChildFacts
from gateway.flows.facts.court_orders import check_known
from gateway.flows.ports import UnitOfWork
from gateway.model.identifiers import ChildRef
from gateway.model.tree import Group, Tree

_RATIONALE = "rationale"


@dataclass(frozen=True, slots=True)
class Weighings:
    """Keeps weighings."""

    desk: Desk

    @property
    def facts(self) -> ChildFacts:
        """Return the keeper of facts of this kind."""
        return ChildFacts(desk=self.desk, kind=WEIGHING, argument="weighing")

    def record(self, child: ChildRef, said: Group, *, actor: str) -> str:
        """Keep what *actor* found, and why, and return its id.

        Raises:
            NotFoundError: no such child.
            SchemaViolationError: not a weighing, or one towards an organisation that nobody here knows; the path names
                the field.
        """
        at = self.desk.clock.now()
        weighing = check_weighing({**said, "made_by": actor, "made_at": at.isoformat()})
        fact_id = f"{WEIGHING}/{self.desk.ids.fresh('wgh')}"
        self.desk.store.write(lambda uow: self._record(uow, child, fact_id, weighing, actor))
        return fact_id

    def end(self, child: ChildRef, fact_id: str, *, actor: str) -> None:
        """Write down that a weighing counts no more.

        Raises:
            NotFoundError: the child has no such weighing.
        """
        self.desk.store.write(lambda uow: self._end(uow, child, fact_id, actor))

    def _record(self, uow: UnitOfWork, child: ChildRef, fact_id: str, weighing: Weighing, actor: str) -> None:
        check_known(uow, weighing.recipients, types=None)
        body = law_to_json(weighing)
        self.facts.put(uow, child, fact_id, body)
        self._tell(uow, child, EventKind.WEIGHING_RECORDED, fact_id, body, actor)

    def _end(self, uow: UnitOfWork, child: ChildRef, fact_id: str, actor: str) -> None:
        body = self.facts.end(uow, child, fact_id)
        self._tell(uow, child, EventKind.WEIGHING_ENDED, fact_id, body, actor)

    def _tell(self, uow: UnitOfWork, child: ChildRef, kind: EventKind, fact_id: str, body: Group, actor: str) -> None:
        """Audit it; why is told under a word of its own, which fewer may read."""
        fact: Group = {name: value for name, value in body.items() if name != _RATIONALE}
        words: dict[str, Tree] = {"fact_id": fact_id, "fact": fact, _RATIONALE: body[_RATIONALE]}
        self.facts.tell(uow, child, kind, words, actor=actor)
