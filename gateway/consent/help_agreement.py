"""Does the family agree to be helped? That is not whether its confidences may be shared, and is kept apart from it.

Early help is voluntary: a family agrees to it, may refuse it, and may end it whenever it likes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

AGREED: Final = "AGREED"
REFUSED: Final = "REFUSED"
ENDED: Final = "ENDED"
STATUSES: Final = (AGREED, REFUSED, ENDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpAgreement:
    """One giver's word about being helped.

    Units: UTC. `effective_from` is included, `expires_on` is not; a yes without an end holds until somebody ends it.
    """

    agreement_id: str
    status: str
    version: int = 1
    giver: str | None = None
    giver_capacity: str | None = None
    mode: str | None = None
    given_at: datetime | None = None
    effective_from: datetime | None = None
    expires_on: datetime | None = None
    episode: str | None = None
    source: str | None = None


def agrees(said: Iterable[HelpAgreement], at: datetime) -> bool | None:
    """Return whether the family agrees to be helped at *at*; None, where nobody has said anything that holds then.

    One no is a no, whoever else agrees: nobody is helped against their will by a rule.
    """
    words = [one for one in said if one.effective_from is None or one.effective_from <= at]
    if any(one.status != AGREED for one in words):
        return False
    held = [one for one in words if one.effective_from is not None and (one.expires_on is None or at < one.expires_on)]
    return True if held else None
