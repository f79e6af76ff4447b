"""How does somebody get a file out: the lists that inspectors ask for, and a school's own pupils?"""

import base64
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.app.commands.control import access_of, signed
from gateway.app.commands.output import print_fields, print_json
from gateway.errors import NotAllowedError

if TYPE_CHECKING:
    from gateway.model.tree import Group

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW


def add_inspection_commands(group: typer.Typer) -> None:
    """Add the commands that write files for inspectors and for schools to *group*."""
    signed(group, "annex-a", _annex_a, help_="A list of Ofsted's Annex A: a row for each child, into a new file.")
    signed(group, "ctf", _ctf, help_="A school's own pupils as a Common Transfer File 25.0, into a folder.")
    group.callback()(_about)


def _about() -> None:
    """Lists for inspectors, and files for schools."""


def _annex_a(
    *,
    number: Annotated[str, typer.Option("--list", help="1: contacts, 2: early help assessments.")],
    on: Annotated[str, typer.Option("--on", help="The day it is made for, yyyy-mm-dd; it covers six months.")],
    rationale: Annotated[str, typer.Option("--rationale", help="What it is for, such as the inspection's notice.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The file; it must not be there yet.")],
    **given: Any,  # noqa: ANN401 - the options every order has
) -> None:
    handle = _new(output)
    try:
        with access_of(given).connect() as connection:
            args: Group = {"list": number, "on": on, "rationale": rationale}
            answer = connection.run("export.annex-a", args)
        with os.fdopen(os.dup(handle), "wb") as file:
            file.write(base64.b64decode(str(answer.pop("csv"))))
    except BaseException:
        output.unlink(missing_ok=True)
        raise
    finally:
        os.close(handle)
    _show({**answer, "written": str(output)}, as_json=bool(given["as_json"]))


def _ctf(
    *,
    children: Annotated[
        list[str], typer.Option("--child", help="Our reference of a child; may be said several times.")
    ],
    school: Annotated[str, typer.Option("--school", help="The organisation whose own pupils they are.")],
    source: Annotated[str, typer.Option("--from", help="Its number: three digits of its authority, four of its own.")],
    folder: Annotated[Path, typer.Option("-o", "--output", help="The folder; the file is called by the rule.")],
    destination: Annotated[str | None, typer.Option("--to", help="The receiving school's number, if known.")] = None,
    **given: Any,  # noqa: ANN401 - the options every order has
) -> None:
    if not folder.is_dir():
        raise NotAllowedError(f"{folder.name} is no folder; nothing was exported", code="output")
    with access_of(given).connect() as connection:
        args: Group = {"children": list(children), "school": school, "source": source}
        answer = connection.run("export.ctf", args | ({"destination": destination} if destination else {}))
    content = base64.b64decode(str(answer.pop("xml", "")))
    if content:
        output = folder / str(answer["name"])
        with os.fdopen(_new(output), "wb") as file:
            file.write(content)
        answer = {**answer, "written": str(output)}
    _show(answer, as_json=bool(given["as_json"]))
    if answer["refused"]:
        raise typer.Exit(2)


def _show(answer: "Group", *, as_json: bool) -> None:
    if as_json:
        print_json(answer)
    else:
        print_fields(answer)


def _new(output: Path) -> int:
    """Return a handle on a new file that only its owner may read.

    Raises:
        NotAllowedError: it is there already, or cannot be made.
    """
    try:
        return os.open(output, _NEW, 0o600)
    except OSError as error:
        message = f"{output.name} cannot be made ({type(error).__name__}); nothing was written"
        raise NotAllowedError(message, code="output") from None
