"""What have families said about sharing, and who wrote it down?"""

from collections.abc import Mapping
from typing import Final

from gateway.app.bootstrap import Application
from gateway.app.operations.arguments import Argument, Kind, texts
from gateway.app.operations.caller import Caller
from gateway.app.operations.journal import pseudonym
from gateway.app.operations.operation import Operation
from gateway.app.operations.review_facts import facts_of
from gateway.app.operations.roles import Permission
from gateway.consent.question import Purpose
from gateway.errors import Place, SchemaViolationError
from gateway.flows.ports import UnitOfWork
from gateway.model.category import Category
from gateway.model.identifiers import ChildRef
from gateway.model.tree import Group, Tree

CAPACITIES = ("PARENT_PR", "PARENT_NO_PR", "CARER", "CHILD_COMPETENT", "YP_16_17", "LA_PR", "COURT", "ADULT_SELF")
STATUSES = ("GIVEN", "GIVEN_LIMITED", "REFUSED")
MODES = ("WRITTEN_SIGNED", "ELECTRONIC", "VERBAL_WITNESSED")
KINDS = ("ASSESS", "STORE", "SHARE", "CHECK_EXISTS", "TRANSFER", "SCHOOL_EXPORT")
OUTCOMES = ("COMPETENT", "NOT_COMPETENT", "UNCLEAR")
AGENCY = r"[a-z0-9_][a-z0-9_-]{0,62}|ANY_LA"
CONSENT_ID = r"[A-Za-z0-9][A-Za-z0-9._:/-]{2,199}"

CHILD = Argument(name="child", help="our reference of the child", pattern=r"chd_[0-9a-z]{20,30}", required=True)
_WORD = (
    Argument(name="status", help="what the giver said", choices=STATUSES, required=True),
    Argument(name="capacity", help="in which capacity they said it", choices=CAPACITIES, required=True),
    Argument(name="mode", help="how it was given", choices=MODES, required=True),
    Argument(name="from", help="from when it holds", kind=Kind.MOMENT, required=True),
    Argument(name="until", help="until when it holds; a year unless said", kind=Kind.MOMENT),
    texts("kinds", "what it is for; SHARE unless said", choices=KINDS),
    texts("purposes", "the purposes it covers", choices=tuple(Purpose)),
    texts("agencies_allowed", "only with these organisations, or types of one", pattern=AGENCY),
    texts("agencies_denied", "not with these", pattern=AGENCY),
    texts("categories_allowed", "only these kinds of information", choices=tuple(Category)),
    texts("categories_denied", "without these kinds of information", choices=tuple(Category)),
    texts("persons_excluded", "people it may not reach, such as a parent who lives elsewhere"),
    Argument(name="conflict", help="another holder of parental responsibility objects", kind=Kind.YES_NO),
    Argument(name="giver", help="who said it"),
    Argument(name="subject", help="the adult of the family who speaks for themselves; the child, unless said"),
    Argument(name="episode", help="the episode it belongs to"),
    Argument(name="given_at", help="when it was said", kind=Kind.MOMENT),
    Argument(name="review_on", help="when it is to be talked over again", kind=Kind.MOMENT),
    Argument(name="evidence_sha256", help="SHA-256 of the scanned form", pattern=r"[0-9a-f]{64}"),
    Argument(name="witness", help="who heard it, where it was said and not written"),
    Argument(name="statement_version", help="which wording was shown"),
    Argument(name="language", help="in which language"),
    Argument(name="interpreter", help="an interpreter was there", kind=Kind.YES_NO),
    Argument(name="competence_by", help="who found whether the child can decide this"),
    Argument(name="competence_on", help="when they found it", kind=Kind.MOMENT),
    Argument(name="competence_outcome", help="what they found", choices=OUTCOMES),
    Argument(name="competence_note", help="why", most=2000),
    Argument(name="objection_capacity", help="in which capacity somebody else objects", choices=CAPACITIES),
    Argument(name="objection_at", help="when they objected", kind=Kind.MOMENT),
    Argument(name="objection_by", help="who objects"),
    Argument(name="objection_note", help="what they said", most=2000),
    Argument(name="replaces", help="the record in whose place this one stands", pattern=CONSENT_ID),
)
CONSENT = (CHILD, *_WORD)
_WITHDRAWAL = (
    CHILD,
    Argument(name="consent", help="only this record; all of them, unless said", pattern=CONSENT_ID),
    texts("kinds", "only these kinds", choices=KINDS),
    texts("purposes", "only for these purposes", choices=tuple(Purpose)),
    texts("agencies", "only towards these organisations, or types of one", pattern=AGENCY),
    texts("categories", "only these kinds of information", choices=tuple(Category)),
    Argument(name="at", help="when it was said; now, unless said", kind=Kind.MOMENT),
    Argument(name="by", help="who said it"),
    Argument(name="capacity", help="in which capacity they said it", choices=CAPACITIES),
    Argument(name="reason", help="why, in their words", most=2000),
)
_NAMES: Final[Mapping[str, str]] = {
    "capacity": "giver_capacity",
    "from": "effective_from",
    "until": "expires_on",
    "replaces": "supersedes",
}
_ARGUMENTS: Final[Mapping[str, str]] = {field: name for name, field in _NAMES.items()}
_PARTS: Final = ("competence", "objection")


def list_consents(application: Application, _caller: Caller, args: Group) -> Group:
    """Return what is held about a child's consents, about being helped, and protection."""
    child = ChildRef(str(args["child"]))
    return {"child": child, "facts": application.desk.store.read(lambda uow: facts_of(application, uow, child))}


def history_of(application: Application, _caller: Caller, args: Group) -> Group:
    """Return every version of a child's records that another has taken the place of."""
    child = ChildRef(str(args["child"]))
    versions: list[Tree] = list(application.desk.store.read(lambda uow: application.permissions.history(uow, child)))
    return {"child": child, "versions": versions}


def record_consent(application: Application, caller: Caller, args: Group) -> Group:
    """Keep one giver's word; whatever was decided before it is decided again before it leaves."""
    child, actor = ChildRef(str(args["child"])), _actor(application, caller)
    try:
        return {"child": child, "fact": application.permissions.record(child, as_permission(args), actor=actor)}
    except SchemaViolationError as error:
        raise SchemaViolationError(error.message, place=Place(path=argument_of(error.place.path or ""))) from None


def withdraw_consent(application: Application, caller: Caller, args: Group) -> Group:
    """Take back one consent or all of a child, or parts of them; what had not left us stops."""
    child = ChildRef(str(args["child"]))
    said: Group = {name: value for name, value in args.items() if name not in {"child", "consent"}}
    named = args.get("consent")
    consent = named if isinstance(named, str) else None
    taken = application.permissions.withdraw(child, said, actor=_actor(application, caller), consent=consent)
    return {"child": child, "withdrawn": len(taken), "consents": list(taken)}


def as_permission(args: Group) -> Group:
    """Return the arguments of `consents.record` in the shape of a stored permission."""
    body: Group = {"kinds": ["SHARE"], "conflict": False, "source": "person"}
    parts: dict[str, Group] = {}
    for name, value in args.items():
        part, _, of_part = name.partition("_")
        if part in _PARTS:
            parts.setdefault(part, {})[of_part] = value
        elif name != "child":
            body[_NAMES.get(name, name)] = value
    if "competence" in parts:
        body["competence"] = parts["competence"]
    if "objection" in parts:
        body["objections"] = [parts["objection"]]
    return body


def argument_of(path: str) -> str:
    """Return the argument of `consents.record` that a field of a permission comes from."""
    for part, field in (("competence.", "competence_"), ("objections[0].", "objection_")):
        path = path.replace(part, field)
    return _ARGUMENTS.get(path, path)


def subjects_of(_uow: UnitOfWork, args: Group) -> tuple[ChildRef, ...]:
    """Return the child an order names."""
    return (ChildRef(str(args["child"])),)


def _actor(application: Application, caller: Caller) -> str:
    return pseudonym(application.desk.vault, caller.user_id)


OPERATIONS = (
    Operation(
        name="consents.list",
        summary="Show what is held about a child's consents and protection",
        permission=Permission.RECORD_CONSENT,
        run=list_consents,
        arguments=(CHILD,),
        subjects=subjects_of,
    ),
    Operation(
        name="consents.history",
        summary="Show what a child's consents said before",
        permission=Permission.RECORD_CONSENT,
        run=history_of,
        arguments=(CHILD,),
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
        summary="Withdraw a child's consents: all, one, or parts of them",
        permission=Permission.RECORD_CONSENT,
        run=withdraw_consent,
        arguments=_WITHDRAWAL,
        changes=True,
    ),
)
