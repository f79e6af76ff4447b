"""How is what a family says about sharing, and about being helped, kept in versions, and how is it taken back?

Whatever changes a record makes the next version of it; the one before becomes history in the same transaction, and so
does the audit event, and the child's counter rises: nothing decided before can be marked as handed over after.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.audit.event import EventKind
from gateway.consent.permission import SUPERSEDED, Permission, Withdrawal, is_same_voice, words_of
from gateway.consent.permission_json import (
    check_help,
    check_permission,
    help_from_json,
    permission_from_json,
    permission_to_json,
)
from gateway.consent.record_json import write_record
from gateway.errors import ConflictError, NotFoundError, Place
from gateway.flows.context import Desk
from gateway.flows.conversing.notices import Notifier
from gateway.flows.documents import child_key, read_group
from gateway.flows.facts.permission_clock import set_clocks, stop_clocks
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.fact_history import OldFact
from gateway.flows.store.rows import FactRow
from gateway.flows.trail import About
from gateway.formats.json import write_json
from gateway.model.identifiers import ChildRef
from gateway.model.tree import Group, Tree

CONSENT, HELP = "consent", "help"
KINDS = frozenset({CONSENT, HELP})
_WITHDRAWN = "WITHDRAWN"
_NO = frozenset({_WITHDRAWN, "REFUSED"})


@dataclass(frozen=True, slots=True)
class Permissions:
    """Keeps permissions, and agreements to be helped."""

    desk: Desk
    notifier: Notifier

    def record(self, child: ChildRef, said: Group, *, actor: str) -> str:
        """Keep one giver's word and return its id; it may stand in the place of an earlier one of the same child.

        Raises:
            NotFoundError: no such child, or no such earlier record.
            ConflictError: another has taken the earlier one's place already.
            SchemaViolationError: not a permission; the path names the field.
        """
        return self.desk.store.write(lambda uow: self.put(uow, child, said, actor=actor))

    def put(self, uow: UnitOfWork, child: ChildRef, said: Group, *, actor: str, fact_id: str | None = None) -> str:
        """Do as `record` within a transaction; under *fact_id*, where whoever told it has a name for it."""
        at = self.desk.clock.now()
        name = fact_id or f"{CONSENT}/{self.desk.ids.fresh('con')}"
        permission = check_permission({**said, "consent_id": name}, at=at)
        if permission.supersedes is not None:
            self._supersede(uow, child, permission, permission.supersedes, actor)
        self._save(uow, child, permission, EventKind.CONSENT_RECORDED, actor)
        return name

    def replace(self, uow: UnitOfWork, child: ChildRef, permission: Permission, *, actor: str) -> None:
        """Keep the next version of a permission that is held; the one before becomes history."""
        self._save(uow, child, permission, EventKind.CONSENT_CHANGED, actor)

    def withdraw(self, child: ChildRef, withdrawal: Group, *, actor: str, consent: str | None = None) -> list[str]:
        """Take back what *withdrawal* says, of one permission or of all that are held, and return their ids.

        Where nothing is held, a withdrawal of everything is kept all the same: what the family said today binds
        whatever arrives tomorrow.

        Raises:
            NotFoundError: no such child, or no such permission.
            SchemaViolationError: not a withdrawal; the path names the field.
        """
        return self.desk.store.write(
            lambda uow: self.take_back(uow, child, withdrawal, actor=actor, chosen=lambda one: consent in {None, one})
        )

    def take_back(
        self,
        uow: UnitOfWork,
        child: ChildRef,
        withdrawal: Group,
        *,
        actor: str,
        chosen: Callable[[str], bool] = lambda _: True,
    ) -> list[str]:
        """Do as `withdraw` within a transaction, with every permission whose id is *chosen*."""
        at = self.desk.clock.now()
        said: Group = {"at": at.isoformat(), **withdrawal}
        standing = (one for one in self.held(uow, child) if one.status != SUPERSEDED)
        held = [one for one in standing if chosen(one.consent_id)]
        parts = check_permission(_withdrawn(said), at=at).withdrawals
        if not held and not chosen(""):
            raise NotFoundError("this child has no such permission", place=Place(path="consent"))
        for one in held:
            if one.status != _WITHDRAWN:
                self._save(uow, child, _less(one, parts[0]), EventKind.CONSENT_WITHDRAWN, actor)
        if held:
            return [one.consent_id for one in held]
        name = f"{CONSENT}/{self.desk.ids.fresh('con')}"
        nothing_held = permission_from_json({**_withdrawn(said), "consent_id": name})
        kinds = nothing_held.kinds if parts[0].is_whole or not parts[0].kinds else parts[0].kinds
        self._save(uow, child, replace(nothing_held, kinds=kinds), EventKind.CONSENT_WITHDRAWN, actor)
        return []

    def stop(self, uow: UnitOfWork, child: ChildRef, permission: Permission, *, at: datetime) -> None:
        """Tell those who got something with consent what *permission*, which a join brought along, has taken back."""
        self._stop(uow, child, permission, EventKind.CONSENT_RECORDED, at)
        for taken_back in permission.withdrawals:
            self.notifier.stop_consented(uow, child, taken_back=taken_back, at=at)

    def file(self, uow: UnitOfWork, child: ChildRef, permission: Permission, *, actor: str) -> None:
        """Keep a permission that was checked, under the id it has already."""
        self._save(uow, child, permission, EventKind.CONSENT_RECORDED, actor)

    def file_as_history(self, uow: UnitOfWork, child: ChildRef, older: Permission, held: Permission) -> None:
        """Keep *older* straight as history, beside *held*, which stays as it stands."""
        at, name = self.desk.clock.now(), held.consent_id
        self._put(uow, child, CONSENT, name, permission_to_json(older), at)
        uow.facts.retire(name, at=at)
        self._put(uow, child, CONSENT, name, permission_to_json(held), at)

    def versions(self, uow: UnitOfWork, child: ChildRef) -> list[Permission]:
        """Return what the child's permissions said before, in the order in which they ceased to."""
        key = child_key(uow, child)
        return [permission_from_json(self._open(key, one)) for one in uow.facts.retired(child) if one.kind == CONSENT]

    def held(self, uow: UnitOfWork, child: ChildRef) -> list[Permission]:
        """Return the child's permissions as they stand, oldest first."""
        key = child_key(uow, child)
        rows = [fact for fact in uow.facts.of_child(child) if fact.kind == CONSENT]
        return [permission_from_json(self._open(key, fact)) for fact in rows]

    def history(self, uow: UnitOfWork, child: ChildRef) -> list[Group]:
        """Return every version of the child's permissions and agreements to be helped that is no longer the newest."""
        key = child_key(uow, child)
        old = [fact for fact in uow.facts.retired(child) if fact.kind in KINDS]
        return [
            {
                "id": fact.fact_id,
                "kind": fact.kind,
                "recorded_at": fact.recorded_at.isoformat(timespec="seconds"),
                "until": fact.retired_at.isoformat(timespec="seconds"),
                "fact": self._open(key, fact),
            }
            for fact in old
        ]

    def record_help(self, child: ChildRef, said: Group, *, actor: str) -> str:
        """Keep one giver's word about being helped and return its id.

        Raises:
            NotFoundError: no such child.
            SchemaViolationError: not an agreement to be helped; the path names the field.
        """
        name = f"{HELP}/{self.desk.ids.fresh('hlp')}"
        body = write_record(check_help({**said, "agreement_id": name}))
        self.desk.store.write(lambda uow: self._put_help(uow, child, body, actor))
        return name

    def file_help(self, uow: UnitOfWork, child: ChildRef, said: Group, *, fact_id: str, about: About) -> None:
        """Keep what a form says of being helped under *fact_id*, unless somebody has ended that meanwhile.

        The caller raises the counter of what forms say.
        """
        key = child_key(uow, child)
        held = next((one for one in uow.facts.of_child(child) if one.fact_id == fact_id), None)
        before = help_from_json(self._open(key, held)) if held else None
        if before is not None and before.status == "ENDED":
            return
        if held is not None:
            uow.facts.retire(fact_id, at=self.desk.clock.now())
        version = before.version + 1 if before else 1
        body = write_record(check_help({**said, "agreement_id": fact_id, "version": version}))
        self._put(uow, child, HELP, fact_id, body, self.desk.clock.now())
        self._tell_help(uow, body, about)

    def end_help(self, child: ChildRef, fact_id: str, *, actor: str) -> None:
        """Write down that an agreement to be helped has ended.

        Raises:
            NotFoundError: the child has no such agreement.
        """

        def _end(uow: UnitOfWork) -> None:
            held = next((one for one in uow.facts.of_child(child) if one.fact_id == fact_id and one.kind == HELP), None)
            if held is None:
                raise NotFoundError("this child has no such agreement", place=Place(path="agreement"))
            said = help_from_json(self._open(child_key(uow, child), held))
            uow.facts.retire(fact_id, at=self.desk.clock.now())
            ended = replace(said, status="ENDED", version=said.version + 1)
            self._put_help(uow, child, write_record(ended), actor)

        self.desk.store.write(_end)

    def _supersede(self, uow: UnitOfWork, child: ChildRef, later: Permission, fact_id: str, actor: str) -> None:
        earlier = next((one for one in self.held(uow, child) if one.consent_id == fact_id), None)
        if earlier is None:
            raise NotFoundError("this child has no such permission", place=Place(path="supersedes"))
        if earlier.status == SUPERSEDED:
            raise ConflictError("another has taken its place already", place=Place(path="supersedes"))
        if not is_same_voice(earlier, later):
            raise ConflictError(
                "it is another giver's word, or about another person: record this one beside it; the stricter counts",
                place=Place(path="supersedes"),
            )
        changed = replace(earlier, status=SUPERSEDED, version=earlier.version + 1)
        self._save(uow, child, changed, EventKind.CONSENT_CHANGED, actor)

    def _save(self, uow: UnitOfWork, child: ChildRef, permission: Permission, kind: EventKind, actor: str) -> None:
        at, body = self.desk.clock.now(), permission_to_json(permission)
        if permission.version > 1:
            uow.facts.retire(permission.consent_id, at=at)
        self._put(uow, child, CONSENT, permission.consent_id, body, at)
        # Before it is asked who was given what: a hand-over that is under way is then seen, or comes too late.
        uow.epochs.lift([f"child:{child}"])
        self._stop(uow, child, permission, kind, at)
        if permission.status == SUPERSEDED:
            stop_clocks(uow, child, permission.consent_id)
        else:
            set_clocks(self.desk, uow, child, permission, at=at)
        words: dict[str, Tree] = {
            "consent_ids": [permission.consent_id],
            "consent_status": permission.status,
            "fact": body,
        }
        self._tell(uow, child, kind, words, actor)

    def _stop(self, uow: UnitOfWork, child: ChildRef, permission: Permission, kind: EventKind, at: datetime) -> None:
        """Tell those who got something with the family's consent to stop sharing it, where that is now taken back."""
        words = words_of(permission)
        nothing_left = bool(words) and all(word.status in _NO for word in words)
        if permission.status in _NO or nothing_left:
            self.notifier.stop_consented(uow, child, at=at)
        elif kind is EventKind.CONSENT_WITHDRAWN:
            self.notifier.stop_consented(uow, child, taken_back=permission.withdrawals[-1], at=at)

    def _put_help(self, uow: UnitOfWork, child: ChildRef, body: Group, actor: str) -> None:
        name = str(body["agreement_id"])
        self._put(uow, child, HELP, name, body, self.desk.clock.now())
        uow.epochs.lift([f"child:{child}"])
        self._tell_help(uow, body, About(actor=actor, organisation=self.desk.sender, children=(child,)))

    def _tell_help(self, uow: UnitOfWork, body: Group, about: About) -> None:
        words: dict[str, Tree] = {"fact_id": body["agreement_id"], "agreement_status": body["status"], "fact": body}
        kind = EventKind.HELP_AGREEMENT_RECORDED
        self.desk.trail.tell(uow, kind, words, at=self.desk.clock.now(), about=about)

    def _put(self, uow: UnitOfWork, child: ChildRef, kind: str, fact_id: str, body: Group, at: datetime) -> None:
        sealed = self.desk.vault.seal(child_key(uow, child), f"fact/{fact_id}", write_json(body))
        uow.facts.put(FactRow(fact_id=fact_id, child_ref=child, kind=kind, sealed=sealed, recorded_at=at))

    def _open(self, key: bytes, fact: FactRow | OldFact) -> Group:
        return read_group(self.desk.vault.open(key, f"fact/{fact.fact_id}", fact.sealed))

    def _tell(self, uow: UnitOfWork, child: ChildRef, kind: EventKind, words: dict[str, Tree], actor: str) -> None:
        about = About(actor=actor, organisation=self.desk.sender, children=(child,))
        self.desk.trail.tell(uow, kind, words, at=self.desk.clock.now(), about=about)


def _withdrawn(said: Group) -> Group:
    return {
        "consent_id": "withdrawal",
        "kinds": ["SHARE", "TRANSFER"],
        "status": _WITHDRAWN,
        "giver_capacity": said.get("capacity") or "UNKNOWN",
        "withdrawals": [said],
    }


def _less(permission: Permission, withdrawal: Withdrawal) -> Permission:
    """Return the next version of *permission*, with *withdrawal* taken off it."""
    status = _WITHDRAWN if withdrawal.is_whole else permission.status
    withdrawals = (*permission.withdrawals, withdrawal)
    return replace(permission, status=status, withdrawals=withdrawals, version=permission.version + 1)
