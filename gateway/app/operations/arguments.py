"""Are these the arguments an operation takes? Strictly: nothing missing, nothing extra, nothing of another kind."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum

from gateway.errors import Place, SchemaViolationError
from gateway.model.tree import Group, Tree


class Kind(StrEnum):
    """What kind of value an argument is."""

    TEXT = "text"
    NUMBER = "whole number"
    YES_NO = "true or false"
    TEXTS = "list of texts"
    MOMENT = "date and time with offset"
    DAY = "date"
    GROUP = "group"


_ITEM_CHARACTERS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """One argument of an operation.

    Shape: `most` bounds a text's length, a number's value and a list's length. `choices` bounds the text, or each text
    of a list. `pattern` must match the whole text.
    """

    name: str
    help: str
    kind: Kind = Kind.TEXT
    required: bool = False
    choices: tuple[str, ...] = ()
    pattern: str | None = None
    most: int = 200


def texts(
    name: str, help_: str, *, choices: tuple[str, ...] = (), pattern: str | None = None, required: bool = False
) -> Argument:
    """Return an argument that is a list of at most fifty texts, each one of *choices* or like *pattern*."""
    return Argument(
        name=name, help=help_, kind=Kind.TEXTS, choices=choices, pattern=pattern, required=required, most=50
    )


def checked(arguments: Iterable[Argument], given: Group) -> Group:
    """Return *given* when every value is what *arguments* say; absent optional ones stay absent.

    Raises:
        SchemaViolationError: the place's path names the argument; the message never repeats its value.
    """
    known = {argument.name: argument for argument in arguments}
    for name in given:
        if name not in known:
            raise _wrong(name[:60], f"no such argument; this operation takes {sorted(known) or 'none'}")
    present: Group = {name: value for name, value in given.items() if value is not None}
    for argument in known.values():
        if argument.name in present:
            _check(argument, present[argument.name])
        elif argument.required:
            raise _wrong(argument.name, f"missing: {argument.help}")
    return present


def _check(argument: Argument, value: Tree) -> None:
    match argument.kind:
        case Kind.TEXT:
            _check_text(argument, value, argument.name, most=argument.most)
        case Kind.NUMBER:
            _check_number(argument, value)
        case Kind.YES_NO:
            _expect(argument, isinstance(value, bool))
        case Kind.TEXTS:
            _check_texts(argument, value)
        case Kind.MOMENT:
            _expect(argument, _is_moment(value))
        case Kind.DAY:
            _expect(argument, _is_day(value))
        case Kind.GROUP:
            _expect(argument, isinstance(value, dict))


def _check_text(argument: Argument, value: Tree, path: str, *, most: int) -> None:
    if not isinstance(value, str) or not value.strip():
        raise _wrong(path, "expected a text that is not empty")
    if len(value) > most:
        raise _wrong(path, f"longer than {most} characters")
    if argument.choices and value not in argument.choices:
        raise _wrong(path, f"not one of {', '.join(argument.choices)}")
    if argument.pattern is not None and re.fullmatch(argument.pattern, value) is None:
        raise _wrong(path, f"not of the expected form: {argument.help}")


def _check_number(argument: Argument, value: Tree) -> None:
    if type(value) is not int or not 0 <= value <= argument.most:
        raise _wrong(argument.name, f"expected a whole number from 0 to {argument.most}")


def _check_texts(argument: Argument, value: Tree) -> None:
    if not isinstance(value, list) or len(value) > argument.most:
        raise _wrong(argument.name, f"expected a list of at most {argument.most} texts")
    for index, item in enumerate(value):
        _check_text(argument, item, f"{argument.name}[{index}]", most=_ITEM_CHARACTERS)


def _expect(argument: Argument, holds: bool) -> None:  # noqa: FBT001 - a truth is what is checked
    if not holds:
        raise _wrong(argument.name, f"expected a {argument.kind.value}")


def _is_moment(value: Tree) -> bool:
    """Tell whether *value* is a moment, one that there is in UTC too."""
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
        return at is not None and at.tzinfo is not None and bool(at.astimezone(UTC))
    except (ValueError, OverflowError):
        return False


def _is_day(value: Tree) -> bool:
    try:
        return isinstance(value, str) and bool(date.fromisoformat(value))
    except ValueError:
        return False


def _wrong(path: str, message: str) -> SchemaViolationError:
    return SchemaViolationError(message, place=Place(path=path), code="arguments")
