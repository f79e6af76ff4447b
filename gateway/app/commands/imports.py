"""How do consents come in from a file?"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.app.commands.control import access_of, signed
from gateway.app.commands.files import read_bytes
from gateway.app.commands.output import FailedError, print_fields, print_json
from gateway.app.operations.arguments import Kind
from gateway.app.operations.facts import CONSENT
from gateway.errors import MalformedMessageError, Place, SchemaViolationError
from gateway.model.tree import Group, Tree

_BATCH = 200
_KINDS = {argument.name: argument.kind for argument in CONSENT}
_REQUIRED = tuple(argument.name for argument in CONSENT if argument.required)
_YES = frozenset({"yes", "true", "y", "1"})


def add_import_command(group: typer.Typer) -> None:
    """Add `consents import` to *group*."""
    signed(
        group, "import", _import, help_=f"Keep the consents of a CSV file, row by row. Columns: {', '.join(_KINDS)}."
    )


def _import(
    file: Annotated[Path, typer.Argument(help="The CSV file; lists in a cell are separated by |.")],
    **given: Any,  # noqa: ANN401 - the options every order has
) -> None:
    rows, recorded, refused = _rows(file), 0, list[Tree]()
    with access_of(given).connect() as connection:
        done = 0
        while batch := list(islice(rows, _BATCH)):
            answer = connection.run("consents.import", {"rows": {"row": batch}})
            recorded += int(str(answer["recorded"]))
            refused += [_moved(one, done) for one in _listed(answer["refused"])]
            done += len(batch)
    answer = {"recorded": recorded, "refused": refused}
    if given["as_json"]:
        print_json(answer)
    else:
        print_fields(answer)
    if refused:
        raise FailedError("some rows were refused")


def _listed(value: Tree) -> list[Group]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _moved(refusal: Group, before: int) -> Group:
    return {**refusal, "row": int(str(refusal["row"])) + before}


def _rows(file: Path) -> Iterator[Tree]:
    """Yield each row as the arguments of `consents.record`.

    Raises:
        MalformedMessageError: not CSV in UTF-8.
        SchemaViolationError: a column is missing or unknown.
    """
    try:
        table = csv.DictReader(io.StringIO(read_bytes(file).decode("utf-8-sig"), newline=""), strict=True)
        _check_columns(table.fieldnames or ())
        for row in table:
            yield _consent(row)
    except (UnicodeDecodeError, csv.Error):
        raise MalformedMessageError(f"{file.name} is not CSV in UTF-8") from None


def _check_columns(columns: Sequence[str]) -> None:
    wrong = [name for name in columns if name not in _KINDS]
    missing = [name for name in _REQUIRED if name not in columns]
    if wrong or missing:
        message = f"no such column; there are {', '.join(_KINDS)}" if wrong else "this column is missing"
        raise SchemaViolationError(message, place=Place(path=(wrong or missing)[0]))


def _consent(row: Mapping[str, str | None]) -> Group:
    return {name: _value(_KINDS[name], cell.strip()) for name, cell in row.items() if cell and cell.strip()}


def _value(kind: Kind, cell: str) -> Tree:
    match kind:
        case Kind.TEXTS:
            return [part.strip() for part in cell.split("|") if part.strip()]
        case Kind.YES_NO:
            return cell.casefold() in _YES
        case _:
            return cell
