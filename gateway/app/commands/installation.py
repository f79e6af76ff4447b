"""How is an installation made, run, checked and described?"""

from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.adapters.keys.key_files import EXCHANGE, add_exchange_key, create_keys
from gateway.app.commands.checking import check_files
from gateway.app.commands.control import access_of, show, signed
from gateway.app.commands.output import FailedError, Json, print_fields, print_json, print_table
from gateway.app.processes import relay as relay_process
from gateway.app.processes import serve as serve_process
from gateway.app.processes import up as up_process
from gateway.app.processes import work as work_process
from gateway.app.settings import read_settings
from gateway.formats.register import FORMATS

_CHECKS = {"level": "level", "check": "check", "found": "found", "fix": "what to do"}


def add_installation_commands(program: typer.Typer) -> None:
    """Add `up`, `serve`, `work`, `relay`, `formats`, `check`, `doctor`, `keys create` and `keys exchange`."""
    program.command("up", help="Run the whole gateway in this process.")(up)
    program.command("serve", help="Take documents in; any number of these share a PostgreSQL database.")(serve)
    program.command("work", help="Work documents through and hand them over; any number of these.")(work)
    program.command("relay", help="Hand wake-ups from the database to the broker; any number of these.")(relay)
    program.command("formats", help="Every format we speak, and in which direction.")(formats)
    program.command("check", help="Look over mappings, policy, schemas and partner profiles.")(check)
    signed(program, "doctor", _doctor, help_="The health of an installation.")
    keys = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    keys.command("create", help="Make the keys of a new installation, in an empty folder.")(create)
    keys.command("exchange", help="Make the exchange key of an installation that has none yet.")(exchange)
    program.add_typer(keys, name="keys", help="The gateway's own keys.")


def up() -> None:
    """Run the gateway until it is told to end."""
    up_process.run()


def serve() -> None:
    """Take documents in until told to end."""
    serve_process.run()


def work() -> None:
    """Work until told to end."""
    work_process.run()


def relay() -> None:
    """Hand wake-ups on until told to end."""
    relay_process.run()


def formats(*, as_json: Json = False) -> None:
    """List the formats."""
    rows = [
        {
            "name": form.name,
            "in": "in" in form.directions,
            "out": "out" in form.directions,
            "document": form.document,
            "media_types": list(form.media_types),
            "title": form.title,
        }
        for form in FORMATS.values()
    ]
    if as_json:
        print_json({"formats": rows})
    else:
        print_table(rows, {"name": "format", "in": "in", "out": "out", "title": "what it is"})


def check(
    partners: Annotated[
        list[Path] | None, typer.Argument(help="Partner profiles; those of deploy/partners without.")
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Check every file people edit; a fault names file, place and what to write instead."""
    answer = check_files(partners or [])
    faults = answer["faults"]
    if as_json or faults:
        error = {"code": "check", "message": "some files are wrong; see faults"}
        print_json({"error": error, **answer} if faults else answer)
    else:
        print_fields(answer)
    if faults:
        raise FailedError("some files are wrong")


def create(
    folder: Annotated[Path | None, typer.Argument(help="Where; GATEWAY_KEYS_FOLDER without.")] = None,
    *,
    as_json: Json = False,
) -> None:
    """Make root, index, signing and exchange key."""
    target = folder or read_settings().keys_folder
    create_keys(target)
    answer = {
        "created": str(target),
        "next": "back this folder up apart from the data; without it nothing opens",
    }
    if as_json:
        print_json(answer)
    else:
        print_fields(answer)


def exchange(*, as_json: Json = False) -> None:
    """Add the exchange key to the keys of this installation."""
    folder = read_settings().keys_folder
    add_exchange_key(folder)
    answer = {"created": EXCHANGE, "next": "back the folder up; partners who send by queue need its public half"}
    if as_json:
        print_json(answer)
    else:
        print_fields(answer)


def _doctor(
    *,
    partners: Annotated[bool, typer.Option("--partners", help="Also greet every partner's system.")] = False,
    **given: Any,  # noqa: ANN401 - the options every order has
) -> None:
    with access_of(given).connect() as connection:
        answer = connection.run("health.check", {"partners": partners})
    show(answer, as_json=bool(given["as_json"]), table="checks", columns=_CHECKS)
    if not answer["ok"]:
        raise FailedError("a check failed")
