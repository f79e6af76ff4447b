"""How do groups, choices and `[[same]]` rows become steps, and when are they refused?"""

from dataclasses import replace

from gateway.translation.block_steps import (
    Column,
    Copy,
    Scopes,
    Zipped,
    all_of,
    choosing,
    column_of,
    copying,
    each_of,
    for_each,
    gathered,
    made_column,
    needs_of,
    once,
    picked,
    zipped,
)
from gateway.translation.compile_field import make_field
from gateway.translation.converters import Recipe, converter
from gateway.translation.field_steps import Planned, PutGroup, either, group_putter
from gateway.translation.lookup import Lookup, Where
from gateway.translation.model_shape import Node
from gateway.translation.paths import Path
from gateway.translation.reading import (
    GroupFinder,
    group_finder,
    holders_of,
    leaf_finder,
    place_finder,
)
from gateway.translation.rows import Block, Choose, Group, KeyColumn, Same, Spot


def make_block(block: Block, where: Where, lookup: Lookup) -> Planned:
    """Return the step that carries out every row of *block*, which stands at *where*.

    Raises:
        MappingError: a row that does not fit the model.
    """
    return all_of(
        [
            *(make_field(row, where, lookup) for row in block.fields),
            *(_same(row, where, lookup) for row in block.sames),
            *(_group(row, number, where, lookup) for number, row in enumerate(block.groups)),
            *(_choose(row, where, lookup) for row in block.chooses),
        ]
    )


def _same(row: Same, where: Where, lookup: Lookup) -> Planned:
    source, from_node = lookup.source_path(row.spot, row.source, where)
    target, to_node = lookup.target_path(row.spot, row.to, where)
    model = from_node or to_node
    if model is None or model.leaf is not None or (from_node and to_node and not from_node.is_like(to_node)):
        raise row.spot.wrong(f"{source} and {target} have not the same parts", "write a [[field]] row for each part")
    if source.is_list != target.is_list:
        raise row.spot.wrong("one side is a list and the other is not", "use a [[group]]")
    left_out = {str(lookup.path(row.spot, text)) for text in row.leaving_out}
    unknown = sorted(text for text in left_out if model.at(lookup.path(row.spot, text)) is None)
    if unknown:
        raise row.spot.wrong(f"the model has no {unknown[0]} to leave out", "write paths from where the row stands")
    where_in = replace(where, target=to_node, out=f"{where.out}{target}." if target.names else where.out)
    if target.is_list:
        where_in = where_in.inside(("element", id(row), 0))
    for leaf in model.leaves():
        relative = leaf.path.removeprefix(f"{model.path}.") if model.path else leaf.path
        if any(relative == text or relative.startswith(f"{text}.") for text in left_out):
            continue
        inner = lookup.path(row.spot, relative)
        lookup.writing(row.spot, inner, where_in)
        whole = Path((*source.names, *inner.names), (*source.many, *inner.many))
        lookup.at_home(whole, where, leaf)
        if from_node is not None:
            lookup.reads.setdefault(f"{from_node.path}.{relative}" if from_node.path else relative, row.spot)
    put = group_putter(target) if target.names else None
    copy = _copy(model, "", frozenset(left_out), checks=to_node is not None)
    step = copying(group_finder(source, lookup.views), copy, put, many=source.is_list)
    return Planned(step, lookup.needs([source], where))


def _copy(node: Node, above: str, left_out: frozenset[str], *, checks: bool) -> Copy:
    """Return how the parts of *node* are copied; leaves are proved only on the way in."""
    parts: dict[str, Copy] = {}
    for name, part in node.parts.items():
        path = f"{above}{name}{'[]' if part.many else ''}"
        if path in left_out:
            continue
        if part.leaf is None:
            parts[name] = _copy(part, f"{path}.", left_out, checks=checks)
        else:
            kind = part.leaf.kind if checks else None
            recipe = Recipe(kind=kind)
            is_text = recipe.is_as_it_is and not part.many
            parts[name] = Copy(many=part.many, is_text=is_text, convert=converter(recipe), parts={})
    return Copy(many=node.many, parts=parts)


def _group(row: Group, number: int, where: Where, lookup: Lookup) -> Planned:
    target, node = lookup.target_path(row.spot, row.to, where)
    if target.names and (True in target.many[:-1] or (node is not None and node.leaf is not None)):
        raise row.spot.wrong(f"a group cannot make {target}", "name a group or a list of groups")
    inner = replace(where, target=node, out=f"{where.out}{target}." if target.names else where.out)
    if target.is_list:
        inner = inner.inside(("element", id(row), number))
    scopes, inner = _scopes(row, inner, where, lookup)
    put: PutGroup | None = group_putter(target) if target.names else None
    rows = make_block(row.rows, inner, lookup)
    steps = for_each(scopes, rows.step, put, emit_always=row.emit_always)
    return Planned(steps, None if row.emit_always else _needs(row, rows, where, lookup))


def _needs(row: Group, rows: Planned, where: Where, lookup: Lookup) -> frozenset[str] | None:
    """Return what a group needs: the list it walks, or what its rows need where it walks none."""
    walked = row.each or row.collect
    path = lookup.path(row.spot, walked) if walked is not None else None
    return lookup.needs([path], where) if path is not None and path.names else rows.needs


def _scopes(row: Group, inner: Where, where: Where, lookup: Lookup) -> tuple[Scopes, Where]:
    """Return what a group walks, and where its rows stand."""
    walked = row.each or row.collect
    if walked is not None:
        if where.zips is not None:
            raise row.spot.wrong("a list inside parallel lists", "walk it outside the zip")
        path, source = lookup.source_path(row.spot, walked, where)
        base = lookup.generic(path, where)
        below = replace(inner, source=source, base=base, is_root=where.is_root and not path.names)
        find = group_finder(path, lookup.views)
        if path.names:
            below = replace(below, is_named=_is_named(row, find, where, lookup))
        if row.pick:
            lookup.others.append((base, row.others or ""))
            return picked(find), below
        if row.each is not None:
            return each_of(find), below
        lookup.gathered.add(base)
        return gathered(find, [_key(columns, row.spot, below, lookup) for columns in row.by], row.take), below
    if row.zips:
        paths = [lookup.path(row.spot, text) for text in row.zips]
        names = lookup.firsts(paths) if where.is_named else None
        return zipped(_zipped(row, where, lookup), names), replace(inner, zips=_zip_names(row, lookup))
    return once, inner


def _is_named(row: Group, find: GroupFinder, where: Where, lookup: Lookup) -> bool:
    """Tell whether the names of the rows that are gathered will be known; those of lists inside lists will not."""
    if row.collect is None or where.base:
        return False
    lookup.named.append(find)
    return True


def _key(columns: tuple[KeyColumn, ...], spot: Spot, where: Where, lookup: Lookup) -> list[Column]:
    made = []
    for column in columns:
        path, _ = lookup.source_path(spot, column.source, where)
        transform = lookup.transform(spot, column.using) if column.using else None
        if transform is None and len(path.names) == 1:
            made.append(column_of(path.names[0]))
        else:
            made.append(made_column(leaf_finder(path, {}), converter(Recipe(kind=None, transform=transform))))
    return made


def _zip_names(row: Group, lookup: Lookup) -> frozenset[str]:
    return frozenset(str(lookup.path(row.spot, text)) for text in row.zips)


def _zipped(row: Group, where: Where, lookup: Lookup) -> list[Zipped]:
    """Return the zipped lists of a group, each with how many of its values belong to one place."""
    pers: dict[str, int] = {}
    for text, per in _pers(row.rows, row.spot, lookup):
        pers[text] = max(per, pers.get(text, 1))
    unused = sorted(_zip_names(row, lookup) - pers.keys())
    if unused:
        raise row.spot.wrong(f"no row reads the zipped list {unused[0]!r}", "add a row, or take it out of `zip`")
    made = []
    for text in row.zips:
        path, _ = lookup.source_path(row.spot, text, where)
        made.append((holders_of(path, lookup.views), path.names[-1], pers[str(path)]))
    return made


def _pers(block: Block, spot: Spot, lookup: Lookup) -> list[tuple[str, int]]:
    found = [(str(lookup.path(spot, text)), row.per) for row in block.fields for text in (*row.sources, *row.aliases)]
    for group in block.groups:
        found += _pers(group.rows, spot, lookup)
    for choose in block.chooses:
        found.extend((str(lookup.path(spot, text)), 1) for text in choose.on)
        for rows in (*(one.rows for one in choose.branches), choose.otherwise):
            found += _pers(rows, spot, lookup)
    return found


def _choose(row: Choose, where: Where, lookup: Lookup) -> Planned:
    paths = [lookup.source_path(row.spot, text, where)[0] for text in row.on]
    for path in paths:
        lookup.at_home(path, where, None)
    finders = [
        leaf_finder(path, lookup.views) if where.zips is None else place_finder(path, lookup.views, 1) for path in paths
    ]
    find = either(finders, lookup.firsts(paths) if where.is_named else None)
    blocks = [
        make_block(rows, where.inside(("branch", id(row), place)), lookup)
        for place, rows in enumerate([*(one.rows for one in row.branches), row.otherwise])
    ]
    branches = [(one.predicate, block.step) for one, block in zip(row.branches, blocks, strict=False)]
    asked = Planned(choosing(find, branches, blocks[-1].step), lookup.needs(paths, where))
    without = next(
        (block for one, block in zip(row.branches, blocks, strict=False) if one.predicate.absent), blocks[-1]
    )
    return Planned(asked.step, needs_of([asked, *blocks]), rows=without.rows, on=asked.needs)
