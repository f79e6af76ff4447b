"""How is the watched folder joined to the gateway? Who may drop what, and how a file is handed in."""

from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path

from gateway.adapters.files.claims import DroppedFile
from gateway.adapters.files.local_shelf import LocalShelf
from gateway.adapters.files.shelf import Shelf
from gateway.adapters.files.walk import Place
from gateway.adapters.files.watch import FolderPatience, Watch
from gateway.app.http.served import Served
from gateway.app.inbound import check_may_drop, check_room, inbound_format
from gateway.app.settings import Settings
from gateway.app.workers import Ticker
from gateway.errors import NotFoundError
from gateway.flows.ports import Ids
from gateway.flows.receiving.acknowledge import Told
from gateway.flows.receiving.envelope import Accepted, Incoming
from gateway.flows.store.rows import Lane, Message, Organisation
from gateway.model.identifiers import MessageId, OrganisationId

_SCANS_TAKE = timedelta(minutes=10)


def drop_folder_ticker(served: Served, drop: Path, *, ids: Ids) -> Ticker:
    """Return the thread that looks at *drop* again and again; folders of known senders are made."""
    watched = watch(served, drop, ids=ids)

    def look() -> None:
        make_folders(served, drop)
        watched.look()

    return Ticker("drop-folder", look, every_seconds=served.settings.file_poll_seconds)


def watch(served: Served, drop: Path, *, ids: Ids) -> Watch:
    """Return the watched folder *drop*, which is made if it is not there, joined to the way in."""
    return watch_shelf(served, LocalShelf(drop), ids=ids, channel="folder")


def watch_shelf(served: Served, shelf: Shelf, *, ids: Ids, channel: str, is_whole_at_once: bool = False) -> Watch:
    """Return the watch over *shelf*, joined to the way in.

    Args:
        served: the gateway.
        shelf: where senders put files.
        ids: names for files being taken.
        channel: how what comes is said to have come.
        is_whole_at_once: whether a file is there whole or not at all, so that none must be seen to stand still.
    """

    def admit(place: Place) -> None:
        organisation, partner, message = place
        form = inbound_format(partner, message)
        served.store.read(lambda uow: check_may_drop(uow, OrganisationId(organisation), form))
        if not served.desk.routes.may_be_urgent(form.name):
            # A file stays where it is while the house is full, and is looked at again.
            check_room(served.pressure, Lane.NORMAL)

    def take(file: DroppedFile) -> Accepted:
        incoming = Incoming(
            organisation=OrganisationId(file.organisation),
            format=inbound_format(file.partner, file.message),
            body=file.body,
            channel=channel,
            file_name=file.name,
        )
        return served.receive.submit(incoming, partial(check_room, served.pressure)).result()

    def acknowledge(place: Place, message_id: str) -> bytes | None:
        """Return what to tell the sender of each record, once it is known; a report of somebody else tells nothing."""
        with suppress(NotFoundError):
            message = served.store.read(lambda uow: uow.messages.get(MessageId(message_id)))
            told = served.acknowledge.told(message.message_id) if message.organisation == place[0] else None
            is_due = told is not None and told.is_final and not _is_scanned_soon(served, message, told)
            return told.text if told is not None and is_due else None
        return None

    watched = Watch(
        shelf,
        admit=admit,
        take=take,
        clock=served.desk.clock,
        ids=ids,
        patience=_patience(served.settings, is_whole_at_once=is_whole_at_once),
    )
    watched.tell_records(acknowledge)
    return watched


def _is_scanned_soon(served: Served, message: Message, told: Told) -> bool:
    """Tell whether a report had better wait: it is written once, and attached documents are just being scanned."""
    is_new = served.desk.clock.now() < message.received_at + _SCANS_TAKE
    return is_new and served.settings.scanner is not None and told.awaits_scan


def make_folders(served: Served, drop: Path) -> None:
    """Make the folder of every format that an organisation's profile says it drops."""
    for organisation in served.store.read(lambda uow: uow.directory.organisations()):
        for folder in _folders(drop, organisation):
            folder.mkdir(parents=True, exist_ok=True)


def _folders(drop: Path, organisation: Organisation) -> list[Path]:
    listed = organisation.profile.get("intake", {}).get("folders", ())
    return [drop / organisation.organisation / name for name in listed]


def _patience(settings: Settings, *, is_whole_at_once: bool) -> FolderPatience:
    return FolderPatience(
        size_bytes=settings.file_limit_bytes,
        stable_seconds=0.0 if is_whole_at_once else settings.file_stable_seconds,
        unfinished_seconds=settings.file_unfinished_seconds,
        report_seconds=settings.file_report_seconds,
        whole_bytes=settings.whole_limit_bytes,
    )
