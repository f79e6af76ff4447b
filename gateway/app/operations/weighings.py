"""Is telling somebody relevant to a child's safety, and does it harm the child? What practitioners found."""

from gateway.app.bootstrap import Application
from gateway.app.operations.arguments import Argument, Kind, texts
from gateway.app.operations.caller import Caller
from gateway.app.operations.consents import CHILD, argument_of, subjects_of
from gateway.app.operations.court_orders import NAMES, RECIPIENT
from gateway.app.operations.journal import pseudonym
from gateway.app.operations.operation import Operation
from gateway.app.operations.roles import Permission
from gateway.consent.law_json import weighing_from_json
from gateway.consent.question import Purpose
from gateway.errors import Place, SchemaViolationError
from gateway.model.identifiers import ChildRef
from gateway.model.tree import Group, Tree

_YES, _NO = "yes", "no"
_ANSWERS = ("relevant", "harmful")

_WEIGHED = (
    CHILD,
    texts("recipients", "the organisations it was weighed towards", pattern=RECIPIENT, required=True),
    texts("purposes", "what it was weighed for", choices=tuple(Purpose), required=True),
    Argument(
        name="relevant",
        help="what would be told is relevant to the child's safety or welfare, what it tells of other people too",
        choices=(_YES, _NO),
        required=True,
    ),
    Argument(
        name="harmful",
        help="telling would harm the child more than not telling; not weighed yet, unless said",
        choices=(_YES, _NO),
    ),
    Argument(name="rationale", help="why", required=True, most=4000),
    Argument(name="until", help="until when it counts; until it is ended, unless said", kind=Kind.MOMENT),
)
_WEIGHING = Argument(
    name="weighing", help="id of it, as weighings list shows it", pattern=r"weighing/.{1,100}", required=True
)


def list_weighings(application: Application, _caller: Caller, args: Group) -> Group:
    """Return what was weighed about a child, with how it stands, and every version that counts no more."""
    child, facts = ChildRef(str(args["child"])), application.facts.weighings.facts
    held, past = application.desk.store.read(lambda uow: (facts.listed(uow, child), facts.past(uow, child)))
    return {"child": child, "weighings": [_standing(application, one) for one in held], "past": past}


def record_weighing(application: Application, caller: Caller, args: Group) -> Group:
    """Keep what a practitioner found, and why; whatever was decided before it is decided again before it leaves."""
    child, actor = ChildRef(str(args["child"])), pseudonym(application.desk.vault, caller.user_id)
    said: Group = {NAMES.get(name, name): _answer(name, value) for name, value in args.items() if name != "child"}
    try:
        return {"child": child, "weighing": application.facts.weighings.record(child, said, actor=actor)}
    except SchemaViolationError as error:
        raise SchemaViolationError(error.message, place=Place(path=argument_of(error.place.path or ""))) from None


def end_weighing(application: Application, caller: Caller, args: Group) -> Group:
    """Write down that what was weighed counts no more."""
    child, actor = ChildRef(str(args["child"])), pseudonym(application.desk.vault, caller.user_id)
    application.facts.weighings.end(child, str(args["weighing"]), actor=actor)
    return {"child": child, "ended": args["weighing"]}


def _answer(name: str, value: Tree) -> Tree:
    return value == _YES if name in _ANSWERS else value


def _standing(application: Application, listed: Tree) -> Tree:
    """Return one of the list with how it stands: `counts` or `over`."""
    if not isinstance(listed, dict) or not isinstance(listed["fact"], dict):
        raise TypeError("what is listed has its fact")
    holds = weighing_from_json(listed["fact"]).holds_at(application.desk.clock.now())
    return {**listed, "state": "counts" if holds else "over"}


OPERATIONS = (
    Operation(
        name="weighings.list",
        summary="Show what was weighed before telling somebody of a child",
        permission=Permission.WEIGH,
        run=list_weighings,
        arguments=(CHILD,),
        subjects=subjects_of,
    ),
    Operation(
        name="weighings.record",
        summary="Keep whether telling somebody is relevant to a child's safety, and whether it harms",
        permission=Permission.WEIGH,
        run=record_weighing,
        arguments=_WEIGHED,
        changes=True,
    ),
    Operation(
        name="weighings.end",
        summary="Write down that what was weighed counts no more",
        permission=Permission.WEIGH,
        run=end_weighing,
        arguments=(CHILD, _WEIGHING),
        changes=True,
    ),
)
