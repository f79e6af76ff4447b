"""How alike are two children in one field?

Every comparison is symmetric, and absence on either side is UNKNOWN: never agreement, never contradiction.
"""

from datetime import date, timedelta
from enum import Enum
from itertools import groupby, product

from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.fuzz import token_set_ratio

from gateway.matching.identity import Identity
from gateway.matching.names import is_shared_by_brothers, soundex, words_of
from gateway.model.name_forms import is_short_form, spelling_of


class Likeness(Enum):
    """How alike two values of a field are."""

    SAME = "same"
    CALLED = "called"
    """One is the name the child goes by, on the other document; or names stand in each other's box."""
    SHORT = "short"
    """One given name is a short form of the other: Tom and Thomas, but also the twins Harry and Henry."""
    PART = "part"
    """One is a part of the other: an initial, one of two given names."""
    SIMILAR = "similar"
    """One slip of the pen apart; or one name apart, as twins may be."""
    DIFFERENT = "different"
    UNKNOWN = "unknown"


_ORDER = list(Likeness)
_FAMILY_ALIKE = 0.88
_GIVEN_ALIKE = 0.88
_SOUND_SLIPS = 2
_ADDRESS_ALIKE = 90
_WHOLE_WORD = 3
_REVISED = timedelta(days=21)
"""By how much an expected date moves at a scan."""
_EARLY_OR_LATE = timedelta(days=120)
"""How far from the expected date a child may be born."""
_ROAD_WORDS = {
    "rd": "road", "st": "street", "ave": "avenue", "av": "avenue", "ln": "lane", "cl": "close", "dr": "drive",
    "ct": "court", "pl": "place", "sq": "square", "gdns": "gardens", "cres": "crescent", "tce": "terrace",
    "ter": "terrace", "apt": "flat", "apartment": "flat", "hse": "house", "bldg": "building",
}  # fmt: skip


def family(one: Identity, other: Identity) -> Likeness:
    """Return how alike the family names are."""
    mine, theirs = words_of(one.family), words_of(other.family)
    if not mine or not theirs:
        return Likeness.UNKNOWN
    if "".join(mine) == "".join(theirs) or set(mine) == set(theirs):
        return Likeness.SAME
    shared = any(len(word) >= _WHOLE_WORD for word in set(mine) & set(theirs))
    return Likeness.SIMILAR if shared or _sounds_alike("".join(mine), "".join(theirs)) else Likeness.DIFFERENT


def given(one: Identity, other: Identity) -> Likeness:
    """Return how alike the given names are, the names the children go by included."""
    mine, theirs = _called(one), _called(other)
    if not mine or not theirs:
        return Likeness.UNKNOWN
    best = min((_given(left, right) for left, right in product(mine, theirs)), key=_ORDER.index)
    formal = _given(mine[0], theirs[0])
    if formal is Likeness.SIMILAR:
        # Twins who share a first name may each go by it.
        return formal
    return Likeness.CALLED if best is Likeness.SAME and formal is not best else best


def are_swapped(one: Identity, other: Identity) -> bool:
    """Tell whether given and family name stand in each other's box."""
    mine, theirs = (words_of(one.given), words_of(one.family)), (words_of(other.given), words_of(other.family))
    return all((*mine, *theirs)) and mine != theirs and mine == theirs[::-1]


def born(one: Identity, other: Identity) -> Likeness:
    """Return how alike the dates of birth are, or of expected birth where neither is born."""
    if one.born and other.born:
        return _dates(one.born, other.born)
    if one.expected and other.expected:
        near = abs(one.expected - other.expected) <= _REVISED
        return Likeness.SIMILAR if near else Likeness.DIFFERENT
    day, awaited = one.born or other.born, one.expected or other.expected
    if day and awaited and abs(day - awaited) > _EARLY_OR_LATE:
        return Likeness.DIFFERENT
    return Likeness.UNKNOWN


def postcode(one: Identity, other: Identity) -> Likeness:
    """Return how alike the postcodes are."""
    if one.postcode is None or other.postcode is None:
        return Likeness.UNKNOWN
    if one.postcode == other.postcode:
        return Likeness.SAME
    return Likeness.SIMILAR if OSA.distance(one.postcode, other.postcode) == 1 else Likeness.DIFFERENT


def address(one: Identity, other: Identity) -> Likeness:
    """Return how alike the address lines are; another house number is another address."""
    mine, theirs = _address_words(one.address), _address_words(other.address)
    if not mine or not theirs:
        return Likeness.UNKNOWN
    my_numbers, their_numbers = (_numbers(words) for words in (mine, theirs))
    if my_numbers and their_numbers and not (my_numbers <= their_numbers or their_numbers <= my_numbers):
        return Likeness.DIFFERENT
    alike = token_set_ratio(" ".join(mine), " ".join(theirs)) >= _ADDRESS_ALIKE
    return Likeness.SAME if alike else Likeness.DIFFERENT


def equal(one: str | None, other: str | None) -> Likeness:
    """Return whether two codes or numbers are one."""
    if one is None or other is None:
        return Likeness.UNKNOWN
    return Likeness.SAME if one == other else Likeness.DIFFERENT


def _called(identity: Identity) -> list[tuple[str, ...]]:
    return [words for name in (identity.given, identity.preferred) if (words := words_of(name))]


def _given(mine: tuple[str, ...], theirs: tuple[str, ...]) -> Likeness:
    first, second = mine[0], theirs[0]
    if "".join(mine) == "".join(theirs):
        return Likeness.SAME
    if _one_name(first, second):
        return _same_first(mine, theirs)
    if is_short_form(first, second):
        return Likeness.SIMILAR if _middles_clash(mine[1:], theirs[1:]) else Likeness.SHORT
    if _is_part(mine, theirs):
        return Likeness.PART
    slip = OSA.distance(first, second) == 1 and min(len(first), len(second)) >= _WHOLE_WORD
    close = slip or JaroWinkler.similarity(first, second) >= _GIVEN_ALIKE
    return Likeness.SIMILAR if close else Likeness.DIFFERENT


def _same_first(mine: tuple[str, ...], theirs: tuple[str, ...]) -> Likeness:
    """Return how alike given names are whose first words are one name."""
    if _middles_clash(mine[1:], theirs[1:]):
        return Likeness.SIMILAR
    # Mohammed without a further name may be any of the brothers.
    return Likeness.PART if is_shared_by_brothers(mine[0]) and len(mine) != len(theirs) else Likeness.SAME


def _one_name(first: str, second: str) -> bool:
    """Tell whether two words are spellings of one name: known ones, or a letter doubled in one of them."""
    return spelling_of(first) == spelling_of(second) or _undoubled(first) == _undoubled(second)


def _undoubled(word: str) -> str:
    return "".join(letter for letter, _ in groupby(word))


def _middles_clash(mine: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    """Tell whether both have further names and the shorter list has one that the longer has not.

    Twins may share their first name and differ in the second.
    """
    shorter, longer = sorted((mine, theirs), key=len)
    return any(all(not _fits(word, name) for name in longer) for word in shorter)


def _fits(word: str, name: str) -> bool:
    return _one_name(word, name) or (1 in {len(word), len(name)} and word[0] == name[0])


def _is_part(mine: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    """Tell whether one is an initial of the other, or goes by a further name of the other."""
    shorter, longer = sorted((mine, theirs), key=lambda words: (len(words), len(words[0])))
    initial = len(shorter[0]) == 1 and shorter[0] == longer[0][0]
    return initial or (len(shorter) == 1 and any(_one_name(shorter[0], word) for word in longer[1:]))


def _sounds_alike(mine: str, theirs: str) -> bool:
    if JaroWinkler.similarity(mine, theirs) >= _FAMILY_ALIKE:
        return True
    return soundex(mine) == soundex(theirs) and OSA.distance(mine, theirs) <= _SOUND_SLIPS


def _dates(mine: date, theirs: date) -> Likeness:
    if mine == theirs:
        return Likeness.SAME
    swapped = mine.year == theirs.year and (mine.month, mine.day) == (theirs.day, theirs.month)
    slip = OSA.distance(mine.isoformat(), theirs.isoformat()) == 1
    return Likeness.SIMILAR if swapped or slip else Likeness.DIFFERENT


def _address_words(written: str | None) -> tuple[str, ...]:
    return tuple(_ROAD_WORDS.get(word, word) for word in words_of(written))


def _numbers(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(word for word in words if word[0].isdigit())
