"""What must a person know about the children to answer a question? Consent, protection, and who they may be."""

from gateway.app.bootstrap import Application
from gateway.flows.documents import child_key, open_document, read_group
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import Record
from gateway.flows.understanding.contacts import KIND as CONTACTS
from gateway.flows.understanding.identify import children_of
from gateway.matching.compare import compare
from gateway.matching.identity import Identity, from_child, identity_from_json, identity_to_json
from gateway.model.identifiers import ChildRef
from gateway.model.tree import Group, Tree

_PLACE = ("address", "postcode")
_WITHHELD = "withheld"


def children_asked_about(application: Application, uow: UnitOfWork, record: Record) -> list[Tree]:
    """Return, for each child of *record*, our reference and what is held about consent and protection."""
    return [{"child": ref, "facts": facts_of(application, uow, ref)} for ref in record.subjects]


def facts_of(application: Application, uow: UnitOfWork, child: ChildRef) -> list[Tree]:
    """Return a child's consents and flags, opened: `{"id", "kind", "recorded_at", "fact"}` each."""
    key = child_key(uow, child)
    return [
        {
            "id": fact.fact_id,
            "kind": fact.kind,
            "recorded_at": fact.recorded_at.isoformat(timespec="seconds"),
            "fact": read_group(application.desk.vault.open(key, f"fact/{fact.fact_id}", fact.sealed)),
        }
        for fact in uow.facts.of_child(child)
        if fact.kind != CONTACTS
    ]


def likenesses(application: Application, uow: UnitOfWork, record: Record) -> list[Tree]:
    """Return each child of *record* beside the known child it may be: what agrees, what differs.

    Shape: `{"child", "told": identity, "known": identity or None, "evidence"}`. Where somebody's address is withheld,
    it is not shown here either: whether it agrees is in the evidence.
    """
    tree = open_document(application.desk.vault, uow, record)
    pairs = zip(record.subjects, children_of(tree), strict=True)
    return [_likeness(application, uow, ref, child) for ref, child in pairs]


def _likeness(application: Application, uow: UnitOfWork, own: ChildRef, child: Group) -> Tree:
    told = from_child(child)
    rival = application.reviews.joiner.matcher.rival_of(uow, child, own=own)
    if rival is None:
        return {"child": own, "told": identity_to_json(told), "known": None, "evidence": []}
    known = _identity(application, uow, rival)
    hidden = _is_hidden(application, uow, rival) or _is_hidden(application, uow, own)
    return {
        "child": own,
        "told": _shown(told, hidden=hidden),
        "known": _shown(known, hidden=hidden),
        "evidence": list(compare(told, known).evidence),
    }


def _identity(application: Application, uow: UnitOfWork, ref: ChildRef) -> Identity:
    row = uow.children.get(ref)
    plain = application.desk.vault.open(row.wrapped_key, f"child/{ref}/identity", row.sealed_identity)
    return identity_from_json(read_group(plain))


def _is_hidden(application: Application, uow: UnitOfWork, ref: ChildRef) -> bool:
    flags = [item["fact"] for item in facts_of(application, uow, ref) if isinstance(item, dict)]
    return any(isinstance(flag, dict) and flag.get("flag") == "ADDRESS_WITHHELD" for flag in flags)


def _shown(identity: Identity, *, hidden: bool) -> Group:
    told = identity_to_json(identity)
    return {name: _WITHHELD if hidden and name in _PLACE else value for name, value in told.items()}
