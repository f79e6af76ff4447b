"""How does what a person did get into the audit log?

People are named there by a pseudonym: a leaf lives for ever and an account name may be somebody's own name. Whoever may
see accounts sees whose pseudonym it is.
"""

from collections.abc import Mapping

from gateway.app.bootstrap import Application
from gateway.app.operations.caller import Caller
from gateway.audit.event import Event, EventKind
from gateway.flows.ports import UnitOfWork, Vault
from gateway.model.tree import Tree

_PSEUDONYM_BYTES = 10


def pseudonym(vault: Vault, user_id: str) -> str:
    """Return the name an account goes by in the audit log, such as `person:3f0c...`; only our keys can make it."""
    return f"person:{vault.blind('actor', user_id)[:_PSEUDONYM_BYTES].hex()}"


def event_by(application: Application, caller: Caller, kind: EventKind, words: Mapping[str, Tree]) -> Event:
    """Return the event that says what *caller* does now."""
    return Event.of(
        kind,
        words,
        at=application.desk.clock.now(),
        actor=pseudonym(application.desk.vault, caller.user_id),
        organisation=application.desk.sender,
    )


def tell(
    application: Application, uow: UnitOfWork, caller: Caller, *, kind: EventKind, words: Mapping[str, Tree]
) -> None:
    """Record in this transaction that *caller* did something about no child in particular."""
    application.desk.trail.record(uow, event_by(application, caller, kind, words))
