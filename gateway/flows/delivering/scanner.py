"""What is asked of whoever looks for malware in a document, and what may be answered?"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, Self, TypeAlias

_NO_NAME = re.compile(r"[^A-Za-z0-9._:/-]+")
_NAME_LENGTH = 100
_NAMELESS = "unnamed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clean:
    """It was looked through, and nothing was found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Malware:
    """Malware was found. `signature` is what the scanner calls it, in letters that may stand in a log."""

    signature: str

    @classmethod
    def called(cls, name: str) -> Self:
        """Return that malware was found which the scanner calls *name*, whatever letters that has."""
        return cls(signature=_NO_NAME.sub("_", name).strip("._:/-")[:_NAME_LENGTH] or _NAMELESS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsaid:
    """It cannot be said just now. `is_away` tells that the scanner itself is not there: no other would fare better."""

    code: str
    is_away: bool = False


Verdict: TypeAlias = Clean | Malware | Unsaid


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannerVersion:
    """Which scanner answers. `signatures_at` is when its signatures were made (UTC), None if it does not say."""

    name: str
    signatures_at: datetime | None


class Scanner(Protocol):
    """Looks for malware. What is shown to it stays on this machine."""

    def scan(self, content: bytes) -> Verdict:
        """Return what is to be said of *content*; whatever goes wrong is an answer too, and nothing is raised."""
        ...

    def trouble(self) -> str | None:
        """Return None while it answers, else a code that says why not."""
        ...

    def version(self) -> ScannerVersion:
        """Return which one it is.

        Raises:
            TransientError: it does not answer.
        """
        ...
