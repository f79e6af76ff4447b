"""How do rows go that need no detour? Those that stand side by side are carried out in one loop.

Most rows take one text from one place, make at most one thing of it, and put it in one place; most sources hold just
that one text there. Whatever else a source holds, several values, a number, several rows that tell of one thing, goes
the row's own step, and so does everything while a trace is written.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

from gateway.model.tree import Group, Tree
from gateway.translation.field_steps import Planned, Step, Way, inside
from gateway.translation.run import Run, Scope


def shortened(rows: Sequence[Planned], names: frozenset[str]) -> Iterator[Step]:
    """Yield the steps that carry *rows* out in order, where the source has *names*."""
    for is_short, side_by_side in groupby([(row.step, row.ways_for(names)) for row in rows], key=_has_ways):
        if is_short:
            yield _in_one_loop(list(side_by_side))
        else:
            yield from (step for step, _ in side_by_side)


def _has_ways(row: tuple[Step, Sequence[Way]]) -> bool:
    return bool(row[1])


def _in_one_loop(rows: Sequence[tuple[Step, Sequence[Way]]]) -> Step:
    steps = tuple(step for step, _ in rows)
    ways = [way for _, ways in rows for way in ways]
    by_entry = tuple((view, entry, tuple(found)) for (view, entry), found in groupby(ways, key=_entry_of))

    def step(scope: Scope, out: Group, run: Run) -> bool:
        found = False
        if len(scope.rows) != 1 or run.trace is not None:
            for one in steps:
                found |= one(scope, out, run)
            return found
        for view, entry, ways in by_entry:
            holder = run.views[view].get(entry) if view else scope.rows[0]
            if holder is not None and _go(ways, holder, scope, out, run):
                found = True
        return found

    return step


def _entry_of(way: Way) -> tuple[str, str]:
    return way.view, way.entry


def _go(ways: Sequence[Way], holder: Group, scope: Scope, out: Group, run: Run) -> bool:
    """Go all *ways* that start in *holder*, and tell whether anything was put."""
    mark = run.read[id(holder)].add
    above: tuple[str, ...] = ()
    group, found = out, False
    for way in ways:
        part = holder.get(way.name)
        if type(part) is not str or scope.place:
            found |= part is not None and _from_list(way, part, scope, out, run)
            continue
        value: Tree = part.strip()
        if value and way.convert is not None:
            hit = (holder, way.name, value)
            value = way.convert(value, hit, run)
            if not value or run.doubt or not way.is_direct:
                found |= way.settle(hit, value, out, run)
                continue
        if value:
            mark(way.name)
            if way.above != above:
                above = way.above
                group = inside(out, above)
            if way.is_list:
                group.setdefault(way.last, []).append(value)  # type: ignore[union-attr]  # it is a list
            else:
                group[way.last] = value
            found = True
    return found


def _from_list(way: Way, part: Tree, scope: Scope, out: Group, run: Run) -> bool:
    """Carry a row out whose value is a list with one text for each place of the scope; any other goes its own step."""
    if type(part) is not list or len(part) != scope.length or type(text := part[scope.place]) is not str:
        return way.otherwise(scope, out, run)
    value: Tree = text.strip()
    if not value:
        return False
    hit = (part, scope.place, value)
    if way.convert is not None:
        value = way.convert(value, hit, run)
        if not value or run.doubt or not way.is_direct:
            return way.settle(hit, value, out, run)
    run.mark(hit)
    way.put(out, value)
    return True
