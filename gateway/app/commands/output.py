"""How does a command answer? JSON on standard output for programs, plain tables for people, the rest on standard error.

Exit codes: 0 done or answered, 2 refused or failed with a reason, 1 a mistake of ours.
"""

import json
import sys
import traceback
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from gateway.errors import GatewayError

DONE, BUG, REFUSED = 0, 1, 2
_WIDEST = 60
_OURS = Path(__file__).resolve().parents[2]

Json: TypeAlias = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]


class FailedError(GatewayError):
    """Something was checked and is not as it should be; the answer was given already."""

    code = "failed"


def print_json(answer: object, *, to_error: bool = False) -> None:
    """Print *answer* as JSON on standard output, or on standard error where that holds something else."""
    print(json.dumps(answer, indent=2, ensure_ascii=False, default=_spell), file=sys.stderr if to_error else sys.stdout)


def say(text: str) -> None:
    """Tell the person something that is not the answer."""
    print(clean(text), file=sys.stderr)


def print_table(rows: Sequence[Mapping[str, object]], columns: Mapping[str, str]) -> None:
    """Print *rows* under the titles of *columns*; the last column is as wide as it needs."""
    if not rows:
        print("Nothing.")
        return
    cells = [[_cell(row.get(name)) for name in columns] for row in rows]
    titles = list(columns.values())
    widths = [min(_WIDEST, max(len(line[i]) for line in [titles, *cells])) for i in range(len(titles))]
    for line in [titles, ["-" * width for width in widths], *cells]:
        print("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())


def print_fields(group: Mapping[str, object], *, indent: int = 0) -> None:
    """Print a group as `name: value` lines, groups and lists in it further in."""
    pad = "  " * indent
    for name, value in group.items():
        label = name.replace("_", " ")
        match value:
            case dict():
                print(f"{pad}{label}:")
                print_fields(value, indent=indent + 1)
            case list() if any(isinstance(item, dict) for item in value):
                print(f"{pad}{label}:")
                _print_items(value, indent + 1)
            case _:
                print(f"{pad}{label}: {_cell(value)}")


def _print_items(items: Iterable[object], indent: int) -> None:
    for number, item in enumerate(items, start=1):
        print(f"{'  ' * indent}{number}.")
        if isinstance(item, dict):
            print_fields(item, indent=indent + 1)
        else:
            print(f"{'  ' * (indent + 1)}{_cell(item)}")


def clean(text: str) -> str:
    """Return *text* without what could move a terminal's cursor, change its colours or turn its writing around."""
    return "".join(one if unicodedata.category(one)[0] != "C" or one in "\n\t" else "\ufffd" for one in text)


def _cell(value: object) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(_cell(item) for item in value) or "-"
        case dict():
            return clean(json.dumps(value, ensure_ascii=False, default=_spell))
        case _:
            return clean(str(value)).replace("\n", " ")


def _spell(value: object) -> str | float | list[object]:
    match value:
        case Decimal():
            return float(value)
        case date() | Path():
            return str(value)
        case _:
            raise TypeError(f"no JSON for {type(value).__name__}")


def print_error(error: Mapping[str, object]) -> None:
    """Print why something was refused, for programs; for people one line more, on standard error."""
    print_json({"error": dict(error)})


def our_mistake(error: BaseException) -> dict[str, str]:
    """Return what may be said of a mistake of ours: its class and where, never its message, which may be personal."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(_OURS)]
    place = f"{Path(ours[-1].filename).relative_to(_OURS.parent)}:{ours[-1].lineno}" if ours else "outside our code"
    return {"code": "internal", "message": f"a mistake of ours: {type(error).__name__} at {place}"}
