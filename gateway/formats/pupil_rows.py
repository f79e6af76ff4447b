"""Which rows of a school's report are about one pupil?

A report is one table: a pupil with two contacts of two telephones each has four rows; nothing but the id columns says
that they belong together. The same holds whether SIMS wrote the table as XML or as CSV.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import cast

from gateway.formats.warning import GateWarning
from gateway.model.tree import Group, Tree

RECORD = "Record"
ID_CAPTIONS = ("primary_id", "multiple_id", "UPN", "Adno")
_CONTACT = "Contact "
_WHO = ("Forename", "Surname", "Legal Surname", "LegalSurname", "DOB")
_SCHOOLS_OWN = ("UPN:", "Adno:")
"""Numbers people type: two pupils may have come to have the same one."""
_DIGEST_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Pupil:
    """One pupil's rows.

    Shape: `key` is `<caption>:<value>` of the column the rows were gathered by, or `row:<number>` where none is filled.
    Each row maps caption -> text, in the order of the report's columns; `numbers` says which rows of the file they are.
    """

    key: str
    rows: tuple[Group, ...]
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A whole report, its rows gathered by pupil in the order of each pupil's first row.

    Shape: `tells_contacts` says whether the report has columns about contacts at all, so that a contact who is not
    in it is one the school no longer has.
    """

    pupils: tuple[Pupil, ...]
    warnings: tuple[GateWarning, ...]
    tells_contacts: bool

    def as_tree(self) -> Group:
        """Return every row as one tree, `{"Record": [row, ...]}`."""
        rows: list[Tree] = [row for pupil in self.pupils for row in pupil.rows]
        return {RECORD: rows}


class Gathering:
    """Says of one row after the other which pupil it is about; what it holds of them is no more than their names.

    Shape: `warnings` are by what tells them apart, so that none is told twice. `tells_contacts` says whether any row
    so far has a column about contacts.
    """

    def __init__(self, warnings: dict[str, GateWarning]) -> None:
        self.warnings = warnings
        self.tells_contacts = False
        self._people: dict[str, bytes] = {}
        """Of each number people typed, a digest of everybody who has it, one behind the other."""

    def place(self, number: int, row: Group) -> str:
        """Return the key of the pupil that row *number* is about."""
        self.tells_contacts = self.tells_contacts or any(caption.startswith(_CONTACT) for caption in row)
        key = key_of(row)
        if key is None:
            key = f"row:{number}"
            message = "no column tells which pupil this row is about: taken as a pupil of its own"
            self.warnings[key] = GateWarning(path=f"{RECORD}[{number}]", code="no-pupil-id", message=message)
        elif key.startswith(_SCHOOLS_OWN):
            key = _told_apart(key, row, self._people, self.warnings, number)
        return key


def gathered(rows: Sequence[Group], numbers: Sequence[int], warnings: Sequence[GateWarning] = ()) -> Report:
    """Return *rows* by pupil; *numbers* are what the file calls them, *warnings* what was noticed before."""
    gathering = Gathering({f"{one.code}/{one.path}": one for one in warnings})
    by_key: dict[str, tuple[list[Group], list[int]]] = {}
    for number, row in zip(numbers, rows, strict=True):
        of_pupil = by_key.setdefault(gathering.place(number, row), ([], []))
        of_pupil[0].append(row)
        of_pupil[1].append(number)
    pupils = tuple(
        Pupil(key=key, rows=tuple(of_pupil), numbers=tuple(numbered)) for key, (of_pupil, numbered) in by_key.items()
    )
    found = tuple(gathering.warnings.values())
    return Report(pupils=pupils, warnings=found, tells_contacts=gathering.tells_contacts)


def key_of(row: Group) -> str | None:
    """Return the column and the value that tell which pupil *row* is about, or None."""
    for caption in ID_CAPTIONS:
        value = cast("str", row.get(caption, "")).strip()
        if caption == "multiple_id":
            value = value.partition(",")[0].strip()
        if value:
            return f"{caption}:{value}"
    return None


def _told_apart(key: str, row: Group, people: dict[str, bytes], found: dict[str, GateWarning], number: int) -> str:
    """Return *key*, or one of its own for somebody else with the same number: all rows of one pupil name it alike."""
    who = blake2b(repr([row.get(caption) for caption in _WHO]).encode(), digest_size=_DIGEST_BYTES).digest()
    of_number = people.setdefault(key, who)
    known = [of_number[at : at + _DIGEST_BYTES] for at in range(0, len(of_number), _DIGEST_BYTES)]
    if who not in known:
        people[key] = of_number + who
        message = "an earlier row has the same number and another name or birthday: taken as another pupil"
        path = f"{RECORD}[{number}]"
        found[f"shared/{path}"] = GateWarning(path=path, code="shared-number", message=message)
        known.append(who)
    place = known.index(who)
    return f"{key}/{place + 1}" if place else key
