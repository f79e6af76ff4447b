"""Where in a JSON document is what the reader refused?

Only asked once something is wrong, so it may take its time: the document is read again, keeping what the fast reading
throws away, and walked in order.
"""

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from gateway.formats.limits import Limits

_SEGMENT_LIMIT = 64


@dataclass(frozen=True, slots=True)
class _Number:
    written: str


@dataclass(frozen=True, slots=True)
class _Pairs:
    pairs: list[tuple[str, object]]


_Refuses: TypeAlias = Callable[[object], bool]


def locate(text: str, *, limits: Limits) -> str | None:
    """Return the path of the first thing strict JSON refuses in *text*, such as `answers[3].age`.

    None if *text* is not JSON at all behind it, so that no path can be told.
    """
    decoder = json.JSONDecoder(object_pairs_hook=_Pairs, parse_int=_Number, parse_float=_Number, parse_constant=_Number)
    try:
        whole = decoder.decode(text)
    except json.JSONDecodeError:
        return None
    return next(_faults(whole, "", lambda leaf: _is_refused(leaf, limits)), None)


def joined(path: str, name: str) -> str:
    """Return *path* with *name* behind it; a name that is no plain word is not repeated, it could be anything."""
    plain = len(name) <= _SEGMENT_LIMIT and name.replace("_", "").replace("-", "").replace(" ", "").isalnum()
    shown = name if plain else "?"
    return f"{path}.{shown}" if path else shown


def _faults(node: object, path: str, refuses: _Refuses) -> Iterator[str]:
    match node:
        case _Pairs(pairs):
            yield from _group_faults(pairs, path, refuses)
        case list():
            for index, item in enumerate(node):
                yield from _faults(item, f"{path}[{index}]", refuses)
        case _ if refuses(node):
            yield path
        case _:
            pass


def _group_faults(pairs: list[tuple[str, object]], path: str, refuses: _Refuses) -> Iterator[str]:
    seen: set[str] = set()
    for name, part in pairs:
        inside = joined(path, name)
        if name in seen or refuses(name):
            yield inside
        seen.add(name)
        yield from _faults(part, inside, refuses)


def _is_refused(leaf: object, limits: Limits) -> bool:
    match leaf:
        case str():
            return len(leaf) > limits.text_length or any(c == "\0" or "\ud800" <= c <= "\udfff" for c in leaf)
        case _Number(written):
            return _is_refused_number(written, limits)
        case _:
            return False


def _is_refused_number(written: str, limits: Limits) -> bool:
    mantissa = written.lower().partition("e")[0]
    if not any(map(str.isdigit, mantissa)) or sum(map(str.isdigit, mantissa)) > limits.digits:
        return True
    rounded = float(written)
    return math.isinf(rounded) or (rounded == 0 and any(digit in "123456789" for digit in mantissa))
