"""Whose folders on SFTP servers are looked at, and how are they joined to the gateway?

An organisation whose profile has an `[sftp]` table is looked at as if its folder there were its folder here: the same
rules decide what is ready, the same reports are written beside.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from gateway.adapters.files.sftp_connection import SftpPlace, connected
from gateway.adapters.files.sftp_shelf import SftpShelf
from gateway.adapters.files.watch import Watch
from gateway.app.drop_folder import watch_shelf
from gateway.app.http.served import Served
from gateway.app.workers import Ticker
from gateway.errors import GatewayError, TransientError
from gateway.flows.log_events import LogEvent
from gateway.flows.ports import Ids
from gateway.flows.rows import Organisation

if TYPE_CHECKING:
    from concurrent.futures import Future

log = structlog.get_logger()
CHANNEL = "sftp"
_AT_ONCE = 8


class SftpFolders:
    """Looks at every partner's folder on its server; one that does not answer keeps no other waiting for longer."""

    def __init__(self, served: Served, *, ids: Ids) -> None:
        self._served = served
        self._ids = ids
        self._watches: dict[SftpPlace, Watch] = {}
        self._has_ended = False

    def end(self) -> None:
        """Look no more: a server that does not answer must not keep the process from ending."""
        self._has_ended = True

    def look(self) -> int:
        """Look once at each, and return how many files were accepted."""
        if self._has_ended:
            return 0
        places = list(places_of(self._served))
        self._watches = {place: self._watches.get(place) or self._watch(place) for place in places}
        if not places:
            return 0
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="sftp") as pool:
            looks: list[Future[int]] = [pool.submit(self._look, place) for place in places]
            return sum(look.result() for look in looks)

    def _look(self, place: SftpPlace) -> int:
        try:
            return self._watches[place].look()
        except TransientError as error:
            log.warning(LogEvent.SFTP_UNREACHABLE, organisation=place.organisation, code=error.code)
        except Exception as error:  # noqa: BLE001  # one server's odd answer must not keep the others waiting
            log.warning(LogEvent.FOLDER_UNREADABLE, organisation=place.organisation, error=error)
        return 0

    def _watch(self, place: SftpPlace) -> Watch:
        shelf = SftpShelf(place, seconds=self._served.settings.sftp_answer_seconds)
        return watch_shelf(self._served, shelf, ids=self._ids, channel=CHANNEL)


class SftpIntake:
    """The thread that looks at partners' folders again and again."""

    def __init__(self, served: Served, *, ids: Ids) -> None:
        self._folders = SftpFolders(served, ids=ids)
        self._ticker = Ticker("sftp", self._folders.look, every_seconds=served.settings.sftp_poll_seconds)

    def start(self) -> None:
        """Begin."""
        self._ticker.start()

    def stop(self) -> None:
        """Return when a look that was begun has ended."""
        self._folders.end()
        self._ticker.stop()


def places_of(served: Served) -> Iterator[SftpPlace]:
    """Yield the folder of each organisation in use whose profile names one."""
    keys = served.settings.partner_tokens_folder
    for organisation in served.store.read(lambda uow: uow.directory.organisations()):
        if organisation.is_enabled and keys is not None and "sftp" in organisation.profile:
            yield _place(organisation, keys)


def greet(places: Iterator[SftpPlace], *, seconds: float) -> list[tuple[str, str | None]]:
    """Return of each place its organisation, and why its folder could not be listed or None where it could."""
    return [(place.organisation, _trouble_of(place, seconds)) for place in places]


def _trouble_of(place: SftpPlace, seconds: float) -> str | None:
    try:
        with connected(place, seconds=seconds) as session:
            session.listdir(place.folder)
    except GatewayError as error:
        return error.code
    except (OSError, EOFError):
        return "folder"
    return None


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
