"""How is an organisation added or changed from its profile file, and an agreement from its own?"""

import json
import tomllib
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.app.commands.control import access_of, show, signed
from gateway.app.commands.output import FailedError, print_fields, print_json, say
from gateway.errors import MalformedMessageError, NotFoundError
from gateway.model.tree import Group

_SEEN = {
    "kind": "kind",
    "sent": "sent",
    "sent_again": "sent again",
    "asked": "asked for it",
    "asked_for_another": "asked for another",
    "shows": "shows",
    "proved": "as promised",
}
_Organisation = Annotated[str, typer.Argument(help="Its id, such as barnet-mash.")]
_Kind = Annotated[str | None, typer.Option("--kind", help="Only the endpoint for this kind of message.")]
_Profile = Annotated[Path, typer.Argument(help="Its profile, such as deploy/partners/school-example.toml.")]


def add_organisation_commands(group: typer.Typer) -> None:
    """Add `partners add` and `partners update` to *group*: they read a file."""
    signed(group, "add", _add, help_="Add an organisation by its profile; its secret is shown once.")
    signed(group, "update", _update, help_="Replace an organisation's profile.")
    help_ = "Send a test without a document twice, and see whether the partner does what its profile promises."
    signed(group, "test", _test, help_=help_)


def add_agreement_commands(group: typer.Typer) -> None:
    """Add `agreements add` to *group*: it reads a file."""
    signed(group, "add", _add_agreement, help_="Keep a version of a sharing agreement, as its file says.")


def _add_agreement(
    file: Annotated[Path, typer.Argument(help="The agreement, such as deploy/agreements/early-help-1.toml.")],
    **given: Any,  # noqa: ANN401 - the options every order has
) -> None:
    args: Group = {"agreement": read_profile_table(file)}
    with access_of(given).connect() as connection:
        answer = connection.run("agreements.add", args)
    if given["as_json"]:
        print_json(answer)
    else:
        print_fields(answer)


def _add(profile: _Profile, **given: Any) -> None:  # noqa: ANN401 - the options every order has
    _order("partners.add", profile, given)


def _update(profile: _Profile, **given: Any) -> None:  # noqa: ANN401 - the options every order has
    _order("partners.update", profile, given)


def _test(organisation: _Organisation, *, kind: _Kind = None, **given: Any) -> None:  # noqa: ANN401 - the options every order has
    args: Group = {"organisation": organisation} if kind is None else {"organisation": organisation, "kind": kind}
    with access_of(given).connect() as connection:
        answer = connection.run("partners.test", args)
    show(answer, as_json=bool(given["as_json"]), table="endpoints", columns=_SEEN)
    if answer["proved"] is not True:
        raise FailedError("the partner does not do what its profile promises")


def _order(operation: str, file: Path, given: dict[str, Any]) -> None:
    args: Group = {"profile": read_profile_table(file)}
    with access_of(given).connect() as connection:
        answer = connection.run(operation, args)
    if given["as_json"]:
        print_json(answer)
        return
    print_fields(answer)
    if "credential" in answer:
        say("Keep the token now: it is shown this once. The organisation sends it as `Authorization: Bearer <token>`.")


def read_profile_table(file: Path) -> Group:
    """Return a profile as JSON holds it: dates as texts.

    Raises:
        NotFoundError: there is no such file.
        MalformedMessageError: it is not TOML in UTF-8.
    """
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise NotFoundError(f"{file.name} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise MalformedMessageError(f"{file.name} is not TOML in UTF-8: {error}") from None
    plain: Group = json.loads(json.dumps(table, default=str))
    return plain
