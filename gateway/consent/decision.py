"""What is the answer to a sharing question? Records of it: plain, storable, and proof of nothing.

Only `gateway.consent.clearance.clear` turns a permit into something a translator accepts, and only at hand-over.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from gateway.consent.question import Mode, Purpose
from gateway.model.category import Category, Tells


@dataclass(frozen=True, slots=True, kw_only=True)
class Redaction:
    """One reason to withhold, and what it withholds.

    Shape: `categories` go whole; with `locating` every field marked as locating goes too, whatever its category, and
    so does every field that tells of any of `telling`, and with `persons` whoever may be a hidden person. Who that is
    stands here no more than whether anybody was found.
    """

    reason: str
    categories: tuple[Category, ...] = ()
    locating: bool = False
    telling: tuple[Tells, ...] = ()
    persons: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the rules said of one child by itself, where a document is about several.

    Shape: `result` is PERMIT, PERMIT_REDACTED, REVIEW or DENY.
    """

    result: str
    reason: str
    rules: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What every answer carries, so that it can be explained and repeated.

    Shape: `reason` is the terminal row's code, `rules` the numbers of all rows that fired, in order. `facts_digest` is
    the SHA-256 (hex) of the question's canonical form without its time. `valid_until` is the next instant (UTC) at
    which the answer could change by the passing of time alone, or None. `answers`, where it is about several children,
    says what the rules said of each by itself, in the record's order; `rules` are then those of the strictest.
    `switches` are the laws the question told of, and whether each is in force.
    `agreement` and `agreement_version` name the sharing agreement the flow goes by, `lawful_basis` what it rests on in
    law.
    """

    reason: str
    rules: tuple[int, ...]
    obligations: tuple[str, ...]
    policy_version: str
    facts_digest: str
    purpose: Purpose
    mode: Mode
    recipient: str
    decided_at: datetime
    valid_until: datetime | None
    answers: tuple[Answer, ...] = ()
    switches: Mapping[str, bool] = field(default_factory=dict)
    agreement: str | None = None
    agreement_version: str | None = None
    lawful_basis: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """It may go, cut by `redactions`.

    Shape: `kept` is what may stay after every cut (the cut list); `epochs` are the counters of child, recipient and
    policy as they stood when the facts were read: the hand-over mark commits only while they still stand so.
    """

    grounds: Grounds
    redactions: tuple[Redaction, ...]
    kept: tuple[Category, ...]
    epochs: Mapping[str, int]

    @property
    def is_redacted(self) -> bool:
        """Tell whether anything that was asked for is withheld."""
        return bool(self.redactions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """It may not go. A refusal is ordinary: it is audited, and the flow says what happens next."""

    grounds: Grounds


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A person must decide."""

    grounds: Grounds


Decision = Permit | Refusal | Review
