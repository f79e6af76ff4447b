"""How do rows become a plan? Every path is parsed, every name looked up, and every row becomes a closure, once.

This is also where a mapping is refused that does not fit the model: what compiles, runs.
"""

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gateway.translation.aliases import fold_name
from gateway.translation.code_lists import CodeLists
from gateway.translation.compile_block import make_block
from gateway.translation.field_steps import putter
from gateway.translation.lookup import Lookup, Where
from gateway.translation.model_shape import Node, shape_of
from gateway.translation.plan import CarryTo, Plan, View
from gateway.translation.reading import Finder, group_finder, leaf_finder
from gateway.translation.rows import Direction, Key, MappingFile, NotCarried
from gateway.translation.turning import rows_for, turned

_LOCAL = frozenset({"key", "question", "answer"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """A plan, and what making it showed about the mapping.

    Shape: `reads` and `writes` are whole canonical paths; `several` counts the rows that read more than one leaf.
    """

    plan: Plan
    reads: frozenset[str]
    writes: frozenset[str]
    several: int


def compile_plan(file: MappingFile, codes: CodeLists, way: Direction) -> Compiled:
    """Return the plan of one direction of *file*.

    Raises:
        MappingError: a row that does not fit the model, a transform or a code list; the message says where and what to
            do.
    """
    lookup = Lookup(file=file, way=way, codes=codes, views={key.name: key.list for key in file.keys})
    block = turned(file.rows) if _is_turned(file, way) else rows_for(file.rows, way)
    source, target = _sides(file, way)
    rows = make_block(block, Where(source=source, target=target), lookup)
    views = tuple(_view(key, lookup) for key in file.keys)
    wrapped = file.envelope if way is Direction.INBOUND else None
    plan = Plan(
        file=file,
        way=way,
        steps=rows.step,
        body=wrapped.body if wrapped else None,
        header=wrapped.header if wrapped else (),
        views=views,
        homes=types.MappingProxyType({names: frozenset(kinds) for names, kinds in lookup.homes.items()}),
        not_carried=_not_carried(file, source, lookup),
        gathered=frozenset(lookup.gathered),
        carry=_carry(file, target, lookup),
        known=frozenset(lookup.known),
        named=tuple(lookup.named),
        dated=_dated(file, lookup),
        others=tuple(lookup.others),
        spellings=_spellings(lookup) if file.aliases else None,
    )
    return Compiled(plan=plan, reads=frozenset(lookup.reads), writes=frozenset(lookup.writes), several=lookup.several)


def _spellings(lookup: Lookup) -> Mapping[str, str]:
    """Return the names at the top of the source that rows read, by the letters they are compared by."""
    names = (path[0] for path in lookup.homes if len(path) == 1)
    return types.MappingProxyType({fold_name(name): name for name in names})


def _is_turned(file: MappingFile, way: Direction) -> bool:
    return file.direction is Direction.BOTH and way is Direction.OUTBOUND


def _sides(file: MappingFile, way: Direction) -> tuple[Node | None, Node | None]:
    """Return the canonical source and target of *way*; None is a partner's side."""
    document = shape_of(file.document)
    if way is Direction.PROJECT:
        return shape_of(file.from_document), document
    return (document, None) if way is Direction.OUTBOUND else (None, document)


def _view(key: Key, lookup: Lookup) -> View:
    path = lookup.path(key.spot, key.list)
    if not path.is_list:
        raise key.spot.wrong(f"{key.list!r} is not marked as a list", "end it in []")
    lookup.known.update(name for name in (key.by, key.wording, key.whole, key.repeats) if name is not None)
    ids = frozenset(lookup.ids.get(key.name, set()))
    strange = sorted(key.expects.keys() - ids)
    if strange:
        raise key.spot.wrong(f"no row reads {strange[0]!r}, whose wording is expected", "add a row, or take it out")
    return View(
        name=key.name,
        path=path.names,
        find=group_finder(path, {}),
        by=key.by,
        wording=key.wording,
        whole=key.whole,
        repeats=key.repeats,
        expects=types.MappingProxyType(dict(key.expects)),
        ids=ids,
        frame=frozenset(name for name in (key.by, key.wording) if name is not None),
        apart=frozenset({key.by, key.wording, key.whole, key.repeats}),
    )


def _not_carried(file: MappingFile, source: Node | None, lookup: Lookup) -> Mapping[tuple[str, ...], NotCarried]:
    """Return the rows by place; a canonical group stands for every leaf below it."""
    reasons: dict[tuple[str, ...], NotCarried] = {}
    for row in file.not_carried:
        for names in _places(row, source, lookup):
            if names in lookup.homes:
                raise row.spot.wrong(f"{row.path!r} is mapped and not carried at once", "take one of the two out")
            reasons[names] = row
    return types.MappingProxyType(reasons)


def _places(row: NotCarried, source: Node | None, lookup: Lookup) -> Iterator[tuple[str, ...]]:
    path = lookup.path(row.spot, row.path)
    if source is None:
        yield path.names
        return
    node = source.at(path)
    if node is None:
        raise row.spot.wrong(f"the model has no {row.path!r}", "write the canonical path, with [] after lists")
    for leaf in node.leaves():
        yield lookup.path(row.spot, leaf.path).names


def _carry(file: MappingFile, target: Node | None, lookup: Lookup) -> CarryTo | None:
    rule = file.carry
    if rule is None or target is None:
        return None
    path = lookup.path(rule.spot, rule.to)
    node = target.at(path)
    if node is None or not node.many or node.parts.keys() != _LOCAL:
        raise rule.spot.wrong(f"{rule.to!r} does not hold local answers", 'write to = "local[]"')
    return CarryTo(put=putter(path), key=rule.key, distinct=rule.distinct)


def _dated(file: MappingFile, lookup: Lookup) -> Finder | None:
    return leaf_finder(lookup.path(file.spot, file.dated_by), lookup.views) if file.dated_by else None
