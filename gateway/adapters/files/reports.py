"""What do we tell somebody who dropped a file? A small JSON file beside it: the receipt, or the problem."""

import json
import os
from contextlib import suppress

from gateway.adapters.files.handles import edges_of, opened_place, remove_durably, write_durably
from gateway.adapters.files.names import ACCEPTED, REFUSED, report_name
from gateway.adapters.files.walk import Found, Place
from gateway.errors import GatewayError
from gateway.flows.envelope import Accepted
from gateway.flows.ports import Clock, Ids

_MARK = b'{"report": "ecaf-gateway"'


class Reports:
    """Writes, knows and takes away reports under one drop folder, whose handle is *root*.

    Shape: `{"report": "ecaf-gateway", "message_id", "receipt"}` or `{"report": "ecaf-gateway", "problem": {"code",
    "message", ...place}}`; nothing of the file's content is in either.
    """

    def __init__(self, root: int, *, clock: Clock, ids: Ids) -> None:
        self._root = root
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

    def _write(self, place: Place, name: str, said: dict[str, object], *, instead_of: str) -> None:
        content = json.dumps({"report": "ecaf-gateway", **said}).encode() + b"\n"
        with opened_place(self._root, place) as folder:
            free = f".{self._ids.fresh('report')}"
            write_durably(name, content, within=folder, first_as=free, at=self._clock.now())
            with suppress(FileNotFoundError):
                os.unlink(instead_of, dir_fd=folder)


def is_ours(found: Found) -> bool:
    """Tell whether an entry with a report's name is a report of ours and not a document called like one."""
    if not found.stand.is_plain:
        return False
    with suppress(OSError):
        return edges_of(found.name, within=found.folder, length=len(_MARK))[0] == _MARK
    return False


def remove_report(found: Found) -> None:
    """Take an old report away."""
    with suppress(FileNotFoundError):
        remove_durably(found.name, within=found.folder)
