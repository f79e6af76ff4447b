"""Where are the children we know, the facts decisions rest on, and the counters that say a fact has changed?"""

from collections.abc import Iterable, Mapping, Sequence

from gateway.adapters.sql.row_shape import any_of, insert_into, insert_rows, put_into, select_from, shape_of
from gateway.adapters.sql.transaction import Transaction
from gateway.flows.rows import ChildRow, FactRow
from gateway.model.identifiers import ChildRef

_CHILD = shape_of(ChildRow)
_ADD = insert_into("child", _CHILD.columns)
_GET = select_from("child", _CHILD.columns) + " AND child_ref = ?"
_UNINDEX = "DELETE FROM child_key WHERE authority = ? AND child_ref = ?"
_FILED = select_from("child_key", ("child_ref",)) + " AND blinded = ? LIMIT ?"

_FACT = shape_of(FactRow)
_PUT_FACT = put_into("fact", _FACT.columns, key=("fact_id",))
_FACTS = select_from("fact", _FACT.columns) + " AND child_ref = ? ORDER BY recorded_at, fact_id"
_DELETE_FACT = "DELETE FROM fact WHERE authority = ? AND fact_id = ?"

_LIFT = (
    "INSERT INTO epoch (authority, name, value) VALUES (?, ?, 1) "
    "ON CONFLICT (authority, name) DO UPDATE SET value = value + 1"
)
_EPOCHS = select_from("epoch", ("name", "value"))


class SqlChildren:
    """Whom we know, and how to find them again without holding a readable name."""

    def __init__(self, transaction: Transaction) -> None:
        self._at = transaction

    def add(self, child: ChildRow) -> None:
        """Store a child that is new to us."""
        self._at.run(_ADD, (self._at.authority, *_CHILD.values(child)))
        self._at.seen["child", child.child_ref] = child

    def get(self, child_ref: ChildRef) -> ChildRow:
        """Return the child, or raise NotFoundError."""
        found: ChildRow | None = self._at.seen.get(("child", child_ref))
        if found is None:
            row = self._at.the_row(_GET, (self._at.authority, child_ref), what=f"child {child_ref}")
            found = self._at.seen["child", child_ref] = _CHILD.read(row)
        return found

    def index(self, child_ref: ChildRef, keys: Iterable[bytes]) -> None:
        """Make the child findable by each of these blinded keys."""
        values = [value for key in keys for value in (self._at.authority, key, child_ref)]
        if values:
            insert = insert_rows("child_key", ("blinded", "child_ref"), len(values) // 3)
            self._at.run(f"{insert} ON CONFLICT DO NOTHING", values)

    def unindex(self, child_ref: ChildRef) -> None:
        """Let the child be found no more: it was made by mistake, and a person said who it really is."""
        self._at.run(_UNINDEX, (self._at.authority, child_ref))

    def candidates(self, keys: Iterable[bytes], *, limit: int) -> Sequence[ChildRow]:
        """Return the distinct children filed under any of *keys*, at most *limit* + 1 of them."""
        found: set[ChildRef] = set()
        for key in keys:
            found.update(child_ref for (child_ref,) in self._at.rows(_FILED, (self._at.authority, key, limit + 1)))
        return [self.get(child_ref) for child_ref in sorted(found)[: limit + 1]]


class SqlFacts:
    """Consent records and protection flags."""

    def __init__(self, transaction: Transaction) -> None:
        self._at = transaction

    def put(self, fact: FactRow) -> None:
        """Store a fact, replacing one of the same id. History is kept in the audit log."""
        self._at.run(_PUT_FACT, (self._at.authority, *_FACT.values(fact)))

    def of_child(self, child_ref: ChildRef) -> Sequence[FactRow]:
        """Return the child's facts, oldest first."""
        return [_FACT.read(row) for row in self._at.rows(_FACTS, (self._at.authority, child_ref))]

    def delete(self, fact_id: str) -> None:
        """Take one away: a flag lifted."""
        self._at.run(_DELETE_FACT, (self._at.authority, fact_id))


class SqlEpochs:
    """Counters that rise whenever a fact behind a permit changes."""

    def __init__(self, transaction: Transaction) -> None:
        self._at = transaction

    def lift(self, names: Iterable[str]) -> None:
        """Raise each by one."""
        for name in names:
            self._at.run(_LIFT, (self._at.authority, name))

    def current(self, names: Iterable[str]) -> Mapping[str, int]:
        """Return each one's value; one that was never raised is 0."""
        wanted = tuple(names)
        rows = self._at.rows(_EPOCHS + any_of("name", len(wanted)), (self._at.authority, *wanted))
        found: dict[str, int] = dict(rows)
        return {name: found.get(name, 0) for name in wanted}
