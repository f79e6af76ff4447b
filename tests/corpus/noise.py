"""How is what is true written down? With the slips people and systems make, each at its rate."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from random import Random

from tests.corpus import rates
from tests.corpus.people import Child, Family

_EXCEL_ZERO = date(1899, 12, 30)
NO_BREAK = "\u00a0"

SEX: Mapping[str, tuple[str, ...]] = {
    "1": ("Male", "M", "Boy", "a) Male", "Male ", "1"),
    "2": ("Female", "F", "Girl", "b) Female", "FEMALE", "2"),
    "0": ("Not known", "Unknown", "I do not know", "Not recorded", "c) not stated/recorded", "0"),
}
"""How a sex is written: first as the form asks it, then as others do. Source: the columns of Ofsted's lists."""
ETHNICITY: Mapping[str, tuple[str, ...]] = {
    "WBRI": ("White British", "White - British", "White: British", "WBRI", "White English", "British"),
    "WOTH": ("Any other White background", "WOTH", "White - Other", "White Other", "Other White"),
    "BAFR": ("African", "Black - African", "BAFR", "Black African", "Black or Black British - African"),
    "MWBC": ("White and Black Caribbean", "Mixed - White and Black Caribbean", "MWBC", "Mixed White/Black Caribbean"),
    "APKN": ("Pakistani", "Asian - Pakistani", "APKN", "Asian or Asian British - Pakistani", "British Pakistani"),
    "ABAN": ("Bangladeshi", "Asian - Bangladeshi", "ABAN", "Asian or Asian British - Bangladeshi", "Bangla"),
    "OOTH": ("Any other ethnic group", "OOTH", "Other ethnic group", "Other", "Any Other Ethnic Background"),
}
YES = ("Yes", "Y", "True", "yes ", "YES", "1")
NO = ("No", "N", "False", "no", "NO", "0")
CAPACITY = ("Parent with parental responsibility", "Parent", "Mother (PR)", "Mum")
MODE = ("In writing, signed", "Electronically", "Verbally, with a witness", "Written", "Verbal", "Email")
LEVEL = ("Level 2: early help", "Level 2", "L2", "Tier 2", "Level 3: complex needs", "Level 3", "Tier 3")
NOT_A_LABEL = ("#N/A", "Refused", "See above", "?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """How one sender writes: each always the same way, as a form has one list of choices and a system one export."""

    sex: int
    ethnicity: int
    yes: int
    capacity: int
    mode: int
    level: int


def a_habit(chance: Random) -> Habit:
    """Return how a sender writes: mostly as our published questions ask, now and then in words of its own."""

    def choice(words: tuple[str, ...]) -> int:
        return chance.randrange(1, len(words)) if chance.random() < rates.LABEL_OTHER_WORDS else 0

    ethnicity = choice(ETHNICITY["BAFR"])
    return Habit(
        sex=choice(SEX["1"]),
        ethnicity=ethnicity,
        yes=choice(YES),
        capacity=choice(CAPACITY),
        mode=chance.randrange(3) if chance.random() >= rates.LABEL_OTHER_WORDS else chance.randrange(3, len(MODE)),
        level=chance.randrange(2) if chance.random() >= rates.LABEL_OTHER_WORDS else chance.randrange(2, len(LEVEL)),
    )


def label(chance: Random, words: tuple[str, ...], place: int) -> str:
    """Return one of *words*, as somebody or something wrote it."""
    if chance.random() < rates.LABEL_OUT_OF_LIST:
        return chance.choice(NOT_A_LABEL)
    text = words[place % len(words)]
    if chance.random() < rates.LABEL_OTHER_CASE:
        text = text.upper()
    return text.replace(" ", NO_BREAK, 1) if chance.random() < rates.LABEL_NO_BREAK_BLANK else text


def name(chance: Random, text: str) -> str:
    """Return a name as it gets written."""
    if chance.random() < rates.NAME_MISTYPED and len(text) > 3:
        place = chance.randrange(1, len(text) - 2)
        text = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    if chance.random() < rates.NAME_ACCENT_LOST:
        text = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    if chance.random() < rates.NAME_OTHER_APOSTROPHE:
        text = text.replace("'", "\u2019")
    text = text.upper() if chance.random() < rates.NAME_UPPER else text
    text = text.lower() if chance.random() < rates.NAME_LOWER else text
    text = text.replace(" ", NO_BREAK) + (NO_BREAK if chance.random() < rates.NAME_NO_BREAK_BLANK else "")
    return text + (" " if chance.random() < rates.NAME_TRAILING_BLANK else "")


def once(child: Child, system: str) -> Random:
    """Return the chance by which *system* holds *child*: a record is typed once, and comes out the same every time."""
    return Random(f"{child.number}/{child.family}/{system}")  # noqa: S311 - slips of typing, not secrets


def names(chance: Random, child: Child) -> tuple[str, str]:
    """Return given and family names of *child* as they get written."""
    given, family = child.given, child.family
    if given and chance.random() < rates.NAME_SHORT:
        given = child.short
    if given and chance.random() < rates.MIDDLE_NAME_TOO:
        given = f"{given} {child.middle}"
    if chance.random() < rates.FAMILY_NAME_CHANGED:
        family = f"{family}-Newname"
    if given and chance.random() < rates.NAME_SWAPPED:
        given, family = family, given
    return (name(chance, given) if given else ""), name(chance, family)


def birthday(chance: Random, born: date | None, *, kind: str, is_required: bool = False) -> str:
    """Return a birthday as it gets written, usually in the way of *kind*: a strftime format."""
    if born is None or (not is_required and chance.random() < rates.BIRTHDAY_MISSING):
        return ""
    if chance.random() < rates.BIRTHDAY_MISTYPED:
        born = born.replace(day=born.day % 28 + 1)
    if chance.random() < rates.BIRTHDAY_SWAPPED and born.day <= 12:
        born = born.replace(month=born.day, day=born.month)
    if chance.random() < rates.EXCEL_SERIAL:
        return str((born - _EXCEL_ZERO).days)
    if chance.random() < rates.TWO_DIGIT_YEAR:
        return f"{born.day}/{born.month}/{born:%y}"
    if chance.random() < rates.OTHER_DATE_KIND:
        return chance.choice((born.isoformat(), f"{born.day}/{born.month}/{born.year}", f"{born:%Y%m%d}"))
    return f"{born:{kind}}"


def with_offset(born: date) -> str:
    """Return a birthday as SIMS writes it: midnight, with the offset of its season."""
    is_summer = 4 <= born.month <= 10
    return f"{born.isoformat()}T00:00:00+0{int(is_summer)}:00"


def upn(chance: Random, child: Child) -> str:
    """Return a pupil number as records have it: mostly with a check letter that fails."""
    if chance.random() < rates.UPN_FAILS:
        return chr((ord(child.upn[0]) - ord("A") + 3) % 26 + ord("A")) + child.upn[1:]
    return child.upn


def postcode(chance: Random, family: Family) -> str:
    """Return a postcode as it gets written."""
    if chance.random() < rates.POSTCODE_MISSING:
        return ""
    if chance.random() < rates.POSTCODE_SQUEEZED:
        return family.postcode.replace(" ", "").lower()
    return family.postcode
