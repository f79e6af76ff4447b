"""How many documents are taken in at one time, and who goes first when the house is full?

Everything here runs on the event loop, so there is nothing to lock.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from gateway.errors import BusyError
from gateway.model.identifiers import OrganisationId


@dataclass(slots=True)
class Place:
    """One document's place in the house."""

    _admission: "Admission"
    _size_bytes: int = field(default=0, init=False)

    def hold(self, size_bytes: int) -> None:
        """Count *size_bytes* more of memory.

        Raises:
            BusyError: all documents being taken in would need more memory than there is for them.
        """
        self._admission.hold(size_bytes)
        self._size_bytes += size_bytes


class Admission:
    """Keeps count of documents being taken in.

    Promise: however many documents others send, `reserved` places are left for safeguarding referrals; however many one
    organisation sends, it has no more than its share.
    """

    def __init__(self, *, places: int, reserved: int, share: int, memory_bytes: int) -> None:
        self._places = places
        self._reserved = reserved
        self._share = share
        self._memory_bytes = memory_bytes
        self._taken = 0
        self._held_bytes = 0
        self._taken_by: Counter[OrganisationId] = Counter()

    @contextmanager
    def enter(self, organisation: OrganisationId, *, is_safeguarding: bool) -> Iterator[Place]:
        """Hold a place while one document is taken in.

        Raises:
            BusyError: the house is full (`busy`), or the organisation's share of it is (`your-share`).
        """
        if self._taken >= (self._places if is_safeguarding else self._places - self._reserved):
            raise BusyError("as many documents as can be are being taken in right now")
        if self._taken_by[organisation] >= self._share:
            raise BusyError(f"{self._share} of your documents are being taken in right now", code="your-share")
        place = Place(self)
        self._taken += 1
        self._taken_by[organisation] += 1
        try:
            yield place
        finally:
            self._taken -= 1
            self._taken_by[organisation] -= 1
            self._held_bytes -= place._size_bytes  # noqa: SLF001  # a place is the admission's own

    def hold(self, size_bytes: int) -> None:
        """Count *size_bytes* more, or refuse them."""
        if self._held_bytes + size_bytes > self._memory_bytes:
            raise BusyError("the documents being taken in right now need all the memory there is for them")
        self._held_bytes += size_bytes
