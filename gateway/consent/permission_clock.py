"""When must a person be told that a permission is about to run out, or that its review is due?"""

from datetime import UTC, datetime, timedelta
from typing import Final

from gateway.consent.permission import GIVEN, Permission, words_of
from gateway.consent.statement_rules import Terms, lapses_at

NOTICE: Final = timedelta(days=28)
"""How long before a written permission runs out somebody is told."""
SPOKEN_NOTICE: Final = timedelta(days=5)
"""How long before a spoken one stops counting: time enough to have it signed."""


def ends_at(permission: Permission, terms: Terms) -> datetime | None:
    """Return the instant from which *permission* no longer counts; None, where it is no yes or has no end."""
    words = [one for one in words_of(permission) if one.status in GIVEN]
    ends = [end for one in words for end in (one.expires_on, lapses_at(one, terms)) if end is not None]
    return min(ends, default=None)


def warn_at(permission: Permission, terms: Terms) -> datetime | None:
    """Return when somebody is told that *permission* runs out: never before it begins."""
    end = ends_at(permission, terms)
    if end is None:
        return None
    notice = NOTICE if end == permission.expires_on else SPOKEN_NOTICE
    start = permission.effective_from or datetime.min.replace(tzinfo=UTC)
    return start if end - start < notice else end - notice


def review_at(permission: Permission, terms: Terms) -> datetime | None:
    """Return when the review of *permission* is due; None, where it names none or is over by then."""
    end = ends_at(permission, terms)
    review = permission.review_on
    return review if review is not None and end is not None and review < end else None
