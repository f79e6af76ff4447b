"""Is this all there is about one child? The counted chain of a child's events.

An inclusion proof shows that an event is in the log; it cannot show that none was left out. So each event of a child
holds, sealed, its number among the child's events and the commitment of the one before it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.errors import IntegrityError
from gateway.model.tree import Group


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One event's place in its child's chain.

    Shape: `commitment` is that of the event itself; `seq` counts from 0; `previous` is the commitment of the event
    before, as hexadecimal digits, None for the first.
    """

    commitment: str
    seq: int | None
    previous: str | None


def link_of(header: Group, words: Group) -> Link:
    """Return the link that an opened entry holds."""
    seq, previous = words.get("subject_seq"), words.get("subject_prev")
    return Link(
        commitment=str(header.get("commitment")),
        seq=seq if isinstance(seq, int) else None,
        previous=previous if isinstance(previous, str) else None,
    )


def check_chain(links: Iterable[Link], *, count: int) -> str | None:
    """Return the commitment of the last of *links*, None for no events, when they are events 0 to *count* - 1.

    Raises:
        IntegrityError: one is missing, changed, repeated or out of order.
    """
    last: str | None = None
    position = -1
    for position, link in enumerate(links):
        if link.seq != position:
            raise IntegrityError("an event of this child is missing", expected=str(position), found=str(link.seq))
        if link.previous != last:
            raise IntegrityError(
                "an event does not follow the one before it", expected=str(last), found=str(link.previous)
            )
        last = link.commitment
    if position + 1 != count:
        raise IntegrityError("the last events of this child are missing", expected=str(count), found=str(position + 1))
    return last
