"""Who is told, and when, that a permission is about to run out or that its review is due?"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from gateway.audit.entry import time_text
from gateway.audit.event import EventKind
from gateway.consent.permission import Permission
from gateway.consent.permission_clock import ends_at, review_at, warn_at
from gateway.consent.permission_json import permission_from_json
from gateway.conversations.review import role_for
from gateway.flows.context import Desk
from gateway.flows.documents import child_key, read_group
from gateway.flows.people.ask import Asked, Asker
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import Timer
from gateway.flows.trail import About
from gateway.model.identifiers import ChildRef, ConversationId

if TYPE_CHECKING:
    from gateway.model.tree import Tree

EXPIRING: Final = "caf.consent.expiring"
REVIEW: Final = "caf.consent.review"
CLOCKS: Final = frozenset({EXPIRING, REVIEW})
_REASONS: Final = {EXPIRING: "H-CONSENT-EXPIRING", REVIEW: "H-CONSENT-REVIEW"}
_BETWEEN: Final = "|"


def set_clocks(desk: Desk, uow: UnitOfWork, child: ChildRef, permission: Permission, *, at: datetime) -> None:
    """Let somebody be told in time what *permission*, as it stands now, asks for; what it no longer asks for is off."""
    terms = desk.policy.tables.terms
    end = ends_at(permission, terms)
    wanted = {EXPIRING: warn_at(permission, terms), REVIEW: review_at(permission, terms)}
    for kind, due in wanted.items():
        if due is not None and end is not None and at < end:
            uow.timers.put(_timer(child, permission.consent_id, kind, due))
        elif permission.version > 1:
            stop_clocks(uow, child, permission.consent_id, kind)


def stop_clocks(uow: UnitOfWork, child: ChildRef, fact_id: str, *kinds: str) -> None:
    """Tell nobody any more about what was recorded as *fact_id*."""
    for kind in kinds or CLOCKS:
        uow.timers.drop(_name(child, fact_id), kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionClock:
    """Asks a person to see to a permission whose time has come."""

    desk: Desk
    asker: Asker

    def rang(self, uow: UnitOfWork, timer: Timer, *, at: datetime) -> None:
        """Put the permission *timer* is about before a person, unless it asks for nothing any more."""
        ref, _, fact_id = timer.conversation_id.partition(_BETWEEN)
        child = ChildRef(ref)
        held = next((fact for fact in uow.facts.of_child(child) if fact.fact_id == fact_id), None)
        if held is None:
            return
        body = read_group(self.desk.vault.open(child_key(uow, child), f"fact/{fact_id}", held.sealed))
        end = ends_at(permission_from_json(body), self.desk.policy.tables.terms)
        if end is None or end <= at:
            return
        reason = _REASONS[timer.kind]
        asked = Asked(
            kind="clock",
            reason=reason,
            role=role_for(reason),
            subject_id=fact_id,
            due_at=end,
            children=(child,),
        )
        task = self.asker.ask(uow, asked)
        words: dict[str, Tree] = {
            "consent_ids": [fact_id],
            "reason": reason,
            "review_id": task.review_id,
            "due_at": time_text(end),
        }
        about = About(organisation=self.desk.sender, children=(child,))
        self.desk.trail.tell(uow, EventKind.CONSENT_EXPIRING, words, at=at, about=about)


def _timer(child: ChildRef, fact_id: str, kind: str, due: datetime) -> Timer:
    name = _name(child, fact_id)
    return Timer(timer_id=f"{kind}/{name}", conversation_id=name, kind=kind, due_at=due)


def _name(child: ChildRef, fact_id: str) -> ConversationId:
    return ConversationId(f"{child}{_BETWEEN}{fact_id}")
