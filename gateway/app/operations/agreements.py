"""Under which agreements, and on which lawful basis, does information flow to whom?"""

import re
from collections.abc import Mapping
from datetime import datetime

from gateway.app.bootstrap import Application
from gateway.app.operations.arguments import Argument, Kind
from gateway.app.operations.caller import Caller
from gateway.app.operations.journal import pseudonym
from gateway.app.operations.operation import Operation
from gateway.app.operations.roles import Permission
from gateway.consent.question import Purpose
from gateway.consent.record_json import read_record, write_record
from gateway.consent.sharing_agreement import ARTICLE_6, ARTICLE_9, SharingAgreement, end_of
from gateway.errors import NotFoundError, Place, SchemaViolationError
from gateway.model.tree import Group, Tree

_ID = r"[a-z0-9][a-z0-9._-]{0,62}"
_CODES: Mapping[str, tuple[str, ...]] = {
    "Flow.purpose": tuple(Purpose),
    "Flow.lawful_basis": ARTICLE_6,
    "Flow.special_category_basis": ARTICLE_9,
}
_TIMES = ("effective_from", "expires_on", "review_on")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_TABLE = Argument(
    name="agreement",
    help="agreement_id, version, title, organisations, effective_from, expires_on, review_on, flows",
    kind=Kind.GROUP,
    required=True,
)
_WHICH = Argument(name="agreement", help="id of the agreement", pattern=_ID, required=True)
_AT = Argument(name="at", help="from when it no longer holds; now, unless said", kind=Kind.MOMENT)
_WHY = Argument(name="reason", help="why it ends", required=True, most=500)


def add_agreement(application: Application, caller: Caller, args: Group) -> Group:
    """Keep a version of an agreement; whatever was decided under the one before is decided again before it leaves."""
    agreement = _checked(args["agreement"])
    application.agreements.add(agreement, actor=pseudonym(application.desk.vault, caller.user_id))
    return _line(agreement, application.desk.clock.now())


def list_agreements(application: Application, _caller: Caller, _args: Group) -> Group:
    """Return every version of every agreement."""
    at = application.desk.clock.now()
    return {"agreements": [_line(one, at) for one in application.agreements.all()]}


def show_agreement(application: Application, _caller: Caller, args: Group) -> Group:
    """Return every version of one agreement, with its flows.

    Raises:
        NotFoundError: there is no such agreement.
    """
    at = application.desk.clock.now()
    found = [one for one in application.agreements.all() if one.agreement_id == args["agreement"]]
    if not found:
        raise NotFoundError("there is no such agreement", place=Place(path="agreement"))
    versions: list[Tree] = [{**write_record(one), "state": _state(one, at)} for one in found]
    return {"agreement": args["agreement"], "versions": versions}


def end_agreement(application: Application, caller: Caller, args: Group) -> Group:
    """End an agreement; from then on nothing goes by it."""
    told = args.get("at")
    at = datetime.fromisoformat(told) if isinstance(told, str) else application.desk.clock.now()
    actor = pseudonym(application.desk.vault, caller.user_id)
    bound = application.agreements.end(str(args["agreement"]), at=at, because=str(args["reason"]), actor=actor)
    return {"agreement": args["agreement"], "ended_at": at.isoformat(), "organisations": bound}


def _checked(tree: Tree) -> SharingAgreement:
    """Return the agreement *tree* tells.

    Raises:
        SchemaViolationError: something is missing, extra or cannot be so; the place's path says where.
    """
    table: Group = dict(tree) if isinstance(tree, dict) else {}
    for name in _TIMES:
        told = table.get(name)
        if isinstance(told, str) and _DAY.fullmatch(told):
            table[name] = f"{told}T00:00:00Z"
    agreement = read_record(SharingAgreement, table, codes=_CODES)
    for name in ("agreement_id", "version"):
        if re.fullmatch(_ID, str(getattr(agreement, name))) is None:
            raise SchemaViolationError("expected small letters, digits, dots and hyphens", place=Place(path=name))
    if not agreement.organisations:
        raise SchemaViolationError("name the organisations it binds", place=Place(path="organisations"))
    if agreement.ended_at is not None or agreement.ended_because is not None:
        raise SchemaViolationError("an agreement is ended by agreements end", place=Place(path="ended_at"))
    end = end_of(agreement)
    if end is not None and end <= agreement.effective_from:
        raise SchemaViolationError("it would end before it begins", place=Place(path="expires_on"))
    return agreement


def _line(agreement: SharingAgreement, at: datetime) -> Group:
    end = end_of(agreement)
    return {
        "agreement": agreement.agreement_id,
        "version": agreement.version,
        "title": agreement.title,
        "organisations": list(agreement.organisations),
        "purposes": [flow.purpose for flow in agreement.flows],
        "from": agreement.effective_from.isoformat(),
        "until": None if end is None else end.isoformat(),
        "state": _state(agreement, at),
    }


def _state(agreement: SharingAgreement, at: datetime) -> str:
    end = end_of(agreement)
    if end is not None and end <= at:
        return "ended"
    return "in force" if agreement.effective_from <= at else "to come"


OPERATIONS = (
    Operation(
        name="agreements.add",
        summary="Keep a version of a sharing agreement",
        permission=Permission.CHANGE_AGREEMENTS,
        run=add_agreement,
        arguments=(_TABLE,),
        changes=True,
    ),
    Operation(
        name="agreements.list",
        summary="Show every sharing agreement",
        permission=Permission.READ_PARTNERS,
        run=list_agreements,
        is_recorded=False,
    ),
    Operation(
        name="agreements.show",
        summary="Show one sharing agreement with its flows",
        permission=Permission.READ_PARTNERS,
        run=show_agreement,
        arguments=(_WHICH,),
        is_recorded=False,
    ),
    Operation(
        name="agreements.end",
        summary="End a sharing agreement",
        permission=Permission.CHANGE_AGREEMENTS,
        run=end_agreement,
        arguments=(_WHICH, _AT, _WHY),
        changes=True,
    ),
)
