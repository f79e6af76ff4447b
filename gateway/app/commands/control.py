"""How does an operation become a command? Its arguments become options, its answer a table."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer

from gateway.app.commands.connection import Access, Local, PasswordFile, Server, StateFolder, UserName
from gateway.app.commands.output import Json, print_fields, print_json, print_table
from gateway.app.operations.arguments import Argument, Kind
from gateway.app.operations.catalogue import OPERATIONS
from gateway.model.tree import Group, Tree

_ACCESS: Mapping[str, tuple[object, object]] = {
    "server": (Server, None),
    "local": (Local, False),
    "user_name": (UserName, None),
    "password_file": (PasswordFile, None),
    "state_folder": (StateFolder, None),
    "as_json": (Json, False),
}
Shape: TypeAlias = Callable[[Group], Group]


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One operation as a command.

    Shape: `positional` are the arguments given by place; `flags` renames options; `table` names the list of the answer
    that is shown as a table, `columns` its columns with their titles.
    """

    operation: str
    positional: tuple[str, ...] = ()
    flags: Mapping[str, str] = field(default_factory=dict)
    table: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)


def add_command(group: typer.Typer, command: Command) -> None:
    """Add *command* to *group*, under the last part of its operation's name."""
    operation = OPERATIONS[command.operation]

    def _run(**given: Any) -> None:  # noqa: ANN401 - typer calls with what the signature below says
        access = access_of(given)
        args = arguments_of(operation.arguments, given)
        with access.connect() as connection:
            answer = connection.run(operation.name, args)
        show(answer, as_json=bool(given["as_json"]), table=command.table, columns=command.columns)

    _sign(_run, [*(_parameter(one, command) for one in operation.arguments), *access_parameters()])
    group.command(operation.name.rpartition(".")[2], help=f"{operation.summary}.")(_run)


def signed(group: typer.Typer, name: str, function: Callable[..., None], *, help_: str) -> None:
    """Add a written-out command to *group*, with the options every order has in place of its `**given`."""
    own = [one for one in inspect.signature(function).parameters.values() if one.kind is not one.VAR_KEYWORD]

    def _run(**given: Any) -> None:  # noqa: ANN401 - typer calls with what the signature below says
        positional = [given.pop(one.name) for one in own if one.kind is not one.KEYWORD_ONLY]
        function(*positional, **given)

    _sign(_run, [*(one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in own), *access_parameters()])
    group.command(name, help=help_)(_run)


def access_of(given: Mapping[str, Any]) -> Access:
    """Return where the gateway is and who the person is, from a command's options."""
    folder, password = given["state_folder"], given["password_file"]
    return Access(
        server=given["server"],
        local=bool(given["local"]),
        user=given["user_name"],
        password_file=password if isinstance(password, Path) else None,
        state_folder=folder if isinstance(folder, Path) else None,
    )


def arguments_of(arguments: Sequence[Argument], given: Mapping[str, Any]) -> Group:
    """Return an operation's arguments from a command's options; what was not given is absent."""
    found: Group = {}
    for argument in arguments:
        value: Tree = given[_python_name(argument)]
        if value is not None and value != []:
            found[argument.name] = value
    return found


def show(answer: Group, *, as_json: bool, table: str | None, columns: Mapping[str, str]) -> None:
    """Print an operation's answer."""
    if as_json:
        print_json(answer)
        return
    listed = answer.get(table) if table else None
    if not isinstance(listed, list):
        print_fields(answer)
        return
    rest: Group = {name: value for name, value in answer.items() if name != table and not isinstance(value, list)}
    if rest:
        print_fields(rest)
        print()
    print_table([row for row in listed if isinstance(row, dict)], columns)


def access_parameters() -> list[inspect.Parameter]:
    """Return the options every order has: where the gateway is, who asks, and how to answer."""
    return [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
        for name, (kind, default) in _ACCESS.items()
    ]


def _parameter(argument: Argument, command: Command) -> inspect.Parameter:
    choices = ", ".join(argument.choices)
    meant = f"{argument.help} ({choices})" if choices else argument.help
    kinds: dict[Kind, Any] = {Kind.NUMBER: int, Kind.YES_NO: bool, Kind.TEXTS: list[str]}
    kind = kinds.get(argument.kind, str)
    if argument.name in command.positional and argument.required:
        return _of(argument, Annotated[kind, typer.Argument(help=meant)], inspect.Parameter.empty)
    if argument.name in command.positional:
        return _of(argument, Annotated[kind | None, typer.Argument(help=meant, show_default=False)], None)
    flag = command.flags.get(argument.name, f"--{argument.name.replace('_', '-')}")
    if argument.kind is Kind.TEXTS:
        return _of(argument, Annotated[kind, typer.Option(flag, help=meant)], [])
    if argument.required:
        return _of(argument, Annotated[kind, typer.Option(flag, help=meant)], inspect.Parameter.empty)
    return _of(argument, Annotated[kind | None, typer.Option(flag, help=meant, show_default=False)], None)


def _of(argument: Argument, annotation: object, default: object) -> inspect.Parameter:
    name = _python_name(argument)
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _python_name(argument: Argument) -> str:
    """Return the argument's name as Python can hold it: `from` is a word of the language."""
    return f"arg_{argument.name}".replace("-", "_")


def _sign(function: Callable[..., None], parameters: list[inspect.Parameter]) -> None:
    """Give *function* the signature that typer reads its options from; required ones first, as Python has it."""
    ordered = sorted(parameters, key=lambda one: one.default is not inspect.Parameter.empty)
    function.__signature__ = inspect.Signature(ordered)  # type: ignore[attr-defined]  # how typer is told at run time
    function.__annotations__ = {one.name: one.annotation for one in ordered}
