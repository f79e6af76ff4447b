"""How does the partner behave, for now?"""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class Mood(StrEnum):
    """The good day and the bad ones."""

    OK = "ok"
    DELAY = "delay"
    """Takes the document, answers after `seconds`."""
    REFUSE = "refuse"
    """Answers `status` (422 unless said) with `reason`; takes nothing."""
    UNAVAILABLE = "unavailable"
    """Answers `status` (503 unless said), with Retry-After if `seconds` is given; takes nothing."""
    REPEAT = "repeat"
    """Takes the document and says 409 with its acknowledgement, as if it had had it; a MASH acknowledges twice."""
    NONSENSE = "nonsense"
    """Takes the document and answers 200 with rubbish, each time other rubbish."""
    HANG = "hang"
    """Takes the document and never answers."""
    FORGET = "forget"
    """Takes the document as if it had never had it, and gives it another acknowledgement."""
    HALF_CLOSE = "half-close"
    """Takes the document and breaks off in the middle of its answer."""


class Behaviour(BaseModel):
    """What `POST /_simulator/behaviour` says.

    Shape: `count` is for how many requests it holds, None until changed. `takes_effect` overrides whether the document
    is taken, for instance false for a partner that hangs before it has read anything.
    Units: `seconds`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    behaviour: Mood = Mood.OK
    count: int | None = Field(default=None, ge=1)
    seconds: float | None = Field(default=None, ge=0)
    status: int | None = Field(default=None, ge=400, le=599)
    reason: str = "refused by the simulator"
    takes_effect: bool | None = None

    @property
    def has_effect(self) -> bool:
        """Tell whether a document that meets this behaviour is taken."""
        if self.takes_effect is not None:
            return self.takes_effect
        return self.behaviour not in {Mood.REFUSE, Mood.UNAVAILABLE}


class Moods:
    """The behaviour in force, used up request by request."""

    def __init__(self) -> None:
        self._now = Behaviour()
        self._left: int | None = None

    def change(self, behaviour: Behaviour) -> None:
        """Let *behaviour* hold from the next request on."""
        self._now, self._left = behaviour, behaviour.count

    def next(self) -> Behaviour:
        """Return what holds for the request that has just come."""
        if self._left is None:
            return self._now
        if self._left == 0:
            self.change(Behaviour())
            return self._now
        self._left -= 1
        return self._now
