"""How do consents that another system has kept come in, as a list or as FHIR, and how do they go out?"""

from collections import Counter

from gateway.app.bootstrap import Application
from gateway.app.operations.arguments import Argument, Kind
from gateway.app.operations.caller import Caller
from gateway.app.operations.consents import CHILD, subjects_of
from gateway.app.operations.journal import pseudonym
from gateway.app.operations.operation import Operation
from gateway.app.operations.roles import Permission
from gateway.consent.question import Purpose
from gateway.errors import Place, SchemaViolationError
from gateway.flows.facts.consent_import import Outcome, Row
from gateway.model.identifiers import ChildRef
from gateway.model.tree import Group, Tree

ROWS_LIMIT = 5000
_SOURCE = "early-help"
_ARGUMENTS = (
    Argument(name="rows", help="the rows of a list, as groups", kind=Kind.GROUP),
    Argument(name="resource", help="one Consent of FHIR R4, instead of rows", kind=Kind.GROUP),
    Argument(name="child", help="our reference of the child a Consent is about", pattern=CHILD.pattern),
    Argument(
        name="source", help="which system's list it is; early-help unless said", pattern=r"[a-z0-9][a-z0-9-]{0,40}"
    ),
    Argument(
        name="purposes",
        help="what the words that were signed cover, for rows that do not say",
        kind=Kind.TEXTS,
        choices=tuple(Purpose),
    ),
    Argument(name="dry_run", help="say what would become of each row, and keep nothing", kind=Kind.YES_NO),
)


def import_consents(application: Application, caller: Caller, args: Group) -> Group:
    """Keep the consents of a file, row by row, and return what became of each; one bad row stops no other."""
    resource = args.get("resource")
    if isinstance(resource, dict):
        return _take_resource(application, caller, args, resource)
    rows = args.get("rows")
    listed = rows.get("row") if isinstance(rows, dict) else None
    if not isinstance(listed, list) or len(listed) > ROWS_LIMIT:
        raise SchemaViolationError(f"expected a list of at most {ROWS_LIMIT} rows", place=Place(path="rows"))
    purposes = args.get("purposes")
    taken = application.importer.take(
        listed,
        source=str(args.get("source", _SOURCE)),
        purposes=tuple(str(one) for one in purposes) if isinstance(purposes, list) else (),
        actor=pseudonym(application.desk.vault, caller.user_id),
        is_trial=args.get("dry_run") is True,
    )
    return _answer(taken, is_trial=args.get("dry_run") is True)


def _take_resource(application: Application, caller: Caller, args: Group, resource: Group) -> Group:
    """Keep what one Consent says, and return what became of it and what of it was not taken.

    Raises:
        SchemaViolationError: it holds what nobody here could weigh, or names no child of ours.
    """
    # A second that only a gateway that speaks FHIR has to pay.
    from gateway.adapters.fhir.consent_in import read_consent  # noqa: PLC0415

    body, named, losses = read_consent(resource, at=application.desk.clock.now())
    child = str(args.get("child") or named or "")
    if not child:
        raise SchemaViolationError("say which child it is about, by our reference", place=Place(path="child"))
    if named is not None and named != child:
        raise SchemaViolationError("the Consent is about another child", place=Place(path="patient"))
    actor = pseudonym(application.desk.vault, caller.user_id)
    outcome = application.importer.take_one(ChildRef(child), body, resource, actor=actor)
    return {"child": child, "outcome": outcome.value, "losses": [{"path": one.path, "why": one.why} for one in losses]}


def export_consents(application: Application, _caller: Caller, args: Group) -> Group:
    """Return a child's consents as FHIR R4, each with what it could not carry; what comes back is never wider."""
    from gateway.adapters.fhir.consent_out import write_consent  # noqa: PLC0415 - as above

    child = ChildRef(str(args["child"]))
    held = application.desk.store.read(lambda uow: application.permissions.held(uow, child))
    told: list[Tree] = []
    for one in (permission for permission in held if permission.subject is None):
        resource, losses = write_consent(one, child)
        told.append({"resource": resource, "losses": [{"path": loss.path, "why": loss.why} for loss in losses]})
    left: list[Tree] = [one.consent_id for one in held if one.subject is not None]
    return {"child": child, "consents": told, "left_out": left}


def _answer(taken: list[Row], *, is_trial: bool) -> Group:
    counted = Counter(row.outcome for row in taken)
    refused: list[Tree] = [
        {**row.error.as_json(), "row": number} for number, row in enumerate(taken, start=1) if row.error is not None
    ]
    noted: list[Tree] = [
        {"row": number, "outcome": row.outcome.value, "child": row.child}
        for number, row in enumerate(taken, start=1)
        if row.outcome in {Outcome.CONFLICT, Outcome.HELD_BACK}
    ]
    counts: Group = {one.value: counted[one] for one in Outcome if one is not Outcome.REFUSED}
    new = sum(row.is_new_child for row in taken)
    return {"dry_run": is_trial, **counts, "new_children": new, "noted": noted, "refused": refused}


OPERATIONS = (
    Operation(
        name="consents.export",
        summary="Show a child's consents as FHIR R4",
        permission=Permission.RECORD_CONSENT,
        run=export_consents,
        arguments=(
            CHILD,
            Argument(name="format", help="in which form; fhir unless said", choices=("fhir",)),
        ),
        subjects=subjects_of,
    ),
    Operation(
        name="consents.import",
        summary="Keep the consents of a list, row by row, or of a FHIR Consent",
        permission=Permission.RECORD_CONSENT,
        run=import_consents,
        arguments=_ARGUMENTS,
        changes=True,
    ),
)
