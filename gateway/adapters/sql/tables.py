"""What does the database look like? The schema as the newest migration leaves it; a test keeps the two equal.

Every row belongs to an authority, and every key begins with it. `position` counts rows in the order they were stored
and is the one column unique by itself: it places a row and names nothing.
Times are microseconds since 1970-01-01 UTC. What is called `sealed` or `wrapped` is ciphertext.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.sql.schema import SchemaItem

metadata = MetaData()


_TEXT = Text().with_variant(Text(collation="C"), "postgresql")
"""Sorted by code point on both engines."""


def _index(name: str, *columns: str, unique: bool = False, where: str | None = None) -> Index:
    """Return an index over *columns*, of the rows of which *where* is true."""
    condition = None if where is None else text(where)
    return Index(name, "authority", *columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


def _table(name: str, *items: SchemaItem, key: tuple[str, ...]) -> Table:
    """Return a table whose rows are found by their authority and *key*."""
    return Table(name, metadata, _authority(), *items, PrimaryKeyConstraint("authority", *key))


def _small(name: str, *items: SchemaItem, key: tuple[str, ...]) -> Table:
    """Return a table whose short rows lie in the index of their key itself."""
    primary = PrimaryKeyConstraint("authority", *key)
    return Table(name, metadata, _authority(), *items, primary, sqlite_with_rowid=False)


def _counted(name: str, *items: SchemaItem) -> Table:
    """Return a table whose rows are counted as they are stored, without ever using a number again."""
    position = Column("position", BigInteger().with_variant(Integer, "sqlite"), Identity(always=True), primary_key=True)
    return Table(name, metadata, position, _authority(), *items, sqlite_autoincrement=True)


def _authority() -> Column[str]:
    return Column("authority", _TEXT, nullable=False)


def _text(name: str, *, may_miss: bool = False) -> Column[str]:
    return Column(name, _TEXT, nullable=may_miss)


def _number(name: str, *, may_miss: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=may_miss)


def _count(name: str) -> Column[int]:
    """Return a number that rows older than it begin at 0."""
    return Column(name, BigInteger, nullable=False, server_default="0")


def _bytes(name: str, *, may_miss: bool = False) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=may_miss)


def _truth(name: str) -> Column[bool]:
    kind = Boolean(create_constraint=False).with_variant(SmallInteger, "postgresql")
    return Column(name, kind, nullable=False)


def _refers(table: str, *columns: str) -> ForeignKeyConstraint:
    """Return the rule that *columns* name a row of *table*, of the same authority."""
    keys = ("authority", *columns)
    return ForeignKeyConstraint(keys, [f"{table}.{column}" for column in keys])


def _unique(*columns: str) -> UniqueConstraint:
    return UniqueConstraint("authority", *columns)


message = _table(
    "message",
    _text("message_id"),
    _text("organisation"),
    _text("format"),
    _text("idempotency_key"),
    _text("body_sha256"),
    _number("size_bytes"),
    _number("received_at"),
    _number("lane"),
    _text("state"),
    _text("reason", may_miss=True),
    _text("receipt"),
    _text("correlation_id"),
    _text("channel"),
    Column("trace_id", Text, nullable=False, server_default=""),
    _bytes("file_name_sealed", may_miss=True),
    _number("cursor"),
    _number("attempt"),
    _number("ready_at", may_miss=True),
    _count("lease"),
    _count("lost"),
    _unique("organisation", "format", "idempotency_key"),
    _index("message_due", "lane", "received_at", "message_id", where="ready_at IS NOT NULL"),
    _index("message_age", "received_at", "message_id"),
    _index("message_state", "state", "received_at", "message_id"),
    key=("message_id",),
)
original = _table(
    "original", _text("message_id"), _bytes("wrapped_key"), _refers("message", "message_id"), key=("message_id",)
)
original_chunk = _table(
    "original_chunk",
    _text("message_id"),
    _number("number"),
    _bytes("sealed"),
    _refers("original", "message_id"),
    key=("message_id", "number"),
)
record = _table(
    "record",
    _text("record_id"),
    _text("message_id"),
    _number("position"),
    _text("kind"),
    _text("document"),
    _bytes("sealed"),
    _text("subjects"),
    _text("state"),
    _text("reason", may_miss=True),
    _text("conversation_id", may_miss=True),
    _text("match_status", may_miss=True),
    Column("match_score", Float),
    _bytes("wrapped_key", may_miss=True),
    _text("mapping"),
    _number("losses"),
    _unique("message_id", "position"),
    _refers("message", "message_id"),
    key=("record_id",),
)
record_subject = _small(
    "record_subject",
    _text("child_ref"),
    _text("record_id"),
    _refers("record", "record_id"),
    _index("record_subject_record", "record_id"),
    key=("child_ref", "record_id"),
)
child = _table("child", _text("child_ref"), _bytes("wrapped_key"), _bytes("sealed_identity"), key=("child_ref",))
child_key = _small(
    "child_key",
    _bytes("blinded"),
    _text("child_ref"),
    _refers("child", "child_ref"),
    _index("child_key_child", "child_ref"),
    key=("blinded", "child_ref"),
)
fact = _table(
    "fact",
    _text("fact_id"),
    _text("child_ref"),
    _text("kind"),
    _bytes("sealed"),
    _number("recorded_at"),
    _refers("child", "child_ref"),
    _index("fact_child", "child_ref", "recorded_at", "fact_id"),
    key=("fact_id",),
)
epoch = _small("epoch", _text("name"), _number("value"), key=("name",))
permit = _counted(
    "permit",
    _text("permit_id"),
    _text("record_id"),
    _text("recipient"),
    _text("result"),
    _text("reason"),
    _text("body"),
    _number("decided_at"),
    _unique("permit_id"),
    _index("permit_record", "record_id", "position"),
)
delivery = _counted(
    "delivery",
    _text("delivery_id"),
    _text("record_id"),
    _text("message_id"),
    _text("recipient"),
    _text("kind"),
    _text("format"),
    _text("purpose"),
    _text("mode"),
    _number("lane"),
    _text("subjects"),
    _text("permit_id", may_miss=True),
    _text("state"),
    _text("idempotency"),
    _number("created_at"),
    _number("attempt"),
    _number("ready_at", may_miss=True),
    _text("reason", may_miss=True),
    _text("document_sha256", may_miss=True),
    _number("handed_over_at", may_miss=True),
    _number("waits_for", may_miss=True),
    _count("lease"),
    _count("lost"),
    _unique("delivery_id"),
    _refers("record", "record_id"),
    _index("delivery_age", "position"),
    _index("delivery_record", "record_id"),
    _index("delivery_message", "message_id", "position"),
    _index("delivery_state", "state", "position"),
    _index("delivery_waits", "waits_for", "lane", "position", where="waits_for IS NOT NULL"),
    _index(
        "delivery_recipient",
        "recipient",
        "position",
        where="ready_at IS NOT NULL AND waits_for IS NULL AND state = 'ordered'",
    ),
    _index(
        "delivery_due",
        "lane",
        "ready_at",
        "position",
        where="ready_at IS NOT NULL AND waits_for IS NULL AND state IN ('ordered', 'handed_over')",
    ),
)
delivery_subject = _small(
    "delivery_subject",
    _text("child_ref"),
    _number("position"),
    _text("recipient"),
    _number("lane"),
    _truth("is_open"),
    _index(
        "delivery_subject_open",
        "recipient",
        "lane",
        "child_ref",
        "position",
        where="is_open = 1",
    ),
    key=("child_ref", "position"),
)
delivery_document = _table(
    "delivery_document",
    _text("delivery_id"),
    _bytes("wrapped_key", may_miss=True),
    _bytes("sealed_document", may_miss=True),
    _refers("delivery", "delivery_id"),
    key=("delivery_id",),
)
breaker = _counted(
    "breaker",
    _text("organisation"),
    _text("state"),
    *(_number(name) for name in ("failures", "openings")),
    *(_number(name, may_miss=True) for name in ("since", "tried_at", "probe_at", "paced_at", "queued_at")),
    _unique("organisation"),
)
timer = _small(
    "timer",
    _text("conversation_id"),
    _text("kind"),
    _text("timer_id"),
    _number("due_at"),
    _index("timer_due", "due_at", "timer_id"),
    key=("conversation_id", "kind"),
)
conversation = _table(
    "conversation",
    _text("conversation_id"),
    _text("kind"),
    _text("reference"),
    _text("state"),
    _text("body"),
    _number("version"),
    _index(
        "conversation_reference",
        "kind",
        "reference",
        unique=True,
        where="reference <> ''",
    ),
    key=("conversation_id",),
)
review = _table(
    "review",
    _text("review_id"),
    _text("kind"),
    _text("reason"),
    _text("role"),
    _text("subject_id"),
    _number("opened_at"),
    _number("due_at"),
    _text("status"),
    _text("decided_by", may_miss=True),
    _number("decided_at", may_miss=True),
    _bytes("note_sealed", may_miss=True),
    _bytes("note_key", may_miss=True),
    _index("review_due", "due_at", "review_id"),
    _index("review_status", "status", "due_at", "review_id"),
    key=("review_id",),
)
audit_event = _counted(
    "audit_event",
    _text("event_id"),
    _text("kind"),
    _bytes("header"),
    _text("message_id", may_miss=True),
    _number("recorded_at"),
    _bytes("commitment"),
    _unique("event_id"),
    _index("audit_event_message", "message_id", "position", where="message_id IS NOT NULL"),
)
audit_payload = _table(
    "audit_payload",
    _text("event_id"),
    _bytes("sealed_payload"),
    _text("child_ref", may_miss=True),
    _number("subject_seq", may_miss=True),
    _bytes("wrapped_key", may_miss=True),
    _refers("audit_event", "event_id"),
    _index(
        "audit_payload_chain",
        "child_ref",
        "subject_seq",
        unique=True,
        where="child_ref IS NOT NULL",
    ),
    key=("event_id",),
)
audit_pending = _small("audit_pending", _number("position"), key=("position",))
audit_leaf = _table(
    "audit_leaf",
    _number("leaf_index"),
    _text("event_id"),
    _bytes("leaf_hash"),
    _unique("event_id"),
    _refers("audit_event", "event_id"),
    key=("leaf_index",),
)
audit_node = _small("audit_node", _number("level"), _number("node_index"), _bytes("hash"), key=("level", "node_index"))
audit_checkpoint = _table("audit_checkpoint", _number("size"), _text("note"), _number("signed_at"), key=("size",))
organisation = _table(
    "organisation",
    _text("organisation"),
    _text("system"),
    _text("type"),
    _text("profile"),
    _truth("is_enabled"),
    key=("organisation",),
)
credential = _table(
    "credential",
    _text("credential_id"),
    _text("organisation"),
    _text("secret_sha256"),
    _text("scopes"),
    _truth("is_enabled"),
    _number("created_at"),
    _refers("organisation", "organisation"),
    key=("credential_id",),
)
account = _table(
    "account",
    _text("user_id"),
    _text("name"),
    _text("password_hash"),
    _text("roles"),
    _truth("is_enabled"),
    key=("user_id",),
)
label_task = _counted(
    "label_task",
    _text("list_name"),
    _text("label_blind"),
    _bytes("label_sealed"),
    _text("system"),
    _text("path"),
    _text("record_id"),
    _text("status"),
    _index(
        "label_task_open",
        "list_name",
        "label_blind",
        "record_id",
        unique=True,
        where="status = 'open'",
    ),
    _index("label_task_age", "position"),
    _index("label_task_status", "status", "position"),
)
label_meaning = _small(
    "label_meaning", _text("list_name"), _text("label_blind"), _text("code"), key=("list_name", "label_blind")
)
wake = _counted(
    "wake",
    _text("routing_key"),
    _text("reference"),
    _count("leased_until"),
    _index("wake_due", "position"),
)
duty = _small("duty", _text("name"), _text("holder"), _number("until"), _number("term"), key=("name",))
