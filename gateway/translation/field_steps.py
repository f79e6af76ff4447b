"""What does a `[[field]]` row do when it is carried out? One closure per row."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, TypeAlias, cast

from gateway.errors import Place, TranslationError
from gateway.model.tree import Group, Tree
from gateway.translation.converters import Convert, plain, said
from gateway.translation.paths import Path
from gateway.translation.reading import Finder, RowFinder
from gateway.translation.rows import Scalar
from gateway.translation.run import Container, Hit, Run, Scope, Traced
from gateway.translation.transforms import Made, Outcome

SHAPES = 64
"""For how many different sets of names it is remembered which rows, or which of their sources, are wanted."""

Step: TypeAlias = Callable[[Scope, Group, Run], bool]
"""Carries a row out and tells whether it put anything from the source into the target."""


PutGroup: TypeAlias = Callable[[Group, Group, Run], None]
Put: TypeAlias = Callable[[Group, Tree], tuple[Container, str | int]]
Settle: TypeAlias = Callable[[Hit, Tree, Group, Run], bool]
"""Does with what was made of one leaf whatever its row does, and tells whether anything was put."""


class Way(NamedTuple):
    """How a row goes that finds just one text at one of its places.

    Shape: the text is called `name` in the entry `entry` of the key `view`, or in the row one is in, where these are
    empty. `convert` is None where a text stays what it is. It becomes `last`, or with `is_list` the end of it, in the
    group at `above`, as `put` would put it. What was made may be put at once with `is_direct`; where nothing or
    something doubtful was made, or not `is_direct`, it is for `settle`. `otherwise` is for what is no text.
    """

    view: str
    entry: str
    name: str
    convert: Convert | None
    above: tuple[str, ...]
    last: str
    is_list: bool
    put: Put
    is_direct: bool
    settle: Settle
    otherwise: Step


@dataclass(frozen=True, slots=True)
class Planned:
    """A step, and when it has anything to do.

    Shape: without any of `needs` among the names the source has, the step would put nothing and read nothing; None is
    a step that must always be asked. `ways` are the short ways from each place the row reads, None for one that has
    none; `is_spread` tells whether going several of them is the same as the step. `rows` are those of a block, and
    those that a choice comes to without any of the names it is `on`.
    """

    step: Step
    needs: frozenset[str] | None = None
    ways: tuple[tuple[str, Way | None], ...] = ()
    is_spread: bool = False
    rows: tuple["Planned", ...] = ()
    on: frozenset[str] | None = None

    def ways_for(self, names: frozenset[str]) -> tuple[Way, ...]:
        """Return the ways that together do what the step does where the source has *names*; none if there are none."""
        there = [way for need, way in self.ways if self.needs is None or need in names]
        ways = tuple(way for way in there if way is not None)
        return ways if len(ways) == len(there) and (self.is_spread or len(ways) == 1) else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldParts:
    """A `[[field]]` row with everything looked up.

    Shape: `find` sees the row's source and its aliases as one; `strict` is `Recipe.is_strict`; `how` describes the row
    without any value; `name` is the source's path, for messages.
    """

    name: str
    find: Finder
    convert: Convert
    put: Put
    how: str
    strict: bool = False
    written: Put | None = None
    rejects: bool = False
    literal: Scalar | None = None


def putter(path: Path) -> Put:
    """Return what puts a value at *path* of a group: at the end, where the path is a list."""
    *above, last = path.names
    if path.is_list:
        return _list_putter(above, last)

    def put(group: Group, value: Tree) -> tuple[Container, str | int]:
        for name in above:
            group = group.setdefault(name, {})  # type: ignore[assignment]  # what stands above a value is a group
        group[last] = value
        return group, last

    return put


def _list_putter(above: list[str], last: str) -> Put:
    def put(group: Group, value: Tree) -> tuple[Container, str | int]:
        values: list[Tree] = inside(group, above).setdefault(last, [])  # type: ignore[assignment]  # it is a list
        values.append(value)
        return values, len(values) - 1

    return put


def group_putter(path: Path) -> PutGroup:
    """Return what puts a group at *path* of another: at the end of a list, or together with what is there already."""
    *above, last = path.names
    if path.is_list:
        put = _list_putter(above, last)

        def add(out: Group, made: Group, _run: Run) -> None:
            put(out, made)

        return add

    def merge_in(out: Group, made: Group, run: Run) -> None:
        inner = inside(out, above)
        there = inner.get(last)
        if isinstance(there, dict):
            _merge(there, made, run)
        else:
            inner[last] = made

    return merge_in


def _merge(there: Group, made: Group, run: Run) -> None:
    """Put all of *made* into *there*; no leaf is in both, or the mapping would not have loaded."""
    run.moved[id(made)] = (there, 0)
    for name, part in made.items():
        other = there.get(name)
        if isinstance(part, dict) and isinstance(other, dict):
            _merge(other, part, run)
        elif isinstance(part, list) and isinstance(other, list):
            run.moved[id(part)] = (other, len(other))
            other.extend(part)
        else:
            there[name] = part


def inside(group: Group, names: Sequence[str]) -> Group:
    """Return the group at *names* below *group*, made where it is not there yet."""
    for name in names:
        group = group.setdefault(name, {})  # type: ignore[assignment]  # what stands above a value is a group
    return group


def constant(put: Put, value: Scalar) -> Step:
    """Return the step that puts *value*, which is nothing from the source."""

    def step(_scope: Scope, out: Group, _run: Run) -> bool:
        put(out, value)
        return False

    return step


def single(parts: FieldParts) -> Step:
    """Return the step of a row with one source and one target."""
    find, convert, put = parts.find, parts.convert, parts.put
    is_coded = parts.written is not None

    def step(scope: Scope, out: Group, run: Run) -> bool:
        hits = find(scope, run)
        if len(hits) > 1:
            hits = _agreed(hits, parts, run) or _unreadable(parts, run)
        elif not hits:
            hits = _absent(parts, out)
        if not hits:
            return False
        first = hits[0]
        value = convert(first[2], first, run)
        if is_coded or not value or run.doubt or run.trace is not None:
            return _put_one(parts, hits, value, out, run)
        for holder, name, _ in hits:
            run.read[id(holder)].add(name)
        put(out, value)
        return True

    return step


def straight(rows_of: RowFinder, name: str, put: Put, otherwise: Step) -> Step:
    """Return the step of a row that takes one text as it is: what most rows are, and what most sources hold.

    Where the source holds anything but one text, or the same in every gathered row, it is done *otherwise*.
    """

    def step(scope: Scope, out: Group, run: Run) -> bool:
        rows = rows_of(scope, run)
        part = rows[0].get(name) if len(rows) == 1 else _shared_text(rows, name)
        holders: Sequence[Container] = rows
        key: str | int = name
        if type(part) is list and len(part) == scope.length:
            holders, key = (part,), scope.place
            part = part[scope.place]
        elif scope.place:
            part = None
        if type(part) is not str or not (text := part.strip()) or run.trace is not None:
            return otherwise(scope, out, run)
        for holder in holders:
            run.read[id(holder)].add(key)
        put(out, text)
        return True

    return step


def _shared_text(rows: Sequence[Group], name: str) -> Tree:
    """Return the text that all of several *rows* have under *name*; None where there is no such one."""
    first = rows[0].get(name) if rows else None
    return first if type(first) is str and all(row.get(name) == first for row in rows) else None


def _put_one(parts: FieldParts, hits: Sequence[Hit], value: Tree, out: Group, run: Run) -> bool:
    """Put what was made of *hits*, which all say the same, where more is to be asked about it than that it is there."""
    if parts.written is not None:
        return _coded(parts, parts.written, hits, value, out, run)
    if value is None:
        _unreadable(parts, run)
        return False
    if run.is_sure():
        for hit in hits:
            run.mark(hit)
    if value == "":  # an empty code says nothing, and that was read
        return False
    _trace(hits, parts.how, parts.put(out, value), run)
    return True


def listing(parts: FieldParts) -> Step:
    """Return the step of a row whose values go into a list; gathered rows give each value once."""
    find, convert = parts.find, parts.convert

    def step(scope: Scope, out: Group, run: Run) -> bool:
        once: set[str] | None = set() if len(scope.rows) > 1 else None
        found = False
        hits = find(scope, run)
        for hit in hits:
            value = convert(hit[2], hit, run)
            found |= _put_items(parts, hit, value, out, once, run)
        if not hits:
            _absent(parts, out)
        elif not found:
            _unreadable(parts, run)
        return found

    return step


def settled_one(parts: FieldParts) -> Settle:
    """Return what does with what was made of one leaf that is to become one value."""
    return lambda hit, value, out, run: _put_one(parts, (hit,), value, out, run)


def settled_items(parts: FieldParts) -> Settle:
    """Return what does with what was made of one leaf that is to become items of a list."""
    return lambda hit, value, out, run: _put_items(parts, hit, value, out, None, run)


def _put_items(parts: FieldParts, hit: Hit, value: Tree, out: Group, once: set[str] | None, run: Run) -> bool:
    """Put what was made of one leaf at the end of the list."""
    if run.is_sure() and value is not None:
        run.mark(hit)
    found = False
    for item in value if isinstance(value, list) else (value,):
        found |= _put_item(parts, hit, item, out, once, run)
    return found


def _put_item(parts: FieldParts, hit: Hit, item: Tree, out: Group, once: set[str] | None, run: Run) -> bool:
    """Put one item at the end of the list, unless it says nothing or is there already."""
    if item is None or item == "" or (once is not None and plain(item) in once):
        return False
    if once is not None:
        once.add(plain(item))
    _trace((hit,), parts.how, parts.put(out, item), run)
    return True


def joining(
    parts: FieldParts, finders: Sequence[Finder], join: Callable[[tuple[str | None, ...]], Made], *, every: bool
) -> Step:
    """Return the step of a row that makes one value of several leaves; with *every*, of all that a list holds too."""

    def step(scope: Scope, out: Group, run: Run) -> bool:
        texts: list[str | None] = []
        there: list[Hit] = []
        for find in finders:
            hits = find(scope, run)
            texts += [plain(hit[2]) for hit in (hits if every else hits[:1])] or [None]
            there += [hit for hit in hits if hit[2] == hits[0][2]] if len(hits) > 1 and not every else hits
        if not there:
            _absent(parts, out)
            return False
        made = join(tuple(texts))
        value = said(made, there[0], run) if isinstance(made, Outcome) else cast("Tree", made)
        value = None if value is None else parts.convert(value, there[0], run)
        if value is None:
            _unreadable(parts, run)
            return False
        for hit in there:
            run.mark(hit)
        _trace(there, parts.how, parts.put(out, value), run)
        return True

    return step


def either(finders: Sequence[Finder], names: Sequence[str] | None = None) -> Finder:
    """Return what finds everything that any of *finders* finds, in their order.

    With *names*, one for each, only those are asked whose name the source has: of many other names, most never come.
    """
    if len(finders) == 1:
        return finders[0]
    if names is None:
        return lambda scope, run: [hit for find in finders for hit in find(scope, run)]

    @lru_cache(maxsize=SHAPES)
    def wanted(present: frozenset[str]) -> tuple[Finder, ...]:
        return tuple(find for find, name in zip(finders, names, strict=True) if name in present)

    def find(scope: Scope, run: Run) -> Sequence[Hit]:
        found = wanted(run.names)
        return found[0](scope, run) if len(found) == 1 else [hit for one in found for hit in one(scope, run)]

    return find


def _agreed(hits: Sequence[Hit], parts: FieldParts, run: Run) -> Sequence[Hit]:
    """Return those of several hits that one field can hold: all that come to the same as the first.

    Where two values cannot both be right, a code or a date, neither is chosen.
    """
    first = hits[0]
    others = [hit for hit in hits if hit[2] != first[2]]
    if not others:
        return hits
    made = parts.convert(first[2], first, run)
    odd = [hit for hit in others if parts.convert(hit[2], hit, run) != made]
    run.is_sure()
    if not odd:
        return hits
    if parts.strict:
        run.note(odd[0], "several-values", "several different values for one field: a person must choose")
        return ()
    run.note(odd[0], "several-values", "several different values for one field: the first is used")
    return [hit for hit in hits if hit not in odd]


def _coded(parts: FieldParts, written: Put, hits: Sequence[Hit], value: Tree, out: Group, run: Run) -> bool:
    """Put a code, if there is one, and the text it was written as, which is always kept."""
    run.is_sure()
    if value:
        _trace(hits, parts.how, parts.put(out, value), run)
    where = written(out, plain(hits[0][2]))
    for hit in hits:
        if value is not None or hit[2] == hits[0][2]:
            run.mark(hit)
    _trace(hits, "as written", where, run)
    return True


def _absent(parts: FieldParts, out: Group) -> Sequence[Hit]:
    """Do what a row does that finds nothing, and return that."""
    if parts.rejects:
        raise TranslationError("the mapping needs a value here and there is none", place=Place(path=parts.name))
    if parts.literal is not None:
        parts.put(out, parts.literal)
    return ()


def _unreadable(parts: FieldParts, run: Run) -> Sequence[Hit]:
    """Do what a row does that can make nothing of what it found, and return that."""
    run.is_sure()
    if parts.rejects:
        raise TranslationError("the mapping needs a value here and cannot read it", place=Place(path=parts.name))
    return ()


def _trace(hits: Sequence[Hit], how: str, where: tuple[Container, str | int], run: Run) -> None:
    if run.trace is not None:
        run.trace.extend(Traced(holder, name, how, *where) for holder, name, _ in hits)
