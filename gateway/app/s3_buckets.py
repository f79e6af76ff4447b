"""Whose buckets on S3 servers are looked at, and how are they joined to the gateway?

An organisation whose profile has an `[s3]` table is looked at as if its part of the bucket were its folder here: the
same rules decide what may be taken, the same reports are written beside.
"""

from collections.abc import Iterator
from pathlib import Path

import structlog

from gateway.adapters.files.s3_place import S3Place
from gateway.adapters.files.s3_shelf import S3Shelf
from gateway.adapters.files.watch import Watch
from gateway.app.drop_folder import watch_shelf
from gateway.app.far_folders import FarChannel, greet, organisations_with
from gateway.app.http.served import Served
from gateway.flows.log_events import LogEvent
from gateway.flows.ports import Ids
from gateway.flows.store.rows import Organisation

log = structlog.get_logger()
CHANNEL = "s3"


def s3_channel(served: Served, *, ids: Ids) -> FarChannel[S3Place]:
    """Return how partners' buckets are looked at. An object is there whole or not at all: none is waited for."""
    seconds = served.settings.s3_answer_seconds

    def watch(place: S3Place) -> Watch:
        shelf = S3Shelf(place, seconds=seconds)
        return watch_shelf(served, shelf, ids=ids, channel=CHANNEL, is_whole_at_once=True)

    return FarChannel(
        name=CHANNEL,
        places=lambda: places_of(served),
        watch=watch,
        unreachable=_tell_unreachable,
        patience_seconds=seconds,
    )


def _tell_unreachable(organisation: str, code: str | None) -> None:
    log.warning(LogEvent.S3_UNREACHABLE, organisation=organisation, code=code)


def places_of(served: Served) -> Iterator[S3Place]:
    """Yield the place of each organisation in use whose profile names one."""
    keys = served.settings.partner_tokens_folder
    if keys is not None:
        yield from (_place(organisation, keys) for organisation in organisations_with(served, "s3"))


def greet_buckets(served: Served, *, seconds: float) -> list[tuple[str, str | None]]:
    """Return of each such organisation why its files could not be listed, or None where they could."""

    def speak(place: S3Place) -> None:
        # As in `S3Shelf.opened`: the library is loaded only where there is such a partner.
        from gateway.adapters.files.s3_bucket import connected  # noqa: PLC0415

        with connected(place, seconds=seconds) as bucket:
            bucket.look(place.prefix)

    return greet(list(places_of(served)), speak, seconds=2 * seconds, denied="denied")


def _place(organisation: Organisation, keys: Path) -> S3Place:
    told = organisation.profile["s3"]
    authority = told.get("authority_file")
    return S3Place(
        organisation=organisation.organisation,
        endpoint=told["endpoint"],
        region=told["region"],
        bucket=told["bucket"],
        prefix=told.get("prefix", ""),
        form=told.get("form"),
        owner=told.get("owner"),
        key_file=keys / told["key_file"],
        authority_file=None if authority is None else keys / authority,
    )
