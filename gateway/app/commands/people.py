"""How does somebody sign in at the command line, and how do people get accounts?"""

from typing import Annotated, Any

import typer

from gateway.app.commands.connection import (
    PasswordFile,
    Server,
    StateFolder,
    UserName,
    forget_session,
    keep_session,
    local_application,
    read_password,
    sign_in,
)
from gateway.app.commands.control import access_of, signed
from gateway.app.commands.output import Json, print_fields, print_json, say
from gateway.app.operations.roles import Role
from gateway.app.operations.users import add_first_user
from gateway.errors import SchemaViolationError
from gateway.model.tree import Group

_NewPassword = Annotated[
    typer.FileText | None, typer.Option("--new-password-file", help="File with the new account's password.")
]


def login(
    server: Server = None,
    user_name: UserName = None,
    password_file: PasswordFile = None,
    state_folder: StateFolder = None,
    as_json: Json = False,
) -> None:
    """Sign in to a running gateway; the session is kept where only you can read it."""
    if server is None:
        raise SchemaViolationError("say which gateway: gateway login --server https://...", code="usage")
    name = user_name or str(typer.prompt("Account", err=True))
    session = sign_in(server, name, read_password(password_file))
    token, expires_at = str(session["token"]), str(session["expires_at"])
    keep_session(state_folder, server=server, token=token, expires_at=expires_at)
    answer: Group = {"server": server, "user": name, "expires_at": expires_at}
    if as_json:
        print_json(answer)
    else:
        print_fields(answer)


def logout(state_folder: StateFolder = None, as_json: Json = False) -> None:
    """Forget the session that was kept."""
    forget_session(state_folder)
    if as_json:
        print_json({"signed_out": True})
    else:
        say("Signed out.")


def add_people_commands(group: typer.Typer) -> None:
    """Add `users add` and `users password` to *group*: they ask for a password."""
    signed(group, "add", _add, help_="Give somebody an account.")
    signed(group, "password", _password, help_="Set a password: your own, or with --account somebody's anew.")


def _add(
    user: Annotated[str, typer.Argument(help="Account name: small letters, digits, dots and hyphens.")],
    name: Annotated[str, typer.Option("--name", help="The person's name, as colleagues know it.")],
    role: Annotated[list[str], typer.Option("--role", help=f"What they are here to do ({', '.join(Role)}).")],
    *,
    first: Annotated[bool, typer.Option("--first", help="The first account of a new installation.")] = False,
    new_password_file: _NewPassword = None,
    **given: Any,  # noqa: ANN401 - the options every order has
) -> None:
    args: Group = {"user": user, "name": name, "roles": list(role), "password": _new_password(new_password_file)}
    if first:
        with local_application() as application:
            answer = add_first_user(application, args)
    else:
        with access_of(given).connect() as connection:
            answer = connection.run("users.add", args)
    _show(answer, given)


def _password(
    *,
    account: Annotated[str | None, typer.Option("--account", help="Somebody else's account.")] = None,
    new_password_file: _NewPassword = None,
    **given: Any,  # noqa: ANN401 - the options every order has
) -> None:
    access = access_of(given)
    with access.connect() as connection:
        if account is not None:
            args: Group = {"user": account, "password": _new_password(new_password_file)}
            _show(connection.run("users.password", args), given)
            return
        old = read_password(access.password_file, prompt="Password until now")
        args = {"old_password": old, "password": _new_password(new_password_file)}
        _show(connection.run("account.password", args), given)


def _new_password(file: typer.FileText | None) -> str:
    if file is not None:
        return str(file.read()).rstrip("\r\n")
    return read_password(None, prompt="New password", again=True)


def _show(answer: Group, given: dict[str, Any]) -> None:
    if given["as_json"]:
        print_json(answer)
    else:
        print_fields(answer)
