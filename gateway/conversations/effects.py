"""What can a step of a conversation ask for? Effects as data; flows perform them, in the transaction of the step."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from gateway.model.tree import Group

S = TypeVar("S")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A document is due to somebody.

    Shape: `kind` is a message of the catalogue, such as `mash.feedback.sent`; `facts` is what the conversation knows
    of the canonical `document`, as a tree; `to` is a system key, or `referrer` for whoever began the conversation.
    """

    kind: str
    document: str
    to: str
    facts: Group = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StartClock:
    """Wake the conversation at `due_at` (UTC), instead of any earlier wish under the same `kind`."""

    kind: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StopClock:
    """Do not wake it for this any more; there may be no such clock."""

    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskPerson:
    """A person with this role must act by `due_at` (UTC). One open question per conversation and `reason`."""

    role: str
    reason: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StopAsking:
    """The question has answered itself; there may be none open."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something to audit and nothing to do. Shape: `details` are codes and times, never personal."""

    code: str
    details: dict[str, str] = field(default_factory=dict)


Effect = Order | StartClock | StopClock | AskPerson | StopAsking | Note


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition(Generic[S]):
    """The step was taken: the state after it, and what it asks for, in order."""

    state: S
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """The step was not taken. An answer, not an error: the sender reads `message`, and `remedy` says what to do."""

    code: str
    message: str
    remedy: str
