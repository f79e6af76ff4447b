"""What would other tables, or another policy, change? Tried over what came in, and nothing is stored."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from gateway.app.bootstrap import Application
from gateway.app.operations.arguments import Argument, Kind
from gateway.app.operations.caller import Caller
from gateway.app.operations.operation import Operation
from gateway.app.operations.roles import Permission
from gateway.app.overlay import laid_over
from gateway.app.resources import Resources, read_resources
from gateway.consent.rule_book import load_rule_book
from gateway.errors import Place, SchemaViolationError
from gateway.flows.rehearsal import Change, Rehearsal, Rehearsed, Rules
from gateway.flows.store.rows import Message
from gateway.model.tree import Group, Tree
from gateway.translation.library import Library

_FILES = Argument(name="files", help="the changed files: name and text each", kind=Kind.GROUP, required=True)
_SINCE = Argument(name="since", help="only documents that came since", kind=Kind.MOMENT)
_LIMIT = Argument(
    name="limit", help="at most so many documents, newest first; 500 unless said", kind=Kind.NUMBER, most=5000
)
_MOST = 500


def diff(application: Application, _caller: Caller, args: Group) -> Group:
    """Return every outcome that the changed files would change, by document and in total; paths, never values."""
    desk = application.desk
    new = rules_of(
        read_resources(application.settings), files_of(args["files"]), area=desk.authority, at=desk.clock.now()
    )
    messages = _recorded(application, args)
    rehearsal = Rehearsal(desk=application.desk, sharer=application.reviews.sharer, new=new)
    found = list(rehearsal.over(messages))
    return {
        **told(found),
        "looked_at": {
            "messages": len(messages),
            "records": len(found),
            "decisions": sum(one.decisions for one in found),
        },
        "tables": {"in_force": desk.library.digest, "new": new.library.digest},
        "policy": {"in_force": desk.policy.digest, "new": new.policy.digest},
    }


def rules_of(resources: Resources, files: dict[str, bytes], *, area: str | None, at: datetime) -> Rules:
    """Return the rules there would be in *area* at *at* with *files* laid over *resources*.

    A policy among *files* counts as in force, whatever day it names.

    Raises:
        MappingError: a file is odd; file and row are named, and what to do.
        PolicyError: the policy is.
    """
    changed = laid_over(resources, files)
    library = Library(changed.mappings, changed.codes, changed.aliases)
    book = load_rule_book(changed.policies)
    tried = changed.tried_policy
    now = book.at(area, at)
    policy = now.policy if tried is None else book.as_if(tried, area, at)
    return Rules(library=library, policy=policy, switches=now.switches)


def files_of(given: Tree) -> dict[str, bytes]:
    """Return the files an order brings: `{"file": [{"name", "text"}]}`.

    Raises:
        SchemaViolationError: they are not of this form.
    """
    listed = given.get("file") if isinstance(given, dict) else None
    files: dict[str, bytes] = {}
    for one in listed if isinstance(listed, list) else ():
        name, text = (one.get("name"), one.get("text")) if isinstance(one, dict) else (None, None)
        if not isinstance(name, str) or not isinstance(text, str):
            raise SchemaViolationError("expected a list of name and text each", place=Place(path="files"))
        files[name] = text.encode()
    return files


def told(found: Iterable[Rehearsed]) -> Group:
    """Return what would change, as an answer has it."""
    changed = [one for one in found if one.changes]
    totals = Counter(f"{change.what}: {_kind(change)}" for one in changed for change in one.changes)
    messages: list[Tree] = [
        {"message": one.message_id, "format": one.format, "record": one.position + 1, "changes": _changes(one.changes)}
        for one in changed
    ]
    return {
        "changes": bool(changed),
        "records_changed": len(changed),
        "totals": dict(sorted(totals.items())),
        "messages": messages,
    }


def _kind(change: Change) -> str:
    """Return how an outcome would change, without the place or the words of it."""
    return change.how if change.what == "decision" else change.how.partition(":")[0]


def _changes(changes: Iterable[Change]) -> list[Tree]:
    return [{"what": one.what, "path": one.path, "how": one.how} for one in changes]


def _recorded(application: Application, args: Group) -> list[Message]:
    """Return the documents to look at, newest first."""
    limit = int(str(args.get("limit", _MOST)))
    found = application.desk.store.read(lambda uow: uow.messages.find(limit=limit))
    if "since" not in args:
        return list(found)
    since = datetime.fromisoformat(str(args["since"]))
    return [one for one in found if one.received_at >= since]


OPERATIONS = (
    Operation(
        name="mapping.diff",
        summary="Try changed tables or a changed policy over what came in, and tell what would be another outcome",
        permission=Permission.TRY_RULES,
        run=diff,
        arguments=(_FILES, _SINCE, _LIMIT),
    ),
)
