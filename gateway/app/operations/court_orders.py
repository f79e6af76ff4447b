"""Which courts have required or forbidden to tell of a child, and who wrote that down and verified it?"""

from gateway.app.bootstrap import Application
from gateway.app.operations.arguments import Argument, Kind, texts
from gateway.app.operations.caller import Caller
from gateway.app.operations.consents import CHILD, argument_of, subjects_of
from gateway.app.operations.journal import pseudonym
from gateway.app.operations.operation import Operation
from gateway.app.operations.roles import Permission
from gateway.consent.court_order import KINDS
from gateway.consent.law_json import order_from_json
from gateway.consent.question import Purpose
from gateway.errors import Place, SchemaViolationError
from gateway.model.category import Category
from gateway.model.identifiers import ChildRef
from gateway.model.tree import Group, Tree

RECIPIENT = r"[a-z0-9_][a-z0-9_-]{0,62}"
NAMES = {"from": "effective_from", "until": "expires_on"}

_ORDERED = (
    CHILD,
    Argument(name="kind", help="what it does", choices=KINDS, required=True),
    Argument(name="court", help="which court or authority made it", required=True),
    Argument(name="reference", help="its case number", required=True),
    Argument(name="made_on", help="the day it was made", kind=Kind.DAY, required=True),
    texts(
        "recipients",
        "whom it is about telling; of one that forbids also types of organisation, or everybody unless said",
        pattern=RECIPIENT,
    ),
    texts("purposes", "of one that requires: for what; for everything, unless said", choices=tuple(Purpose)),
    texts(
        "categories",
        "of one that requires: which kinds of information; all, unless said",
        choices=tuple(Category),
    ),
    Argument(name="from", help="from when it holds; at once, unless said", kind=Kind.MOMENT),
    Argument(name="until", help="until when it holds; until it is ended, unless said", kind=Kind.MOMENT),
    Argument(name="document_sha256", help="SHA-256 of the order as it was sent", pattern=r"[0-9a-f]{64}"),
)
_ORDER = Argument(
    name="order", help="id of it, as court-orders list shows it", pattern=r"order/.{1,100}", required=True
)


def list_orders(application: Application, _caller: Caller, args: Group) -> Group:
    """Return a child's orders: those that are held, with how they stand, and every version that holds no more."""
    child, facts = ChildRef(str(args["child"])), application.facts.orders.facts
    held, past = application.desk.store.read(lambda uow: (facts.listed(uow, child), facts.past(uow, child)))
    return {"child": child, "orders": [_standing(application, one) for one in held], "past": past}


def record_order(application: Application, caller: Caller, args: Group) -> Group:
    """Keep an order: one that forbids holds at once, one that requires once another person has verified it."""
    child, actor = ChildRef(str(args["child"])), pseudonym(application.desk.vault, caller.user_id)
    said: Group = {NAMES.get(name, name): value for name, value in args.items() if name != "child"}
    try:
        return {"child": child, "order": application.facts.orders.record(child, said, actor=actor)}
    except SchemaViolationError as error:
        raise SchemaViolationError(error.message, place=Place(path=argument_of(error.place.path or ""))) from None


def verify_order(application: Application, caller: Caller, args: Group) -> Group:
    """Write down that an order was verified with the court, by somebody else than recorded it."""
    child, actor = ChildRef(str(args["child"])), pseudonym(application.desk.vault, caller.user_id)
    application.facts.orders.verify(child, str(args["order"]), actor=actor)
    return {"child": child, "verified": args["order"]}


def end_order(application: Application, caller: Caller, args: Group) -> Group:
    """Write down that an order holds no more."""
    child, actor = ChildRef(str(args["child"])), pseudonym(application.desk.vault, caller.user_id)
    application.facts.orders.end(child, str(args["order"]), actor=actor)
    return {"child": child, "ended": args["order"]}


def _standing(application: Application, listed: Tree) -> Tree:
    """Return one of the list with how it stands: `to come`, `over`, `not verified` or `in force`."""
    if not isinstance(listed, dict) or not isinstance(listed["fact"], dict):
        raise TypeError("what is listed has its fact")
    order, at = order_from_json(listed["fact"]), application.desk.clock.now()
    waits = order.requires and not order.is_verified
    state = "over" if order.is_over(at) else "to come" if not order.holds_at(at) else ""
    return {**listed, "state": state or ("not verified" if waits else "in force")}


OPERATIONS = (
    Operation(
        name="court-orders.list",
        summary="Show what courts require or forbid to tell of a child",
        permission=Permission.RECORD_ORDER,
        run=list_orders,
        arguments=(CHILD,),
        subjects=subjects_of,
    ),
    Operation(
        name="court-orders.record",
        summary="Keep a court's order about telling of a child",
        permission=Permission.RECORD_ORDER,
        run=record_order,
        arguments=_ORDERED,
        changes=True,
    ),
    Operation(
        name="court-orders.verify",
        summary="Write down that an order was verified with the court",
        permission=Permission.VERIFY_ORDER,
        run=verify_order,
        arguments=(CHILD, _ORDER),
        changes=True,
    ),
    Operation(
        name="court-orders.end",
        summary="Write down that an order holds no more",
        permission=Permission.VERIFY_ORDER,
        run=end_order,
        arguments=(CHILD, _ORDER),
        changes=True,
    ),
)
