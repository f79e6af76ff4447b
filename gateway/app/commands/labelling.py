"""How does somebody say what labels mean: one, or a file of many?"""

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.app.commands.control import access_of, signed
from gateway.app.commands.files import read_bytes
from gateway.app.commands.output import FailedError, print_fields, print_json
from gateway.app.operations.labels import ROW
from gateway.errors import MalformedMessageError, Place, SchemaViolationError
from gateway.model.tree import Group, Tree

_BATCH = 200
_COLUMNS = tuple(argument.name for argument in ROW)
_REQUIRED = tuple(argument.name for argument in ROW if argument.required)


def add_label_command(group: typer.Typer) -> None:
    """Add `labels map` to *group*."""
    signed(
        group,
        "map",
        _map,
        help_=f"Say once what a label means, or what those of a CSV file mean. Columns: {', '.join(_COLUMNS)}.",
    )


def _map(
    code_list: Annotated[str | None, typer.Argument(metavar="LIST", help="The code list, such as ethnicity.")] = None,
    label: Annotated[str | None, typer.Argument(help="The label, exactly as the form had it.")] = None,
    code: Annotated[str | None, typer.Argument(help="The code it means.")] = None,
    *,
    file: Annotated[Path | None, typer.Option("--file", help="A CSV file of many labels instead.")] = None,
    **given: Any,  # noqa: ANN401 - the options every order has
) -> None:
    one: Group = {"list": code_list, "label": label, "code": code}
    if (file is None) == all(part is None for part in one.values()):
        raise SchemaViolationError("give LIST LABEL CODE, or --file", place=Place(path="--file"))
    with access_of(given).connect() as connection:
        if file is None:
            answer = connection.run("labels.map", one)
        else:
            answer = {"mapped": 0, "records": 0, "refused": []}
            for batch in _batches(_rows(file)):
                _add(answer, connection.run("labels.import", {"rows": {"row": batch}}), len(batch))
    if given["as_json"]:
        print_json(answer)
    else:
        print_fields(answer)
    if answer.get("refused"):
        raise FailedError("some rows were refused")


def _batches(rows: Iterator[Tree]) -> Iterator[list[Tree]]:
    while batch := list(islice(rows, _BATCH)):
        yield batch


def _add(whole: Group, part: Group, size: int) -> None:
    """Add what became of one batch of *size* rows; its refused rows are counted from the beginning of the file."""
    refused: list[Tree] = [
        {**one, "row": int(str(one["row"])) + int(str(whole.get("rows", 0)))}
        for one in _listed(part["refused"])
        if isinstance(one, dict)
    ]
    whole["mapped"] = int(str(whole["mapped"])) + int(str(part["mapped"]))
    whole["records"] = int(str(whole["records"])) + int(str(part["records"]))
    whole["rows"] = int(str(whole.get("rows", 0))) + size
    whole["refused"] = [*_listed(whole["refused"]), *refused]


def _listed(value: Tree) -> list[Tree]:
    return value if isinstance(value, list) else []


def _rows(file: Path) -> Iterator[Tree]:
    """Yield each row of *file* as arguments.

    Raises:
        MalformedMessageError: not CSV in UTF-8.
        SchemaViolationError: a column is missing or unknown.
    """
    try:
        table = csv.DictReader(io.StringIO(read_bytes(file).decode("utf-8-sig"), newline=""), strict=True)
        _check_columns(table.fieldnames or ())
        for row in table:
            yield {
                name: cell for name, cell in row.items() if name is not None and isinstance(cell, str) and cell.strip()
            }
    except (UnicodeDecodeError, csv.Error):
        raise MalformedMessageError(f"{file.name} is not CSV in UTF-8") from None


def _check_columns(columns: Sequence[str]) -> None:
    wrong = [name for name in columns if name not in _COLUMNS]
    missing = [name for name in _REQUIRED if name not in columns]
    if wrong or missing:
        message = f"no such column; there are {', '.join(_COLUMNS)}" if wrong else "this column is missing"
        raise SchemaViolationError(message, place=Place(path=(wrong or missing)[0]))
