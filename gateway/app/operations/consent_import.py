"""How does a list of consents that another system has kept come in, and what is told of each row?"""

from collections import Counter

from gateway.app.bootstrap import Application
from gateway.app.operations.arguments import Argument, Kind
from gateway.app.operations.caller import Caller
from gateway.app.operations.journal import pseudonym
from gateway.app.operations.operation import Operation
from gateway.app.operations.roles import Permission
from gateway.consent.question import Purpose
from gateway.errors import Place, SchemaViolationError
from gateway.flows.consent_import import Outcome, Row
from gateway.model.tree import Group, Tree

ROWS_LIMIT = 5000
_SOURCE = "early-help"
_ARGUMENTS = (
    Argument(name="rows", help="the rows of the file, as groups", kind=Kind.GROUP, required=True),
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
    rows = args["rows"]
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
        name="consents.import",
        summary="Keep the consents of a file, row by row",
        permission=Permission.RECORD_CONSENT,
        run=import_consents,
        arguments=_ARGUMENTS,
        changes=True,
    ),
)
