"""What is known about consent and protection, and who says so?"""

from gateway.app.bootstrap import Application
from gateway.app.operations.arguments import Argument, Kind, checked
from gateway.app.operations.caller import Caller
from gateway.app.operations.journal import pseudonym
from gateway.app.operations.operation import Operation
from gateway.app.operations.review_facts import facts_of
from gateway.app.operations.roles import Permission
from gateway.consent.question import Purpose
from gateway.errors import GatewayError, Place, SchemaViolationError
from gateway.flows.ports import UnitOfWork
from gateway.model.category import Category
from gateway.model.identifiers import ChildRef
from gateway.model.tree import Group, Tree

CAPACITIES = ("PARENT_PR", "PARENT_NO_PR", "CARER", "CHILD_COMPETENT", "YP_16_17", "LA_PR", "COURT", "ADULT_SELF")
STATUSES = ("GIVEN", "GIVEN_LIMITED", "REFUSED")
MODES = ("WRITTEN_SIGNED", "ELECTRONIC", "VERBAL_WITNESSED")
KINDS = ("ASSESS", "STORE", "SHARE", "CHECK_EXISTS", "TRANSFER", "SCHOOL_EXPORT")
FLAGS = ("ADDRESS_WITHHELD", "ADOPTED", "POLICE_HOLD", "INFORMANT", "COMPETENT_CONFIDENTIAL", "THIRD_PARTY")
_AGENCY = r"[a-z0-9_][a-z0-9_-]{0,62}"
ROWS_LIMIT = 5000

_CHILD = Argument(name="child", help="our reference of the child", pattern=r"chd_[0-9a-z]{20,30}", required=True)


def _texts(name: str, help_: str, *, choices: tuple[str, ...] = (), pattern: str | None = None) -> Argument:
    return Argument(name=name, help=help_, kind=Kind.TEXTS, choices=choices, pattern=pattern, most=50)


CONSENT = (
    _CHILD,
    Argument(name="status", help="what the giver said", choices=STATUSES, required=True),
    Argument(name="capacity", help="in which capacity they said it", choices=CAPACITIES, required=True),
    Argument(name="mode", help="how it was given", choices=MODES, required=True),
    Argument(name="from", help="from when it holds", kind=Kind.MOMENT, required=True),
    Argument(name="until", help="until when it holds", kind=Kind.MOMENT),
    _texts("kinds", "what it is for; SHARE unless said", choices=KINDS),
    _texts("purposes", "the purposes it covers", choices=tuple(Purpose)),
    _texts("agencies_allowed", "only with these organisations, or types of one", pattern=_AGENCY),
    _texts("agencies_denied", "not with these", pattern=_AGENCY),
    _texts("categories_denied", "without these kinds of information", choices=tuple(Category)),
    Argument(name="conflict", help="another holder of parental responsibility objects", kind=Kind.YES_NO),
)
_FLAG = (
    _CHILD,
    Argument(name="flag", help="which protection", choices=FLAGS, required=True),
    _texts("need_list", "organisations that may see behind it", pattern=_AGENCY),
    Argument(name="whole_payload", help="nothing at all may go, not only the part it protects", kind=Kind.YES_NO),
)
_FACT = Argument(name="fact", help="id of the flag, as flags list shows it", pattern=r"flag/.{1,100}", required=True)
_ROWS = Argument(name="rows", help="the rows of the file, as groups", kind=Kind.GROUP, required=True)


def list_facts(application: Application, _caller: Caller, args: Group) -> Group:
    """Return what is held about a child's consents and protection."""
    child = ChildRef(str(args["child"]))
    return {"child": child, "facts": application.desk.store.read(lambda uow: facts_of(application, uow, child))}


def record_consent(application: Application, caller: Caller, args: Group) -> Group:
    """Keep one giver's word; whatever was decided before it is decided again before it leaves."""
    child = ChildRef(str(args["child"]))
    fact = application.facts.record_consent(child, _consent(args), actor=_actor(application, caller))
    return {"child": child, "fact": fact}


def withdraw_consent(application: Application, caller: Caller, args: Group) -> Group:
    """Withdraw every consent held for a child; what had not left us stops."""
    child = ChildRef(str(args["child"]))
    return {
        "child": child,
        "withdrawn": application.facts.withdraw_consent(child, actor=_actor(application, caller)),
    }


def import_consents(application: Application, caller: Caller, args: Group) -> Group:
    """Keep the consents of a file, row by row, and return which rows were refused and why; the good ones are kept."""
    rows = args["rows"]
    listed = rows.get("row") if isinstance(rows, dict) else None
    if not isinstance(listed, list) or len(listed) > ROWS_LIMIT:
        raise SchemaViolationError(f"expected a list of at most {ROWS_LIMIT} rows", place=Place(path="rows"))
    refused: list[Tree] = []
    for number, row in enumerate(listed, start=1):
        try:
            record_consent(application, caller, checked(CONSENT, row if isinstance(row, dict) else {}))
        except GatewayError as error:
            refused.append({**error.as_json(), "row": number})
    return {"recorded": len(listed) - len(refused), "refused": refused}


def set_flag(application: Application, caller: Caller, args: Group) -> Group:
    """Put a protection on a child, at once, for everything that has not left us."""
    child = ChildRef(str(args["child"]))
    flag: Group = {name: args[name] for name in ("flag", "need_list", "whole_payload") if name in args}
    return {"child": child, "fact": application.facts.set_flag(child, flag, actor=_actor(application, caller))}


def lift_flag(application: Application, caller: Caller, args: Group) -> Group:
    """Take a protection away."""
    child = ChildRef(str(args["child"]))
    application.facts.lift_flag(child, str(args["fact"]), actor=_actor(application, caller))
    return {"child": child, "lifted": args["fact"]}


def subjects_of(_uow: UnitOfWork, args: Group) -> tuple[ChildRef, ...]:
    """Return the child an order names."""
    return (ChildRef(str(args["child"])),)


def _consent(args: Group) -> Group:
    """Return the consent in the shape of a sharing question's `consents[]`."""
    named = {"capacity": "giver_capacity", "from": "effective_from", "until": "expires_on"}
    body: Group = {named.get(name, name): value for name, value in args.items() if name != "child"}
    return {"kinds": ["SHARE"], "conflict": False, **body}


def _actor(application: Application, caller: Caller) -> str:
    return pseudonym(application.desk.vault, caller.user_id)


OPERATIONS = (
    Operation(
        name="consents.list",
        summary="Show what is held about a child's consents and protection",
        permission=Permission.RECORD_CONSENT,
        run=list_facts,
        arguments=(_CHILD,),
        subjects=subjects_of,
    ),
    Operation(
        name="consents.record",
        summary="Keep what somebody said about sharing",
        permission=Permission.RECORD_CONSENT,
        run=record_consent,
        arguments=CONSENT,
        changes=True,
    ),
    Operation(
        name="consents.withdraw",
        summary="Withdraw every consent held for a child",
        permission=Permission.RECORD_CONSENT,
        run=withdraw_consent,
        arguments=(_CHILD,),
        changes=True,
    ),
    Operation(
        name="consents.import",
        summary="Keep the consents of a file, row by row",
        permission=Permission.RECORD_CONSENT,
        run=import_consents,
        arguments=(_ROWS,),
        changes=True,
    ),
    Operation(
        name="flags.set",
        summary="Put a protection on a child",
        permission=Permission.SET_FLAG,
        run=set_flag,
        arguments=_FLAG,
        changes=True,
    ),
    Operation(
        name="flags.lift",
        summary="Take a protection away",
        permission=Permission.LIFT_FLAG,
        run=lift_flag,
        arguments=(_CHILD, _FACT),
        changes=True,
    ),
)
