"""How does an information-governance officer get the lists that inspectors ask for?"""

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
    """Add the commands of lists for inspectors to *group*."""
    signed(group, "annex-a", _annex_a, help_="A list of Ofsted's Annex A: a row for each child, into a new file.")
    group.callback()(_about)


def _about() -> None:
    """Lists for inspectors."""


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
    shown = {**answer, "written": str(output)}
    if given["as_json"]:
        print_json(shown)
    else:
        print_fields(shown)


def _new(output: Path) -> int:
    """Return a handle on a new file that only its owner may read.

    Raises:
        NotAllowedError: it is there already, or cannot be made.
    """
    try:
        return os.open(output, _NEW, 0o600)
    except OSError as error:
        message = f"{output.name} cannot be made ({type(error).__name__}); nothing was exported"
        raise NotAllowedError(message, code="output") from None
