"""What do a sharing question, its answer, and a stored decision look like as JSON?"""

from typing import Final

from gateway.consent.decision import Decision, Permit, Refusal, Review
from gateway.consent.record_json import read_record, write_record
from gateway.errors import Place, SchemaViolationError
from gateway.model.tree import Group

_STORED: Final = {"PERMIT": Permit, "REFUSAL": Refusal, "REVIEW": Review}


def decision_to_json(decision: Decision) -> Group:
    """Return *decision*, whatever it was, as it is stored: nothing in it is personal."""
    kind = next(name for name, cls in _STORED.items() if type(decision) is cls)
    return {"decision": kind, **write_record(decision)}


def decision_from_json(tree: Group) -> Decision:
    """Return the decision that was stored as *tree*.

    Raises:
        SchemaViolationError: it is no stored decision; the place's path says where.
    """
    kind = tree.get("decision")
    if not isinstance(kind, str) or kind not in _STORED:
        raise SchemaViolationError(f"expected one of {', '.join(_STORED)}", place=Place(path="decision"))
    rest = {name: part for name, part in tree.items() if name != "decision"}
    return read_record(_STORED[kind], rest)


def permit_to_json(permit: Permit) -> Group:
    """Return *permit* as it is stored."""
    return decision_to_json(permit)


def permit_from_json(tree: Group) -> Permit:
    """Return the permit that was stored as *tree*.

    Raises:
        SchemaViolationError: it is no stored permit.
    """
    decision = decision_from_json(tree)
    if not isinstance(decision, Permit):
        raise SchemaViolationError("expected a permit, found another decision", place=Place(path="decision"))
    return decision
