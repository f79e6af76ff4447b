"""How does an operator get what a broker must hold for this installation's partners?"""

from pathlib import Path
from typing import Annotated

import typer

from gateway.app.broker import write_description
from gateway.app.commands.output import say
from gateway.app.partner_profiles import read_profiles


def add_broker_commands(group: typer.Typer) -> None:
    """Add `broker describe` to *group*."""
    group.command("describe", help="Write RabbitMQ definitions and an AsyncAPI document for partners' profiles.")(
        _describe
    )
    group.callback()(_only_a_group)


def _only_a_group() -> None:
    """Keep the one command's own name."""


def _describe(
    profiles: Annotated[Path, typer.Argument(help="Folder of partners' profiles, such as deploy/partners.")],
    into: Annotated[Path, typer.Option("--into", help="Folder the two files are written to.")],
) -> None:
    """Write definitions.json and asyncapi.json."""
    for path in write_description(read_profiles(profiles), into):
        say(f"written: {path}")
