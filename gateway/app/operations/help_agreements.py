"""Does the family agree to be helped? Kept apart from whether its confidences may be shared."""

from gateway.app.bootstrap import Application
from gateway.app.operations.arguments import Argument, Kind
from gateway.app.operations.caller import Caller
from gateway.app.operations.consents import CAPACITIES, CHILD, MODES
from gateway.app.operations.journal import pseudonym
from gateway.app.operations.operation import Operation
from gateway.app.operations.roles import Permission
from gateway.model.identifiers import ChildRef
from gateway.model.tree import Group

_WORD = (
    CHILD,
    Argument(name="status", help="what the giver said", choices=("AGREED", "REFUSED"), required=True),
    Argument(name="capacity", help="in which capacity they said it", choices=CAPACITIES, required=True),
    Argument(name="from", help="from when it holds", kind=Kind.MOMENT, required=True),
    Argument(name="until", help="until when it holds; until it is ended, unless said", kind=Kind.MOMENT),
    Argument(name="mode", help="how it was given", choices=MODES),
    Argument(name="giver", help="who said it"),
    Argument(name="given_at", help="when it was said", kind=Kind.MOMENT),
    Argument(name="episode", help="the episode it belongs to"),
)
_AGREEMENT = Argument(
    name="agreement", help="id of it, as consents list shows it", pattern=r"help/.{1,100}", required=True
)
_NAMES = {"capacity": "giver_capacity", "from": "effective_from", "until": "expires_on"}


def record_help(application: Application, caller: Caller, args: Group) -> Group:
    """Keep one giver's word about being helped."""
    child, actor = ChildRef(str(args["child"])), pseudonym(application.desk.vault, caller.user_id)
    said: Group = {_NAMES.get(name, name): value for name, value in args.items() if name != "child"}
    return {
        "child": child,
        "fact": application.permissions.record_help(child, {**said, "source": "person"}, actor=actor),
    }


def end_help(application: Application, caller: Caller, args: Group) -> Group:
    """Write down that somebody no longer agrees to be helped."""
    child, actor = ChildRef(str(args["child"])), pseudonym(application.desk.vault, caller.user_id)
    application.permissions.end_help(child, str(args["agreement"]), actor=actor)
    return {"child": child, "ended": args["agreement"]}


OPERATIONS = (
    Operation(
        name="help-agreements.record",
        summary="Keep whether somebody agrees to be helped",
        permission=Permission.RECORD_CONSENT,
        run=record_help,
        arguments=_WORD,
        changes=True,
    ),
    Operation(
        name="help-agreements.end",
        summary="Write down that somebody no longer agrees to be helped",
        permission=Permission.RECORD_CONSENT,
        run=end_help,
        arguments=(CHILD, _AGREEMENT),
        changes=True,
    ),
)
