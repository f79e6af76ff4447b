"""Whose folders on SFTP servers are looked at, and how are they joined to the gateway?

An organisation whose profile has an `[sftp]` table is looked at as if its folder there were its folder here: the same
rules decide what is ready, the same reports are written beside.
"""

from collections.abc import Iterator
from pathlib import Path

import structlog

from gateway.adapters.files.sftp_connection import SftpPlace, connected
from gateway.adapters.files.sftp_shelf import SftpShelf
from gateway.adapters.files.watch import Watch
from gateway.app.drop_folder import watch_shelf
from gateway.app.far_folders import FarChannel, greet, organisations_with
from gateway.app.http.served import Served
from gateway.flows.log_events import LogEvent
from gateway.flows.ports import Ids
from gateway.flows.store.rows import Organisation

log = structlog.get_logger()
CHANNEL = "sftp"


def sftp_channel(served: Served, *, ids: Ids) -> FarChannel[SftpPlace]:
    """Return how partners' folders on SFTP servers are looked at."""
    seconds = served.settings.sftp_answer_seconds

    def watch(place: SftpPlace) -> Watch:
        return watch_shelf(served, SftpShelf(place, seconds=seconds), ids=ids, channel=CHANNEL)

    return FarChannel(
        name=CHANNEL,
        places=lambda: places_of(served),
        watch=watch,
        unreachable=_tell_unreachable,
        patience_seconds=seconds,
    )


def _tell_unreachable(organisation: str, code: str | None) -> None:
    log.warning(LogEvent.SFTP_UNREACHABLE, organisation=organisation, code=code)


def places_of(served: Served) -> Iterator[SftpPlace]:
    """Yield the folder of each organisation in use whose profile names one."""
    keys = served.settings.partner_tokens_folder
    if keys is not None:
        yield from (_place(organisation, keys) for organisation in organisations_with(served, "sftp"))


def greet_folders(served: Served, *, seconds: float) -> list[tuple[str, str | None]]:
    """Return of each such organisation why its folder could not be listed, or None where it could."""

    def speak(place: SftpPlace) -> None:
        with connected(place, seconds=seconds) as session:
            session.listdir(place.folder)

    return greet(list(places_of(served)), speak, seconds=2 * seconds, denied="folder")


def _place(organisation: Organisation, keys: Path) -> SftpPlace:
    told = organisation.profile["sftp"]
    return SftpPlace(
        organisation=organisation.organisation,
        host=told["host"],
        port=told.get("port", 22),
        user=told["user"],
        folder=told.get("folder", "."),
        host_key=told["host_key"],
        key_file=keys / told["key_file"],
    )
