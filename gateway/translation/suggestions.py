"""Which codes might a label mean that no code list knows? Ranked for a person, each with its reason; none is chosen.

A suggestion is never acted on by the gateway: a label that looks like another may mean its opposite.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher

from gateway.translation.code_lists import CodeRow, fold

_MOST = 5
_ALIKE = 0.75
_SHARED = 0.4
_SMALL_WORDS = frozenset({"and", "or", "the", "a", "an", "of", "any", "background"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A code a label might mean.

    Shape: `label` is the list's own label for it, `because` says in words why it is suggested, best reason first.
    """

    code: str
    label: str
    because: str


def suggestions(rows: Iterable[CodeRow], label: str, *, on: date) -> tuple[Suggestion, ...]:
    """Return at most five codes that *label* might mean, likeliest first: only codes there are on the day *on*."""
    known = tuple(row for row in rows if row.ours)
    there = {row.ours for row in known if row.holds_on(on)}
    found = [(*ranked, row) for row in known if row.ours in there and (ranked := _rank(row, label, on)) is not None]
    best: dict[str, Suggestion] = {}
    for _, because, row in sorted(found, key=lambda one: one[0], reverse=True):
        best.setdefault(row.ours, Suggestion(code=row.ours, label=row.theirs, because=because))
    return tuple(best.values())[:_MOST]


def _rank(row: CodeRow, label: str, on: date) -> tuple[float, str] | None:
    """Return how likely it is, from 6 down, that *label* means what *row* says, and why; None if nothing speaks so."""
    theirs, ours = fold(row.theirs), fold(label)
    if theirs == ours and not row.holds_on(on):
        return 6, f"the same label, {_days(row)}"
    if theirs == ours:
        return 5, f"the same label, as {row.system or 'another system'} has it"
    if _letters(theirs) == _letters(ours):
        return 4, "the same letters, spaced or punctuated otherwise"
    words, others = _words(ours), _words(theirs)
    if words and words == others:
        return 3, "the same words"
    return _likeness(words, others, SequenceMatcher(a=_letters(ours), b=_letters(theirs)))


def _likeness(words: frozenset[str], others: frozenset[str], letters: SequenceMatcher[str]) -> tuple[float, str] | None:
    if letters.quick_ratio() >= _ALIKE and letters.ratio() >= _ALIKE:
        return 2 + letters.ratio(), f"spelt alike: {round(letters.ratio() * 100)} of 100 letters"
    shared = words & others
    if shared and len(shared) / len(words | others) >= _SHARED:
        return 1 + len(shared) / len(words | others), f"{len(shared)} of {len(words | others)} words the same"
    return None


def _days(row: CodeRow) -> str:
    if row.valid_to is not None and row.valid_from is None:
        return f"until {row.valid_to.isoformat()}"
    if row.valid_from is not None and row.valid_to is None:
        return f"from {row.valid_from.isoformat()}"
    return f"from {row.valid_from} to {row.valid_to}"


def _letters(text: str) -> str:
    """Return the letters and digits of *text* alone, without accents."""
    return "".join(character for character in unicodedata.normalize("NFKD", text) if character.isalnum())


def _words(text: str) -> frozenset[str]:
    return frozenset(_parts(text)) - _SMALL_WORDS


def _parts(text: str) -> Iterator[str]:
    word = ""
    for character in text.replace("&", " and "):
        if character.isalnum():
            word += character
        elif word:
            yield word
            word = ""
    if word:
        yield word
