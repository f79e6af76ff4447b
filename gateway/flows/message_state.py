"""Where does a message stand? Told from its records and deliveries, never stored, so that it cannot be out of date."""

from gateway.flows.ports import UnitOfWork
from gateway.flows.rows import Message, State

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


def state_of(uow: UnitOfWork, message: Message) -> State:
    """Return the state the outside is told of *message*: the most telling one among its deliveries.

    A message that is still being split, was quarantined or failed as a whole tells its own state; one that was worked
    through and asked for nothing to be sent is acknowledged.
    """
    if message.state is not State.ORDERED:
        return message.state
    found = {delivery.state for delivery in uow.delivery_lists.of_message(message.message_id)}
    return next((state for state in _TELLING if state in found), State.ACKNOWLEDGED)
