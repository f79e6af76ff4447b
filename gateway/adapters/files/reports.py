"""What do we tell somebody who dropped a file? A small JSON file beside it: the receipt, or the problem."""

import json
from contextlib import suppress

from gateway.adapters.files.names import ACCEPTED, RECORDS, REFUSED, report_name
from gateway.adapters.files.shelf import OpenShelf
from gateway.adapters.files.walk import Found, Place
from gateway.errors import GatewayError
from gateway.flows.ports import Clock, Ids
from gateway.flows.receiving.envelope import Accepted

_REPORT_BYTES = 65536
_MARK = b'{"report": "ecaf-gateway"'


class Reports:
    """Writes and takes away reports on one shelf.

    Shape: `{"report": "ecaf-gateway", "message_id", "receipt"}` or `{"report": "ecaf-gateway", "problem": {"code",
    "message", ...place}}`; nothing of the file's content is in either. A file of several records gets a third report
    once they are worked through: what became of each.
    """

    def __init__(self, shelf: OpenShelf, *, clock: Clock, ids: Ids) -> None:
        self._shelf = shelf
        self._clock = clock
        self._ids = ids

    def accepted(self, place: Place, name: str, accepted: Accepted) -> None:
        """Say that a file is durable, and withdraw an earlier refusal."""
        said: dict[str, object] = {"message_id": accepted.message_id, "receipt": accepted.receipt}
        self._write(place, report_name(name, ACCEPTED), said, instead_of=report_name(name, REFUSED))

    def refused(self, place: Place, name: str, error: GatewayError) -> None:
        """Say why a file was not taken."""
        said: dict[str, object] = {"problem": error.as_json()}
        self._write(place, report_name(name, REFUSED), said, instead_of=report_name(name, ACCEPTED))

    def records(self, place: Place, name: str, told: bytes) -> None:
        """Say what became of each record in a file: *told*, an object of JSON.

        Shape: *name* is that of the report which said that the file is durable.
        """
        name = f"{name.removesuffix(ACCEPTED)}{RECORDS}"
        self._put(place, name, _MARK + b", " + told.lstrip()[1:] + b"\n")

    def _write(self, place: Place, name: str, said: dict[str, object], *, instead_of: str) -> None:
        self._put(place, name, json.dumps({"report": "ecaf-gateway", **said}).encode() + b"\n")
        of_before = (instead_of, f"{name.removesuffix(ACCEPTED).removesuffix(REFUSED)}{RECORDS}")
        for earlier in of_before:
            self._shelf.forget(place, earlier)

    def _put(self, place: Place, name: str, content: bytes) -> None:
        free = f".{self._ids.fresh('report')}"
        self._shelf.write(place, name, content, first_as=free, at=self._clock.now())


def message_of(shelf: OpenShelf, found: Found) -> str | None:
    """Return which message the report that a file is durable is about; None if the file does not say."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        _, content, _ = shelf.read(found, limit=_REPORT_BYTES)
        return str(json.loads(content)["message_id"])
    return None


def is_ours(shelf: OpenShelf, found: Found) -> bool:
    """Tell whether an entry with a report's name is a report of ours and not a document called like one.

    Raises:
        FileNotFoundError: it is there no longer.
    """
    if not found.stand.is_plain:
        return False
    try:
        return shelf.edges(found, length=len(_MARK))[0] == _MARK
    except FileNotFoundError:
        raise
    except OSError:
        return False


def remove_report(shelf: OpenShelf, found: Found) -> None:
    """Take an old report away."""
    with suppress(FileNotFoundError):
        shelf.remove(found)
