"""What did a campaign see? Everything the checker judges by, as plain data that can be printed and doctored."""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

REFERRAL = "mash.referral.submitted"
REPORT = "sims.form.received"
FEEDBACK = "mash.feedback.sent"
REQUEST = "caf.request.accepted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One effect that must come about once: at this partner, of this kind, about this child (its family name).

    Shape: `child` is empty for a document that is not told apart by child, such as a referral about two.
    """

    partner: str
    kind: str
    child: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """One document whose sender has our receipt.

    Shape: `number` counts the documents about the same children in the order in which their sender got receipts.
    `correlation_id` is what its effects are called at the partners: its own message id, or that of the referral it
    answers. `is_urgent` waits for nobody, so it is not judged by order. `lane` tells who waits for whom.
    Units: `at` is when it was accepted, in seconds of the machine's clock, which no campaign moves.
    """

    message_id: str
    correlation_id: str
    number: int
    children: tuple[str, ...]
    lane: str
    leaf_hash: str
    dues: tuple[Due, ...]
    at: float = field(default_factory=time.time)

    @property
    def is_urgent(self) -> bool:
        """Tell whether it waits for nobody."""
        return self.lane == "urgent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One document a partner took for the first time, at `position` among all it took.

    Units: `at` in seconds of the machine's clock.
    """

    partner: str
    position: int
    delivery_id: str
    correlation_id: str
    kind: str
    child: str = ""
    at: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDelivery:
    """One delivery as the store has it in the end; `is_with_person` tells that somebody was asked about it."""

    delivery_id: str
    state: str
    reason: str
    partner: str = ""
    correlation_id: str = ""
    kind: str = ""
    is_with_person: bool = False


@dataclass(slots=True, kw_only=True)
class History:
    """The whole of it.

    Shape: `leaves` are the hashes in the log; `readable` tells where a child's name was found in clear; `left_in_drop`
    are files that stayed in the drop folder.
    """

    seed: int
    accepted: list[Accepted] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    deliveries: list[StoredDelivery] = field(default_factory=list)
    leaves: set[str] = field(default_factory=set)
    unfinished: list[str] = field(default_factory=list)
    readable: list[str] = field(default_factory=list)
    left_in_drop: list[str] = field(default_factory=list)

    def write(self, path: Path) -> None:
        """Keep it, for whoever looks for the reason."""
        path.write_text(json.dumps(asdict(self), indent=1, default=sorted) + "\n", encoding="utf-8")


def effects_in(journal: Path, partner: str, families: Sequence[str]) -> list[Effect]:
    """Return the effects a partner's journal tells of; a document about one of *families* is known by that name."""
    return [
        Effect(
            partner=partner,
            position=entry["position"],
            delivery_id=entry["message_id"],
            correlation_id=entry["correlation_id"],
            kind=entry["kind"],
            child=_child_in(entry, families),
            at=datetime.fromisoformat(entry["at"]).timestamp(),
        )
        for entry in _entries(journal)
    ]


def _entries(journal: Path) -> Iterator[dict[str, Any]]:
    """Return the effects of a journal; a line that is still being written is left out."""
    if not journal.exists():
        return
    for line in journal.read_bytes().splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if entry.get("what") == "effect":
            yield entry


def child_in(kind: str, body: bytes, families: Sequence[str]) -> str:
    """Return the family an episode is about; other documents are not told apart by child."""
    if kind not in {REPORT, REQUEST}:
        return ""
    return _family(json.loads(body), families)


def _child_in(entry: dict[str, Any], families: Sequence[str]) -> str:
    return _family(entry["document"], families) if entry["kind"] in {REPORT, REQUEST} else ""


def _family(document: dict[str, Any], families: Sequence[str]) -> str:
    family = str(document["document"]["child"]["family_name"])
    return family if family in families else "nobody we know"
