"""How do rows go that need no detour? Those that stand side by side are carried out in one loop.

Most rows take one text from one place, make at most one thing of it, and put it in one place; most sources hold just
that one text there. Whatever else a source holds, several values, a number, several rows that tell of one thing, goes
the row's own step, and so does everything while a trace is written.
"""

from collections.abc import Iterator, Sequence

from gateway.model.tree import Group, Tree
from gateway.translation.field_steps import Planned, Step, Way
from gateway.translation.run import Container, Run, Scope

_NOTHING: Group = {}


def shortened(rows: Sequence[Planned], names: frozenset[str]) -> Iterator[Step]:
    """Yield the steps that carry *rows* out in order, where the source has *names*."""
    side_by_side: list[tuple[Step, Sequence[Way]]] = []
    for row in rows:
        ways = row.ways_for(names)
        if ways:
            side_by_side.append((row.step, ways))
            continue
        if side_by_side:
            yield _in_one_loop(side_by_side)
            side_by_side = []
        yield row.step
    if side_by_side:
        yield _in_one_loop(side_by_side)


def _in_one_loop(rows: Sequence[tuple[Step, Sequence[Way]]]) -> Step:
    steps = tuple(step for step, _ in rows)
    ways = tuple(way for _, ways in rows for way in ways)

    def step(scope: Scope, out: Group, run: Run) -> bool:
        if len(scope.rows) != 1 or run.trace is not None:
            return _one_by_one(steps, scope, out, run)
        row, place, views, read = scope.rows[0], scope.place, run.views, run.read
        found = False
        for way in ways:
            view, entry, name, convert, put, is_direct, _, _ = way
            holder = views[view].get(entry, _NOTHING) if view else row
            part = holder.get(name)
            if type(part) is not str or place:
                if part is not None and _from_list(way, part, scope, out, run):
                    found = True
            elif text := part.strip():
                value = text if convert is None else convert(text, (holder, name, text), run)
                if not value or run.doubt or not is_direct:
                    found |= way.settle((holder, name, text), value, out, run)
                else:
                    read[id(holder)].add(name)
                    put(out, value)
                    found = True
        return found

    return step


def _one_by_one(steps: Sequence[Step], scope: Scope, out: Group, run: Run) -> bool:
    found = False
    for step in steps:
        if step(scope, out, run):
            found = True
    return found


def _from_list(way: Way, part: Tree, scope: Scope, out: Group, run: Run) -> bool:
    """Carry a row out whose value is a list with one text for each place of the scope; any other goes its own step."""
    if type(part) is list and len(part) == scope.length:
        item = part[scope.place]
        if type(item) is str:
            text = item.strip()
            return bool(text) and _take(way, part, scope.place, text, out, run)
    return way.otherwise(scope, out, run)


def _take(way: Way, holder: Container, key: str | int, text: str, out: Group, run: Run) -> bool:
    hit = (holder, key, text)
    value = text if way.convert is None else way.convert(text, hit, run)
    if not value or run.doubt or not way.is_direct:
        return way.settle(hit, value, out, run)
    run.mark(hit)
    way.put(out, value)
    return True
