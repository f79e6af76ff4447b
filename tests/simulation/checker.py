"""Is a history one the gateway's promises allow? By the checker's own reading of rows, and of what left.

It knows nothing of permits and counters. It folds the journal of durable rows: what the family said, which flags stand,
which agreement is in force, who leased what last; and in the light of that looks at each hand-over mark and at all
that left.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from tests.simulation.history import History
from tests.simulation.house import Scene

_OPEN = frozenset({"ordered", "handed_over", "in_review", "held_label", "held_match"})
_GOING = frozenset({"ordered", "handed_over"})
_CLOSED = frozenset({"acknowledged", "refused", "withdrawn", "dead_letter"})
_DONE = _CLOSED - {"dead_letter"}
_WAITING = frozenset({"in_review", "held_match", "held_label"})
_LISTED = frozenset({"barnet-mash"})
"""Who is on the need-list of a withheld address."""
_PLACES = (b"ZZ99", b"Nowhere Lane")
"""What tells where the child of these documents lives."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EFFECTS = frozenset({"mash.referral.submitted", "sims.form.received", "caf.request.accepted"})
"""Kinds of record messages that have a delivery; each has one to a recipient at the most."""
_RECORDS = {"sims/superstar-1": 3, "mash/govuk-forms-1": 1, "mash/decision-1": 1}


class Row(NamedTuple):
    """A delivery as a statement left it."""

    delivery_id: str
    state: str
    attempt: int
    ready_at: int | None
    permit_id: str
    sha256: str | None
    handed_over_at: int | None
    position: int
    recipient: str
    lane: int
    subjects: str
    mode: str
    idempotency: str
    record_id: str
    waits_for: int | None
    lease: int
    purpose: str


class Mark(NamedTuple):
    """A hand-over mark: who set it, on which bytes, and whether the address was withheld from the recipient then."""

    actor: str
    sha256: str | None
    permit_id: str
    hides: bool


@dataclass(slots=True)
class Read:
    """What the checker knows at one moment of the journal."""

    deliveries: dict[str, Row] = field(default_factory=dict)
    consents: dict[str, dict[str, str]] = field(default_factory=dict)
    flags: dict[str, dict[str, str]] = field(default_factory=dict)
    agreements: dict[str, dict[str, Any]] = field(default_factory=dict)
    permitted: set[str] = field(default_factory=set)
    cursors: dict[str, int] = field(default_factory=dict)
    holders: dict[str, str] = field(default_factory=dict)
    marks: dict[str, list[Mark]] = field(default_factory=dict)
    takes: Counter[str] = field(default_factory=Counter)
    counted: Counter[str] = field(default_factory=Counter)
    sends: Counter[str] = field(default_factory=Counter)
    replays: Counter[str] = field(default_factory=Counter)

    def later(self) -> "Read":
        """Return a copy to go on with, in which nobody holds a lease."""
        return Read(
            deliveries=dict(self.deliveries),
            consents={child: dict(facts) for child, facts in self.consents.items()},
            flags={child: dict(facts) for child, facts in self.flags.items()},
            agreements=dict(self.agreements),
            permitted=set(self.permitted),
            cursors=dict(self.cursors),
            marks={name: list(marks) for name, marks in self.marks.items()},
            takes=Counter(self.takes),
            counted=Counter(self.counted),
            sends=Counter(self.sends),
            replays=Counter(self.replays),
        )


def faults_of(history: History) -> list[str]:
    """Return everything that is wrong with *history*; nothing, when all promises were kept."""
    read, faults = _read(history.scene).later(), []
    for number, (kind, actor, deed, *values) in enumerate(history.journal):
        faults += [f"{number}: {actor}: {fault}" for fault in _READERS[kind](read, actor, deed, *values)]
    return [*faults, *_unended(history, read)]


@cache
def _read(scene: Scene) -> Read:
    """Return what is known when a history begins in *scene*."""
    read = Read()
    for kind, actor, deed, *values in scene.journal:
        for _ in _READERS[kind](read, actor, deed, *values):
            pass
    return read


def _delivery(read: Read, actor: str, deed: str, event: str, *values: Any) -> Iterator[str]:
    new = Row(*values)
    old = read.deliveries.get(new.delivery_id)
    read.deliveries[new.delivery_id] = new
    if old is None or event == "INSERT" or _is_let_be(old, new):
        return
    read.replays[new.delivery_id] += old.state == "dead_letter" and new.state in _GOING
    if new.state == "handed_over" and new.handed_over_at != old.handed_over_at:
        yield from _marked(read, actor, old, new)
    if deed == "lease" or actor == "nobody":
        yield from _leased(read, actor, new)
    elif actor.startswith(("deliver", "swift")) and new.state != "acknowledged":
        if read.holders.get(new.delivery_id) != actor:
            yield f"{new.delivery_id} was saved as {new.state} by one whose lease had gone to another"
        if old.state in _CLOSED:
            yield f"{new.delivery_id} was {old.state}, and a worker made it {new.state}"


def _is_let_be(old: Row, new: Row) -> bool:
    """Tell whether a row was only parked, shelved or let go: that is nobody's lease, and whoever has one keeps it."""
    return old == new or (old.waits_for != new.waits_for and old.state == new.state)


def _leased(read: Read, actor: str, new: Row) -> Iterator[str]:
    """A lease is the turn to go; at a crash all go to nobody. What was sent and never is again goes nowhere."""
    read.holders[new.delivery_id] = actor
    if actor != "nobody" and (new.state, new.idempotency) != ("handed_over", "at-most-once"):
        yield from _out_of_turn(read, new)


def _marked(read: Read, actor: str, old: Row, new: Row) -> Iterator[str]:
    name, children = new.delivery_id, _children(new.subjects)
    if new.mode == "DISCLOSE" and new.purpose != "ADMIN":  # a notice without content goes because they said no
        said = {status for child in children for status in read.consents.get(child, {}).values()}
        if said & {"WITHDRAWN", "REFUSED"}:
            yield f"{name} was marked as handed over after the family had said no"
        if _has_ended(read.agreements[new.recipient], new.handed_over_at) and name not in read.permitted:
            yield f"{name} was marked as handed over without an agreement in force or a person's word"
    if old.state in _CLOSED:
        yield f"{name} was {old.state}, and was marked as handed over"
    marks = read.marks.setdefault(name, [])
    if any(mark.permit_id == new.permit_id and mark.sha256 != new.sha256 for mark in marks):
        yield f"{name} was marked for other bytes under the same permit"
    flags = {flag for child in children for flag in read.flags.get(child, {}).values()}
    hides = "ADDRESS_WITHHELD" in flags and new.recipient not in _LISTED
    marks.append(Mark(actor, new.sha256, new.permit_id, hides))


def _out_of_turn(read: Read, leased: Row) -> Iterator[str]:
    """Yield what should have gone first; one that is ordered again after the lease comes too late for that."""
    for other in read.deliveries.values():
        if _is_before(other, leased) and not _children(leased.subjects).isdisjoint(_children(other.subjects)):
            yield f"{leased.delivery_id} had its turn before {other.delivery_id}, which is earlier and {other.state}"


def _sent(read: Read, actor: str, _deed: str, name: str, digest: str, took: bool, body: bytes) -> Iterator[str]:
    mark = next((one for one in reversed(read.marks.get(name, ())) if one.actor == actor), None)
    read.sends[name] += 1
    row = read.deliveries[name]
    is_late = row.idempotency == "query-first" and read.holders.get(name) != actor
    read.takes[name] += took
    read.counted[name] += took and not is_late  # bytes that left past the lease: nobody can ask for what comes later
    if mark is None or mark.sha256 != digest or read.sends[name] > len(read.marks[name]):
        yield f"{name} was sent, and no mark stands for these bytes"
    elif mark.hides and any(place in body for place in _PLACES):
        yield f"{name} told an address that was withheld when it was marked"
    elif not mark.hides and b"Ruby" in body and _PLACES[0] not in body:
        yield f"{name} was cut for a flag that did not stand when it was marked"
    if row.idempotency != "idempotent" and read.counted[name] > 1 + read.replays[name]:
        yield f"{name} was taken twice by a partner that takes twice what is sent twice"


def _message(read: Read, actor: str, deed: str, event: str, *values: Any) -> Iterator[str]:
    name, state, cursor, _attempt, _ready_at = values
    if event == "INSERT":
        read.cursors[name] = cursor
        return
    if deed == "lease" or actor == "nobody":
        read.holders[name] = actor
    elif actor.startswith(("process", "file", "first")) and read.holders.get(name) != actor:
        yield f"{name} was saved as {state} by one whose lease had gone to another"
    if cursor < read.cursors[name]:
        yield f"{name} went back behind records that are stored"
    read.cursors[name] = cursor


def _fact(read: Read, _actor: str, _deed: str, event: str, fact_id: str, child: str, sealed: bytes) -> Iterator[str]:
    body = json.loads(sealed.split(b"|", 2)[2])
    if fact_id.startswith(("contacts/", "help/")):  # whom a school lists, and whether help is wanted: no permission
        return
    about = {name for name, row in read.deliveries.items() if child in row.subjects}
    read.permitted -= about
    kept, word = (read.flags, body["flag"]) if "flag" in body else (read.consents, body["status"])
    if event == "DELETE":
        kept.get(child, {}).pop(fact_id, None)
    else:
        kept.setdefault(child, {})[fact_id] = word
    yield from ()


def _organisation(read: Read, _actor: str, _deed: str, _event: str, name: str, profile: str) -> Iterator[str]:
    read.agreements[name] = json.loads(profile).get("agreement", {})
    read.permitted -= {one for one, row in read.deliveries.items() if row.recipient == name}
    yield from ()


def _review(read: Read, _actor: str, _deed: str, _event: str, *values: str) -> Iterator[str]:
    _review_id, subject_id, _kind, _reason, status = values
    if status == "permit":
        read.permitted.add(subject_id)
    yield from ()


_READERS: dict[str, Callable[..., Iterator[str]]] = {
    "delivery": _delivery,
    "sent": _sent,
    "message": _message,
    "fact": _fact,
    "organisation": _organisation,
    "review": _review,
}


def _is_before(other: Row, new: Row) -> bool:
    """Tell whether *other* is one that *new* has to wait for, if they share a child."""
    is_same_row = (other.recipient, other.lane) == (new.recipient, new.lane) and new.lane != 0
    return is_same_row and other.position < new.position and other.state in _OPEN


@cache
def _children(subjects: str) -> frozenset[str]:
    return frozenset(json.loads(subjects))


def _has_ended(agreement: dict[str, Any], at: int | None) -> bool:
    last = agreement.get("expires_on")
    day = (_EPOCH + timedelta(microseconds=at or 0)).date()
    return agreement.get("status") != "in_force" or (last is not None and date.fromisoformat(last) < day)


def _unended(history: History, read: Read) -> Iterator[str]:
    """Yield everything that has no end, or more ends than one."""
    rows = history.rows
    if history.stuck:
        yield history.stuck
    yield from (f"{event} has no leaf" for (event,) in rows["leafless"])
    kept = {name for name, *_ in rows["messages"]}
    yield from (f"{name} has a receipt and is not stored" for name in history.receipts if name not in kept)
    asked = {subject.partition("/")[0] for subject, *_ in rows["reviews"]}
    waiting = {subject for subject, _, status in rows["reviews"] if status in {"open", "escalated"}}
    for name, _, state in rows["messages"]:
        if state == "accepted" or (state == "dead_letter" and name not in asked):
            yield f"{name} ended as {state}, and nobody was asked"
    held: set[tuple[str, int, str]] = set()
    for name, state, recipient, lane, subjects in rows["deliveries"]:
        places = {(recipient, lane, child) for child in _children(subjects)}
        if state == "acknowledged" and not read.takes[name]:
            yield f"{name} ended as acknowledged, and its partner never took it"
        is_asked = name in (asked if state == "dead_letter" else waiting)
        is_behind = _may_wait(state, read.deliveries[name].idempotency) and not held.isdisjoint(places)
        if state not in _DONE and not is_asked and not is_behind:
            yield f"{name} ended as {state}, and nobody was asked"
        held |= places if state in _WAITING or is_behind else set()
    yield from _uneven(rows)


def _may_wait(state: str, idempotency: str) -> bool:
    """Tell whether one in this state goes on by itself once what is before it does.

    So does one that may have been sent and may be sent again. One that is sent once is a person's in any case.
    """
    return state == "ordered" or (state == "handed_over" and idempotency != "at-most-once")


def _uneven(rows: dict[str, list[tuple[Any, ...]]]) -> Iterator[str]:
    """Yield records that are missing or stored twice, and effects that are missing or had twice."""
    yield from (f"{name} is stored twice" for (name,) in rows["repeated"])
    records = Counter(message for _, message, _ in rows["records"])
    corrected = Counter(subject.partition("/")[0] for subject, kind, _ in rows["reviews"] if kind == "correction")
    for name, form, state in rows["messages"]:
        if state == "ordered" and form in _RECORDS and records[name] + corrected[name] != _RECORDS[form]:
            yield f"{name} has {records[name]} records"
    had = {(record, kind) for record, kind, _ in rows["effects"]}
    due = {(record, kind) for record, _, kind in rows["records"] if kind in _EFFECTS}
    yield from (f"{record} had no delivery" for record, _ in sorted(due - had))
    again = Counter(rows["effects"])
    yield from (f"{record} had {times} deliveries to {who}" for (record, _, who), times in again.items() if times > 1)
