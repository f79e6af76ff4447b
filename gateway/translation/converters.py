"""How does one leaf's value become what the target holds? One closure per row, made when a mapping is loaded.

A converter returns None when it can make nothing of a value; the leaf then counts as not read, and so is carried or
listed as lost. What a converter lets through is always of the kind the model asks for.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import TypeAlias

from gateway.model.tree import Tree
from gateway.translation.code_lists import CodeTable, tidy
from gateway.translation.dates import instant_of
from gateway.translation.run import Hit, Run
from gateway.translation.transforms import Gives, One, Outcome, Transform

Convert: TypeAlias = Callable[[Tree, Hit, Run], Tree]
_FITS = {Gives.TEXT: str, Gives.DATE: date, Gives.INSTANT: datetime, Gives.NUMBER: int}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What a row does to a value.

    Shape: `kind` is the canonical leaf's, None where the target is a partner's. `outward` turns code lists round:
    our code in, their label out. `unknown` stands for a label nobody has mapped.
    """

    kind: type[object] | None
    transform: Transform | None = None
    table: CodeTable | None = None
    outward: bool = False
    unknown: str | None = None

    @property
    def is_as_it_is(self) -> bool:
        """Tell whether a text stays what it is."""
        return self.transform is None and self.table is None and self.kind in {None, str}

    @property
    def is_strict(self) -> bool:
        """Tell whether two different values can never both be right, so that neither may be chosen."""
        return self.table is not None or self.kind not in {None, str}


def plain(value: Tree) -> str:
    """Return a leaf as text, as JSON would write it."""
    if isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)


def converter(recipe: Recipe) -> Convert:
    """Return the closure that does what *recipe* says."""
    last = _coder(recipe, recipe.table) if recipe.table is not None else _checker(recipe.kind)
    transform = recipe.transform
    if transform is None or transform.one is None:
        return last
    if recipe.table is None and recipe.kind is not None and _FITS.get(transform.gives) is recipe.kind:
        return _transformed(transform.one)
    return _then(_transformed(transform.one), last)


def _then(first: Convert, last: Convert) -> Convert:
    def convert(value: Tree, hit: Hit, run: Run) -> Tree:
        made = first(value, hit, run)
        if made is None:
            return None
        if isinstance(made, list):
            each = [last(item, hit, run) for item in made]
            # one label nobody knows leaves the whole leaf unread, so that it is reported and not half gone
            return None if None in each else [item for item in each if item]
        return last(made, hit, run)

    return convert


def _transformed(one: One) -> Convert:
    def convert(value: Tree, hit: Hit, run: Run) -> Tree:
        made = one(value if type(value) is str else plain(value), run.on)
        if type(made) is str:
            return made
        return said(made, hit, run) if isinstance(made, Outcome) else _as_tree(made)

    return convert


def said(outcome: Outcome, hit: Hit, run: Run) -> Tree:
    """Return an outcome's value, having written down what it says beside it."""
    for code, message in outcome.notes:
        run.note(hit, code, message)
    run.lost.extend((hit[0], hit[1], why) for why in outcome.lost)
    return _as_tree(outcome.value)


def _as_tree(made: str | int | list[str] | None) -> Tree:
    return list(made) if isinstance(made, list) else made


def _coder(recipe: Recipe, table: CodeTable) -> Convert:
    certain = dict(table.certain)

    def to_ours(value: Tree, hit: Hit, run: Run) -> Tree:
        label = value if type(value) is str else plain(value)
        known = certain.get(label)
        if known is not None:
            return known
        code = table.code_of(label, run.on)
        if code is not None:
            return code
        shown = tidy(label)
        code = run.meaning(table.name, shown)
        if code is not None and table.has(code, run.on):
            return code
        run.unmapped.append((hit[0], hit[1], table.name, shown))
        run.doubt = True
        return recipe.unknown

    def to_theirs(value: Tree, hit: Hit, run: Run) -> Tree:
        label = table.label_of(plain(value), run.on)
        if label is None:
            run.note(hit, "no-label", f"the list {table.name} has no label for this code")
        return label

    return to_theirs if recipe.outward else to_ours


def _checker(kind: type[object] | None) -> Convert:
    """Return what lets a value through only if it is of *kind*, in the form the model writes it."""
    if kind is None:
        return lambda value, _hit, _run: value
    if kind is str:
        return _as_text
    check = _check_of(kind)
    code, message = _TROUBLE.get(kind, ("not-in-list", "not one of the values the model knows"))

    def convert(value: Tree, hit: Hit, run: Run) -> Tree:
        made = check(value)
        if made is None:
            run.note(hit, code, message)
        return made

    return convert


def _as_text(value: Tree, _hit: Hit, _run: Run) -> Tree:
    return value if type(value) is str else plain(value)


_TROUBLE: dict[type[object], tuple[str, str]] = {
    int: ("number-not-read", "expected a whole number"),
    date: ("date-not-read", "expected a day as yyyy-mm-dd"),
    datetime: ("instant-not-read", "not a time with its offset, as ISO 8601 writes it"),
}


def _check_of(kind: type[object]) -> Callable[[Tree], Tree]:
    if issubclass(kind, Enum):
        values = frozenset(str(member.value) for member in kind)
        return lambda value: text if (text := plain(value)) in values else None
    return _CHECKS[kind]


def _int(value: Tree) -> Tree:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    text = plain(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < _MOST_DIGITS else None


def _iso_day(value: Tree) -> Tree:
    text = plain(value)
    try:
        return date.fromisoformat(text).isoformat() if len(text) == _ISO_LENGTH else None
    except ValueError:
        return None


_CHECKS: dict[type[object], Callable[[Tree], Tree]] = {
    int: _int,
    date: _iso_day,
    datetime: lambda value: instant_of(plain(value)),
}
_MOST_DIGITS = 16
_ISO_LENGTH = 10
