"""How does a step find its leaves? Paths become closures once, when a mapping is loaded.

A part that a path does not mark as repeating may still come as a list: a form post is a list of texts per name, XML
repeats elements. Then a group is the first of the list, and of leaves all are found; the step decides what several
mean. A blank text is no value.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from gateway.model.tree import Group, Tree
from gateway.translation.paths import Path
from gateway.translation.run import CONTAINERS, Hit, Run, Scope

Finder: TypeAlias = Callable[[Scope, Run], Sequence[Hit]]
RowFinder: TypeAlias = Callable[[Scope, Run], Sequence[Group]]
"""Returns the groups that hold a leaf as their own part."""
Walker: TypeAlias = Callable[[Group, Run], Sequence[Group]]
"""Returns the groups that hold a path's last part."""
GroupFinder: TypeAlias = Callable[[Scope, Run], list[Group]]
_NONE: Sequence[Hit] = ()
_ENTRY_PART = 3


def leaf_finder(path: Path, views: Mapping[str, str]) -> Finder:
    """Return what finds the leaves at *path*, in every row of a scope.

    Shape: *views* names the keys of the mapping: a path that starts with one goes through it.
    """
    *_, last = path.names
    if len(path.names) == 1:
        return _name_finder(last)
    if path.names[0] in views and len(path.names) == _ENTRY_PART:
        return _entry_finder(*path.names)
    walk = _walker(path, views)

    def find(scope: Scope, run: Run) -> Sequence[Hit]:
        return [hit for row in scope.rows for group in walk(row, run) for hit in leaves_in(group, last)]

    return find


def row_finder(path: Path, views: Mapping[str, str]) -> RowFinder | None:
    """Return what finds the groups that hold the leaf at *path*; None where finding them takes more than one look."""
    if len(path.names) == 1:
        return lambda scope, _run: scope.rows
    if path.names[0] not in views or len(path.names) != _ENTRY_PART:
        return None
    view, entry, _ = path.names

    def find(_scope: Scope, run: Run) -> Sequence[Group]:
        found = run.views[view].get(entry)
        return () if found is None else (found,)

    return find


def _name_finder(name: str) -> Finder:
    """Return what finds the leaves called *name* in the rows themselves: the way of most paths."""

    def find(scope: Scope, _run: Run) -> Sequence[Hit]:
        hits: list[Hit] = []
        for row in scope.rows:
            part = row.get(name)
            if type(part) is not str:
                hits += leaves_in(row, name)
            elif text := part.strip():
                hits.append((row, name, text))
        return hits

    return find


def _entry_finder(view: str, entry: str, part: str) -> Finder:
    """Return what finds the leaves of one part of an entry: the way of almost every path through a key."""

    def find(_scope: Scope, run: Run) -> Sequence[Hit]:
        found = run.views[view].get(entry)
        return _NONE if found is None else leaves_in(found, part)

    return find


def place_finder(path: Path, views: Mapping[str, str], per: int) -> Finder:
    """Return what finds the leaves that belong to a scope's place in parallel lists: *per* of each list."""
    *_, last = path.names
    if path.names[0] in views and len(path.names) == _ENTRY_PART:
        return _entry_place_finder(path, per)
    walk = _walker(path, views)

    def find(scope: Scope, run: Run) -> Sequence[Hit]:
        for group in walk(scope.rows[0], run):
            return _at_place(group, last, scope, per)
        return _NONE

    return find


def _entry_place_finder(path: Path, per: int) -> Finder:
    view, entry, part = path.names

    def find(scope: Scope, run: Run) -> Sequence[Hit]:
        found = run.views[view].get(entry)
        if found is None:
            return _NONE
        whole = found.get(part)
        if type(whole) is not str:
            return _at_place(found, part, scope, per)
        return ((found, part, text),) if scope.place == 0 and (text := whole.strip()) else _NONE

    return find


def holders_of(path: Path, views: Mapping[str, str]) -> RowFinder:
    """Return what finds the groups that hold the leaves at *path* of a scope's one row."""
    walk = _walker(path, views)
    return row_finder(path, views) or (lambda scope, run: walk(scope.rows[0], run))


def size_of(part: Tree) -> int:
    """Return how many places a list has: a single value is a list of one, and nothing is a list of none."""
    if type(part) is str:
        return 1 if part.strip() else 0
    return len(part) if isinstance(part, list) else 0 if _value(part) is None else 1


def group_finder(path: Path, views: Mapping[str, str]) -> GroupFinder:
    """Return what finds the groups at *path*: all of a list, also where the path does not mark it as one."""
    if not path.names:
        return lambda scope, _run: list(scope.rows)
    *_, last = path.names
    walk = _walker(path, views)

    def find(scope: Scope, run: Run) -> list[Group]:
        return [found for row in scope.rows for group in walk(row, run) for found in groups_of(group.get(last))]

    return find


def groups_of(part: Tree) -> list[Group]:
    """Return the groups that *part* is: one, those of a list, or none."""
    match part:
        case dict():
            return [part]
        case list():
            return [item for item in part if isinstance(item, dict)]
        case _:
            return []


def leaves_in(group: Group, name: str) -> Sequence[Hit]:
    """Return the leaves called *name* in *group* that have a value."""
    part = group.get(name)
    if type(part) is str:
        text = part.strip()
        return ((group, name, text),) if text else _NONE
    if isinstance(part, list):
        return [(part, place, value) for place, item in enumerate(part) if (value := _value(item)) is not None]
    value = _value(part)
    return _NONE if value is None else ((group, name, value),)


def _value(part: Tree) -> Tree:
    """Return the leaf *part* without white space around it; None if it is blank or no leaf."""
    if isinstance(part, str):
        return part.strip() or None
    return None if isinstance(part, CONTAINERS) else part


def _at_place(group: Group, name: str, scope: Scope, per: int) -> Sequence[Hit]:
    part = group.get(name)
    if not isinstance(part, list):
        return leaves_in(group, name) if scope.place == 0 else _NONE
    start = scope.place * per
    stop = len(part) if scope.length == 1 and per > 1 else start + per
    taken = enumerate(part[start:stop], start=start)
    return [(part, place, value) for place, item in taken if (value := _value(item)) is not None]


def _walker(path: Path, views: Mapping[str, str]) -> Walker:
    names, many = path.names[:-1], path.many[:-1]
    if not names:
        return lambda group, _run: (group,)
    if names[0] in views:
        return _view_walker(names, many)

    def walk(group: Group, _run: Run) -> Sequence[Group]:
        return _below([group], names, many)

    return walk


def _view_walker(names: tuple[str, ...], many: tuple[bool, ...]) -> Walker:
    view, entry, *_ = names
    rest, marks = names[2:], many[2:]

    def walk(_group: Group, run: Run) -> Sequence[Group]:
        found = run.views[view].get(entry)
        if found is None:
            return ()
        return _below([found], rest, marks) if rest else (found,)

    return walk


def _below(groups: list[Group], names: tuple[str, ...], many: tuple[bool, ...]) -> list[Group]:
    for name, repeats in zip(names, many, strict=True):
        below: list[Group] = []
        for group in groups:
            found = groups_of(group.get(name))
            below.extend(found if repeats else found[:1])
        groups = below
    return groups
