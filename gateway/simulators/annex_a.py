"""What does a council's case system write when inspectors ask for its lists? What it knows, as spreadsheets hold it.

Its children are invented and have numbers instead of names, as the lists do. Which rows a list has is worked out here
by itself, from the words of the guidance, so that it can be held against what the gateway makes of the same facts.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum
from random import Random

_MONTHS = 6
_DECEMBER = 12
_BLANK_THAT_DOES_NOT_BREAK = "\u00a0"
_SEXES = (("1", "a", "Male"), ("2", "b", "Female"), ("0", "c", "Not stated/recorded"))
_ETHNICITIES = tuple(zip("adhjot", ("WBRI", "WOTH", "MWAS", "AIND", "BAFR", "NOBT"), strict=True))
_SOURCES = {"1A": "Individual: family member, relative or carer", "2A": "Schools", "3B": "Health: health visitor"}
_SOURCES |= {"6": "Police", "9": "Anonymous"}
_ORGANISATIONS = (
    "Nowhere Primary School",
    "Família Café Children's Centre",
    "Exampleton Early Help",
    "Mock, Trial & Co",
)
Row = Mapping[str, str]


class Spelling(Enum):
    """How a system writes what has a code: `a) Male`, `a`, `Male` or `1`."""

    WHOLE = "whole"
    LETTER = "letter"
    WORD = "word"
    CODE = "code"


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """What a list has been through before it is sent.

    Shape: `encoding` is Python's name; `own` are columns the list does not have, with what stands in each row;
    `broken` columns hold a spreadsheet's error or formula in every row instead of their value.
    """

    spelling: Spelling = Spelling.WHOLE
    encoding: str = "utf-8-sig"
    is_shuffled: bool = False
    has_hard_blanks: bool = False
    own: Mapping[str, str] = field(default_factory=dict)
    broken: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """An invented child, as codes."""

    number: str
    sex: str
    ethnicity: str
    born: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Somebody told the council of a child."""

    child: Child
    on: date
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """An early help assessment; open without a day of completion."""

    child: Child
    started: date
    completed: date | None
    organisation: str


class CaseSystem:
    """A council's case system with invented children in it; the same seed and day make the same ones."""

    def __init__(self, *, on: date, seed: int = 1, children: int = 12) -> None:
        chance = Random(seed)  # noqa: S311  # invented children, no secret
        self.on = on
        self.children = tuple(_child(chance, number, on) for number in range(1, children + 1))
        self.contacts = tuple(_contact(chance, child, on) for child in self.children for _ in range(2))
        self.assessments = tuple(_assessment(chance, child, on) for child in self.children)

    def listed_contacts(self) -> list[Contact]:
        """Return what belongs on list 1: the contacts of the last six months."""
        first = six_months_before(self.on)
        return [one for one in self.contacts if first <= one.on <= self.on]

    def listed_assessments(self) -> list[Assessment]:
        """Return what belongs on list 2: the assessments of the last six months, and whatever is open."""
        first = six_months_before(self.on)
        return [
            one for one in self.assessments if one.completed is None or first <= one.completed or first <= one.started
        ]

    def list_one(self, habits: Habits | None = None) -> bytes:
        """Return list 1 as it leaves the system."""
        habits = habits or Habits()
        rows = [
            {
                **_about(one.child, self.on, habits.spelling),
                "Date of Contact": _day(one.on),
                "Contact Source": _source(one.source, habits.spelling),
            }
            for one in self.listed_contacts()
        ]
        return sheet(rows, habits)

    def list_two(self, habits: Habits | None = None) -> bytes:
        """Return list 2 as it leaves the system."""
        habits = habits or Habits()
        rows = [
            {
                **_about(one.child, self.on, habits.spelling),
                "Assessment start date": _day(one.started),
                "Assessment completion date": "" if one.completed is None else _day(one.completed),
                "Organisation completing assessment": one.organisation,
            }
            for one in self.listed_assessments()
        ]
        return sheet(rows, habits)


def sheet(rows: Sequence[Row], habits: Habits) -> bytes:
    """Return *rows* (caption -> cell) as somebody saved them from a spreadsheet."""
    captions = [*dict.fromkeys(caption for row in rows for caption in row), *habits.own]
    if habits.is_shuffled:
        captions.reverse()
    written = io.StringIO(newline="")
    table = csv.writer(written)
    blank = _BLANK_THAT_DOES_NOT_BREAK if habits.has_hard_blanks else " "
    table.writerow(caption.replace(" ", blank) for caption in captions)
    for row in rows:
        cells = {**row, **habits.own, **habits.broken}
        table.writerow(cells[caption] for caption in captions)
    return written.getvalue().encode(habits.encoding)


def six_months_before(day: date) -> date:
    """Return the same day six months earlier, or the last there was in that month."""
    month = day.month - _MONTHS
    year, month = (day.year, month) if month > 0 else (day.year - 1, month + _DECEMBER)
    last = (date(year + month // _DECEMBER, month % _DECEMBER + 1, 1) - timedelta(days=1)).day
    return date(year, month, min(day.day, last))


def _child(chance: Random, number: int, on: date) -> Child:
    return Child(
        number=f"EX{number:04}",
        sex=chance.choice(_SEXES)[0],
        ethnicity=chance.choice(_ETHNICITIES)[1],
        born=on - timedelta(days=chance.randrange(1, 17 * 365)),
    )


def _contact(chance: Random, child: Child, on: date) -> Contact:
    return Contact(child=child, on=on - timedelta(days=chance.randrange(365)), source=chance.choice(list(_SOURCES)))


def _assessment(chance: Random, child: Child, on: date) -> Assessment:
    started = on - timedelta(days=chance.randrange(500))
    is_open = chance.random() < 1 / 3
    return Assessment(
        child=child,
        started=started,
        completed=None if is_open else min(on, started + timedelta(days=chance.randrange(1, 120))),
        organisation=chance.choice(_ORGANISATIONS),
    )


def _about(child: Child, on: date, spelling: Spelling) -> Row:
    age = on.year - child.born.year - ((on.month, on.day) < (child.born.month, child.born.day))
    return {
        "Child Unique ID": child.number,
        "Gender": _sex(child.sex, spelling),
        "Ethnicity": _ethnicity(child.ethnicity, spelling),
        "Date of Birth": _day(child.born),
        "Age": str(age),
    }


def _sex(code: str, spelling: Spelling) -> str:
    letter, word = next((letter, word) for known, letter, word in _SEXES if known == code)
    return {
        Spelling.WHOLE: f"{letter}) {word}",
        Spelling.LETTER: letter,
        Spelling.WORD: word,
        Spelling.CODE: code,
    }[spelling]


def _ethnicity(code: str, spelling: Spelling) -> str:
    letter = next(letter for letter, known in _ETHNICITIES if known == code)
    return {Spelling.WHOLE: f"{letter}) {code}", Spelling.LETTER: letter}.get(spelling, code)


def _source(code: str, spelling: Spelling) -> str:
    return f"{code}) {_SOURCES[code]}" if spelling is Spelling.WHOLE else code


def _day(day: date) -> str:
    return f"{day.day:02}/{day.month:02}/{day.year}"
