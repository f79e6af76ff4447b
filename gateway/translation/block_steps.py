"""What do groups, choices and `[[same]]` rows do when they are carried out?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from gateway.model.tree import Group, Tree
from gateway.translation.code_lists import fold
from gateway.translation.converters import Convert, plain
from gateway.translation.field_steps import SHAPES, Planned, PutGroup, Step
from gateway.translation.reading import Finder, GroupFinder, RowFinder, leaves_in, size_of
from gateway.translation.rows import Predicate, Take
from gateway.translation.run import CONTAINERS, Container, Run, Scope, Traced
from gateway.translation.short_ways import shortened

Scopes: TypeAlias = Callable[[Scope, Run], Sequence[Scope]]
"""Returns the scopes a group is made for, one each."""
Column: TypeAlias = Callable[[Group, Run], str | None]
"""Returns what one column of a key says of a row."""
Zipped: TypeAlias = tuple[RowFinder, str, int]
"""One of several parallel lists: what finds the group that holds it, its name there, and how many of its values belong
to one place."""
_UNEVEN = "lists that belong together have different lengths: the first of each are taken to belong together"


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """How a part is copied by its names: a leaf by `convert`, a group by `parts`.

    Shape: with `is_text` the part is one leaf, and a text stays what it is.
    """

    many: bool
    is_text: bool = False
    convert: Convert | None = None
    parts: Mapping[str, "Copy"]


def all_of(rows: Sequence[Planned]) -> Planned:
    """Return the step that carries *rows* out in order, leaving out those the source has nothing for.

    Which those are, and which others can go short ways, is worked out once for each set of names. Documents of one
    format have few such sets, and the names are the mapping's own, so that nothing of a document stays behind here.
    """

    @lru_cache(maxsize=SHAPES)
    def wanted(names: frozenset[str]) -> tuple[Step, ...]:
        return tuple(shortened(rows_for(rows, names), names))

    def step(scope: Scope, out: Group, run: Run) -> bool:
        found = False
        for one in wanted(run.names):
            if one(scope, out, run):
                found = True
        return found

    return Planned(step, needs_of(rows), rows=tuple(rows))


def rows_for(rows: Sequence[Planned], names: frozenset[str]) -> list[Planned]:
    """Return those of *rows* that have anything to do where the source has *names*, and what choices come to there."""
    found: list[Planned] = []
    for row in rows:
        if row.on is not None and row.on.isdisjoint(names):
            found += rows_for(row.rows, names)
        elif row.needs is None or not row.needs.isdisjoint(names):
            found.append(row)
    return found


def needs_of(rows: Sequence[Planned]) -> frozenset[str] | None:
    """Return what is needed for any of *rows* to have something to do."""
    needs = [row.needs for row in rows if row.needs is not None]
    return frozenset().union(*needs) if len(needs) == len(rows) else None


def for_each(scopes: Scopes, steps: Step, put: PutGroup | None, *, emit_always: bool) -> Step:
    """Return the step that makes one part for each scope; a part without anything from the source is not made.

    Without *put* the parts are made in place.
    """

    def step(scope: Scope, out: Group, run: Run) -> bool:
        found = False
        for inner in scopes(scope, run):
            made: Group = out if put is None else {}
            filled = steps(inner, made, run)
            found |= filled
            if put is not None and (filled or (emit_always and made)):
                put(out, made, run)
        return found

    return step


def once(scope: Scope, _run: Run) -> Sequence[Scope]:
    """Return the scope as it is."""
    return (scope,)


def each_of(find: GroupFinder) -> Scopes:
    """Return one scope for each group found."""
    return lambda scope, run: [Scope((group,)) for group in find(scope, run)]


def picked(find: GroupFinder) -> Scopes:
    """Return the one scope that the caller asked for."""

    def scopes(scope: Scope, run: Run) -> Sequence[Scope]:
        found = find(scope, run)
        asked = run.pick
        return [Scope((found[asked],))] if asked is not None and 0 <= asked < len(found) else []

    return scopes


def gathered(find: GroupFinder, keys: Sequence[Sequence[Column]], take: Take) -> Scopes:
    """Return one scope for each distinct key, with all rows that have it; rows without a key are left alone."""

    def scopes(scope: Scope, run: Run) -> Sequence[Scope]:
        rows = find(scope, run)
        if not keys:
            return [Scope(rows)] if rows else []
        if len(rows) == 1:
            return [] if take is Take.REST or _key_of(rows[0], keys, run) is None else [Scope(rows)]
        groups: dict[tuple[object, ...], list[Group]] = {}
        for row in rows:
            key = _key_of(row, keys, run)
            if key is not None:
                groups.setdefault(key, []).append(row)
        made = [Scope(found) for found in groups.values()]
        return {Take.ALL: made, Take.FIRST: made[:1], Take.REST: made[1:]}[take]

    return scopes


def _key_of(row: Group, keys: Sequence[Sequence[Column]], run: Run) -> tuple[object, ...] | None:
    """Return the first key that *row* has any part of, told apart from other keys by its number."""
    for number, columns in enumerate(keys):
        values = [column(row, run) for column in columns]
        if values.count(None) < len(values):
            return (number, *values)
    return None


def column_of(name: str) -> Column:
    """Return the column that tells the text called *name* as it is."""

    def column(row: Group, _run: Run) -> str | None:
        part = row.get(name)
        if type(part) is str:
            return part.strip() or None
        for hit in leaves_in(row, name):
            return plain(hit[2])
        return None

    return column


def made_column(find: Finder, convert: Convert) -> Column:
    """Return the column that tells what *convert* makes of the first leaf found."""

    def column(row: Group, run: Run) -> str | None:
        for hit in find(Scope((row,)), run):
            value = convert(hit[2], hit, run)
            return None if value is None else plain(value)
        return None

    return column


def zipped(lists: Sequence[Zipped], names: Sequence[str] | None = None) -> Scopes:
    """Return one scope for each place of the parallel *lists*.

    Lists that do not come out even are zipped all the same, and said to be uneven. With *names*, one for each, only
    those are looked at whose name the source has.
    """

    @lru_cache(maxsize=SHAPES)
    def wanted(present: frozenset[str]) -> Sequence[Zipped]:
        return lists if names is None else [one for one, name in zip(lists, names, strict=True) if name in present]

    def scopes(scope: Scope, run: Run) -> Sequence[Scope]:
        sizes: list[tuple[Group, str, int, int]] = []
        length = 0
        for rows_of, name, per in wanted(run.names):
            rows = rows_of(scope, run)
            part = rows[0].get(name) if rows else None
            if part is not None and part != "" and (size := size_of(part)):
                sizes.append((rows[0], name, size, per))
                if per == 1 and size > length:
                    length = size
        for holder, name, size, per in sizes:
            if size != length * per and not (length == 1 and per > 1):
                run.notes.append((holder, name, "uneven-lists", _UNEVEN))
        return [Scope(scope.rows, place, length) for place in range(length)]

    return scopes


def choosing(find: Finder, branches: Sequence[tuple[Predicate, Step]], otherwise: Step) -> Step:
    """Return the step that carries out the first branch that holds.

    A value that a branch names outright has been read; one that is only asked about has not.
    """

    def step(scope: Scope, out: Group, run: Run) -> bool:
        hits = find(scope, run)
        text = plain(hits[0][2]) if hits else None
        for predicate, steps in branches:
            if holds(predicate, text):
                if predicate.equals is not None:
                    for hit in hits:
                        if fold(plain(hit[2])) == fold(predicate.equals):
                            run.mark(hit)
                return steps(scope, out, run)
        return otherwise(scope, out, run)

    return step


def holds(predicate: Predicate, text: str | None) -> bool:
    """Tell whether *predicate* holds of *text*; of no text only `absent` does."""
    if text is None:
        return predicate.absent
    if predicate.equals is not None:
        return fold(text) == fold(predicate.equals)
    if predicate.one_of is not None:
        return fold(text) in {fold(one) for one in predicate.one_of}
    if predicate.edition is not None:
        return _within(text, *predicate.edition)
    return predicate.present


def _within(text: str, first: str | None, last: str | None) -> bool:
    edition = _edition(text)
    return (first is None or _edition(first) <= edition) and (last is None or edition <= _edition(last))


def _edition(text: str) -> tuple[int, ...]:
    """Return an edition such as `2026` or `12.0` as numbers; one that is no number comes before all."""
    parts = text.split(".")
    return tuple(int(part) for part in parts) if all(part.isdigit() for part in parts) else ()


def copying(find: GroupFinder, copy: Copy, put: PutGroup | None, *, many: bool) -> Step:
    """Return the step that copies the parts of one group, or of *many*, by their names.

    Without *put* they are copied into the group one is in.
    """

    def step(scope: Scope, out: Group, run: Run) -> bool:
        found = False
        groups = find(scope, run)
        for group in groups if many else groups[:1]:
            made: Group = out if put is None else {}
            filled = _copy_group(copy, group, made, run)
            found |= filled
            if put is not None and filled:
                put(out, made, run)
        return found

    return step


def _copy_group(copy: Copy, group: Group, out: Group, run: Run) -> bool:
    found = False
    for name, part in group.items():
        inner = copy.parts.get(name)
        if inner is None or part is None:
            continue
        if inner.is_text and type(part) is str and run.trace is None:
            made: Tree = part if part.strip() else None
            run.read[id(group)].add(name)
        elif inner.many:
            made = _copy_list(inner, part, run)
        else:
            made = _copy_one(inner, group, name, part, out, run)
        if made is not None and made not in ([], {}):
            out[name] = made
            found = True
    return found


def _copy_list(copy: Copy, part: Tree, run: Run) -> list[Tree]:
    made: list[Tree] = []
    if not isinstance(part, list):
        return made
    for place, item in enumerate(part):
        one = _copy_one(copy, part, place, item, made, run)
        if one is not None and one != {}:
            made.append(one)
    return made


def _copy_one(copy: Copy, holder: Container, name: str | int, part: Tree, out: Container, run: Run) -> Tree:
    convert = copy.convert
    if convert is None:
        made: Group = {}
        return made if isinstance(part, dict) and _copy_group(copy, part, made, run) else None
    if part is None or isinstance(part, CONTAINERS) or (isinstance(part, str) and not part.strip()):
        return None
    hit = (holder, name, part)
    value = convert(part, hit, run)
    if value is not None:
        run.mark(hit)
        if run.trace is not None:
            key = name if isinstance(name, str) else len(out)
            run.trace.append(Traced(holder, name, "the same", out, key))
    return value
