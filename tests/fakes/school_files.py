"""What does a large school file look like? Invented pupils, as many as fill it, the same for the same seed.

Written piece by piece, so that a file of any length can be made; nobody in it exists.
"""

import random
import re
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count
from pathlib import Path

_SYLLABLES = (
    "ba",
    "de",
    "fi",
    "go",
    "hu",
    "ja",
    "ke",
    "li",
    "mo",
    "nu",
    "pa",
    "re",
    "si",
    "to",
    "vu",
    "wa",
    "ye",
    "zo",
)
_APART = 40
"""So many rows may lie between two of one pupil."""
_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
_TEXT = re.compile(r"    <[^>]+>([^<]*)<")
_CAPTIONS = (
    *("primary_id", "School Name", "Forename", "Surname", "Legal Surname", "UPN", "Adno", "Reg", "Year", "DOB"),
    *("Gender", "Address Line 1", "Town", "Postcode", "Telephone", "Contact Forename", "Contact Surname"),
    *("Contact Relationship", "Contact Priority", "Contact Parental Responsibility", "Contact Telephone"),
)


def report(pupils: int, *, seed: int = 1, first: int = 1, apart: bool = True) -> Iterator[str]:
    """Return the pieces of a SIMS report of so many pupils, three to six rows each.

    Shape: with *apart*, the last row of every other pupil comes some pupils later, as a report sorted by contacts has
    it. *first* numbers the first pupil, so that two files hold different ones.
    """
    chance = random.Random(seed)  # noqa: S311 - invented names, not secrets
    yield '<?xml version="1.0" encoding="utf-8"?>\n<SuperStarReport>\n'
    late: list[str] = []
    for number in range(first, first + pupils):
        rows = _rows(chance, number)
        if apart and number % 2:
            late.append(rows.pop())
        yield from rows
        if len(late) > _APART:
            yield late.pop(0)
    yield from late
    yield "</SuperStarReport>\n"


def table(pupils: int, *, seed: int = 1, first: int = 1) -> Iterator[str]:
    """Return the pieces of the same report saved as CSV, its rows in the order of contacts' names now and then."""
    chance = random.Random(seed)  # noqa: S311 - invented names, not secrets
    yield ",".join(_CAPTIONS) + "\r\n"
    late: list[str] = []
    for number in range(first, first + pupils):
        rows = [_as_csv(row) for row in _rows(chance, number)]
        if number % 2:
            late.append(rows.pop())
        yield from rows
        if len(late) > _APART:
            yield late.pop(0)
    yield from late


def transfer_file(pupils: int, *, seed: int = 1, first: int = 1) -> Iterator[str]:
    """Return the pieces of a Common Transfer File of edition 25 with so many pupils."""
    chance = random.Random(seed)  # noqa: S311 - invented names, not secrets
    yield _HEADER
    for number in range(first, first + pupils):
        yield _transferred(chance, number)
    yield "  </CTFpupilData>\n</CTfile>\n"


def write_file(path: Path, pieces: Iterator[str]) -> int:
    """Write *pieces* into a file and return how many bytes it has."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(pieces)
    return path.stat().st_size


def upn(number: int) -> str:
    """Return the pupil number of an invented pupil, with the letter that checks it."""
    digits = f"{801:03d}{number:09d}"
    check = sum(int(digit) * weight for weight, digit in zip(count(2), digits, strict=False)) % 23
    return _LETTERS[check] + digits


def _rows(chance: random.Random, number: int) -> list[str]:
    family, given = _name(chance, 3), _name(chance, 2)
    pupil = "".join(
        f"    <{name}>{text}</{name}>\n"
        for name, text in {
            "primary_id": str(100_000 + number),
            "School_x0020_Name": "Nowhere Primary School",
            "Forename": given,
            "Surname": family,
            "Legal_x0020_Surname": family,
            "UPN": upn(number),
            "Adno": f"{number:06d}",
            "Reg": f"{chance.randint(1, 6)}{chance.choice('ABC')}",
            "Year": f"Year  {chance.randint(1, 6)}",
            "DOB": f"{_born(chance)}T00:00:00",
            "Gender": chance.choice(("Female", "Male")),
            "Address_x0020_Line_x0020_1": f"{chance.randint(1, 99)} Nowhere Lane",
            "Town": "Exampleton",
            "Postcode": f"ZZ{chance.randint(1, 99)} {chance.randint(1, 9)}AA",
            "Telephone": f"020 7946 0{chance.randint(100, 999)}",
        }.items()
    )
    contacts = [(_name(chance, 2), _name(chance, 3)) for _ in range(chance.randint(3, 6))]
    return [f"  <Record>\n{pupil}{_contact(chance, place, *who)}  </Record>\n" for place, who in enumerate(contacts, 1)]


def _as_csv(record: str) -> str:
    """Return one record of the report as a row of the table, every other text in quotation marks."""
    texts = _TEXT.findall(record)
    return ",".join(f'"{text}"' if place % 2 else text for place, text in enumerate(texts)) + "\r\n"


def _contact(chance: random.Random, place: int, given: str, family: str) -> str:
    told = {
        "Forename": given,
        "Surname": family,
        "Relationship": "Mother" if place == 1 else "Father",
        "Priority": str(place),
        "Parental_x0020_Responsibility": "Yes",
        "Telephone": f"07700 900{chance.randint(100, 999)}",
    }
    return "".join(f"    <Contact_x0020_{name}>{text}</Contact_x0020_{name}>\n" for name, text in told.items())


def _transferred(chance: random.Random, number: int) -> str:
    family, postcode = _name(chance, 3), f"ZZ{chance.randint(1, 99)} {chance.randint(1, 9)}AA"
    contacts = "".join(
        f"        <Contact><Order>{place}</Order><Surname>{family}</Surname><Forename>{_name(chance, 2)}</Forename>"
        f"<Relationship>{'MOTH' if place == 1 else 'FATH'}</Relationship><Responsibility>true</Responsibility>"
        "</Contact>\n"
        for place in (1, 2)
    )
    years = "".join(
        f"        <YearData><Year>{year}</Year><SessionsPossible>380</SessionsPossible></YearData>\n"
        for year in range(2014, 2026)
    )
    return (
        f"    <Pupil>\n      <UPN>{upn(number)}</UPN>\n      <Surname>{family}</Surname>\n"
        f"      <Forename>{_name(chance, 2)}</Forename>\n      <DOB>{_born(chance)}</DOB>\n"
        f"      <Gender>{chance.choice('FM')}</Gender>\n"
        f"      <Address><AddressLines><AddressLine1>{chance.randint(1, 99)} Nowhere Lane</AddressLine1>"
        f"</AddressLines><PostCode>{postcode}</PostCode></Address>\n"
        f"      <Contacts>\n{contacts}      </Contacts>\n      <Attendance>\n{years}      </Attendance>\n    </Pupil>\n"
    )


def _born(chance: random.Random) -> date:
    return date(2015, 9, 1) + timedelta(days=chance.randint(0, 2000))


def _name(chance: random.Random, syllables: int) -> str:
    return "".join(chance.choice(_SYLLABLES) for _ in range(syllables)).title()


_HEADER = """<?xml version="1.0" encoding="utf-8"?>
<CTfile>
  <Header>
    <DocumentName>Common Transfer File</DocumentName>
    <CTFversion>25.0</CTFversion>
    <DateTime>2026-11-20T14:30:00</DateTime>
    <DocumentQualifier>full</DocumentQualifier>
    <SupplierID>Invented MIS</SupplierID>
    <SourceSchool><LEA>820</LEA><Estab>1001</Estab><SchoolName>Nowhere Primary School</SchoolName></SourceSchool>
    <DestSchool><LEA>820</LEA><Estab>1234</Estab></DestSchool>
  </Header>
  <CTFpupilData>
"""
