"""Which of the laws that rules ask about are in force, in which area and from when?

    [s16LA]
    title = "Duty to share information for safeguarding and welfare"
    source = "Children Act 2004 section 16LA"
    [s16LA.in_force_from]
    E09000003 = "2027-01-01"

Where no day has been appointed the law is guidance: no rule that needs it in force applies.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from gateway.consent.in_force import Starts, read_starts
from gateway.consent.record_json import read_record
from gateway.errors import PolicyError, SchemaViolationError

SWITCHES: Final = ("s16LA", "s16LC")
"""The laws that rules, or what goes with a document, ask about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchFile:
    """One law, as its table says it."""

    title: str
    source: str
    in_force_from: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """From when each law holds, by area."""

    starts: Mapping[str, Starts]

    def switches(self, area: str | None, at: datetime) -> Mapping[str, bool]:
        """Return which laws are in force in *area* at *at* (UTC)."""
        return {
            name: start is not None and start <= at
            for name, start in ((name, starts.of(area)) for name, starts in self.starts.items())
        }

    def days(self, area: str | None) -> set[datetime]:
        """Return the instants (UTC) at which a law comes into force in *area*."""
        return {start for starts in self.starts.values() if (start := starts.of(area)) is not None}


def load_law(text: bytes) -> Law:
    """Return the law switches that a file holds.

    Raises:
        PolicyError: no TOML, a law that no rule asks about, one that is missing, or a day that is none.
    """
    try:
        tree = tomllib.loads(text.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PolicyError(f"no TOML: {error}") from error
    odd, missing = sorted(set(tree) - set(SWITCHES)), [name for name in SWITCHES if name not in tree]
    if odd:
        raise PolicyError(f"no rule asks about [{odd[0]}]; there are {', '.join(SWITCHES)}")
    if missing:
        raise PolicyError(f"[{missing[0]}] is missing; add it, without a day while none has been appointed")
    return Law(starts={name: _starts(name, tree[name]) for name in SWITCHES})


def _starts(name: str, told: object) -> Starts:
    try:
        switch = read_record(SwitchFile, told, path=f"{name}.")
    except SchemaViolationError as error:
        raise PolicyError(error.message, place=error.place) from error
    try:
        return read_starts(switch.in_force_from, unless_told=None)
    except PolicyError as error:
        raise PolicyError(f"[{name}]: {error.message}") from error
