"""How does a `[[field]]` row become a step, and when is it refused?"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from gateway.model.category import Category, Tells
from gateway.model.document import Leaf
from gateway.translation.code_lists import CodeTable
from gateway.translation.converters import Recipe, converter
from gateway.translation.field_steps import (
    FieldParts,
    Planned,
    Put,
    Step,
    Way,
    constant,
    either,
    joining,
    listing,
    putter,
    settled_items,
    settled_one,
    single,
    straight,
)
from gateway.translation.lookup import Lookup, Where, fits
from gateway.translation.model_shape import Node
from gateway.translation.paths import Path
from gateway.translation.reading import Finder, leaf_finder, place_finder, row_finder
from gateway.translation.rows import Direction, Field, Missing, Scalar
from gateway.translation.transforms import Gives, Transform

_GIVES = {Gives.DATE: date, Gives.INSTANT: datetime, Gives.NUMBER: int}


@dataclass(frozen=True, slots=True)
class _Target:
    """Where a row writes."""

    path: Path
    leaf: Leaf | None


def make_field(row: Field, where: Where, lookup: Lookup) -> Planned:
    """Return the step of *row*.

    Raises:
        MappingError: the row does not fit the model, or its parts do not fit together.
    """
    target = _target(row, where, lookup)
    if row.const is not None:
        return Planned(_constant(row, row.const, target))
    sources = [_source(row, text, where, lookup) for text in row.sources]
    others = [_source(row, text, where, lookup) for text in row.aliases]
    transform = lookup.transform(row.spot, row.using) if row.using else None
    table = lookup.table(row.spot, row.codes) if row.codes else None
    _check_parts(row, target, transform, where)
    _check_codes(row, target, table)
    for path, node in (*sources, *others):
        lookup.at_home(path, where, target.leaf)
        _check_shares(row, node, target, lookup)
    paths = [path for path, _ in (*sources, *others)]
    finders = [_finder(path, row, where, lookup) for path in paths]
    recipe = _recipe(row, target, transform, table, lookup)
    parts = FieldParts(
        name=row.sources[0],
        find=either(finders, lookup.firsts(paths) if where.is_named else None),
        convert=converter(recipe),
        put=putter(target.path),
        how=_how(row),
        strict=recipe.is_strict,
        written=_written(row, where, lookup),
        rejects=row.missing is Missing.REJECT,
        literal=row.literal,
    )
    says_absent = parts.rejects or parts.literal is not None
    needs = None if says_absent else lookup.needs(paths, where)
    if transform is not None and transform.several is not None:
        lookup.several += 1
        return Planned(joining(parts, finders, transform.several, every=transform.every), needs)
    step = listing(parts) if target.path.is_list else _straightened(single(parts), parts, paths, recipe, lookup)
    if says_absent or (where.zips is not None and row.per > 1):
        return Planned(step, needs)
    made = _Made(step, parts, recipe, target.path)
    ways = tuple(_way(path, find, made, lookup.views) for path, find in zip(paths, finders, strict=True))
    return Planned(step, needs, ways, is_spread=target.path.is_list)


@dataclass(frozen=True, slots=True)
class _Made:
    """A row's step, what it is made of, and where it writes."""

    step: Step
    parts: FieldParts
    recipe: Recipe
    to: Path


def _way(path: Path, find: Finder, made: _Made, views: Mapping[str, str]) -> tuple[str, Way | None]:
    """Return the short way from *path* with the name it needs; None where finding the leaf takes more than a look."""
    parts, transform, is_list = made.parts, made.recipe.transform, made.to.is_list
    view, entry = path.names[:2] if path.names[0] in views else ("", "")
    if row_finder(path, views) is None:
        return entry or path.names[0], None
    way = Way(
        view=view,
        entry=entry,
        name=path.names[-1],
        convert=None if made.recipe.is_as_it_is else parts.convert,
        above=made.to.names[:-1],
        last=made.to.names[-1],
        is_list=is_list,
        put=parts.put,
        is_direct=parts.written is None and (transform is None or transform.gives is not Gives.TEXTS),
        settle=settled_items(parts) if is_list else settled_one(parts),
        otherwise=listing(replace(parts, find=find)) if is_list else made.step,
    )
    return entry or way.name, way


def _straightened(step: Step, parts: FieldParts, paths: list[Path], recipe: Recipe, lookup: Lookup) -> Step:
    """Return *step*, with a short way for a row that does nothing to its one value but take it along."""
    path = paths[0]
    rows_of = row_finder(path, lookup.views)
    if len(paths) > 1 or rows_of is None or not recipe.is_as_it_is:
        return step
    return straight(rows_of, path.names[-1], parts.put, step)


def _target(row: Field, where: Where, lookup: Lookup) -> _Target:
    path, node = lookup.target_path(row.spot, row.to, where)
    if not path.names or True in path.many[:-1]:
        raise row.spot.wrong(f"a row cannot write {path}", "name a value; what lies in a list needs a [[group]]")
    if node is not None and node.leaf is None:
        raise row.spot.wrong(f"{path} is a group of values", "name one of them, or use [[same]] or [[group]]")
    lookup.writing(row.spot, path, where)
    return _Target(path, node.leaf if node else None)


def _constant(row: Field, const: Scalar, target: _Target) -> Step:
    odd = [name for name in ("using", "codes", "written", "unknown", "aliases") if getattr(row, name)]
    if odd or row.literal is not None:
        raise row.spot.wrong("a constant has no source", f"take {', '.join(odd) or 'missing'} out")
    _check_literal(row, target)
    return constant(putter(target.path), const)


def _source(row: Field, text: str, where: Where, lookup: Lookup) -> tuple[Path, Node | None]:
    path, node = lookup.source_path(row.spot, text, where)
    if not path.names:
        raise row.spot.wrong("a row cannot read a whole group", "name a value, or use [[same]]")
    if where.zips is not None and str(path) not in where.zips:
        raise row.spot.wrong(f"{path} is not among the zipped lists", f'add "{path}" to `zip`')
    if node is not None:
        if node.leaf is None:
            raise row.spot.wrong(f"{path} is a group of values", "name one of them, or use [[same]] or [[group]]")
        lookup.reads.setdefault(node.path, row.spot)
    return path, node


def _finder(path: Path, row: Field, where: Where, lookup: Lookup) -> Finder:
    if where.zips is not None:
        return place_finder(path, lookup.views, row.per)
    return leaf_finder(path, lookup.views)


def _check_parts(row: Field, target: _Target, transform: Transform | None, where: Where) -> None:
    spot, to_list = row.spot, target.path.is_list
    several = transform is not None and transform.several is not None
    if several and (not row.gathers or row.aliases or to_list):
        raise spot.wrong(
            f"{row.using!r} joins several texts to one", "give a list in `from`, no aliases, and one target"
        )
    if row.gathers and not several and not to_list:
        raise spot.wrong("several sources for one value", "write into a list (`[]`), or join them with a transform")
    if transform is not None and transform.gives is Gives.TEXTS and not to_list:
        raise spot.wrong(f"{row.using!r} gives several texts", "write into a list: end `to` in []")
    if row.per > 1 and (where.zips is None or not to_list):
        raise spot.wrong("`per` outside a zip", "it tells how many values of a zipped list go into one list")
    if target.leaf is not None and transform is not None and row.codes is None:
        _check_kind(row, target.leaf, transform)
    if row.literal is not None:
        _check_literal(row, target)


def _check_kind(row: Field, leaf: Leaf, transform: Transform) -> None:
    made = _GIVES.get(transform.gives)
    wanted = leaf.kind if leaf.kind in _GIVES.values() else None
    if made is not wanted:
        found = transform.gives.name.lower()
        raise row.spot.wrong(
            f"{row.using!r} gives {found} where the model wants {leaf.kind.__name__}", "use another transform"
        )


def _check_literal(row: Field, target: _Target) -> None:
    value = row.const if row.const is not None else row.literal
    if target.leaf is not None and value is not None and not fits(target.leaf.kind, value):
        raise row.spot.wrong(f"the constant is no {target.leaf.kind.__name__}", "write one the model knows")


def _check_codes(row: Field, target: _Target, table: CodeTable | None) -> None:
    if table is None:
        if row.written is not None or row.unknown is not None:
            raise row.spot.wrong("`written` and `unknown` without `codes`", "they are about labels; add codes = ...")
        return
    leaf = target.leaf
    if leaf is None:
        return
    strange = sorted(code for code in table.codes if not fits(leaf.kind, code))
    if strange:
        raise row.spot.wrong(
            f"the list {table.name} has the code {strange[0]!r}, which {leaf.path} cannot hold",
            "mend the list, or use another",
        )
    if row.unknown is not None and not fits(leaf.kind, row.unknown):
        raise row.spot.wrong(f"{leaf.path} cannot hold {row.unknown!r}", "write a value the model knows")


def _check_shares(row: Field, node: Node | None, target: _Target, lookup: Lookup) -> None:
    """Refuse a row whose stated category is not the model's, or that would move a value to a less guarded one."""
    source = node.leaf if node is not None else None
    leaf = next(leaf for leaf in (source, target.leaf) if leaf is not None)
    if row.shares is None:
        if lookup.way is not Direction.INBOUND:
            raise row.spot.wrong("`shares` is missing", f'add shares = "{leaf.category.value}"')
    elif row.shares != leaf.category.value:
        fix = f'write shares = "{leaf.category.value}"' if row.shares in tuple(Category) else _categories()
        raise row.spot.wrong(f"`shares` is not what the model says of {leaf.path}", fix)
    if source is not None and target.leaf is not None:
        guard(row, source, target.leaf)


def guard(row: Field, source: Leaf, target: Leaf) -> None:
    """Refuse to move a value to where it would be withheld less often than where it comes from."""
    untold = source.tells - target.tells - {Tells.SIBLING}  # what is told of one child by itself is of no other child
    if source.category is not target.category or (source.locates and not target.locates) or untold:
        raise row.spot.wrong(
            f"{source.path} is {source.category.value} and {target.path} is not as guarded",
            "map it to a place of the same category that also locates and tells of the same, or list it under "
            "[[not_carried]]",
        )


def _categories() -> str:
    return f"categories are {', '.join(Category)}"


def _recipe(
    row: Field, target: _Target, transform: Transform | None, table: CodeTable | None, lookup: Lookup
) -> Recipe:
    several = transform is not None and transform.several is not None
    return Recipe(
        kind=target.leaf.kind if target.leaf else None,
        transform=None if several else transform,
        table=table,
        outward=lookup.way is Direction.OUTBOUND,
        unknown=row.unknown,
    )


def _written(row: Field, where: Where, lookup: Lookup) -> Put | None:
    if row.written is None:
        return None
    kept = replace(row, to=row.written)
    target = _target(kept, where, lookup)
    if target.path.is_list or (target.leaf is not None and target.leaf.kind is not str):
        raise row.spot.wrong("`written` must name one text", "name the field that keeps the text as written")
    return putter(target.path)


def _how(row: Field) -> str:
    if row.codes is not None:
        return f"code list {row.codes}"
    return f"transform {row.using}" if row.using is not None else "as it is"
