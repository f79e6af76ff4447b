"""What does a partner's label mean in our codes, and the other way round?

A label is compared exactly, after Unicode normalisation (NFKC, so that a ligature or a wide letter is the letters it
stands for), with white space tidied and case folded: nothing else is forgiven, and nothing is ever guessed.
"""

import csv
import hashlib
import io
import types
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from gateway.errors import MappingError, Place

COLUMNS = ("ours", "theirs", "system", "valid_from", "valid_to", "source", "note")
"""The columns of a code list.

Shape: `ours` is our code; blank where the label is known to say nothing. `theirs` is the label. `system` is the key of
the system that says it so, blank for every system. A row holds from `valid_from` to `valid_to`, both included; blank
is open. `source` says where the row was read; `note` is for people. Where several labels have one code, the first is
the one we write.
"""


def tidy(text: str) -> str:
    """Return *text* in Unicode normal form C with single blanks, as people are shown it."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def fold(text: str) -> str:
    """Return *text* as labels are compared."""
    return " ".join(_compatible(_compatible(text).casefold()).split())


def _compatible(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRow:
    """One row: this label of this system means this code, within these days."""

    ours: str
    theirs: str
    system: str
    valid_from: date | None
    valid_to: date | None

    @property
    def is_always(self) -> bool:
        """Tell whether the row holds on every day."""
        return self.valid_from is None and self.valid_to is None

    def holds_on(self, on: date) -> bool:
        """Tell whether the row holds on the day *on*."""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True, slots=True)
class CodeTable:
    """One code list as one system speaks it.

    Shape: `by_label` has each label folded, and as the list writes it, so that most look-ups need no folding. `certain`
    has the code of each label that means one thing on whatever day. `by_day` has the rows of each code, of
    whatever system: the days on which there is such a code.
    """

    name: str
    codes: frozenset[str]
    by_label: Mapping[str, tuple[CodeRow, ...]]
    by_code: Mapping[str, tuple[CodeRow, ...]]
    certain: Mapping[str, str]
    by_day: Mapping[str, tuple[CodeRow, ...]]

    def has(self, code: str, on: date | None) -> bool:
        """Tell whether the list has *code* on the day *on*; on any day, where that is not known."""
        return bool(_holding(self.by_day.get(code, ()), on))

    def codes_on(self, on: date) -> tuple[str, ...]:
        """Return the codes there are on the day *on*, in the order of the list."""
        return tuple(code for code in self.by_day if self.has(code, on))

    def code_of(self, label: str, on: date | None) -> str | None:
        """Return the code that *label* meant on the day *on*, or None where the list does not say for certain.

        An empty code means: known, and it says nothing.
        """
        rows = self.by_label.get(label) or self.by_label.get(fold(label), ())
        if len(rows) == 1 and (on is None or rows[0].holds_on(on)):
            return rows[0].ours
        return _only({row.ours for row in _holding(rows, on)})

    def label_of(self, code: str, on: date | None) -> str | None:
        """Return the label to write for *code*, or None where the list has none."""
        rows = _holding(self.by_code.get(code, ()), on)
        return rows[0].theirs if rows else None


class CodeLists:
    """Every code list, by name.

    Raises:
        MappingError: a list that is not what COLUMNS says, or says two things about one label; the place's row says
            where.
    """

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._rows = {_name_of(file): tuple(_read(_file_of(file), text)) for file, text in sorted(files.items())}
        self._digests = {_name_of(file): hashlib.sha256(text).hexdigest() for file, text in files.items()}
        self._tables: dict[tuple[str, str], CodeTable] = {}

    @property
    def names(self) -> frozenset[str]:
        """Return the names of the lists there are."""
        return frozenset(self._rows)

    def rows(self, name: str) -> tuple[CodeRow, ...]:
        """Return the list *name* as it was written."""
        return self._rows[name]

    def digest(self, name: str) -> str:
        """Return the SHA-256 (hex) of the list *name* as it was written."""
        return self._digests[name]

    def table(self, name: str, system: str) -> CodeTable:
        """Return the list *name* as *system* speaks it: its own labels, and those of every system."""
        if (name, system) not in self._tables:
            self._tables[name, system] = _table(name, self._rows[name], system)
        return self._tables[name, system]


def _table(name: str, rows: tuple[CodeRow, ...], system: str) -> CodeTable:
    by_label: dict[str, list[CodeRow]] = {}
    by_code: dict[str, list[CodeRow]] = {}
    own = [row for row in rows if row.system == system] if system else []
    spoken = {fold(row.theirs) for row in own}
    shared = [row for row in rows if not row.system and fold(row.theirs) not in spoken]
    for row in (*own, *shared):
        by_label.setdefault(fold(row.theirs), []).append(row)
        by_code.setdefault(row.ours, []).append(row)
    by_day: dict[str, list[CodeRow]] = {}
    for row in rows:
        if row.ours:
            by_day.setdefault(row.ours, []).append(row)
    as_written = {row.theirs: by_label[fold(row.theirs)] for rows_of in list(by_label.values()) for row in rows_of}
    by_label.update(as_written)
    certain = {label: rows[0].ours for label, rows in by_label.items() if len(rows) == 1 and rows[0].is_always}
    return CodeTable(
        name=name,
        codes=frozenset(by_day),
        by_label=types.MappingProxyType({label: tuple(found) for label, found in by_label.items()}),
        by_code=types.MappingProxyType({code: tuple(found) for code, found in by_code.items()}),
        certain=types.MappingProxyType(certain),
        by_day=types.MappingProxyType({code: tuple(found) for code, found in by_day.items()}),
    )


def _holding(rows: tuple[CodeRow, ...], on: date | None) -> tuple[CodeRow, ...]:
    return rows if on is None else tuple(row for row in rows if row.holds_on(on))


def _only(codes: set[str]) -> str | None:
    return codes.pop() if len(codes) == 1 else None


def _file_of(name: str) -> str:
    """Return what a list is called that was handed in by its name alone."""
    return name if name.endswith(".csv") else f"codes/{name}.csv"


def _name_of(file: str) -> str:
    return file.rsplit("/", 1)[-1].removesuffix(".csv")


def _read(file: str, text: bytes) -> Iterator[CodeRow]:
    try:
        reader = csv.DictReader(io.StringIO(text.decode("utf-8-sig"), newline=""), strict=True)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise _wrong(file, 0, f"the columns must be {', '.join(COLUMNS)}, in this order")
        yield from _proved(file, [_row(file, number, raw) for number, raw in enumerate(reader, start=1)])
    except (UnicodeDecodeError, csv.Error) as error:
        raise _wrong(file, 0, f"not a CSV file in UTF-8 ({type(error).__name__}); save it as such") from error


def _row(file: str, number: int, raw: Mapping[str | None, str | None]) -> CodeRow:
    if None in raw or None in raw.values():
        raise _wrong(file, number, f"expected {len(COLUMNS)} columns; put texts that hold a comma in quotes")
    cells = {str(name): tidy(str(cell)) for name, cell in raw.items()}
    if not cells["theirs"]:
        raise _wrong(file, number, "`theirs` is empty; write the label, or take the row out")
    if not cells["source"]:
        raise _wrong(file, number, "`source` is empty; say where the row was read")
    row = CodeRow(
        ours=cells["ours"],
        theirs=cells["theirs"],
        system=cells["system"],
        valid_from=_day(file, number, cells["valid_from"]),
        valid_to=_day(file, number, cells["valid_to"]),
    )
    if row.valid_from and row.valid_to and row.valid_to < row.valid_from:
        raise _wrong(file, number, "`valid_to` is before `valid_from`; swap them")
    return row


def _day(file: str, number: int, text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise _wrong(file, number, "a day must be written yyyy-mm-dd, or left empty") from None


def _proved(file: str, rows: list[CodeRow]) -> Iterator[CodeRow]:
    """Yield *rows*, having seen that no label means two things on one day."""
    seen: dict[tuple[str, str], list[CodeRow]] = {}
    for number, row in enumerate(rows, start=1):
        earlier = seen.setdefault((row.system, fold(row.theirs)), [])
        if any(_overlap(row, other) for other in earlier):
            raise _wrong(file, number, "the same label is listed twice for one time; keep one row, or part the days")
        earlier.append(row)
        yield row


def _overlap(one: CodeRow, other: CodeRow) -> bool:
    starts = max(one.valid_from or date.min, other.valid_from or date.min)
    return starts <= min(one.valid_to or date.max, other.valid_to or date.max)


def _wrong(file: str, number: int, problem: str) -> MappingError:
    place = Place(row=number) if number else Place()
    where = f"{file}, row {number}" if number else file
    return MappingError(f"{where}: {problem}", place=place)
