"""Who is this child: somebody we know, somebody new, or a question for a person?

Matching runs inside the transaction that stores the record, so that two documents about one new child, arriving
together, cannot both find nobody.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from gateway.consent.case import FLAGS
from gateway.consent.question_json import flag_from_json
from gateway.flows.documents import read_group
from gateway.flows.ports import Ids, UnitOfWork, Vault
from gateway.flows.store.rows import ChildRow
from gateway.formats.json import write_json
from gateway.matching.identify import Found, identify
from gateway.matching.identity import Identity, from_child, identity_from_json, identity_to_json
from gateway.matching.keys import index_keys, search_keys
from gateway.matching.protected import as_protected
from gateway.model.identifiers import ChildRef
from gateway.model.tree import Group

_CANDIDATES_LIMIT = 200
"""More than this many under one blinded key is MANY: nobody can be told apart by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One child of a document, placed.

    Shape: `child_ref` is a known child when `status` is MATCH, else one made for this document. `rival` is the child
    it may be the same as, when a person has to say.
    """

    child_ref: ChildRef
    status: str
    score: float
    evidence: tuple[str, ...]
    rival: ChildRef | None
    is_new: bool


@dataclass(frozen=True, slots=True)
class Matcher:
    """Finds the children of documents among those we know."""

    vault: Vault
    ids: Ids

    def place(self, uow: UnitOfWork, child: Group) -> Subject:
        """Return who *child* of a canonical document is, adding a child we do not know yet."""
        identity = from_child(child)
        keys = self._blinded(index_keys(identity))
        found = self._find(uow, identity)
        if found.status == "MATCH" and found.ref is not None:
            known = ChildRef(found.ref)
            if identity.born and not any(one.startswith("dob=") for one in found.evidence):
                self.learn(uow, known, child)
            uow.children.index(known, keys)
            return self._subject(found, known, is_new=False)
        return self._subject(found, self._add(uow, identity, keys), is_new=True)

    def place_surely(self, uow: UnitOfWork, child: Group) -> Subject | None:
        """Return *child* as `place` does; None, and nothing is added, where a person would have to say who it is."""
        found = self._find(uow, from_child(child))
        return self.place(uow, child) if found.status in {"MATCH", "NEW"} else None

    def learn(self, uow: UnitOfWork, known: ChildRef, child: Group) -> date | None:
        """Let *known* be found by what *child*, who is the same, tells.

        A baby we knew as awaited is known as born from now on, and the day it was due is returned.
        """
        identity, row = from_child(child), uow.children.get(known)
        before = self._identity(row)
        uow.children.index(known, self._blinded(index_keys(identity)))
        if before.expected is None or before.born is not None or identity.born is None:
            return None
        told = {name: value for name, value in identity_to_json(before).items() if name != "expected"}
        after = write_json({**told, **identity_to_json(identity)})
        sealed = self.vault.seal(row.wrapped_key, f"child/{known}/identity", after)
        uow.children.learn(replace(row, sealed_identity=sealed))
        return before.expected

    def rival_of(self, uow: UnitOfWork, child: Group, *, own: ChildRef) -> ChildRef | None:
        """Return the known child, other than *own*, that *child* of a document is most like, if there is one."""
        identity = from_child(child)
        keys = self._blinded(search_keys(identity))
        rows = [row for row in uow.children.candidates(keys, limit=_CANDIDATES_LIMIT) if row.child_ref != own]
        found = identify(identity, self._comparable(uow, identity, rows))
        return ChildRef(found.ref) if found.ref is not None else None

    def _find(self, uow: UnitOfWork, identity: Identity) -> Found:
        rows = uow.children.candidates(self._blinded(search_keys(identity)), limit=_CANDIDATES_LIMIT)
        if len(rows) > _CANDIDATES_LIMIT:
            return Found(status="MANY", score=0.0, ref=None, evidence=("too many share every key",))
        return identify(identity, self._comparable(uow, identity, rows))

    def _comparable(
        self, uow: UnitOfWork, identity: Identity, rows: Iterable[ChildRow]
    ) -> list[tuple[ChildRef, Identity]]:
        """Return the known children that *identity* may be compared with, each as far as it may be known by it."""
        seen = ((row.child_ref, self._identity(row), self._flags(uow, row)) for row in rows)
        shown = ((ref, as_protected(identity, known, flags=flags) if flags else known) for ref, known, flags in seen)
        return [(ref, known) for ref, known in shown if known is not None]

    def _flags(self, uow: UnitOfWork, row: ChildRow) -> frozenset[str]:
        """Return the protection flags on a child; one that nobody knows protects like all."""
        held = [fact for fact in uow.facts.of_child(row.child_ref) if fact.kind == "flag"]
        opened = (self.vault.open(row.wrapped_key, f"fact/{fact.fact_id}", fact.sealed) for fact in held)
        found = frozenset(flag_from_json(read_group(plain)).flag for plain in opened)
        return FLAGS if found - FLAGS else found

    def _blinded(self, keys: Iterable[tuple[str, str]]) -> list[bytes]:
        return [self.vault.blind(name, value) for name, value in keys]

    def _identity(self, row: ChildRow) -> Identity:
        plain = self.vault.open(row.wrapped_key, f"child/{row.child_ref}/identity", row.sealed_identity)
        return identity_from_json(read_group(plain))

    def _add(self, uow: UnitOfWork, identity: Identity, keys: list[bytes]) -> ChildRef:
        child_ref = ChildRef(self.ids.fresh("chd"))
        wrapped = self.vault.new_key()
        place = f"child/{child_ref}/identity"
        sealed = self.vault.seal(wrapped, place, write_json(identity_to_json(identity)))
        uow.children.add(ChildRow(child_ref=child_ref, wrapped_key=wrapped, sealed_identity=sealed))
        uow.children.index(child_ref, keys)
        return child_ref

    def _subject(self, found: Found, child_ref: ChildRef, *, is_new: bool) -> Subject:
        rival = ChildRef(found.ref) if is_new and found.ref is not None else None
        return Subject(
            child_ref=child_ref,
            status=found.status,
            score=found.score,
            evidence=found.evidence,
            rival=rival,
            is_new=is_new,
        )


_DOUBT = ("MANY", "POTENTIAL", "LOW", "NONE", "NEW", "MATCH")


def least_sure(subjects: tuple[Subject, ...]) -> tuple[str, float]:
    """Return status and score of the subject we are least sure of: a document is only as sure as that one."""
    worst = min(subjects, key=lambda subject: (_DOUBT.index(subject.status), subject.score))
    return worst.status, worst.score


def children_of(tree: Group) -> list[Group]:
    """Return the children a canonical document tells of, in its order."""
    many = tree.get("children")
    one = tree.get("child")
    listed = many if isinstance(many, list) else [one] if one is not None else []
    return [child for child in listed if isinstance(child, dict)]
