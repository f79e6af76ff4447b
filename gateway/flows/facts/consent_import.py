"""How do the consents another system has kept until now become ours, row by row, as often as its list comes?

A repeat changes nothing. A later word takes the place of an earlier one, which stays as history; an older one goes
straight there. Two rows that contradict each other, with nothing to say which is the later, are both kept, and the
stricter counts. What was withdrawn here is never given back by a list.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final

from gateway.consent.permission import GIVEN, Permission
from gateway.consent.permission_json import check_permission
from gateway.errors import GatewayError, NotFoundError, Place, SchemaViolationError
from gateway.flows.context import Desk
from gateway.flows.conversing.notices import Notifier
from gateway.flows.facts.consent_rows import RowSaid, read_row
from gateway.flows.facts.permissions import Permissions
from gateway.flows.ports import UnitOfWork
from gateway.flows.trail import About
from gateway.flows.understanding.identify import Matcher
from gateway.flows.understanding.normalizer import blind_label
from gateway.formats.json import write_json
from gateway.model.identifiers import ChildRef
from gateway.model.tree import Group, Tree
from gateway.translation.code_lists import tidy

SYSTEM: Final = "ecaf"
"""Whose labels the lists are looked up as: early-help systems'."""
_TOGETHER: Final = 20
"""So many rows are stored in one transaction: others who write wait no longer for it."""
_NAME_BYTES: Final = 16
_ANY_LA: Final = "ANY_LA"
_HAND = "the list cannot say which child this is; look them up and give our reference in the column child"


class Outcome(StrEnum):
    """What became of a row."""

    RECORDED = "recorded"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    HISTORY = "history"
    """An older word than the one that is held."""
    CONFLICT = "conflict"
    """It contradicts a row of the same reference, and neither says which is the later: both are held."""
    HELD_BACK = "held_back"
    """A yes, where the family has taken theirs back meanwhile: kept as history, and nothing rests on it."""
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What became of one row: of which child, as which record; or why it was refused."""

    outcome: Outcome
    child: ChildRef | None = None
    is_new_child: bool = False
    error: GatewayError | None = None


class _TrialError(Exception):
    """Ends a trial's transaction, so that nothing of it is stored."""

    def __init__(self, rows: list[Row]) -> None:
        super().__init__("a trial stores nothing")
        self.rows = rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Importer:
    """Takes lists of consents in."""

    desk: Desk
    matcher: Matcher
    notifier: Notifier
    permissions: Permissions = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "permissions", Permissions(self.desk, self.notifier))

    def take(
        self, rows: Sequence[Tree], *, source: str, purposes: tuple[str, ...], actor: str, is_trial: bool
    ) -> list[Row]:
        """Keep *rows* of *source*'s list and return what became of each; a trial keeps nothing.

        Promise: one bad row stops no other, and is stored in no part.
        """
        taken: list[Row] = []
        for start in range(0, len(rows), _TOGETHER):
            batch = rows[start : start + _TOGETHER]

            def _write(uow: UnitOfWork, batch: Sequence[Tree] = batch) -> list[Row]:
                done = [self._row(uow, row, source=source, purposes=purposes, actor=actor) for row in batch]
                if is_trial:
                    raise _TrialError(done)
                return done

            try:
                taken += self.desk.store.write(_write)
            except _TrialError as trial:
                taken += trial.rows
        return taken

    def take_one(self, child: ChildRef, said: Group, source: Group, *, actor: str) -> Outcome:
        """Keep the one permission *said*, as another system's resource *source* told it, and return what became of it.

        Raises:
            NotFoundError: there is no such child.
            SchemaViolationError: not a permission that may be recorded; the path names the field.
        """
        digest = sha256(write_json(source)).hexdigest()
        named = source.get("identifier") or source.get("id") or digest
        blinded = self.desk.vault.blind("consent-reference/fhir", f"{child}|{write_json(named).decode()}")
        body: Group = {**said, "consent_id": f"fhir/{blinded[:_NAME_BYTES].hex()}", "source_sha256": digest}
        meta = source.get("meta")
        if isinstance(meta, dict) and "lastUpdated" in meta:
            body["source_at"] = meta["lastUpdated"]
        permission = check_permission(body, at=self.desk.clock.now())
        return self.desk.store.write(lambda uow: self.keep(uow, child, permission, actor=actor))

    def _row(self, uow: UnitOfWork, row: Tree, *, source: str, purposes: tuple[str, ...], actor: str) -> Row:
        """Keep one row; whatever is wrong with it is found before anything of it is stored."""
        try:
            said = read_row(row if isinstance(row, dict) else {}, self._means(uow), purposes=purposes)
            body: Group = {**said.permission, "source": f"import/{source}", "source_sha256": said.digest}
            body |= {} if said.reference is None else {"source_reference": said.reference}
            body |= {} if said.updated_at is None else {"source_at": said.updated_at.isoformat()}
            permission = check_permission({**body, "consent_id": "import"}, at=self.desk.clock.now())
            child, is_new = self._child(uow, said)
        except GatewayError as error:
            return Row(outcome=Outcome.REFUSED, error=_named(error))
        name = f"import/{self._name(source, child, said)}"
        outcome = self.keep(uow, child, replace(permission, consent_id=name), actor=actor)
        if said.help is not None and outcome in {Outcome.RECORDED, Outcome.CHANGED}:
            about = About(actor=actor, organisation=self.desk.sender, children=(child,))
            name = f"help/{self._name(source, child, said)}"
            self.permissions.file_help(
                uow, child, {**said.help, "source": f"import/{source}"}, fact_id=name, about=about
            )
        return Row(outcome=outcome, child=child, is_new_child=is_new)

    def keep(self, uow: UnitOfWork, child: ChildRef, permission: Permission, *, actor: str) -> Outcome:
        """Keep *permission* beside, or in the place of, what was told under the same id before."""
        name = permission.consent_id
        alike = [one for one in self.permissions.held(uow, child) if one.consent_id.partition("#")[0] == name]
        if permission.source_sha256 in self._told(uow, child, name, alike):
            return Outcome.UNCHANGED
        if not alike:
            self.permissions.file(uow, child, permission, actor=actor)
            return Outcome.RECORDED
        held, before, now = alike[0], alike[0].source_at, permission.source_at
        if before is None or now is None or before == now:
            other = f"{name}#{str(permission.source_sha256)[:_NAME_BYTES]}"
            self.permissions.file(uow, child, replace(permission, consent_id=other), actor=actor)
            return Outcome.CONFLICT
        newer = replace(permission, version=held.version + 1)
        if now < before or (permission.status in GIVEN and _is_taken_back(held)):
            self.permissions.file_as_history(uow, child, newer, held)
            return Outcome.HISTORY if now < before else Outcome.HELD_BACK
        self.permissions.replace(uow, child, newer, actor=actor)
        return Outcome.CHANGED

    def _told(self, uow: UnitOfWork, child: ChildRef, name: str, alike: Sequence[Permission]) -> set[str | None]:
        """Return the digests of every row of this name that was ever kept."""
        old = [one for one in self.permissions.versions(uow, child) if one.consent_id == name]
        return {one.source_sha256 for one in (*alike, *old)}

    def _name(self, source: str, child: ChildRef, said: RowSaid) -> str:
        """Return what a row is known by: its source's own reference, blinded; without one, all it says."""
        own = said.reference if said.reference is not None else said.digest
        blinded = self.desk.vault.blind(f"consent-reference/{source}", f"{child}|{own}")
        return f"{source}/{blinded[:_NAME_BYTES].hex()}"

    def _child(self, uow: UnitOfWork, said: RowSaid) -> tuple[ChildRef, bool]:
        """Return the child *said* is about, and whether nobody knew it before.

        Raises:
            NotFoundError: there is no such child, or it cannot be said which one it is.
            SchemaViolationError: the row names nobody.
        """
        if said.child is not None:
            try:
                return uow.children.get(ChildRef(said.child)).child_ref, False
            except NotFoundError:
                raise NotFoundError("there is no such child", place=Place(path="child")) from None
        if not {"given", "family", "dob"} <= set(said.person):
            message = "name the child: by our reference, or by the columns given, family and dob"
            raise SchemaViolationError(message, place=Place(path="child"))
        subject = self.matcher.place_surely(uow, _child_of(said))
        if subject is None:
            raise NotFoundError(_HAND, place=Place(path="child"), code="child-not-sure")
        return subject.child_ref, subject.is_new

    def _means(self, uow: UnitOfWork) -> "_Meanings":
        return _Meanings(self.desk, uow, self.desk.clock.now())


@dataclass(frozen=True, slots=True)
class _Meanings:
    """What labels mean: by the code lists, or as a person said."""

    desk: Desk
    uow: UnitOfWork
    at: datetime

    def __call__(self, list_name: str, label: str) -> str | None:
        table = self.desk.library.code_table(list_name, SYSTEM)
        if label in table.codes:
            return label
        found = table.code_of(label, self.at.date())
        if found is None:
            found = self.uow.labels.meaning(list_name, blind_label(self.desk.vault, list_name, label))
        if found is None and list_name == "agency":
            names = {one.organisation for one in self.uow.directory.organisations()} | {_ANY_LA}
            return label if label in names else None
        return found


def _named(error: GatewayError) -> GatewayError:
    """Return *error* with its place named as the column it comes from."""
    column = _COLUMNS.get(error.place.path or "", error.place.path)
    return (
        error if column == error.place.path else type(error)(error.message, place=Place(path=column), code=error.code)
    )


_COLUMNS: Final = {
    "giver_capacity": "capacity",
    "effective_from": "from",
    "expires_on": "until",
    "competence.by": "competence_by",
    "competence.on": "competence_on",
    "competence.outcome": "competence_outcome",
    "withdrawals[0].at": "withdrawn_at",
}


def _is_taken_back(held: Permission) -> bool:
    return held.status not in GIVEN or bool(held.withdrawals)


def _child_of(said: RowSaid) -> Group:
    """Return the child of a row as a canonical document has one."""
    person = said.person
    names = {
        "given": "given_names",
        "family": "family_name",
        "dob": "born",
        "sex": "sex",
        "upn": "upn",
        "nhs": "nhs_number",
    }
    child: Group = {to: tidy(person[name]) for name, to in names.items() if name in person}
    address: Group = {}
    if "postcode" in person:
        address["postcode"] = person["postcode"]
    if "address" in person:
        address["lines"] = [person["address"]]
    return {**child, "address": address} if address else child
