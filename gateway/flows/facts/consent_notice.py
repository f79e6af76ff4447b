"""What follows when another system tells us of a family's word about sharing?

It is kept like the row of a list: a repeat changes nothing, a later word takes the place of an earlier one of the same
reference, and a yes never undoes what was withdrawn. A withdrawal that names a consent we hold takes that back; one
that names none we know takes back all there is, because it is the family's no. Who cannot be told from another child is
asked about, and nothing is kept on a guess.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Final

from gateway.consent.permission_json import check_permission
from gateway.errors import PermanentError
from gateway.flows.context import Desk
from gateway.flows.conversing.converse import Converser
from gateway.flows.facts.consent_import import Importer, Outcome
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import Message, Record
from gateway.flows.understanding.identify import Subject
from gateway.formats.json import write_json
from gateway.model.identifiers import ChildRef
from gateway.model.tree import Group, Tree

NOTICE: Final = "ecaf.consent"
_SURE: Final = frozenset({"MATCH", "NEW"})
_NAME_BYTES: Final = 16
_NOT_KEPT: Final = frozenset({"child", "said_at", "reference", "objects", "reason"})
_TAKEN: Final = {
    "kinds": "kinds",
    "purposes": "purposes",
    "agencies_denied": "agencies",
    "categories_denied": "categories",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Notices:
    """Takes words about sharing that come as messages."""

    desk: Desk
    converser: Converser
    importer: Importer

    def heard(
        self, uow: UnitOfWork, message: Message, record: Record, tree: Group, subject: Subject, *, at: datetime
    ) -> None:
        """Keep what *tree* says of *subject*, or put it before a person where that cannot be done."""
        error = self._error_of(uow, message, tree, subject, at)
        if error is not None:
            self.converser.ask_to_correct(uow, message, error, subject_id=record.record_id, at=at)

    def _error_of(
        self, uow: UnitOfWork, message: Message, tree: Group, subject: Subject, at: datetime
    ) -> PermanentError | None:
        """Return why a person must look at the word; None, where it was kept."""
        if subject.status not in _SURE:
            return PermanentError("it cannot be said which child this is about", code="child-not-sure")
        try:
            outcome = self._follow(uow, message, tree, subject.child_ref, at)
        except PermanentError as error:
            return error
        if outcome in {Outcome.HELD_BACK, Outcome.CONFLICT}:
            return PermanentError("it contradicts what is held", code=f"consent-{outcome.value.replace('_', '-')}")
        return None

    def _follow(self, uow: UnitOfWork, message: Message, tree: Group, child: ChildRef, at: datetime) -> Outcome:
        name = self._name(message, child, str(tree.get("reference")))
        if tree.get("status") == "WITHDRAWN":
            return self._take_back(uow, message, tree, child, name)
        body: Group = {field: value for field, value in tree.items() if field not in _NOT_KEPT}
        objects = tree.get("objects")
        body |= (
            {"conflict": False} if objects is None else {"objections": [{"capacity": objects, "at": tree["said_at"]}]}
        )
        body |= {"consent_id": name, "given_at": tree["said_at"], "source_at": tree["said_at"]}
        body |= {"source": f"message/{message.organisation}", "source_reference": tree.get("reference")}
        body["source_sha256"] = sha256(write_json(tree)).hexdigest()
        body.setdefault("kinds", ["SHARE"])
        body.setdefault("giver_capacity", "UNKNOWN")
        permission = check_permission(body, at=at)
        return self.importer.keep(uow, child, replace(permission, consent_id=name), actor=message.organisation)

    def _take_back(self, uow: UnitOfWork, message: Message, tree: Group, child: ChildRef, name: str) -> Outcome:
        said: dict[str, Tree] = {to: tree[field] for field, to in _TAKEN.items() if field in tree}
        said |= {"at": tree["said_at"], "by": tree.get("giver"), "capacity": tree.get("giver_capacity")}
        said["reason"] = tree.get("reason")
        permissions = self.importer.permissions
        ours = [one.consent_id for one in permissions.held(uow, child) if one.consent_id.partition("#")[0] == name]
        permissions.take_back(
            uow, child, said, actor=message.organisation, chosen=lambda one: one in ours if ours else True
        )
        return Outcome.CHANGED

    def _name(self, message: Message, child: ChildRef, reference: str) -> str:
        blinded = self.desk.vault.blind(f"consent-reference/{message.organisation}", f"{child}|{reference}")
        return f"message/{message.organisation}/{blinded[:_NAME_BYTES].hex()}"
