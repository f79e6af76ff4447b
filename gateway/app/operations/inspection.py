"""What do inspectors ask for? The lists of Annex A, made of what the store holds.

Not a message to a partner: the authority itself discloses what the law has it disclose to its inspectorate. Why that
is no way round `clear()`, and who may order it, is decision 0040.
"""

import base64
from datetime import date
from hashlib import sha256

from gateway.app.bootstrap import Application
from gateway.app.operations.arguments import Argument, Kind
from gateway.app.operations.caller import Caller
from gateway.app.operations.journal import event_by
from gateway.app.operations.operation import Operation
from gateway.app.operations.roles import Permission
from gateway.audit.event import EventKind
from gateway.errors import Place, SchemaViolationError
from gateway.flows.exports.annex_a import FORMATS, AnnexA, Listed
from gateway.formats.annex_a import write_list
from gateway.model.tree import Group, Tree
from gateway.working_time.calendar import LONDON

_SHORTEST_RATIONALE = 10
_LIST = Argument(name="list", help="1: contacts, 2: early help assessments", required=True, choices=("1", "2"))
_ON = Argument(name="on", help="the day the list is made for, yyyy-mm-dd", kind=Kind.DAY, required=True)
_RATIONALE = Argument(
    name="rationale", help="what it is for, such as the notice of the inspection", required=True, most=4000
)


def export_list(application: Application, caller: Caller, args: Group) -> Group:
    """Return a list of Annex A as CSV; that it was made stands in the log of every child who is in it."""
    number, on = int(str(args["list"])), date.fromisoformat(str(args["on"]))
    rationale = str(args["rationale"]).strip()
    if on > application.desk.clock.now().astimezone(LONDON).date():
        raise SchemaViolationError("this day is still to come", place=Place(path="on"), code="arguments")
    if len(rationale) < _SHORTEST_RATIONALE:
        message = "say what the list is for: many families' records are opened for it"
        raise SchemaViolationError(message, place=Place(path="rationale"), code="arguments")
    listed = AnnexA(application.desk).listed(number, on)
    content = write_list(number, listed.rows)
    digest = sha256(content).hexdigest()
    _tell(application, caller, listed, digest, rationale)
    return {
        "list": number,
        "from": listed.first.isoformat(),
        "to": listed.last.isoformat(),
        "rows": len(listed.rows),
        "children": len(listed.children),
        "without_local_id": listed.without_local_id,
        "rows_with_gaps": listed.gaps,
        "sha256": digest,
        "csv": base64.b64encode(content).decode(),
    }


def _tell(application: Application, caller: Caller, listed: Listed, digest: str, rationale: str) -> None:
    looked: dict[str, Tree] = {"from": listed.first.isoformat(), "to": listed.last.isoformat()}
    words: dict[str, Tree] = {
        "export_sha256": digest,
        "format": FORMATS[listed.number],
        "records": len(listed.rows),
        "role": ":".join(caller.roles),
        "object": looked,
        "rationale": rationale,
    }
    event = event_by(application, caller, EventKind.EXPORT_MADE, words)
    application.desk.store.write(lambda uow: application.desk.trail.record_of(uow, event, listed.children))


OPERATIONS = (
    Operation(
        name="export.annex-a",
        summary="Make a list of Annex A for inspectors",
        permission=Permission.EXPORT_LISTS,
        run=export_list,
        arguments=(_LIST, _ON, _RATIONALE),
        changes=True,
    ),
)
