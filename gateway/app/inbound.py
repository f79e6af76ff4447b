"""Which formats may come in, and from whom by which way?"""

import re
from typing import Protocol

from gateway.errors import NotAllowedError, NotFoundError, TransientError, UnsupportedFormatError
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import Lane
from gateway.formats.register import Format, find_format
from gateway.model.identifiers import OrganisationId


def inbound_format(partner: str, message_version: str) -> Format:
    """Return the format a path names.

    Raises:
        NotFoundError: nobody here reads one of that name; the name as sent is not repeated.
    """
    try:
        return find_format(partner, message_version, direction="in")
    except UnsupportedFormatError:
        message = "no format of that partner and message is read here; /docs lists those that are"
        raise NotFoundError(message, code="unknown-format") from None


_VERSION = re.compile(r"-\d[\d.]*$")


def check_may_queue(uow: UnitOfWork, organisation: OrganisationId, form: Format) -> None:
    """Return if the organisation may send this format through its queue.

    Raises:
        NotFoundError: nobody of that name is known.
        NotAllowedError: its profile does not list the format under intake.scopes, or it is disabled.
    """
    known = uow.directory.organisation(organisation)
    if not known.is_enabled:
        raise NotAllowedError("this organisation is disabled", code="organisation-disabled")
    scope = _VERSION.sub("", form.name)
    if scope not in known.profile.get("intake", {}).get("scopes", ()):
        raise NotAllowedError(f"this organisation's profile has no scope for {scope}", code="scope")


class Room(Protocol):
    """What knows whether the house is full."""

    def refusal(self, *, is_urgent: bool) -> TransientError | None:
        """Return why nothing more is taken in just now, or None."""
        ...


def check_room(room: Room, lane: Lane) -> None:
    """Return while the house has room for what came for *lane*.

    Raises:
        TransientError: it is full; what waits outside may come again.
    """
    refusal = room.refusal(is_urgent=lane is Lane.URGENT)
    if refusal is not None:
        raise refusal


def check_may_drop(uow: UnitOfWork, organisation: OrganisationId, form: Format) -> None:
    """Return if the organisation may send this format by folder.

    Raises:
        NotFoundError: nobody of that name is known.
        NotAllowedError: its profile does not list the format under intake.folders, or it is disabled.
    """
    try:
        known = uow.directory.organisation(organisation)
    except NotFoundError:
        raise NotFoundError("no organisation of this folder's name is known", code="unknown-organisation") from None
    if not known.is_enabled:
        raise NotAllowedError("this organisation is disabled", code="organisation-disabled")
    if form.name not in known.profile.get("intake", {}).get("folders", ()):
        raise NotAllowedError(f"this organisation's profile has no folder for {form.name}", code="scope")
