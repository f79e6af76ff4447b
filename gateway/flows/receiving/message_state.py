"""Where does a message stand? Told from its records and deliveries, never stored, so that it cannot be out of date."""

from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import Message, State

CORRECTION = "H-CORRECT"
"""Why a message that was worked through still waits: a part of it could not be read, and a person has been asked."""
_SCHEMA = "schema"
_TELLING = (
    State.DEAD_LETTER,
    State.IN_REVIEW,
    State.HELD_MATCH,
    State.HELD_LABEL,
    State.ORDERED,
    State.HANDED_OVER,
    State.REFUSED,
    State.WITHDRAWN,
    State.ACKNOWLEDGED,
)
"""What most needs to be known, first: trouble, then waiting, then work, then ends."""


def state_for_sender(message: Message) -> State:
    """Return the state whoever sent *message* is told of: whether the gate took it, and nothing of what followed.

    Whether a document waits for a person, was refused, or has gone depends on what we know of the child: told, it would
    tell that the child is known here, or in danger. So what is told depends on the document alone.
    """
    return State.QUARANTINED if message.state is State.QUARANTINED else State.ACCEPTED


def state_of(uow: UnitOfWork, message: Message) -> State:
    """Return the state people are told of *message*: the most telling one among its deliveries.

    A message that is still being split, was quarantined or failed as a whole tells its own state; one that was worked
    through and asked for nothing to be sent is acknowledged, unless a part of it waits for a person: one that could not
    be read, that holds an answer nobody has mapped, or that nobody is set up to get.
    """
    if message.state is not State.ORDERED:
        return message.state
    found = set(uow.summaries.states(message.message_id))
    if uow.summaries.is_any(message.message_id, State.IN_REVIEW):
        found.add(State.IN_REVIEW)
    if not found and uow.summaries.is_any(message.message_id, State.HELD_LABEL):
        found.add(State.HELD_LABEL)
    if message.reason == CORRECTION or (message.reason == _SCHEMA and not found):
        found.add(State.IN_REVIEW)
    return next((state for state in _TELLING if state in found), State.ACKNOWLEDGED)
