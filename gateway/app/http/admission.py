"""How many documents are taken in at one time, and who goes first when the house is full?

A document cannot say that it is urgent before it is read, and must not be believed. So when there is no room for it,
one that may turn out to be urgent is read on trial, in one of the places kept for that: nothing of it is stored, and
unless the gate's reading puts it into the urgent lane it gets the answer it would have got at the door (ADR 0023).

Everything but `Place.admit` runs on the event loop, so there is nothing to lock.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from gateway.errors import BusyError, TransientError
from gateway.model.identifiers import OrganisationId

_ON_TRIAL_MEMORY = 8
"""One part in so many of the memory for bodies is kept for what is read on trial."""


class Strain(Protocol):
    """How hard the house is pressed."""

    def refusal(self, *, is_urgent: bool) -> TransientError | None:
        """Return why no document of that kind is taken in just now, or None when it is."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """How much there is room for.

    Shape: of `places`, `reserved` are for documents on trial; one organisation has at most `share` of the others, and
    at most half of the reserved ones. Units: documents, bytes.
    """

    places: int
    reserved: int
    share: int
    memory_bytes: int


class Place:
    """One document's place in the house."""

    def __init__(self, admission: "Admission", on_trial: TransientError | None) -> None:
        self._admission = admission
        self._on_trial = on_trial
        self.size_bytes = 0

    def hold(self, size_bytes: int) -> None:
        """Count *size_bytes* more of memory.

        Raises:
            BusyError: all documents being taken in would need more memory than there is for them.
        """
        self._admission.hold(size_bytes, is_on_trial=self._on_trial is not None)
        self.size_bytes += size_bytes

    def admit(self, *, is_urgent: bool) -> None:
        """Return if a document that has now been read may be stored.

        Raises:
            TransientError: it was read on trial and is not urgent, or the house has filled meanwhile.
        """
        if self._on_trial is not None and not is_urgent:
            raise self._on_trial
        refusal = self._admission.strain.refusal(is_urgent=is_urgent)
        if refusal is not None:
            raise refusal


class Admission:
    """Keeps count of documents being taken in.

    Promise: however many documents others send, `reserved` places are left for reading what may be urgent; however many
    one organisation sends, the others have their share of both.
    """

    def __init__(self, house: House, strain: Strain) -> None:
        self.strain = strain
        self._house = house
        self._taken = {False: 0, True: 0}
        self._taken_by: dict[bool, Counter[OrganisationId]] = {False: Counter(), True: Counter()}
        self._held_bytes = 0

    @contextmanager
    def enter(self, organisation: OrganisationId, *, may_be_urgent: bool) -> Iterator[Place]:
        """Hold a place while one document is taken in.

        Raises:
            BusyError: the house is full (`busy`), or the organisation's share of it is (`your-share`).
            TransientError: the house is pressed, and the document cannot be urgent.
        """
        refusal = self._refusal(organisation)
        is_on_trial = refusal is not None
        if refusal is not None and not (may_be_urgent and self._has_room_on_trial(organisation)):
            raise refusal
        place = Place(self, refusal)
        self._taken[is_on_trial] += 1
        self._taken_by[is_on_trial][organisation] += 1
        try:
            yield place
        finally:
            self._taken[is_on_trial] -= 1
            self._taken_by[is_on_trial][organisation] -= 1
            self._held_bytes -= place.size_bytes

    def hold(self, size_bytes: int, *, is_on_trial: bool) -> None:
        """Count *size_bytes* more, or refuse them."""
        memory = self._house.memory_bytes
        if self._held_bytes + size_bytes > (memory if is_on_trial else memory - memory // _ON_TRIAL_MEMORY):
            raise BusyError("the documents being taken in right now need all the memory there is for them")
        self._held_bytes += size_bytes

    def _refusal(self, organisation: OrganisationId) -> TransientError | None:
        """Return why any document of *organisation* would have to wait, or None when there is room for it."""
        if self._taken_by[False][organisation] >= self._house.share:
            told = f"{self._house.share} of your documents are being taken in right now"
            return BusyError(told, code="your-share")
        if self._taken[False] >= self._house.places - self._house.reserved:
            return BusyError("as many documents as can be are being taken in right now")
        return self.strain.refusal(is_urgent=False)

    def _has_room_on_trial(self, organisation: OrganisationId) -> bool:
        """Tell whether one more of *organisation* may be read on trial."""
        most = max(1, self._house.reserved // 2)
        is_free = self._taken[True] < self._house.reserved and self._taken_by[True][organisation] < most
        return is_free and self.strain.refusal(is_urgent=True) is None
