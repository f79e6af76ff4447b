"""How does somebody see what a changed table would change, before it is put to use?"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.app.clock import SystemClock
from gateway.app.commands.control import access_of, signed
from gateway.app.commands.files import read_bytes
from gateway.app.commands.output import FailedError, print_fields, print_json, print_table
from gateway.app.commands.shipped import library, shipped
from gateway.app.commands.translating import inbound_format
from gateway.app.operations.rehearsals import rules_of, told
from gateway.errors import NotFoundError, PermanentError, Place, SchemaViolationError
from gateway.flows.rehearsal import Change, Rehearsed, rehearse_file
from gateway.formats.limits import Limits
from gateway.model.tree import Group, Tree

_LIMITS = Limits(size_bytes=2 * 2**30)
_ENDINGS = frozenset({".toml", ".csv"})


def add_rehearsal_command(group: typer.Typer) -> None:
    """Add `mapping diff` to *group*."""
    signed(
        group,
        "diff",
        _diff,
        help_="What a changed mapping, code list, alias table or policy would change of what came in: by path, never by"
        " value. Nothing is stored. Exit code 2 if anything would change.",
    )


def _diff(
    new: Annotated[Path, typer.Argument(help="The changed file, or a folder of them.")],
    *,
    since: Annotated[str | None, typer.Option("--since", help="Only documents that came since.")] = None,
    limit: Annotated[int | None, typer.Option("--limit", help="At most so many documents, newest first.")] = None,
    files: Annotated[Path | None, typer.Option("--files", help="A folder of files instead of what came in.")] = None,
    source: Annotated[str | None, typer.Option("--from", help="The format those files are in.")] = None,
    **given: Any,  # noqa: ANN401 - the options every order has
) -> None:
    if (files is None) != (source is None):
        raise SchemaViolationError("--files and --from go together", place=Place(path="--from"))
    changed = dict(_texts(new))
    if files is not None and source is not None:
        answer = _over_files(changed, files, source)
    else:
        rows: list[Tree] = [{"name": name, "text": text} for name, text in changed.items()]
        asked: Group = {"files": {"file": rows}}
        asked |= {name: value for name, value in (("since", since), ("limit", limit)) if value is not None}
        with access_of(given).connect() as connection:
            answer = connection.run("mapping.diff", asked)
    _show(answer, as_json=bool(given["as_json"]))
    if answer["changes"]:
        raise FailedError("outcomes would change")


def _texts(new: Path) -> Iterator[tuple[str, str]]:
    """Yield name and text of each changed file.

    Raises:
        NotFoundError: there is no such file or folder, or no table in it.
        SchemaViolationError: a file is not text in UTF-8.
    """
    paths = sorted(path for path in new.rglob("*") if path.suffix in _ENDINGS) if new.is_dir() else [new]
    if not paths:
        raise NotFoundError("the folder holds no .toml or .csv file", place=Place(path=new.name))
    for path in paths:
        name = path.relative_to(new).as_posix() if new.is_dir() else path.name
        try:
            yield name, read_bytes(path).decode("utf-8-sig")
        except UnicodeDecodeError:
            raise SchemaViolationError(f"{name}: not text in UTF-8; save it as such") from None


def _over_files(changed: dict[str, str], folder: Path, source: str) -> Group:
    """Return what would change of the files in *folder*: decisions need a store, and are not looked at."""
    form, now = inbound_format(source), SystemClock().now()
    texts = {name: text.encode() for name, text in changed.items()}
    rules = rules_of(shipped(), texts, area=None, at=now)
    found: list[Rehearsed] = []
    looked_at, unreadable = 0, list[Tree]()
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        try:
            records = rehearse_file(form, read_bytes(path), library(), rules.library, on=now.date(), limits=_LIMITS)
            found += [_of_file(path, form.name, position, changes) for position, changes in records]
        except PermanentError as error:
            unreadable.append({"file": path.name, **error.as_json()})
        looked_at += 1
    return {
        **told(found),
        "looked_at": {"messages": looked_at, "records": len(found), "decisions": 0},
        "tables": {"in_force": library().digest, "new": rules.library.digest},
        "unreadable": unreadable,
    }


def _of_file(path: Path, form: str, position: int, changes: tuple[Change, ...]) -> Rehearsed:
    return Rehearsed(message_id=path.name, format=form, position=position, changes=tuple(sorted(set(changes))))


def _show(answer: Group, *, as_json: bool) -> None:
    if as_json:
        print_json(answer)
        return
    listed = answer["messages"]
    rows = [
        {"message": one["message"], "record": one["record"], **change}
        for one in (listed if isinstance(listed, list) else ())
        if isinstance(one, dict)
        for change in _groups(one["changes"])
    ]
    print_table(rows, {"message": "document", "record": "record", "what": "what", "path": "where", "how": "how"})
    print()
    print_fields({name: value for name, value in answer.items() if name != "messages"})


def _groups(value: Tree) -> list[Group]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
