"""How does the text of a mapping file become rows? It refuses any key the grammar does not know."""

from collections.abc import Iterator

from gateway.translation.rows import (
    Block,
    Branch,
    Carry,
    Choose,
    Direction,
    Envelope,
    Field,
    Group,
    Key,
    KeyColumn,
    MappingFile,
    Missing,
    NotCarried,
    Predicate,
    Same,
    Scalar,
    Take,
)
from gateway.translation.toml_table import Table, read_toml

HOLE = "{}"
"""What `times` fills: in a group every text that holds it, in a key's `expects` ids and wordings."""

ROWS = frozenset({"field", "same", "group", "choose"})
FILE_KEYS = ROWS | {
    "title", "revision", "direction", "document", "format", "also_reads", "from_document", "system", "dated_by",
    "aliases", "envelope", "key", "carry", "not_carried",
}  # fmt: skip
FIELD_KEYS = frozenset(
    {
        "from", "to", "using", "codes", "written", "unknown", "missing", "shares", "source", "aliases", "direction",
        "const", "per",
    }
)  # fmt: skip
SAME_KEYS = frozenset({"from", "to", "except", "direction"})
GROUP_KEYS = ROWS | {"to", "each", "collect", "by", "take", "zip", "pick", "others", "emit", "times", "direction"}
CHOOSE_KEYS = frozenset({"on", "when", "else"})
PREDICATES = frozenset({"present", "absent", "equals", "in", "edition"})
KEY_KEYS = frozenset({"name", "list", "by", "wording", "whole", "repeats", "times", "expects"})
CARRY_KEYS = frozenset({"to", "key", "distinct"})
NOT_CARRIED_KEYS = frozenset({"path", "why"})
ENVELOPE_KEYS = frozenset(
    {"body", "format", "message", "message_id", "correlation_id", "sent_at", "sender", "withheld", "handling"}
)
_PAIR = 2
EMITS = ("if-any-child", "always")


def read_rows(file: str, text: bytes) -> MappingFile:
    """Return the rows of the mapping file *file*.

    Raises:
        MappingError: it is not TOML, or holds what the grammar does not know; the message says where and what to do.
    """
    table = read_toml(file, text)
    table.only(FILE_KEYS)
    carries = table.tables("carry")
    if len(carries) > 1:
        raise carries[1].spot.wrong("a second [[carry]]", "one rule carries everything; take one out")
    envelope = table.table("envelope")
    return MappingFile(
        spot=table.spot,
        title=table.required("title"),
        revision=table.number("revision", default=1),
        direction=_direction(table) or Direction(table.required("direction")),
        document=table.required("document"),
        format=table.text("format") or "",
        also_reads=table.texts("also_reads"),
        from_document=table.text("from_document") or "",
        system=table.text("system") or "",
        dated_by=table.text("dated_by"),
        aliases=table.texts("aliases"),
        envelope=_envelope(envelope) if envelope else None,
        keys=tuple(_key(one) for one in table.tables("key")),
        rows=_block(table),
        carry=_carry(carries[0]) if carries else None,
        not_carried=tuple(_not_carried(one) for one in table.tables("not_carried")),
    )


def _block(table: Table) -> Block:
    return Block(
        fields=tuple(_field(one) for one in table.tables("field")),
        sames=tuple(_same(one) for one in table.tables("same")),
        groups=tuple(group for one in table.tables("group") for group in _groups(one)),
        chooses=tuple(_choose(one) for one in table.tables("choose")),
    )


def _direction(table: Table) -> Direction | None:
    value = table.text("direction")
    if value is not None and value not in tuple(Direction):
        raise table.spot.wrong(f"unknown direction {value!r}", f"write one of {', '.join(Direction)}")
    return Direction(value) if value else None


def _field(table: Table) -> Field:
    table.only(FIELD_KEYS)
    sources, const = table.texts("from"), table.scalar("const")
    if bool(sources) == (const is not None):
        raise table.spot.wrong("a row needs a source", "give either from = ... or const = ...")
    missing, literal = _missing(table)
    return Field(
        spot=table.spot,
        sources=sources,
        gathers=table.is_list("from"),
        to=table.required("to"),
        using=table.text("using"),
        codes=table.text("codes"),
        written=table.text("written"),
        unknown=table.text("unknown"),
        missing=missing,
        literal=literal,
        shares=table.text("shares"),
        source=table.text("source"),
        aliases=table.texts("aliases"),
        direction=_direction(table),
        const=const,
        per=table.number("per", default=1),
    )


def _missing(table: Table) -> tuple[Missing, Scalar | None]:
    fix = 'write missing = "omit", "reject" or { literal = ... }'
    value = table.items().get("missing", "omit")
    if isinstance(value, dict):
        inner = table.table("missing")
        literal = inner.scalar("literal") if inner else None
        if set(value) != {"literal"} or literal is None:
            raise table.spot.wrong("`missing` is not in order", fix)
        return Missing.OMIT, literal
    if value not in tuple(Missing):
        raise table.spot.wrong("`missing` is not in order", fix)
    return Missing(str(value)), None


def _same(table: Table) -> Same:
    table.only(SAME_KEYS)
    return Same(
        spot=table.spot,
        source=table.required("from"),
        to=table.required("to"),
        leaving_out=table.texts("except"),
        direction=_direction(table),
    )


def _groups(table: Table) -> Iterator[Group]:
    """Yield the group, once for each of its `times`."""
    table.only(GROUP_KEYS)
    times = table.items().get("times")
    if times is None:
        yield _group(table)
        return
    if not isinstance(times, list) or not all(isinstance(one, str) for one in times) or not times:
        raise table.spot.wrong("`times` must be a list of texts", 'write times = ["", "_2", "_3"]')
    for one in times:
        yield _group(table.filled(HOLE, one))


def _group(table: Table) -> Group:
    modes = [mode for mode in ("each", "collect", "zip") if table.has(mode)]
    if len(modes) > 1:
        raise table.spot.wrong(f"both {modes[0]!r} and {modes[1]!r}", "a group walks one thing; take one out")
    if modes != ["collect"] and (table.has("by") or table.has("take")):
        raise table.spot.wrong("`by` and `take` without `collect`", 'add collect = "...", or take them out')
    if table.has("pick") and (modes != ["each"] or table.text("others") is None):
        raise table.spot.wrong("`pick` stands alone", "it needs `each`, and `others` to say why the rest stays behind")
    emit = table.text("emit") or EMITS[0]
    if emit not in EMITS:
        raise table.spot.wrong(f"unknown emit {emit!r}", f"write one of {', '.join(EMITS)}")
    return Group(
        spot=table.spot,
        to=table.required("to"),
        rows=_block(table),
        each=table.text("each"),
        collect=table.text("collect"),
        by=_by(table),
        take=_take(table),
        zips=table.texts("zip"),
        pick=table.flag("pick"),
        others=table.text("others"),
        emit_always=emit == EMITS[1],
        direction=_direction(table),
    )


def _take(table: Table) -> Take:
    value = table.text("take") or Take.ALL.value
    if value not in tuple(Take):
        raise table.spot.wrong(f"unknown take {value!r}", f"write one of {', '.join(Take)}")
    return Take(value)


def _by(table: Table) -> tuple[tuple[KeyColumn, ...], ...]:
    """Return the alternative keys: texts and inline tables are the columns of one key, lists are alternatives."""
    value = table.items().get("by", [])
    if not isinstance(value, list):
        raise table.spot.wrong("`by` must be a list", 'write by = ["column"], or by = [["this"], ["or", "these"]]')
    if all(isinstance(one, list) for one in value):
        return tuple(tuple(_column(table, column) for column in one) for one in value if isinstance(one, list))
    return (tuple(_column(table, column) for column in value),)


def _column(table: Table, value: object) -> KeyColumn:
    match value:
        case str():
            return KeyColumn(source=value)
        case {"from": str(source), "using": str(using), **rest} if not rest:
            return KeyColumn(source=source, using=using)
        case _:
            raise table.spot.wrong(
                "a column of `by` is not in order", 'write "column" or { from = "...", using = "..." }'
            )


def _choose(table: Table) -> Choose:
    table.only(CHOOSE_KEYS)
    branches = tuple(_branch(one) for one in table.tables("when"))
    if not branches:
        raise table.spot.wrong("a choice without branches", "add [[choose.when]]")
    otherwise = table.table("else")
    if otherwise is not None:
        otherwise.only(ROWS)
    return Choose(
        spot=table.spot,
        on=table.texts("on") or (table.required("on"),),
        branches=branches,
        otherwise=_block(otherwise) if otherwise else Block(),
    )


def _branch(table: Table) -> Branch:
    table.only(ROWS | PREDICATES)
    asked = [name for name in sorted(PREDICATES) if table.has(name)]
    if len(asked) != 1 or table.items()[asked[0]] is False:
        raise table.spot.wrong("a branch asks one question", f"give exactly one of {', '.join(sorted(PREDICATES))}")
    edition = table.table("edition")
    if edition is not None:
        edition.only(frozenset({"from", "to"}))
    predicate = Predicate(
        present=table.flag("present"),
        absent=table.flag("absent"),
        equals=table.text("equals"),
        one_of=table.texts("in") or None,
        edition=(edition.text("from"), edition.text("to")) if edition else None,
    )
    return Branch(spot=table.spot, predicate=predicate, rows=_block(table))


def _key(table: Table) -> Key:
    table.only(KEY_KEYS)
    expects = table.table("expects")
    stated = dict(expects.items()) if expects else {}
    if not all(isinstance(wording, str) for wording in stated.values()):
        raise table.spot.wrong("`expects` must hold texts", 'write id = "The question"')
    return Key(
        spot=table.spot,
        name=table.required("name"),
        list=table.required("list"),
        by=table.required("by"),
        wording=table.text("wording"),
        whole=table.text("whole"),
        repeats=table.text("repeats"),
        expects=dict(_expected(table, {name: str(wording) for name, wording in stated.items()})),
    )


def _expected(table: Table, stated: dict[str, str]) -> Iterator[tuple[str, str]]:
    times = table.items().get("times", [["", ""]])
    if not isinstance(times, list) or not all(isinstance(one, list) and len(one) == _PAIR for one in times):
        raise table.spot.wrong(
            "`times` must be a list of pairs", 'write times = [["", "the child"], ["_2", "child 2"]]'
        )
    for name, wording in stated.items():
        for part, words in times if HOLE in name else times[:1]:
            yield name.replace(HOLE, str(part)), wording.replace(HOLE, str(words))


def _carry(table: Table) -> Carry:
    table.only(CARRY_KEYS)
    return Carry(spot=table.spot, to=table.required("to"), key=table.required("key"), distinct=table.flag("distinct"))


def _not_carried(table: Table) -> NotCarried:
    table.only(NOT_CARRIED_KEYS)
    return NotCarried(spot=table.spot, path=table.required("path"), why=table.required("why"))


def _envelope(table: Table) -> Envelope:
    table.only(ENVELOPE_KEYS)
    return Envelope(
        body=table.required("body"),
        format=table.required("format"),
        message=table.required("message"),
        message_id=table.required("message_id"),
        correlation_id=table.required("correlation_id"),
        sent_at=table.required("sent_at"),
        sender=table.required("sender"),
        withheld=table.required("withheld"),
        handling=table.required("handling"),
    )
