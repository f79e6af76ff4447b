"""What changes when a person says that two records are about one child?

Only a person joins. An adopted child's two records are never offered for joining, because matching never sees them
together.
"""

from dataclasses import dataclass, replace

from gateway.errors import ConflictError
from gateway.flows.context import Desk
from gateway.flows.documents import child_key, open_document, read_group, seal_document
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import Record
from gateway.flows.understanding.identify import Matcher, children_of
from gateway.formats.json import write_json
from gateway.model.identifiers import ChildRef
from gateway.model.tree import Group

_OWN_IDS = ("consent_id", "agreement_id")
"""Where a fact says what it is called itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Joiner:
    """Moves a record from the child made for it to the child a person says it is about."""

    desk: Desk
    matcher: Matcher

    def join(self, uow: UnitOfWork, record: Record) -> Record:
        """Return *record*, stored as one about the known children it was mistaken not to be about.

        Raises:
            ConflictError: there is no longer anybody it could be the same as.
        """
        tree = open_document(self.desk.vault, uow, record)
        pairs = zip(record.subjects, children_of(tree), strict=True)
        subjects = tuple(self.matcher.rival_of(uow, child, own=ref) or ref for ref, child in pairs)
        if subjects == record.subjects:
            raise ConflictError("nobody we know could be this child any more; choose different")
        for child, made, known in zip(children_of(tree), record.subjects, subjects, strict=True):
            if made != known:
                self._grow(uow, known, child)
        joined = replace(
            record,
            subjects=subjects,
            sealed=seal_document(self.desk.vault, child_key(uow, subjects[0]), record.record_id, tree),
            match_status="MATCH",
            match_score=1.0,
        )
        uow.records.save(joined)
        for gone, known in zip(record.subjects, subjects, strict=True):
            self._take_along(uow, gone, known)
        self._forget(uow, set(record.subjects) - set(subjects))
        return joined

    def _grow(self, uow: UnitOfWork, known: ChildRef, child: Group) -> None:
        """Let *known* be found by what *child* tells; of a baby that has been born, the day it was due goes along."""
        due = self.matcher.learn(uow, known, child)
        if due is not None:
            child.setdefault("was_expected", due.isoformat())

    def _take_along(self, uow: UnitOfWork, gone: ChildRef, known: ChildRef) -> None:
        """Let what was said of *gone*, a withdrawal or a flag set while nobody knew who it was, hold for *known* too.

        It is copied, not moved: what was stored about *gone* before the join stays protected. A copy goes by its own
        id, so that what is said of it later changes the copy, and neither leaves it as it was nor moves the other.
        """
        if gone == known:
            return
        for fact in uow.facts.of_child(gone):
            plain = self.desk.vault.open(child_key(uow, gone), f"fact/{fact.fact_id}", fact.sealed)
            fact_id = f"{fact.fact_id}/{known}"
            body = read_group(plain)
            named: Group = {name: fact_id for name in _OWN_IDS if body.get(name) == fact.fact_id}
            plain = write_json(body | named)
            sealed = self.desk.vault.seal(child_key(uow, known), f"fact/{fact_id}", plain)
            uow.facts.put(replace(fact, fact_id=fact_id, child_ref=known, sealed=sealed))
        uow.epochs.lift([f"child:{gone}", f"child:{known}"])

    def _forget(self, uow: UnitOfWork, gone: set[ChildRef]) -> None:
        """Let the children that were made by mistake be found no more; their log stays."""
        for ref in sorted(gone):
            uow.children.unindex(ref)
