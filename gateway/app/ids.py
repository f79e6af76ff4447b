"""Where do fresh identifiers come from? UUID version 7, spelled short, with a word in front that says what of."""

import re
import secrets
from threading import Lock

from gateway.flows.ports import Clock

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_TWO_LETTERS = tuple(first + second for first in _ALPHABET for second in _ALPHABET)
_SHIFTS = range(120, -1, -10)
_KIND = re.compile(r"[a-z]{2,12}")
_COUNTER_BITS = 12
_RANDOM_BITS = 62
_COUNTER_MOST = (1 << _COUNTER_BITS) - 1


class SortableIds:
    """Makes identifiers such as `msg_01jd0f7w1ge7v9q2w3k5n8x4yz`.

    Shape: kind, underscore, and 26 characters of Crockford's base 32 (no i, l, o, u) that spell a UUID version 7:
    48 bits of milliseconds, 12 bits that count within a millisecond, 62 random bits.
    Promise: those of one process sort in the order they were made, also when the clock steps back. Nobody can guess
    the next one.
    Source: RFC 9562, sections 5.7 and 6.2, method 1.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._millisecond = 0
        self._counter = 0

    def fresh(self, kind: str) -> str:
        """Return a new identifier of *kind*: two to twelve small letters."""
        if not _KIND.fullmatch(kind):
            raise ValueError("a kind is two to twelve small letters")
        millisecond, counter = self._tick()
        bits = secrets.randbits(_RANDOM_BITS) | 0b10 << 62 | counter << 64 | 0x7 << 76 | millisecond << 80
        return f"{kind}_{_spell(bits)}"

    def _tick(self) -> tuple[int, int]:
        """Return a pair greater than every one before it."""
        now = int(self._clock.now().timestamp() * 1000)
        with self._lock:
            if now > self._millisecond:
                self._millisecond, self._counter = now, secrets.randbits(_COUNTER_BITS - 1)
            elif self._counter < _COUNTER_MOST:
                self._counter += 1
            else:
                self._millisecond, self._counter = self._millisecond + 1, secrets.randbits(_COUNTER_BITS - 1)
            return self._millisecond, self._counter


def _spell(bits: int) -> str:
    """Return 128 bits as 26 characters of five bits each, the first of three; two at a time."""
    return "".join([_TWO_LETTERS[bits >> shift & 1023] for shift in _SHIFTS])
