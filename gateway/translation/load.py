"""How does a mapping file become a mapping? It refuses anything odd, naming the file, the row and what to do.

Refused are: a key, transform, code list or canonical path nobody knows; one path written twice; a `shares` that is not
what the model says; a value moved to a less guarded place; and, where content leaves us, a canonical leaf that is
neither mapped nor listed as not carried.
"""

import hashlib
from collections.abc import Iterator

from gateway.errors import SchemaViolationError
from gateway.translation.aliases import AliasTable, AliasTables, alike, with_aliases
from gateway.translation.code_lists import CodeLists
from gateway.translation.compile_plan import Compiled, compile_plan
from gateway.translation.mapping import Mapping
from gateway.translation.model_shape import shape_of
from gateway.translation.read_rows import read_rows
from gateway.translation.rows import Block, Direction, MappingFile

_NO_CODES = CodeLists({})
_NO_ALIASES = AliasTables({})
_PARTNER = (Direction.INBOUND, Direction.OUTBOUND, Direction.BOTH)


def load_mapping(
    name: str, text: bytes, *, codes: CodeLists = _NO_CODES, aliases: AliasTables = _NO_ALIASES
) -> Mapping:
    """Return the mapping that the file *name* holds.

    Raises:
        MappingError: anything about it is odd.
    """
    file = read_rows(name, text)
    _check_head(file)
    table = aliases.table(file)
    if table is not None:
        file = with_aliases(file, table)
    ways = _ways(file)
    compiled = {way: compile_plan(file, codes, way) for way in ways}
    for way, one in compiled.items():
        if way in {Direction.OUTBOUND, Direction.PROJECT}:
            _check_total(file, one)
    inbound = compiled.get(Direction.INBOUND) or compiled.get(Direction.PROJECT)
    outbound = compiled.get(Direction.OUTBOUND)
    return Mapping(
        name=name,
        file=file,
        digest=_digest(text, file, codes, table),
        inbound=inbound.plan if inbound else None,
        outbound=outbound.plan if outbound else None,
        reads=frozenset().union(*(one.reads for one in compiled.values())),
        writes=inbound.writes if inbound else frozenset(),
        several=sum(one.several for one in compiled.values()),
        alike=alike(file.rows) if table is not None else {},
    )


def _ways(file: MappingFile) -> tuple[Direction, ...]:
    return (Direction.INBOUND, Direction.OUTBOUND) if file.direction is Direction.BOTH else (file.direction,)


def _check_head(file: MappingFile) -> None:
    """Refuse a file whose head does not say which documents it is between."""
    documents = [file.document, file.from_document] if file.direction is Direction.PROJECT else [file.document]
    for document in documents:
        try:
            shape_of(document)
        except SchemaViolationError as error:
            raise file.spot.wrong(error.message, "write one of those") from error
    if file.direction in _PARTNER and (not file.format or file.from_document):
        raise file.spot.wrong("a partner's mapping is about one format", 'write format = "partner/message-version"')
    if file.direction is Direction.PROJECT and (file.format or file.keys or file.envelope):
        raise file.spot.wrong("a projection has no format, key or envelope", "take them out")
    if file.envelope is not None and file.keys:
        raise file.spot.wrong("an envelope beside [[key]]", "our own documents are not lists of answers; take one out")
    _check_what_is_read(file)
    names = [key.name for key in file.keys]
    if len(set(names)) < len(names):
        raise file.keys[-1].spot.wrong("two keys of one name", "rename one")


def _check_what_is_read(file: MappingFile) -> None:
    """Refuse other formats and other names in a file that reads no partner's document."""
    if file.also_reads and file.direction not in {Direction.INBOUND, Direction.BOTH}:
        raise file.spot.wrong("also_reads in a file that reads nothing of a partner's", "take it out")
    if file.aliases and (file.direction is not Direction.INBOUND or file.envelope is not None):
        raise file.spot.wrong("other names for what we write ourselves", "`aliases` is for inbound forms; take it out")


def _check_total(file: MappingFile, one: Compiled) -> None:
    """Refuse a mapping that would let a canonical leaf vanish without a word."""
    document = file.from_document or file.document
    for leaf in shape_of(document).leaves():
        names = tuple(leaf.path.replace("[]", "").split("."))
        if leaf.path not in one.reads and names not in one.plan.not_carried:
            raise file.spot.wrong(
                f"{leaf.path} of {document} is neither mapped nor listed as not carried",
                f'add a row that reads it, or [[not_carried]] path = "{leaf.path}" and why',
            )


def _digest(text: bytes, file: MappingFile, codes: CodeLists, aliases: AliasTable | None) -> str:
    parts = [hashlib.sha256(text).hexdigest(), *(codes.digest(name) for name in sorted(set(_lists(file.rows))))]
    if aliases is not None:
        parts.append(aliases.digest)
    return parts[0] if len(parts) == 1 else hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _lists(block: Block) -> Iterator[str]:
    """Yield the name of every code list that *block* uses."""
    yield from (row.codes for row in block.fields if row.codes is not None)
    for group in block.groups:
        yield from _lists(group.rows)
    for choose in block.chooses:
        yield from _lists(choose.otherwise)
        for branch in choose.branches:
            yield from _lists(branch.rows)
