"""Under which keys is a child filed, so that they are found again without a readable name?

Each key joins at least two attributes, so that no single one (everybody born on a day, everybody called Khan) can be
counted in the index. Keys are values to be blinded by the caller; they are never stored as they are.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from gateway.matching.identity import Identity
from gateway.matching.names import soundex, words_of
from gateway.model.name_forms import spelling_of

_AWAITED, _BORN = "awaited", "born"
_WHOLE_WORD = 3
_EARLY_OR_LATE = 4
"""So many months from the one it is due in a baby may be born."""


def index_keys(identity: Identity) -> tuple[tuple[str, str], ...]:
    """Return the (index name, value) pairs to file *identity* under, each once.

    Shape: two identities that could be one child share at least one pair with what the other looks for, as long as they
    agree, spelling and day-month order aside, in two of: names, date of birth, postcode, numbers. One awaited and one
    born agree in family name and postcode.
    """
    return _told(identity, _AWAITED if identity.born is None else _BORN)


def search_keys(identity: Identity) -> tuple[tuple[str, str], ...]:
    """Return the pairs to look for *identity* under: those it is filed under, and where it may stand not yet born.

    Shape: who was born looks among those awaited and the other way round; brothers and sisters who were both born do
    not meet here.
    """
    return _told(identity, _BORN if identity.born is None else _AWAITED)


def _told(identity: Identity, meeting: str) -> tuple[tuple[str, str], ...]:
    pairs = (*_keys(identity), *((meeting, parts) for parts in _around_birth(identity)))
    return tuple(dict.fromkeys((name, "|".join(parts)) for name, parts in pairs))


def _keys(identity: Identity) -> Iterator[tuple[str, tuple[str, ...]]]:
    families, firsts = _families(identity), _firsts(identity)
    for day in _days(identity):
        # One index for all names: a given and a family name in each other's box still meet.
        yield from (("name+dob", (name, day)) for name in (*families, *firsts))
        for name in families:
            yield from (("sound+dob+initial", (soundex(name), day, first[0])) for first in firsts)
        if identity.postcode:
            yield "dob+postcode", (day, identity.postcode)
    yield from _without_day(identity, families)
    yield from _numbers(identity, families)


def _without_day(identity: Identity, families: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield keys that find a child whose date of birth was left out or written wrong."""
    if identity.postcode:
        for family in families:
            for given in _firsts(identity):
                # Sorted, so that names in each other's box still meet.
                yield "names+postcode", (*sorted((family, given)), identity.postcode)


def _around_birth(identity: Identity) -> Iterator[tuple[str, ...]]:
    """Yield what a child who is awaited and one who has been born have in common, though neither name nor day agree.

    It tells the month, so that a brother born years before is not looked at.
    """
    if identity.postcode:
        for month in _months(identity):
            yield from ((family, identity.postcode, str(month)) for family in _families(identity))


def _numbers(identity: Identity, families: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for kind, number in (("nhs", identity.nhs), ("upn", identity.upn)):
        if number is None:
            continue
        if identity.born:
            yield f"{kind}+year", (number, str(identity.born.year))
        for family in families:
            yield f"{kind}+sound", (number, soundex(family))


def _families(identity: Identity) -> tuple[str, ...]:
    """Return the family name as a whole and each long word of it."""
    words = words_of(identity.family)
    parts = [word for word in words if len(word) >= _WHOLE_WORD]
    return tuple(dict.fromkeys(["".join(words), *parts])) if words else ()


def _firsts(identity: Identity) -> tuple[str, ...]:
    called = (words_of(identity.given), words_of(identity.preferred))
    return tuple(dict.fromkeys(spelling_of(words[0]) for words in called if words))


def _days(identity: Identity) -> tuple[str, ...]:
    if identity.born:
        return (_unordered(identity.born),)
    return (f"expected {_unordered(identity.expected)}",) if identity.expected else ()


def _months(identity: Identity) -> Iterable[int]:
    """Return the months, counted from the year 0, in which the child was born or may be."""
    if identity.born:
        return (_month(identity.born),)
    if identity.expected is None:
        return ()
    due = _month(identity.expected)
    return range(due - _EARLY_OR_LATE, due + _EARLY_OR_LATE + 1)


def _month(day: date) -> int:
    return 12 * day.year + day.month


def _unordered(day: date) -> str:
    """Return *day* so that day and month may change places without changing it."""
    low, high = sorted((day.day, day.month))
    return f"{day.year}-{low:02}-{high:02}"
