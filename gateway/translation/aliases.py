"""By which other names do forms send what a mapping reads? Alias tables, as spreadsheets keep them.

A council's own form calls a child's surname what it likes. What it is called is data, a row in a table, and no reason
for a mapping of its own.
"""

import csv
import hashlib
import io
import re
import types
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from gateway.errors import MappingError, Place
from gateway.translation.code_lists import tidy
from gateway.translation.paths import quoted
from gateway.translation.rows import Block, Choose, Field, Group, MappingFile

COLUMNS = ("ours", "theirs", "form", "source", "note")
"""The columns of an alias table.

Shape: `ours` is a name the mapping reads, `theirs` another name for the same; in both `{}` stands for the number of a
second, third ... set of questions. `form` says whose form it is, `source` where that was read; `note` is for people.
"""
HOLE = "{}"
NUMBERS = (("", ""), ("", "_1"), *((f"_{number}", f"_{number}") for number in range(2, 9)))
"""What `{}` stands for in our name and in theirs: nothing, `_2` ... to `_8`; their first set may have a number too."""
_NOT_A_LETTER = re.compile(r"[\W_]+")


def fold_name(name: str) -> str:
    """Return *name* as names of fields are compared: by letters and digits alone, in no case."""
    return _NOT_A_LETTER.sub("", unicodedata.normalize("NFKC", name)).casefold()


@dataclass(frozen=True, slots=True)
class AliasTable:
    """One table.

    Shape: `others` has the other names of each name; `needed` are those of our names that a mapping must read. `digest`
    is the SHA-256 (hex) of the table as it was written.
    """

    name: str
    others: Mapping[str, tuple[str, ...]]
    needed: frozenset[str]
    digest: str


class AliasTables:
    """Every alias table, by its file's name.

    Raises:
        MappingError: a table is not what COLUMNS says, or gives one name two meanings; the place's row says where.
    """

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._tables = {_name_of(file): _table(file, text) for file, text in sorted(files.items())}

    def table(self, file: MappingFile) -> AliasTable | None:
        """Return the tables the mapping *file* goes by as one, if it goes by any.

        Raises:
            MappingError: there is no such table, or one of them gives a name another meaning than another.
        """
        if not file.aliases:
            return None
        strange = [name for name in file.aliases if name not in self._tables]
        if strange:
            there = ", ".join(sorted(self._tables)) or "none"
            raise file.spot.wrong(f"no alias table is called {strange[0]!r}", f"there is {there}")
        return _together(file, [self._tables[name] for name in file.aliases])


def with_aliases(file: MappingFile, table: AliasTable) -> MappingFile:
    """Return *file* with the other names of *table* wherever a row reads one of ours.

    Raises:
        MappingError: the table has a name of ours that no row reads, or another that a row reads already.
    """
    read = set(_names_read(file.rows))
    taken = {fold_name(name) for name in read}
    for ours, others in table.others.items():
        if quoted(ours) not in read and ours in table.needed:
            raise file.spot.wrong(f"{table.name}: no row reads {ours!r}", "mend the table's `ours`, or add a row")
        for other in others:
            if fold_name(other) in taken:
                raise file.spot.wrong(f"{table.name}: a row reads {other!r} already", "take it out of the table")
    spelled = {quoted(ours): tuple(quoted(other) for other in others) for ours, others in table.others.items()}
    return replace(file, rows=_in_block(file.rows, spelled))


def _together(file: MappingFile, tables: list[AliasTable]) -> AliasTable:
    """Return *tables* as one, whose digest is that of theirs."""
    others: dict[str, tuple[str, ...]] = {}
    meant: dict[str, str] = {}
    for table in tables:
        for ours, names in table.others.items():
            others[ours] = (*others.get(ours, ()), *names)
            for name in names:
                if meant.setdefault(fold_name(name), ours) != ours:
                    raise file.spot.wrong(f"{table.name}: {name!r} is in another table too", "take one of the two out")
    return AliasTable(
        name=", ".join(table.name for table in tables),
        others=types.MappingProxyType(others),
        needed=frozenset().union(*(table.needed for table in tables)),
        digest=hashlib.sha256("\n".join(table.digest for table in tables).encode()).hexdigest(),
    )


def alike(block: Block) -> Mapping[str, frozenset[str]]:
    """Return, for each name that a row of *block* itself reads, the letters of all names of that row."""
    rows = [(*row.sources, *row.aliases) for row in block.fields]
    return types.MappingProxyType({name: frozenset(map(fold_name, names)) for names in rows for name in names})


def _names_read(block: Block) -> Iterator[str]:
    for row in block.fields:
        yield from (*row.sources, *row.aliases)
    for group in block.groups:
        yield from _names_read(group.rows)
    for choose in block.chooses:
        for rows in (*(one.rows for one in choose.branches), choose.otherwise):
            yield from _names_read(rows)


def _in_block(block: Block, others: Mapping[str, tuple[str, ...]]) -> Block:
    return replace(
        block,
        fields=tuple(_in_field(row, others) for row in block.fields),
        groups=tuple(_in_group(row, others) for row in block.groups),
        chooses=tuple(_in_choose(row, others) for row in block.chooses),
    )


def _in_field(row: Field, others: Mapping[str, tuple[str, ...]]) -> Field:
    return replace(row, aliases=(*row.aliases, *_of((*row.sources, *row.aliases), others)))


def _in_group(row: Group, others: Mapping[str, tuple[str, ...]]) -> Group:
    return replace(row, zips=(*row.zips, *_of(row.zips, others)), rows=_in_block(row.rows, others))


def _in_choose(row: Choose, others: Mapping[str, tuple[str, ...]]) -> Choose:
    branches = tuple(replace(one, rows=_in_block(one.rows, others)) for one in row.branches)
    return replace(
        row, on=(*row.on, *_of(row.on, others)), branches=branches, otherwise=_in_block(row.otherwise, others)
    )


def _of(names: tuple[str, ...], others: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the other names of *names*, in their order; of names that take turns, such as address lines, likewise."""
    return tuple(other for name in names for other in others.get(name, ()))


def _name_of(file: str) -> str:
    return file.rsplit("/", 1)[-1].removesuffix(".csv")


def _table(file: str, text: bytes) -> AliasTable:
    others: dict[str, list[str]] = {}
    needed: set[str] = set()
    for ours, theirs, is_needed in _rows(file, text):
        others.setdefault(ours, []).append(theirs)
        needed.update({ours} if is_needed else ())
    named = types.MappingProxyType({ours: tuple(names) for ours, names in others.items()})
    return AliasTable(_name_of(file), named, frozenset(needed), hashlib.sha256(text).hexdigest())


def _rows(file: str, text: bytes) -> Iterator[tuple[str, str, bool]]:
    """Yield each pair of names, with `{}` filled by every number there may be, and whether ours must be read."""
    seen: dict[str, int] = {}
    try:
        reader = csv.DictReader(io.StringIO(text.decode("utf-8-sig"), newline=""), strict=True)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise _wrong(file, 0, f"the columns must be {', '.join(COLUMNS)}, in this order")
        for number, raw in enumerate(reader, start=1):
            for ours, theirs, is_needed in _pairs(file, number, raw):
                if seen.setdefault(fold_name(theirs), number) != number:
                    raise _wrong(file, number, "this name is in the table already; names are compared by their letters")
                yield ours, theirs, is_needed
    except (UnicodeDecodeError, csv.Error) as error:
        raise _wrong(file, 0, f"not a CSV file in UTF-8 ({type(error).__name__}); save it as such") from error


def _pairs(file: str, number: int, raw: Mapping[str | None, str | None]) -> Iterator[tuple[str, str, bool]]:
    if None in raw or None in raw.values():
        raise _wrong(file, number, f"expected {len(COLUMNS)} columns; put texts that hold a comma in quotes")
    cells = {str(name): tidy(str(cell)) for name, cell in raw.items()}
    empty = [name for name in ("ours", "theirs", "form", "source") if not cells[name]]
    if empty:
        raise _wrong(file, number, f"`{empty[0]}` is empty")
    if (HOLE in cells["ours"]) != (HOLE in cells["theirs"]) or '"' in cells["theirs"]:
        raise _wrong(file, number, "`{}` stands in both names or in neither, and no name has a quotation mark")
    for our_number, their_number in NUMBERS if HOLE in cells["ours"] else NUMBERS[:1]:
        ours, theirs = cells["ours"].replace(HOLE, our_number), cells["theirs"].replace(HOLE, their_number)
        yield ours, theirs, not our_number


def _wrong(file: str, number: int, problem: str) -> MappingError:
    place = Place(row=number) if number else Place()
    named = file if file.endswith(".csv") else f"aliases/{file}.csv"
    return MappingError(f"{named}, row {number}: {problem}" if number else f"{named}: {problem}", place=place)
