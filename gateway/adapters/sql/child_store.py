"""Where are the children we know, the facts decisions rest on, and the counters that say a fact has changed?"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from gateway.adapters.sql.row_shape import (
    any_of,
    insert_into,
    insert_rows,
    put_into,
    select_from,
    shape_of,
    to_micros,
    update_of,
)
from gateway.adapters.sql.transaction import Row, Transaction
from gateway.errors import NotFoundError
from gateway.flows.store.fact_history import OldFact
from gateway.flows.store.rows import ChildRow, FactRow
from gateway.model.identifiers import ChildRef

_CHILD = shape_of(ChildRow)
_ADD = insert_into("child", _CHILD.columns)
_GET = select_from("child", _CHILD.columns) + " AND child_ref = ?"
_LEARN = update_of("child", ("sealed_identity",), key="child_ref")
_UNINDEX = "DELETE FROM child_key WHERE authority = ? AND child_ref = ?"
_FILED = select_from("child_key", ("child_ref",)) + " AND blinded = ? LIMIT ?"

LAST_OF_CHILD = (
    "SELECT p.subject_seq, e.commitment FROM audit_payload AS p"
    " JOIN audit_event AS e ON e.authority = p.authority AND e.event_id = p.event_id"
    " WHERE p.authority = ? AND p.child_ref = ? ORDER BY p.subject_seq DESC LIMIT 1"
)

_FACT = shape_of(FactRow)
_PUT_FACT = put_into("fact", _FACT.columns, key=("fact_id",))
_FACTS = select_from("fact", _FACT.columns) + " AND child_ref = ? ORDER BY recorded_at, fact_id"
_OLD_FACT = shape_of(OldFact)
_KEPT = ", ".join(_FACT.columns)
_RETIRE = (
    f"INSERT INTO fact_history (authority, {_KEPT}, retired_at)"  # noqa: S608 - names are constants
    f" SELECT authority, {_KEPT}, CAST(? AS BIGINT) FROM fact WHERE authority = ? AND fact_id = ?"
)
_RETIRED = select_from("fact_history", _OLD_FACT.columns) + " AND child_ref = ? ORDER BY position"
_DELETE_FACT = "DELETE FROM fact WHERE authority = ? AND fact_id = ?"

_LIFT = (
    "INSERT INTO epoch (authority, name, value) VALUES (?, ?, 1) "
    "ON CONFLICT (authority, name) DO UPDATE SET value = epoch.value + 1"
)
EPOCH = "epoch"
_EPOCHS = select_from("epoch", ("name", "value"))


def hold_child(transaction: Transaction, child_ref: ChildRef) -> None:
    """Let nobody else change facts or log of a child until the transaction has ended."""
    if ("child", child_ref) not in transaction.seen and ("held", child_ref) not in transaction.seen:
        transaction.lock_row("child", "child_ref", child_ref)
        transaction.seen["held", child_ref] = True


def next_of(last: Sequence[Row]) -> tuple[int, bytes | None]:
    """Return the number the next event of a child has, and the commitment of the one before it."""
    return (last[0][0] + 1, last[0][1]) if last else (0, None)


class SqlChildren:
    """Whom we know, and how to find them again without holding a readable name."""

    def __init__(self, transaction: Transaction) -> None:
        self._at = transaction

    def add(self, child: ChildRow) -> None:
        """Store a child that is new to us."""
        self._at.send(_ADD, (self._at.authority, *_CHILD.values(child)))
        self._at.seen["child", child.child_ref] = child

    def get(self, child_ref: ChildRef) -> ChildRow:
        """Return the child, or raise NotFoundError; who changes what follows from it holds it until they have ended."""
        found: ChildRow | None = self._at.seen.get(("child", child_ref))
        if found is None:
            rows = self._rows(child_ref)
            if not rows:
                raise NotFoundError(f"there is no child {child_ref}")
            found = self._at.seen["child", child_ref] = _CHILD.read(rows[0])
        return found

    def _rows(self, child_ref: ChildRef) -> list[Row]:
        """Return the child's row; in a write also the end of its log, which what is told of it begins from."""
        key, is_known = (self._at.authority, child_ref), ("chain", child_ref) in self._at.seen
        if not self._at.for_update or is_known:
            return self._at.rows(_GET, key)
        rows, last = self._at.ask((_GET + self._at.for_update, key), (LAST_OF_CHILD, key))
        self._at.seen["chain", child_ref] = next_of(last)
        return rows

    def learn(self, child: ChildRow) -> None:
        """Keep what is known of a child now, in the place of what was known."""
        self._at.send(_LEARN, (child.sealed_identity, self._at.authority, child.child_ref))
        self._at.seen["child", child.child_ref] = child

    def index(self, child_ref: ChildRef, keys: Iterable[bytes]) -> None:
        """Make the child findable by each of these blinded keys."""
        values = [value for key in keys for value in (self._at.authority, key, child_ref)]
        if values:
            insert = insert_rows("child_key", ("blinded", "child_ref"), len(values) // 3)
            self._at.send(f"{insert} ON CONFLICT DO NOTHING", values)

    def unindex(self, child_ref: ChildRef) -> None:
        """Let the child be found no more: it was made by mistake, and a person said who it really is."""
        self._at.send(_UNINDEX, (self._at.authority, child_ref))

    def candidates(self, keys: Iterable[bytes], *, limit: int) -> Sequence[ChildRow]:
        """Return the distinct children filed under any of *keys*, at most *limit* + 1 of them.

        Who asks in order to add holds the keys, so that two documents about one new child cannot both find nobody.
        """
        wanted = tuple(keys)
        self._at.hold("child key", wanted)
        filed = self._at.rows_each(_FILED, [(self._at.authority, key, limit + 1) for key in wanted])
        found: set[ChildRef] = {child_ref for rows in filed for (child_ref,) in rows}
        wanted_rows = [(self._at.authority, child_ref) for child_ref in sorted(found)[: limit + 1]]
        return [_CHILD.read(row) for (row,) in self._at.rows_each(_GET, wanted_rows)]


class SqlFacts:
    """Permissions, agreements to be helped, protection flags, court orders, weighings, and whom a school lists."""

    def __init__(self, transaction: Transaction) -> None:
        self._at = transaction

    def put(self, fact: FactRow) -> None:
        """Store a fact, replacing one of the same id; whoever replaces what must not be forgotten retires it first."""
        hold_child(self._at, fact.child_ref)
        self._at.send(_PUT_FACT, (self._at.authority, *_FACT.values(fact)))

    def retire(self, fact_id: str, *, at: datetime) -> None:
        """Keep a fact as it stands as history, before it is replaced or taken away."""
        self._at.send(_RETIRE, (to_micros(at), self._at.authority, fact_id))

    def retired(self, child_ref: ChildRef) -> Sequence[OldFact]:
        """Return what the child's facts were before, in the order in which they ceased to be."""
        return [_OLD_FACT.read(row) for row in self._at.rows(_RETIRED, (self._at.authority, child_ref))]

    def of_child(self, child_ref: ChildRef) -> Sequence[FactRow]:
        """Return the child's facts, oldest first."""
        hold_child(self._at, child_ref)
        return [_FACT.read(row) for row in self._at.rows(_FACTS, (self._at.authority, child_ref))]

    def delete(self, fact_id: str) -> None:
        """Take one away: a flag lifted."""
        self._at.send(_DELETE_FACT, (self._at.authority, fact_id))


class SqlEpochs:
    """Counters that rise whenever a fact behind a permit changes."""

    def __init__(self, transaction: Transaction) -> None:
        self._at = transaction

    def lift(self, names: Iterable[str]) -> None:
        """Raise each by one."""
        lifted = tuple(names)
        self._at.hold(EPOCH, lifted)
        self._at.send_many(_LIFT, [(self._at.authority, name) for name in lifted])

    def current(self, names: Iterable[str]) -> Mapping[str, int]:
        """Return each one's value; one that was never raised is 0."""
        wanted = tuple(dict.fromkeys(names))
        asked = wanted or ("",)
        rows = self._at.rows(_EPOCHS + any_of("name", len(asked)), (self._at.authority, *asked))
        found: dict[str, int] = dict(rows)
        return {name: found.get(name, 0) for name in wanted}
