"""Who has not agreed to be told of, and is somebody in a document surely somebody else?

Who is hidden is personal data: it is sealed among a child's facts, is read at the cut, and stands in no permit, no log,
no error and no list of what is withheld.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from difflib import SequenceMatcher
from enum import Enum, auto
from typing import Final

from gateway.errors import Place, SchemaViolationError
from gateway.model.name_forms import may_be_one_name

THIRD_PARTY: Final = "THIRD_PARTY"
PERSONS: Final = "persons"
"""What the list of those whom a flag names is called."""
ADULT_AGE_YEARS: Final = 18
_ALIKE: Final = 0.75
"""From which likeness on two words of a name may be one, written twice."""
_SHORT, _STEM = 4, 3
_PLAIN: Final = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe"})
_APOSTROPHES: Final = frozenset("'`\u2018\u2019\u02bc")
_TITLES: Final = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr"})
_SAYS_NOTHING: Final = frozenset(
    {
        *("father", "mother", "dad", "daddy", "mum", "mummy", "mom", "parent", "carer", "partner", "husband", "wife"),
        *("stepfather", "stepmother", "stepdad", "stepmum", "step", "ex", "birth", "guardian", "boyfriend", "man"),
        *("dada", "da", "papa", "pappa", "pop", "pops", "baba", "abbu", "tata", "tad", "mam", "mama", "mamma", "mommy"),
        *("ammi", "fathers", "mothers", "dads", "mums", "spouse", "fiance", "fiancee", "girlfriend", "woman", "lady"),
        *("uncle", "aunt", "grandfather", "grandmother", "grandparent", "grandad", "grandma", "gran", "nan"),
        *("auntie", "aunty", "granddad", "grandpa", "granny", "nana", "nanna", "nanny", "brother", "sister", "sibling"),
        *("male", "female", "adult", "person", "relative", "cousin", "stepbrother", "stepsister"),
        *("unknown", "not", "nk", "na", "tbc", "nil", "none", "anonymous", "withheld", "redacted", "child", "name"),
        *("unnamed", "undisclosed", "confidential", "refused", "declined", "nobody", "above", "file", "xx", "xxx"),
    }
)
"""Words that stand where a name is asked for and may be none: by such a name nobody is surely somebody else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenPerson:
    """Somebody who must not be told of; an adult, where no birth date says otherwise.

    Shape: `name` as the record writes it, `born` as YYYY-MM-DD, `reference` what the document itself calls them. Where
    nothing is said, nobody is named, and any adult may be the one.
    """

    name: str | None = field(default=None, repr=False)
    born: str | None = field(default=None, repr=False)
    reference: str | None = field(default=None, repr=False)


SOMEBODY: Final = HiddenPerson()
"""Somebody whom nobody named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a document tells of somebody, as far as it says who it is."""

    names: tuple[str, ...] = ()
    born: str | None = None
    reference: str | None = None
    unborn: bool = False


class _Names(Enum):
    SAME = auto()
    TOUCH = auto()
    UNKNOWN = auto()
    APART = auto()


class _Births(Enum):
    SAME = auto()
    OPEN = auto()
    APART = auto()


_SOMEBODY_ELSE: Final = frozenset(
    {
        (_Names.APART, _Births.OPEN),
        (_Names.APART, _Births.APART),
        (_Names.TOUCH, _Births.APART),
        (_Names.UNKNOWN, _Births.APART),
    }
)


def is_surely_somebody_else(told: Told, hidden: HiddenPerson, *, on: date, others: Iterable[Told] = ()) -> bool:
    """Tell whether *told* is surely not *hidden*; whatever is not sure is no.

    Same references are the same person. Else names and birth dates are laid side by side:

    | names / births | the same day | open | apart |
    |---|---|---|---|
    | the same: two words of them agree, or all of the shorter | may be | may be | may be |
    | touching: one word agrees, such as a family name | may be | may be | **else** |
    | unknown: one has none, initials alone, or none agrees and one is "dad" or "DO" | may be | may be | **else** |
    | apart: no word agrees | may be | **else** | **else** |

    Order, case, accents, hyphens and titles are nothing. Two words agree if their first three letters are equal (Dave,
    David), or all there are of the shorter (D, Jo), and if both may be forms of one name (Bill, William); from four
    letters on also if one is the other's end, or they are alike as a slip of the pen leaves them. Words of two scripts
    always do. Births are apart if at least two of year,
    month and day differ and it is no change of day for month. Where no birth date of the hidden one is known, whoever
    is surely a child on *on* was not born then. Only to keep names from touching, a birth date is also taken from
    *others*: from the adult in the document who bears the very name.

    Args:
        told: somebody in a document.
        hidden: who must not be told of.
        on: the day of the decision.
        others: everybody in the document, *told* too.
    """
    if told.reference is not None and told.reference == hidden.reference:
        return False
    names = _names(told, hidden)
    births = _births(told, hidden, on)
    if names is _Names.TOUCH and hidden.born is None:
        births = _Births.APART if _is_apart_here(told, hidden, on, others) else births
    return (names, births) in _SOMEBODY_ELSE


def check_hidden(person: HiddenPerson, path: str) -> None:
    """Return if *person* is somebody who can be looked for.

    Raises:
        SchemaViolationError: the name has no word to go by, or the birth date is none; *path* says where.
    """
    if not words_of_name(person.name):
        raise SchemaViolationError(
            f"{path}.name: expected a name as the record writes it", place=Place(path=f"{path}.name")
        )
    if person.born is not None and _day(person.born) is None:
        raise SchemaViolationError(f"{path}.born: expected a day such as 1980-02-03", place=Place(path=f"{path}.born"))


def is_child(told: Told, *, on: date) -> bool:
    """Tell whether somebody is surely under eighteen on *on*, or not born yet."""
    born = _day(told.born)
    if born is None:
        return told.unborn
    return (born.year + ADULT_AGE_YEARS, born.month, born.day) > (on.year, on.month, on.day)


def words_of_name(*names: str | None) -> frozenset[str]:
    """Return the words of a name, folded and without titles; none, where nobody can be told apart by any of them."""
    folded = unicodedata.normalize("NFKD", " ".join(filter(None, names))).casefold().translate(_PLAIN)
    bare = "".join(letter for letter in folded if not unicodedata.combining(letter) and letter not in _APOSTROPHES)
    words = frozenset(re.findall(r"[^\W\d_]+", bare)) - _TITLES
    return words if any(len(word) > 1 for word in words - _SAYS_NOTHING) else frozenset()


def _names(told: Told, hidden: HiddenPerson) -> _Names:
    ours, theirs = words_of_name(*told.names), words_of_name(hidden.name)
    if not ours or not theirs:
        return _Names.UNKNOWN
    few, many = sorted((ours, theirs), key=len)
    agreeing = sum(any(_agree(one, other) for other in many) for one in few)
    if agreeing == 0:
        is_unsure = (ours | theirs) & _SAYS_NOTHING or _are_initials(ours, theirs) or _are_initials(theirs, ours)
        return _Names.UNKNOWN if is_unsure else _Names.APART
    return _Names.SAME if agreeing >= min(2, len(few)) else _Names.TOUCH


def _are_initials(few: frozenset[str], many: frozenset[str]) -> bool:
    """Tell whether *few* is one word that may be the initials of *many*: DO, for Daniel Okafor."""
    initials, *more = few
    return not more and len(initials) <= _STEM and {word[0] for word in many}.issuperset(initials)


def _agree(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    if _script(one) != _script(other) or long.startswith(short[:_STEM]) or may_be_one_name(one, other):
        return True
    return len(short) >= _SHORT and (long.endswith(short) or SequenceMatcher(None, short, long).ratio() >= _ALIKE)


def _script(word: str) -> str | None:
    """Return what tells words of two scripts apart; none, for plain letters."""
    return None if word.isascii() else unicodedata.name(word[0], word[0]).partition(" ")[0]


def _births(told: Told, hidden: HiddenPerson, on: date) -> _Births:
    if hidden.born is None:
        return _Births.APART if is_child(told, on=on) else _Births.OPEN
    if told.born == hidden.born:
        return _Births.SAME
    return _Births.APART if _are_apart(told.born, hidden.born) else _Births.OPEN


def _are_apart(one: str | None, other: str | None) -> bool:
    ours, theirs = _parts_of_day(one), _parts_of_day(other)
    is_swapped = sorted(ours) == sorted(theirs)
    return not is_swapped and sum(a != b for a, b in zip(ours, theirs, strict=False)) > 1


def _is_apart_here(told: Told, hidden: HiddenPerson, on: date, others: Iterable[Told]) -> bool:
    """Tell whether whoever bears the hidden one's very name in this document has, each, another birth date."""
    name = words_of_name(hidden.name)
    bearers = [one for one in others if words_of_name(*one.names) == name and not is_child(one, on=on)]
    return bool(bearers) and all(_are_apart(told.born, one.born) for one in bearers)


def _parts_of_day(text: str | None) -> tuple[int, ...]:
    """Return year, month and day; none, where no day is written, which is apart from nothing."""
    day = _day(text)
    return () if day is None else (day.year, day.month, day.day)


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        return None
