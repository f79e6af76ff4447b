"""How do consents come in from a file?"""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.app.commands.control import access_of, signed
from gateway.app.commands.files import read_bytes, read_group
from gateway.app.commands.output import FailedError, print_fields, print_json, say
from gateway.errors import MalformedMessageError, Place, SchemaViolationError
from gateway.flows.facts.consent_rows import COLUMNS
from gateway.formats.csv_table import decode
from gateway.formats.limits import Limits
from gateway.model.tree import Group, Tree

_BATCH = 100
_LIMITS = Limits(size_bytes=256 * 1024 * 1024)
_LISTED = ("noted", "refused")
_Trial = Annotated[bool, typer.Option("--dry-run", help="Say what would become of each row, and keep nothing.")]
_Source = Annotated[str, typer.Option("--source", help="Which system's list it is.")]
_Child = Annotated[str | None, typer.Option("--child", help="Our reference of the child a FHIR Consent is about.")]
_Purposes = Annotated[
    list[str], typer.Option("--purposes", help="What the words that were signed cover, for rows that do not say.")
]


def add_import_command(group: typer.Typer) -> None:
    """Add `consents import` to *group*."""
    signed(
        group, "import", _import, help_=f"Keep the consents of a CSV file, row by row. Columns: {', '.join(COLUMNS)}."
    )


def _import(
    file: Annotated[
        Path, typer.Argument(help="The CSV file (lists in a cell are separated by |), or a FHIR Consent as .json.")
    ],
    *,
    dry_run: _Trial = False,
    source: _Source = "early-help",
    child: _Child = None,
    purposes: _Purposes = [],  # noqa: B006 - typer reads the default, and nobody changes it
    **given: Any,  # noqa: ANN401 - the options every order has
) -> None:
    if file.suffix.casefold() == ".json":
        _import_resource(file, child, given)
        return
    rows, done = _rows(file), 0
    counts: Counter[str] = Counter()
    listed: dict[str, list[Tree]] = {name: [] for name in _LISTED}
    order: Group = {"source": source, "purposes": list(purposes), "dry_run": dry_run}
    with access_of(given).connect() as connection:
        while batch := list(islice(rows, _BATCH)):
            answer = connection.run("consents.import", {**order, "rows": {"row": batch}})
            counts.update({name: int(str(value)) for name, value in answer.items() if type(value) is int})
            for name in _LISTED:
                listed[name] += [_moved(one, done) for one in _groups(answer[name])]
            done += len(batch)
            say(f"{done} rows read")
    whole: Group = {"dry_run": dry_run, "rows": done, **counts, **listed}
    print_json(whole) if given["as_json"] else print_fields(whole)
    if listed["refused"]:
        raise FailedError("some rows were refused")


def _import_resource(file: Path, child: str | None, given: dict[str, Any]) -> None:
    order: Group = {"resource": read_group(file), **({} if child is None else {"child": child})}
    with access_of(given).connect() as connection:
        answer = connection.run("consents.import", order)
    if given["as_json"]:
        print_json(answer)
    else:
        print_fields(answer)


def _groups(value: Tree) -> list[Group]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _moved(told: Group, before: int) -> Group:
    return {**told, "row": int(str(told["row"])) + before}


def _rows(file: Path) -> Iterator[Tree]:
    """Yield each row's cells by column.

    Raises:
        MalformedMessageError: not CSV, or letters that are neither UTF-8 nor windows-1252.
        SchemaViolationError: a column is missing, unknown or there twice.
    """
    letters = decode(read_bytes(file), declared=None, limits=_LIMITS)
    if letters.is_guessed:
        say(f"{file.name}: read as {letters.codec}; save it as CSV UTF-8 to be sure")
    try:
        table = csv.DictReader(io.StringIO(letters.text, newline=""), strict=True)
        table.fieldnames = [_column(name) for name in table.fieldnames or ()]
        _check_columns(table.fieldnames)
        for number, row in enumerate(table, start=1):
            if None in row or None in row.values():
                raise MalformedMessageError("a row with more or fewer cells than columns", place=Place(row=number))
            yield {name: cell.strip() for name, cell in row.items() if cell and cell.strip()}
    except csv.Error:
        raise MalformedMessageError(f"{file.name} is not CSV") from None


def _column(caption: str) -> str:
    """Return a caption as columns are written: `Given at` is `given_at`."""
    return "_".join(caption.strip().casefold().split())


def _check_columns(columns: Sequence[str]) -> None:
    wrong = [name for name in columns if name not in COLUMNS]
    if wrong:
        raise SchemaViolationError(f"no such column; there are {', '.join(COLUMNS)}", place=Place(path=wrong[0]))
    twice = [name for name in columns if columns.count(name) > 1]
    if twice:
        raise SchemaViolationError("this column is there twice", place=Place(path=twice[0]))
    for name in ("status", "capacity", "mode", "from"):
        if name not in columns:
            raise SchemaViolationError("this column is missing", place=Place(path=name))
