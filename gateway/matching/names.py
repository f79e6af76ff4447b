"""When do two written names mean one name?

Twins are given names that look and sound alike, so likeness alone never makes two given names one: only equal spelling,
a list of spellings of one name, and a list of short forms do.
"""

import unicodedata
from functools import lru_cache
from itertools import pairwise

from gateway.model.name_forms import spelling_of

_NO_DECOMPOSITION = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i"}
)
_JOINERS = str.maketrans(dict.fromkeys("'`\u2019\u2018\u02bc.", ""))
_PLACEHOLDERS = frozenset(
    {"baby", "baby boy", "baby girl", "infant", "male infant", "female infant", "unborn", "unnamed", "anonymous"}
    | {"unknown", "not known", "notknown", "not given", "not applicable", "n a", "n k", "tbc", "none", "xx", "xxx"}
)

_POINTS = frozenset({*range(1, 7), *range(10, 37)})
"""The combining classes of overlays and of Hebrew and Arabic points, which most writers leave out."""
_ACCENTS = 200
"""From here on the classes are those of accents; between the two lie parts of letters of other scripts."""

_SHARED_BY_BROTHERS = frozenset({"mohammed", "md", "abdul", "abdal", "syed", "sayed", "sayyid", "maria", "mary"})
_SOUNDS = {
    letter: digit
    for letters, digit in (("bfpv", "1"), ("cgjkqsxz", "2"), ("dt", "3"), ("l", "4"), ("mn", "5"), ("r", "6"))
    for letter in letters
}
_SOUNDEX_LENGTH = 4


def words_of(name: str | None) -> tuple[str, ...]:
    """Return the words of *name*, folded, without accents and apostrophes; nothing if it only says "not known"."""
    if name is None:
        return ()
    spread = unicodedata.normalize("NFKD", name.casefold().translate(_NO_DECOMPOSITION).translate(_JOINERS))
    plain = "".join(mark if mark.isalnum() else _beside(mark) for mark in spread)
    words = tuple(plain.split())
    return () if " ".join(words) in _PLACEHOLDERS else words


@lru_cache(maxsize=512)
def _beside(mark: str) -> str:
    """Return what becomes of a mark that is no letter: accents and points go, the vowel signs of other scripts stay.

    In Hindi or Tamil, Mina and Mona are told apart by a sign alone.
    """
    kind = unicodedata.combining(mark)
    if kind in _POINTS or kind >= _ACCENTS:
        return ""
    return mark if unicodedata.category(mark).startswith("M") else " "


def is_shared_by_brothers(word: str) -> bool:
    """Tell whether *word* is a first name often given to several children of a family, each with another after it."""
    return spelling_of(word) in _SHARED_BY_BROTHERS


def soundex(word: str) -> str:
    """Return the Soundex code of a folded word: its first letter and three digits for how the rest sounds.

    Letters outside a to z count as vowels. The empty word has the empty code.

    Source: the American Soundex of the census offices, as published by the US National Archives.
    """
    if not word:
        return ""
    # H and W do not part two letters that sound alike; vowels do.
    heard = [_SOUNDS.get(letter, "") for letter in word if letter not in "hw"]
    first = _SOUNDS.get(word[0], "")
    coded = [first, *heard[1:]] if word[0] not in "hw" else ["", *heard]
    digits = "".join(later for earlier, later in pairwise(coded) if later and later != earlier)
    return (word[0].upper() + digits + "000")[:_SOUNDEX_LENGTH]
