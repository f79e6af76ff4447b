"""Who orders a transfer file of a school's own pupils, and what do they get?"""

import base64
from typing import cast

from gateway.app.bootstrap import Application
from gateway.app.operations.arguments import Argument, Kind
from gateway.app.operations.caller import Caller
from gateway.app.operations.journal import pseudonym
from gateway.app.operations.operation import Operation
from gateway.app.operations.roles import Permission
from gateway.flows.exports.school_exports import Wanted
from gateway.model.identifiers import ChildRef, OrganisationId
from gateway.model.tree import Group, Tree

_SCHOOL = r"\d{7}"
_MOST_CHILDREN = 200
_CHILDREN = Argument(
    name="children", help="our references of the children", kind=Kind.TEXTS, required=True, most=_MOST_CHILDREN
)
_FOR = Argument(name="school", help="the organisation whose own pupils they are", required=True)
_SOURCE = Argument(
    name="source",
    help="the school's number: three digits of its authority, four of its own",
    required=True,
    pattern=_SCHOOL,
)
_DESTINATION = Argument(
    name="destination", help="the receiving school's number; without one it is not known", pattern=_SCHOOL
)


def export_ctf(application: Application, caller: Caller, args: Group) -> Group:
    """Return a transfer file of edition 25.0, as far as the sharing policy lets the school have its pupils."""
    destination = args.get("destination")
    wanted = Wanted(
        children=tuple(ChildRef(str(name)) for name in cast("list[Tree]", args["children"])),
        school=OrganisationId(str(args["school"])),
        source=str(args["source"]),
        destination=str(destination) if destination is not None else None,
        actor=pseudonym(application.desk.vault, caller.user_id),
    )
    made = application.school_exports.make(wanted)
    refused: list[Tree] = [{"child": child, "reason": reason} for child, reason in made.refused]
    file: Group = {"name": made.name, "xml": base64.b64encode(made.content).decode()} if made.name else {}
    return {"pupils": made.pupils, "refused": refused, "without": list(made.losses), **file}


OPERATIONS = (
    Operation(
        name="export.ctf",
        summary="Make a transfer file of a school's own pupils",
        permission=Permission.EXPORT_PUPILS,
        run=export_ctf,
        arguments=(_CHILDREN, _FOR, _SOURCE, _DESTINATION),
        changes=True,
    ),
)
