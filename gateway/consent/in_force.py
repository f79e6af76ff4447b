"""From when does something hold, in which area? Half-open: the instant it starts is included.

    [in_force_from]
    everywhere = "2026-09-01"
    E09000003 = "2027-01-01T00:00:00Z"
    E06000008 = "not yet"

An area that is not named goes by `everywhere`. A date is its first moment in UTC; whoever means midnight of a summer
day in London writes the instant.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Final

from gateway.errors import PolicyError

EVERYWHERE: Final = "everywhere"
NOT_YET: Final = "not yet"
ALWAYS: Final = datetime.min.replace(tzinfo=UTC)
AREA: Final = re.compile(r"[EWSN]\d{8}")
"""What the GSS code of a local authority looks like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Starts:
    """From when something holds.

    Shape: `everywhere` holds for areas that are not in `areas`; None means that no day has been appointed.
    """

    everywhere: datetime | None = ALWAYS
    areas: Mapping[str, datetime | None] = field(default_factory=dict)

    def of(self, area: str | None) -> datetime | None:
        """Return from when it holds in *area* (UTC), or None if no day has been appointed there."""
        return self.areas.get(area or "", self.everywhere)


def read_starts(told: Mapping[str, str], *, unless_told: datetime | None) -> Starts:
    """Return what an `[in_force_from]` table says.

    Args:
        told: the table.
        unless_told: from when it holds where the table names neither the area nor `everywhere`.

    Raises:
        PolicyError: an area that is none, or a time that is none; the message says how to write it.
    """
    for area in told:
        if area != EVERYWHERE and not AREA.fullmatch(area):
            raise PolicyError(
                f"[in_force_from] names {area!r}; write {EVERYWHERE} or the GSS code of an area, such as E09000028"
            )
    starts = {area: _instant(area, text) for area, text in told.items()}
    everywhere = starts.pop(EVERYWHERE, unless_told)
    return Starts(everywhere=everywhere, areas=starts)


def _instant(area: str, text: str) -> datetime | None:
    if text == NOT_YET:
        return None
    try:
        at = datetime.fromisoformat(text) if "T" in text else datetime.combine(date.fromisoformat(text), time(), UTC)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise PolicyError(
            f"[in_force_from] {area}: write a date such as 2026-09-01, a time with its zone such as"
            f" 2026-09-01T00:00:00Z, or {NOT_YET!r}"
        )
    return at.astimezone(UTC)
