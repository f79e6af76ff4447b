"""What was decided in a time, by which rules and on what basis? For the Caldicott Guardian, the DPO and a regulator.

Told from the audit log, with the fields of the decision log in the draft of the English social-care data standards
(request, policy and version, decision, response): codes and references, no content and nobody's name.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final

from gateway.app.bootstrap import Application
from gateway.app.operations.arguments import Argument, Kind
from gateway.app.operations.caller import Caller
from gateway.app.operations.journal import event_by
from gateway.app.operations.messages import moment
from gateway.app.operations.operation import Operation
from gateway.app.operations.roles import Permission
from gateway.app.operations.story import event_words
from gateway.audit.event import EventKind
from gateway.errors import Place, SchemaViolationError
from gateway.flows.context import Desk
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import AuditRow
from gateway.formats.json import write_json
from gateway.model.identifiers import ChildRef, MessageId
from gateway.model.tree import Group, Tree

_MOST = 1000
_LIMIT_MOST = 10_000
_DECISIONS: Final[Mapping[str, str]] = MappingProxyType(
    {"PERMIT": "PERMIT", "PERMIT_REDACTED": "PERMIT", "DENY": "DENY", "REVIEW": "REVIEW"}
)
_WITHOUT_CONSENT: Final = frozenset({"need", "law", "person", "other"})
_RATIONALE: Final = "O-RATIONALE"
_SINCE = Argument(name="since", help="decided at this time or later", kind=Kind.MOMENT, required=True)
_UNTIL = Argument(name="until", help="decided before this time; now, unless said", kind=Kind.MOMENT)
_CHILD = Argument(name="child", help="only about this child, by our reference", pattern=r"chd_[0-9a-z]{20,30}")
_DECISION = Argument(name="decision", help="only such answers", choices=("PERMIT", "DENY", "REVIEW"))
_RECIPIENT = Argument(name="recipient", help="only to this organisation", pattern=r"[a-z0-9][a-z0-9-]{1,62}")
_BARE = Argument(
    name="without_consent", help="only what went without consent, by need, law or a person", kind=Kind.YES_NO
)
_OVERRIDES = Argument(
    name="overrides", help="only where a person decided, or asserted that it must go", kind=Kind.YES_NO
)
_ROLE = Argument(name="role", help="only by a person in this role", pattern=r"[A-Z][A-Z_]{1,40}")
_LIMIT = Argument(
    name="limit", help="at most so many events in one answer; 1000 unless said", kind=Kind.NUMBER, most=_LIMIT_MOST
)


def list_decisions(application: Application, caller: Caller, args: Group) -> Group:
    """Return every decision of a time that fits, oldest first, and from where to go on if there are more.

    Raises:
        SchemaViolationError: more decisions stand at one instant than the limit allows for.
    """
    desk = application.desk
    since, until = datetime.fromisoformat(str(args["since"])), _until(desk, args)
    limit = int(str(args.get("limit", _MOST)))

    def _read(uow: UnitOfWork) -> tuple[list[Group], datetime | None]:
        rows, rest = _rows(uow, args, since, until, limit)
        return [_line(uow, row, words) for row, words in _each_once(desk, uow, rows)], rest

    lines, rest = desk.store.read(_read)
    found = [line for line in lines if _fits(line, args)]
    _tell(application, caller, found, args)
    return {
        "since": moment_of(since),
        "until": moment_of(until),
        "decisions": list(found),
        "looked_at": len(lines),
        "more_since": moment_of(rest),
    }


def moment_of(at: datetime | None) -> str | None:
    """Return a time to the microsecond, so that one can go on exactly there."""
    return None if at is None else at.isoformat().replace("+00:00", "Z")


def _until(desk: Desk, args: Group) -> datetime:
    return datetime.fromisoformat(str(args["until"])) if "until" in args else desk.clock.now()


def _rows(
    uow: UnitOfWork, args: Group, since: datetime, until: datetime, limit: int
) -> tuple[Sequence[AuditRow], datetime | None]:
    """Return the events to tell of, and when those begin that were left out; all of one instant stay together."""
    if "child" in args:
        rows = uow.audit.of_child(ChildRef(str(args["child"])))
        mine = [row for row in rows if row.kind == EventKind.DECISION_MADE.value and since <= row.recorded_at < until]
        return mine, None
    rows = uow.audit.decisions(since=since, until=until, limit=limit + 1)
    if len(rows) <= limit:
        return rows, None
    rest = rows[-1].recorded_at
    kept = [row for row in rows if row.recorded_at < rest]
    if not kept:
        raise SchemaViolationError(
            "more was decided at one instant than the limit; raise it", place=Place(path="limit")
        )
    return kept, rest


def _each_once(desk: Desk, uow: UnitOfWork, rows: Iterable[AuditRow]) -> Iterator[tuple[AuditRow, Group]]:
    """Yield each decision once: one about several children stands in the log of each."""
    seen: set[str] = set()
    for row in rows:
        words = event_words(desk, uow, row) if row.sealed_payload else {}
        name = str(words.get("permit_id") or row.event_id)
        if name not in seen:
            seen.add(name)
            yield row, words


def _line(uow: UnitOfWork, row: AuditRow, words: Group) -> Group:
    result = str(words.get("result", ""))
    return {
        "at": moment(row.recorded_at),
        "event": row.event_id,
        "permit": words.get("permit_id"),
        "request": _part(
            words, "purpose", "mode", "level", "area", "requester", "recipient", "categories", "message_id"
        ),
        "policy": {"version": words.get("policy_version"), "sha256": words.get("policy_sha256")},
        "switches": words.get("switches"),
        "decision": _DECISIONS.get(result),
        "result": result or None,
        "reason": words.get("reason"),
        "basis": words.get("basis"),
        "rules": words.get("rules"),
        "consent_ids": words.get("consent_ids", []),
        "agreement": words.get("agreement"),
        "override": words.get("override"),
        "person": words.get("person"),
        "rationale": _rationale(words),
        "redactions": words.get("redactions", []),
        "obligations": words.get("obligations", []),
        "response": _response(uow, words),
        "erased": not words,
    }


def _part(words: Group, *names: str) -> Group:
    return {name: words.get(name) for name in names}


def _rationale(words: Group) -> str | None:
    """Return whether the reasons that must be written down are, and where; None where none are due."""
    override, person, duties = words.get("override"), words.get("person"), words.get("obligations")
    if isinstance(person, dict) and person.get("review_id"):
        return f"with {person['review_id']}"
    if isinstance(override, dict):
        return "with the request" if override.get("rationale") else "missing"
    return "due" if isinstance(duties, list) and _RATIONALE in duties else None


def _response(uow: UnitOfWork, words: Group) -> Tree:
    """Return what became of it: the delivery that goes by this decision, if one still does."""
    message = words.get("message_id")
    if not isinstance(message, str):
        return None
    for one in uow.delivery_lists.of_message(MessageId(message)):
        if one.permit_id == words.get("permit_id"):
            return {
                "delivery": one.delivery_id,
                "state": one.state.value,
                "handed_over_at": moment(one.handed_over_at) if one.handed_over_at else None,
                "document_sha256": one.document_sha256,
            }
    return None


def _fits(line: Group, args: Group) -> bool:
    return all(test(line, args) for name, test in _TESTS.items() if args.get(name))


def _went_without_consent(line: Group, _args: Group) -> bool:
    return line["decision"] == "PERMIT" and line["basis"] in _WITHOUT_CONSENT


def _is_override(line: Group, _args: Group) -> bool:
    return bool(line["override"] or line["person"])


def _is_by_role(line: Group, args: Group) -> bool:
    override, person = line["override"], line["person"]
    roles = {
        override.get("authoriser_role") if isinstance(override, dict) else None,
        person.get("role") if isinstance(person, dict) else None,
    }
    return args["role"] in roles


def _is_to(line: Group, args: Group) -> bool:
    request = line["request"]
    return isinstance(request, dict) and request["recipient"] == args["recipient"]


_TESTS: Final[Mapping[str, Callable[[Group, Group], bool]]] = MappingProxyType(
    {
        "decision": lambda line, args: line["decision"] == args["decision"],
        "recipient": _is_to,
        "without_consent": _went_without_consent,
        "overrides": _is_override,
        "role": _is_by_role,
    }
)


def _tell(application: Application, caller: Caller, found: list[Group], args: Group) -> None:
    digest = hashlib.sha256(write_json({"decisions": list(found)})).hexdigest()
    words: dict[str, Tree] = {"export_sha256": digest, "records": len(found), "role": ":".join(caller.roles)}
    event = event_by(application, caller, EventKind.EXPORT_MADE, words)
    children = (ChildRef(str(args["child"])),) if "child" in args else ()
    application.desk.store.write(lambda uow: application.desk.trail.record_of(uow, event, children))


OPERATIONS = (
    Operation(
        name="audit.decisions",
        summary="Give out what was decided in a time: request, rules, answer, basis and what became of it",
        permission=Permission.EXPORT_LOG,
        run=list_decisions,
        arguments=(_SINCE, _UNTIL, _CHILD, _DECISION, _RECIPIENT, _BARE, _OVERRIDES, _ROLE, _LIMIT),
        changes=True,
    ),
)
