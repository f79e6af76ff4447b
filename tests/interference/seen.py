"""What does somebody see of a world, and do two worlds look the same to them?

What is drawn at random for every document, whatever it holds, is compared by its length: ids, blinded leaves,
signatures. Everything else is compared byte by byte.
"""

import re
from base64 import b64decode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

_NAMES = re.compile(rb"\b([a-z]{3})_\d{6}\b|\b([0-9a-f])[0-9a-f]{31}\b")
"""Ids, and ids of traces."""
_DRAWN = re.compile(
    rb'(?<=-)[0-9a-f]{16}(?=-01)|(?<="leaf_hash\\":\\")[0-9a-f]{64}|(?<=audit/2026 )[A-Za-z0-9+/=]{90,}'
    rb"|(?<=\n)[A-Za-z0-9+/]{43}=(?=\n)|(?<=\\n)[A-Za-z0-9+/]{43}=(?=\\n)"
)
_HEADER = re.compile(rb"[A-Za-z0-9+/]{80,}={0,2}(?=\\nindex )")
"""What a proof says of an event, with its blinded commitment."""
_COMMITMENT = re.compile(rb"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One thing somebody sees: who, what beside the bytes, when, and the bytes."""

    who: str
    what: tuple[str, ...]
    at: datetime
    body: bytes

    @property
    def size_bytes(self) -> int:
        """Return how long the bytes are."""
        return len(self.body)


def view(seen: Iterable[Seen], *, without: frozenset[str]) -> list[tuple[str, ...]]:
    """Return what everybody but those *without* whom sees, in its order, as it can be compared."""
    names: dict[bytes, bytes] = {}
    return [
        (one.who, one.at.isoformat(), str(one.size_bytes), *(_masked(part.encode(), names) for part in one.what),
         _masked(one.body, names))
        for one in seen
        if one.who not in without
    ]  # fmt: skip


def first_difference(here: Sequence[tuple[str, ...]], there: Sequence[tuple[str, ...]]) -> str | None:
    """Return how two views differ, where they first do; None where they are the same."""
    for number, (one, other) in enumerate(zip(here, there, strict=False)):
        if one != other:
            return f"{number}: {one[0]}: {_where(one, other)}"
    if len(here) != len(there):
        rest = (here if len(here) > len(there) else there)[min(len(here), len(there))]
        return f"{min(len(here), len(there))}: only one world has: {' '.join(rest[:5])}"
    return None


def _where(one: tuple[str, ...], other: tuple[str, ...]) -> str:
    told = []
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            at = next(
                (n for n, (a, b) in enumerate(zip(mine, theirs, strict=False)) if a != b), min(len(mine), len(theirs))
            )
            told.append(f"...{mine[max(0, at - 90) : at + 60]!r} | {theirs[max(0, at - 90) : at + 60]!r}")
    return f"{' '.join(one[3:6])} {'; '.join(told)}"


def _masked(body: bytes, names: dict[bytes, bytes]) -> str:
    """Return *body* whose ids say only where they first came up, and whose random parts only how long they are."""

    def renamed(found: re.Match[bytes]) -> bytes:
        return names.setdefault(found[0], b"%s_#%d" % (found[1] or b"trace", len(names)))

    told = _HEADER.sub(lambda found: _COMMITMENT.sub(b"#64", b64decode(found[0])), body)
    return _NAMES.sub(renamed, _DRAWN.sub(lambda found: b"#%d" % len(found[0]), told)).decode("utf-8", "replace")
