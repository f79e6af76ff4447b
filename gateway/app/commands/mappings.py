"""How does somebody who writes a mapping see what it does?"""

from pathlib import Path
from typing import Annotated

import typer

from gateway.app.clock import SystemClock
from gateway.app.commands.files import read_bytes
from gateway.app.commands.output import Json, print_json, print_table
from gateway.app.commands.shipped import library, schemas
from gateway.app.commands.translating import inbound_format
from gateway.errors import NotFoundError
from gateway.formats.gate import gate, split
from gateway.formats.limits import Limits
from gateway.model.tree import Group
from gateway.translation.trace import Coverage, coverage, trace

_LIMITS = Limits(size_bytes=2 * 2**30)


def add_mapping_commands(group: typer.Typer) -> None:
    """Add `mapping coverage` and `mapping try`."""
    group.command("coverage", help="How much of its document each mapping covers, and what it leaves out.")(cover)
    group.command("try", help="One file through one mapping: source beside target, without any value.")(attempt)


def cover(
    name: Annotated[str | None, typer.Argument(help="One mapping, such as mash/referral-1; all without.")] = None,
    *,
    as_json: Json = False,
) -> None:
    """Show what each mapping touches, what it says it does not carry, and what it leaves alone."""
    found = [coverage(one) for one in library() if name is None or one.name.startswith(name)]
    if not found:
        raise NotFoundError("there is no mapping of that name; see mapping coverage")
    if as_json or name is not None:
        print_json({"mappings": [_whole(one) for one in found]})
        return
    columns = {"mapping": "mapping", "document": "document", "touched": "carried", "not_carried": "said not to be"}
    print_table([_line(one) for one in found], {**columns, "untouched": "not filled", "several": "rows of several"})


def attempt(
    file: Annotated[Path, typer.Argument(help="The file.")],
    source: Annotated[str, typer.Option("--from", help="The format it is in.")],
    *,
    as_json: Json = False,
) -> None:
    """Show where each value of *file* goes and how; values themselves are not shown."""
    now = SystemClock().now()
    spoken, body = inbound_format(source), read_bytes(file)
    gate(spoken, body, content_type=None, schemas=schemas(), limits=_LIMITS)
    mapping = library().inbound(spoken.name)
    rows: list[Group] = [
        {"record": record.position + 1, "source": path, "how": how, "target": goes}
        for record in split(spoken, body, limits=_LIMITS)
        for path, how, goes in trace(mapping, record.tree, on=now.date())
    ]
    if as_json:
        print_json({"mapping": mapping.name, "digest": mapping.digest, "values": rows})
    else:
        print_table(rows, {"record": "record", "source": "from", "how": "how", "target": "to"})


def _line(one: Coverage) -> Group:
    return {
        "mapping": one.mapping,
        "document": one.document,
        "touched": len(one.touched),
        "not_carried": len(one.not_carried),
        "untouched": len(one.untouched),
        "several": one.several,
    }


def _whole(one: Coverage) -> Group:
    return {
        "mapping": one.mapping,
        "format": one.format,
        "document": one.document,
        "carried": list(one.touched),
        "not_carried": [{"path": path, "why": why} for path, why in one.not_carried],
        "not_filled": list(one.untouched),
        "rows_of_several": one.several,
    }
