"""How does a mapping that works both ways read the other way round?

Rows are written as they read inbound: `from` is the partner's place, `to` is ours. Turned, each becomes the row that
undoes it. What cannot be undone is refused when the mapping is loaded, unless the row says which way it goes.
"""

from dataclasses import replace

from gateway.translation.paths import HERE, parse_path
from gateway.translation.rows import Block, Choose, Direction, Field, Group, Same
from gateway.translation.transforms import TRANSFORMS


def rows_for(block: Block, way: Direction) -> Block:
    """Return the rows of *block* that go the given *way*, as they stand."""
    return Block(
        fields=tuple(row for row in block.fields if row.direction in {None, way}),
        sames=tuple(row for row in block.sames if row.direction in {None, way}),
        groups=tuple(
            replace(row, rows=rows_for(row.rows, way)) for row in block.groups if row.direction in {None, way}
        ),
        chooses=tuple(_chosen(row, way) for row in block.chooses),
    )


def turned(block: Block) -> Block:
    """Return the rows that undo *block*, each of which was written inbound.

    Raises:
        MappingError: a row that nothing can undo.
    """
    outbound = Direction.OUTBOUND
    return Block(
        fields=tuple(
            row if row.direction is outbound else _turned_field(row)
            for row in block.fields
            if row.direction is not Direction.INBOUND and (row.const is None or row.direction is outbound)
        ),
        sames=tuple(
            row if row.direction is outbound else _turned_same(row)
            for row in block.sames
            if row.direction is not Direction.INBOUND
        ),
        groups=tuple(
            replace(row, rows=rows_for(row.rows, outbound)) if row.direction is outbound else _turned_group(row)
            for row in block.groups
            if row.direction is not Direction.INBOUND
        ),
        chooses=tuple(_refused_choice(row) for row in block.chooses),
    )


def _chosen(row: Choose, way: Direction) -> Choose:
    branches = tuple(replace(one, rows=rows_for(one.rows, way)) for one in row.branches)
    return replace(row, branches=branches, otherwise=rows_for(row.otherwise, way))


def _turned_field(row: Field) -> Field:
    fix = 'add direction = "inbound" (and a row of its own for outbound)'
    if row.gathers or row.written is not None or row.per > 1:
        raise row.spot.wrong("a row that gathers several values cannot be turned round", fix)
    inverse = TRANSFORMS[row.using].inverse if row.using is not None else None
    if row.using is not None and inverse is None:
        raise row.spot.wrong(f"nothing undoes the transform {row.using!r}", fix)
    return replace(row, sources=(row.to,), to=row.sources[0], using=inverse, aliases=(), literal=None)


def _turned_same(row: Same) -> Same:
    return replace(row, source=row.to, to=row.source)


def _turned_group(row: Group) -> Group:
    fix = 'add direction = "inbound" (and a group of its own for outbound)'
    if row.collect is not None or row.zips or row.pick:
        raise row.spot.wrong("only a group with `each`, or none, can be turned round", fix)
    if row.each is None:
        to, each = HERE, row.to if row.to != HERE else None
        if each is not None and _is_list(each):
            raise row.spot.wrong("a group that adds one element to a list cannot be turned round", fix)
        return replace(row, to=to, each=each, rows=turned(row.rows))
    return replace(row, to=row.each, each=row.to, rows=turned(row.rows))


def _is_list(text: str) -> bool:
    path = parse_path(text)
    return path is not None and path.is_list


def _refused_choice(row: Choose) -> Choose:
    fix = "put it into an inbound mapping, or into a group with a direction"
    raise row.spot.wrong("a choice cannot be turned round", fix)
