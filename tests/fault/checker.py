"""Is a history one that the gateway's promises allow? Each fault is told in a sentence with the ids to look for.

Promises: every accepted document has each effect it is due exactly once, or a person was asked about it; no effect
without an accepted document; the documents about one child reach one partner, within one lane, in the order their
sender got receipts; what protects a child is there, or with a person, within the hour; every acceptance has its leaf in
the log; nothing is left half done, and nothing is readable on disk.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from tests.fault.history import Accepted, Due, Effect, History

_SETTLED = {"acknowledged"}
_SET_ASIDE = {"dead_letter"}
_HOUR_SECONDS = 3600.0
Key = tuple[str, str, str, str]


class Broken(Enum):
    """Which promise a fault breaks; those above `OTHER` have a column in the table of faults."""

    LOST = "lost"
    DOUBLED = "doubled"
    ORDER = "out of order"
    LATE = "s47 undelivered for over an hour"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong."""

    broken: Broken
    text: str

    def __str__(self) -> str:
        return f"[{self.broken.value}] {self.text}"


def faults_of(history: History) -> list[Fault]:
    """Return everything that is wrong with *history*; nothing, when all promises were kept."""
    return [Fault(broken=broken, text=text) for broken, check in _CHECKS for text in check(history)]


def _lost(history: History) -> Iterator[str]:
    had = {_key(effect) for effect in history.effects}
    asked = Counter(
        (one.partner, one.correlation_id, one.kind)
        for one in history.deliveries
        if one.state in _SET_ASIDE and one.is_with_person
    )
    for accepted in history.accepted:
        for due in accepted.dues:
            if (due.partner, accepted.correlation_id, due.kind, due.child) in had:
                continue
            if asked[(due.partner, accepted.correlation_id, due.kind)]:
                asked[(due.partner, accepted.correlation_id, due.kind)] -= 1
                continue
            yield f"{accepted.message_id}: {due.kind} to {due.partner} {due.child} was lost"


def _doubled(history: History) -> Iterator[str]:
    had = Counter(_key(effect) for effect in history.effects)
    for accepted in history.accepted:
        for due in accepted.dues:
            times = had[(due.partner, accepted.correlation_id, due.kind, due.child)]
            if times > 1:
                yield f"{accepted.message_id}: {due.kind} to {due.partner} {due.child} had effect {times} times"


def _late(history: History) -> Iterator[str]:
    came: dict[tuple[str, str, str], float] = {}
    for effect in history.effects:
        key = (effect.partner, effect.correlation_id, effect.kind)
        came[key] = min(effect.at, came.get(key, effect.at))
    asked = {(one.partner, one.correlation_id, one.kind) for one in history.deliveries if one.is_with_person}
    for accepted in history.accepted:
        for due in accepted.dues if accepted.is_urgent else ():
            key = (due.partner, accepted.correlation_id, due.kind)
            if key not in asked and came.get(key, float("inf")) - accepted.at > _HOUR_SECONDS:
                yield f"{accepted.message_id}: {due.kind} was not at {due.partner} within the hour"


def _from_nowhere(history: History) -> Iterator[str]:
    due = {
        (one.partner, accepted.correlation_id, one.kind, one.child)
        for accepted in history.accepted
        for one in accepted.dues
    }
    for effect in history.effects:
        if _key(effect) not in due:
            yield f"{effect.delivery_id}: {effect.kind} at {effect.partner} was never due ({effect.correlation_id})"


def _out_of_order(history: History) -> Iterator[str]:
    places = {_key(effect): effect.position for effect in history.effects}
    rows: dict[tuple[str, str, str], list[tuple[int, int, Accepted]]] = defaultdict(list)
    for accepted in history.accepted:
        if accepted.is_urgent:
            continue
        for due in accepted.dues:
            position = places.get((due.partner, accepted.correlation_id, due.kind, due.child))
            for child in _about(due, accepted) if position is not None else ():
                rows[(due.partner, child, accepted.lane)].append((accepted.number, position or 0, accepted))
    for (partner, child, lane), row in rows.items():
        for earlier, later in pairwise(sorted(row, key=lambda one: one[0])):
            if later[1] < earlier[1]:
                both = f"{later[2].message_id} came before {earlier[2].message_id}"
                yield f"{child} at {partner}, {lane} lane: {both}, which was accepted earlier"


def _about(due: Due, accepted: Accepted) -> tuple[str, ...]:
    return (due.child,) if due.child else accepted.children


def _without_leaf(history: History) -> Iterator[str]:
    for accepted in history.accepted:
        if accepted.leaf_hash not in history.leaves:
            yield f"{accepted.message_id}: the receipt's leaf is not in the log"


def _accepted_twice(history: History) -> Iterator[str]:
    for message_id, times in Counter(one.message_id for one in history.accepted).items():
        if times > 1:
            yield f"{message_id}: {times} documents were given this one receipt"


def _unsettled(history: History) -> Iterator[str]:
    for delivery in history.deliveries:
        is_with_person = delivery.state in _SET_ASIDE and delivery.is_with_person
        if delivery.state not in _SETTLED and not is_with_person:
            yield f"{delivery.delivery_id}: still {delivery.state} ({delivery.reason})"
    known = {delivery.delivery_id for delivery in history.deliveries}
    for effect in history.effects:
        if effect.delivery_id not in known:
            yield f"{effect.delivery_id}: {effect.partner} has it, and the store knows nothing of it"
    had = {effect.delivery_id for effect in history.effects}
    for delivery in history.deliveries:
        if delivery.state in _SETTLED and delivery.delivery_id not in had:
            yield f"{delivery.delivery_id}: acknowledged, and no partner has it"


def _untidy(history: History) -> Iterator[str]:
    for message_id in history.unfinished:
        yield f"{message_id}: accepted, and never worked through"
    for path in history.readable:
        yield f"{path}: holds a child's name in clear"
    for path in history.left_in_drop:
        yield f"{path}: was left in the drop folder"


def _key(effect: Effect) -> Key:
    return (effect.partner, effect.correlation_id, effect.kind, effect.child)


_CHECKS: tuple[tuple[Broken, Callable[[History], Iterator[str]]], ...] = (
    (Broken.LOST, _lost),
    (Broken.LOST, _without_leaf),
    (Broken.DOUBLED, _doubled),
    (Broken.ORDER, _out_of_order),
    (Broken.LATE, _late),
    (Broken.OTHER, _from_nowhere),
    (Broken.OTHER, _accepted_twice),
    (Broken.OTHER, _unsettled),
    (Broken.OTHER, _untidy),
)
