"""Which named functions may a mapping row use?

Each is pure and sees nothing but what its row declares. It returns what it makes of it, with what got lost and what
looks odd. A name in `using` is a name in `TRANSFORMS`; there is no other way to compute in a mapping.
"""

import base64
import hashlib
import re
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import TypeAlias

from gateway.model.identifiers import NhsNumber, Upn, normal_postcode
from gateway.translation.dates import birth_of, day_of, instant_of, trouble_of

_NHS_DIGITS = 10
_LIKE_A_UPN = re.compile(r"[A-Z]?[0-9]+[A-Z]?")
"""Whatever else stands in the box for a pupil number is words, and kept as they were written."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a transform made of its input, when there is more to say than a value.

    Shape: `value` is None when it can make nothing of it, and then the input counts as not read. `notes` are
    (code, message) pairs of warnings; `lost` says what of the input the value does not hold.
    """

    value: str | int | list[str] | None
    notes: tuple[tuple[str, str], ...] = ()
    lost: tuple[str, ...] = ()


Made: TypeAlias = str | int | list[str] | Outcome | None


One: TypeAlias = Callable[[str, date | None], Made]
"""A transform of one text, and of the day its document is about."""


class Gives(Enum):
    """What kind of value comes out."""

    TEXT = str
    DATE = date
    INSTANT = "instant"
    NUMBER = int
    TEXTS = list


@dataclass(frozen=True, slots=True, kw_only=True)
class Transform:
    """One named function.

    Shape: exactly one of `one` (text and the document's day) and `several` (a text or None per `from`, in order) is
    set; with `every`, `several` sees all texts of a list. `inverse` names the transform that undoes it, for mappings
    that work both ways.
    """

    name: str
    says: str
    gives: Gives = Gives.TEXT
    one: One | None = None
    several: Callable[[tuple[str | None, ...]], Made] | None = None
    every: bool = False
    inverse: str | None = None


def _text(text: str, _on: date | None) -> Made:
    return text


def _words(text: str, _on: date | None) -> Made:
    return " ".join(text.split())


def _lines(text: str, _on: date | None) -> Made:
    return [line for part in text.splitlines() if (line := part.strip())]


def _semicolons(text: str, _on: date | None) -> Made:
    return [item for part in text.split(";") if (item := part.strip())]


def _date(text: str, _on: date | None) -> Made:
    day = day_of(text)
    if day is None:
        return Outcome(None, notes=((trouble_of(text), _DATE_HELP),))
    return Outcome(day.iso, lost=(_TIME_LOST,)) if day.has_time else day.iso


def _date_to_uk(text: str, _on: date | None) -> Made:
    day = day_of(text)
    if day is None:
        return Outcome(None, notes=((trouble_of(text), _DATE_HELP),))
    year, month, number = day.iso.split("-")
    return f"{number}/{month}/{year}"


def _birth_date(text: str, on: date | None) -> Made:
    birth = birth_of(text, on)
    lost = () if birth.is_whole or birth.born is None else (_TIME_LOST,)
    return Outcome(birth.born, lost=lost) if lost else birth.born


def _due_date(text: str, on: date | None) -> Made:
    return birth_of(text, on).due


def _birth_as_written(text: str, on: date | None) -> Made:
    """Return the text where born and due together do not say all of it."""
    birth = birth_of(text, on)
    if birth.trouble is not None:
        return Outcome(text, notes=((birth.trouble, _DATE_HELP),))
    return text if birth.due is not None and not birth.is_whole else None


def _date_as_written(text: str, on: date | None) -> Made:
    """Return the text where it is not a day somebody can have been born on."""
    birth = birth_of(text, on)
    if birth.born is not None:
        return None
    return Outcome(text, notes=((birth.trouble or _FUTURE, _DATE_HELP),))


def _instant(text: str, _on: date | None) -> Made:
    instant = instant_of(text)
    return (
        Outcome(None, notes=(("instant-not-read", "not a time with its offset, as ISO 8601 writes it"),))
        if (instant is None)
        else instant
    )


def _whole_number(text: str, _on: date | None) -> Made:
    if not text.isascii() or not text.isdigit() or len(text) > _MOST_DIGITS:
        return Outcome(None, notes=(("number-not-read", "expected a whole number"),))
    return int(text)


def _number_text(text: str, _on: date | None) -> Made:
    return text


def _upn(text: str, _on: date | None) -> Made:
    value = "".join(text.split()).upper()
    if Upn(value).is_sound:
        return value
    told = ("upn-check", "not a sound unique pupil number: kept, but not used to find a child")
    return Outcome(value if _LIKE_A_UPN.fullmatch(value) else text, notes=(told,))


def _nhs_number(text: str, _on: date | None) -> Made:
    value = re.sub(r"[\s-]", "", text)
    if len(value) != _NHS_DIGITS or not value.isascii() or not value.isdigit():
        return Outcome(None, notes=(("nhs-number-shape", "an NHS number has ten digits; nothing is padded"),))
    if NhsNumber(value).is_sound:
        return value
    return Outcome(value, notes=(("nhs-number-check", "not a sound NHS number: kept, but not used to find a child"),))


def _postcode(text: str, _on: date | None) -> Made:
    value = normal_postcode(text)
    if value is not None:
        return value
    return Outcome(text, notes=(("postcode-shape", "not a United Kingdom postcode: kept as written"),))


def _first_id(text: str, _on: date | None) -> Made:
    first, _, rest = text.partition(",")
    lost = ("the identifiers after the first, which only tell rows apart",) if rest.strip() else ()
    return Outcome(first.strip() or None, lost=lost)


def _second_id(text: str, _on: date | None) -> Made:
    _, _, rest = text.partition(",")
    return rest.partition(",")[0].strip() or None


def _sha256_of_base64(text: str, _on: date | None) -> Made:
    try:
        return hashlib.sha256(base64.b64decode("".join(text.split()), validate=True)).hexdigest()
    except ValueError:
        return Outcome(None, notes=(("not-base64", "an attached document that cannot be unpacked: kept as it came"),))


def _whole_name(text: str, _on: date | None) -> Made:
    return Outcome(text, notes=(("name-not-split", "a whole name in one box: nobody has said which part is which"),))


def _join_words(texts: tuple[str | None, ...]) -> Made:
    return " ".join(text for text in texts if text) or None


def _join_lines(texts: tuple[str | None, ...]) -> Made:
    return ", ".join(text for text in texts if text) or None


_DATE_HELP = "no day could be read for certain; a person should ask"
_TIME_LOST = "the time of day: the canonical record keeps the day"
_FUTURE = "future-date"
_MOST_DIGITS = 15

TRANSFORMS: Mapping[str, Transform] = types.MappingProxyType(
    {
        made.name: made
        for made in (
            Transform(name="text", one=_text, inverse="text", says="the text, without white space around it"),
            Transform(name="words", one=_words, inverse="text", says="the text with single blanks between words"),
            Transform(name="lines", one=_lines, gives=Gives.TEXTS, says="each line by itself"),
            Transform(name="semicolons", one=_semicolons, gives=Gives.TEXTS, says="each part between semicolons"),
            Transform(name="date", one=_date, gives=Gives.DATE, inverse="text", says="a day, however written"),
            Transform(
                name="date_uk", one=_date, gives=Gives.DATE, inverse="date_to_uk", says="a day, written dd/mm/yyyy"
            ),
            Transform(name="date_to_uk", one=_date_to_uk, inverse="date_uk", says="an ISO day as dd/mm/yyyy"),
            Transform(
                name="birth_date", one=_birth_date, gives=Gives.DATE, says="the day, if it is not one still to come"
            ),
            Transform(
                name="due_date",
                one=_due_date,
                gives=Gives.DATE,
                says="the day a baby is due: said so, or still to come",
            ),
            Transform(
                name="birth_as_written",
                one=_birth_as_written,
                says="the text, where birth_date and due_date do not say all of it",
            ),
            Transform(
                name="date_as_written", one=_date_as_written, says="the text, where birth_date makes nothing of it"
            ),
            Transform(name="instant", one=_instant, gives=Gives.INSTANT, inverse="text", says="a time with its offset"),
            Transform(
                name="whole_number", one=_whole_number, gives=Gives.NUMBER, inverse="number_text", says="a whole number"
            ),
            Transform(name="number_text", one=_number_text, inverse="whole_number", says="a whole number as text"),
            Transform(
                name="upn", one=_upn, inverse="text", says="a unique pupil number; a wrong one is kept, with a warning"
            ),
            Transform(
                name="nhs_number", one=_nhs_number, inverse="text", says="an NHS number without blanks or hyphens"
            ),
            Transform(
                name="postcode", one=_postcode, inverse="text", says="a postcode with one blank, or the text as written"
            ),
            Transform(name="first_id", one=_first_id, says="the first of identifiers joined by commas"),
            Transform(name="second_id", one=_second_id, says="the second of identifiers joined by commas"),
            Transform(name="sha256_of_base64", one=_sha256_of_base64, says="the SHA-256 of the document inside"),
            Transform(
                name="whole_name", one=_whole_name, says="a name nobody has split into its parts, with a warning"
            ),
            Transform(name="join_words", several=_join_words, says="several texts with blanks between them"),
            Transform(
                name="join_lines",
                several=_join_lines,
                every=True,
                says="all texts, of lists too, with commas between them",
            ),
        )
    }
)

SEVERAL: tuple[str, ...] = tuple(sorted(name for name, made in TRANSFORMS.items() if made.several is not None))
"""The transforms that read more than one leaf: few on purpose, because what they join nobody can take apart."""
