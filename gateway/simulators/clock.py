"""What time is it at the partner's? A partner has its own clock; ours is somebody else's."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def partner_now() -> datetime:
    """Return the time at the partner's, aware, UTC."""
    return datetime.now(UTC)  # noqa: TID251  # a simulator stands outside the gateway, where time is not handed down
