"""How does somebody get checkpoints, proofs and exports, and check them without trusting us?"""

import base64
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.adapters.sql.log_copy import copy_log
from gateway.app.commands.control import access_of, signed
from gateway.app.commands.output import FailedError, Json, print_fields, print_json, say
from gateway.app.commands.verifying import verify_file
from gateway.app.engines import open_truth_view
from gateway.app.settings import read_settings
from gateway.audit.kind_spec import Reader
from gateway.errors import NotFoundError
from gateway.model.tree import Group

_Out = Annotated[Path | None, typer.Option("-o", "--output", help="Where to write it; standard output without.")]


def add_evidence_commands(group: typer.Typer) -> None:
    """Add the commands of the audit log to *group*."""
    signed(group, "checkpoint", _checkpoint, help_="The newest signed checkpoint of the log.")
    signed(group, "prove", _prove, help_="A proof that something that happened to a message is in the log.")
    signed(group, "consistency", _consistency, help_="A proof that the log only grew since an older checkpoint.")
    signed(group, "export", _export, help_="One child's part of the log as a ZIP, provable without us.")
    group.command(
        "copy", help="The whole log as one file, for the verifier. Reads the store of this machine's settings."
    )(copy)
    group.command("verify", help="Check a proof, a receipt, an export or a checkpoint. Needs no gateway.")(verify)


def _checkpoint(*, output: _Out = None, **given: Any) -> None:  # noqa: ANN401 - the options every order has
    with access_of(given).connect() as connection:
        answer = connection.run("audit.checkpoint", {})
    _deliver(answer, "note", output, given)


def _prove(
    message: Annotated[str, typer.Argument(help="Message id.")],
    *,
    event: Annotated[str | None, typer.Option("--event", help="Event id; without it, that the message came.")] = None,
    output: _Out = None,
    **given: Any,  # noqa: ANN401 - the options every order has
) -> None:
    args: Group = {"message": message} if event is None else {"message": message, "event": event}
    with access_of(given).connect() as connection:
        answer = connection.run("audit.prove", args)
    _deliver(answer, "proof", output, given)


def _consistency(
    old: Annotated[Path, typer.Argument(help="File with an older checkpoint.")],
    *,
    output: _Out = None,
    **given: Any,  # noqa: ANN401 - the options every order has
) -> None:
    args: Group = {"old": read_text(old)}
    with access_of(given).connect() as connection:
        answer = connection.run("audit.consistency", args)
    _deliver(answer, "proof", output, given)


def _export(
    child: Annotated[str, typer.Option("--child", help="Our reference of the child.")],
    *,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The ZIP; named after the child without.")
    ] = None,
    reader: Annotated[str, typer.Option("--for", help=f"Who will read it ({', '.join(Reader)}).")] = Reader.DPO.value,
    **given: Any,  # noqa: ANN401 - the options every order has
) -> None:
    with access_of(given).connect() as connection:
        answer = connection.run("audit.export", {"child": child, "reader": reader})
    file = output or Path(f"{child}.zip")
    file.touch(mode=0o600)
    file.write_bytes(base64.b64decode(str(answer.pop("zip"))))
    _show({**answer, "written": str(file)}, given)


def copy(
    file: Annotated[Path, typer.Argument(help="The file to write; it must not be there yet.")], *, as_json: Json = False
) -> None:
    """Write open words, leaves and checkpoints into one SQLite file, which `audit verify` reads as it reads a store."""
    with open_truth_view(read_settings()) as store:
        answer: Group = {"written": str(file), "leaves": copy_log(store, file)}
    if as_json:
        print_json(answer)
    else:
        print_fields(answer)


def verify(
    file: Annotated[Path, typer.Argument(help="The file to check.")],
    key: Annotated[
        str, typer.Option("--key", help="The log's public key, from somebody you trust, never from the file.")
    ],
    *,
    old: Annotated[Path | None, typer.Option("--old", help="The older checkpoint, for a consistency proof.")] = None,
    as_json: Json = False,
) -> None:
    """Check *file* with the public key alone."""
    answer = verify_file(file, key=key, old=old)
    if as_json or not answer["ok"]:
        print_json(answer if answer["ok"] else {"error": answer["error"]})
    else:
        print_fields(answer)
    if not answer["ok"]:
        raise FailedError("the check failed")


def read_text(file: Path) -> str:
    """Return what a text file holds.

    Raises:
        NotFoundError: it cannot be read.
    """
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NotFoundError(f"{file.name} cannot be read: {type(error).__name__}") from error


def _deliver(answer: Group, name: str, output: Path | None, given: dict[str, Any]) -> None:
    """Give the signed text: to a file, or as it is on standard output so that it can be kept or piped."""
    if output is not None:
        output.write_text(str(answer[name]), encoding="utf-8")
        _show({**answer, "written": str(output)}, given)
    elif given["as_json"]:
        print_json(answer)
    else:
        print(answer[name], end="")
        say(f"Public key: {answer['vkey']}")


def _show(answer: Group, given: dict[str, Any]) -> None:
    if given["as_json"]:
        print_json(answer)
    else:
        print_fields(answer)
