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
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.sql.schema import SchemaItem

metadata = MetaData()


def _table(name: str, *items: SchemaItem, key: tuple[str, ...]) -> Table:
    """Return a table whose rows are found by their authority and *key*."""
    return Table(name, metadata, _authority(), *items, PrimaryKeyConstraint("authority", *key))


def _small(name: str, *items: SchemaItem, key: tuple[str, ...]) -> Table:
    """Return a table whose short rows lie in the index of their key itself."""
    primary = PrimaryKeyConstraint("authority", *key)
    return Table(name, metadata, _authority(), *items, primary, sqlite_with_rowid=False)


def _counted(name: str, *items: SchemaItem) -> Table:
    """Return a table whose rows are counted as they are stored, without ever using a number again."""
    position = Column("position", BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    return Table(name, metadata, position, _authority(), *items, sqlite_autoincrement=True)


def _authority() -> Column[str]:
    return Column("authority", Text, nullable=False)


def _text(name: str, *, may_miss: bool = False) -> Column[str]:
    return Column(name, Text, nullable=may_miss)


def _number(name: str, *, may_miss: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=may_miss)


def _count(name: str) -> Column[int]:
    """Return a column that counts from 0, also in rows that are older than it."""
    return Column(name, BigInteger, nullable=False, server_default=text("0"))


def _bytes(name: str, *, may_miss: bool = False) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=may_miss)


def _truth(name: str) -> Column[bool]:
    return Column(name, Boolean(create_constraint=False), nullable=False)


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
    _bytes("file_name_sealed", may_miss=True),
    _number("cursor"),
    _number("attempt"),
    _number("ready_at", may_miss=True),
    _count("lease"),
    _count("lost"),
    _unique("organisation", "format", "idempotency_key"),
    Index("message_due", "authority", "lane", "received_at", "message_id", sqlite_where=text("ready_at IS NOT NULL")),
    Index("message_age", "authority", "received_at", "message_id"),
    Index("message_state", "authority", "state", "received_at", "message_id"),
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
    Index("record_subject_record", "authority", "record_id"),
    key=("child_ref", "record_id"),
)
child = _table("child", _text("child_ref"), _bytes("wrapped_key"), _bytes("sealed_identity"), key=("child_ref",))
child_key = _small(
    "child_key",
    _bytes("blinded"),
    _text("child_ref"),
    _refers("child", "child_ref"),
    Index("child_key_child", "authority", "child_ref"),
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
    Index("fact_child", "authority", "child_ref", "recorded_at", "fact_id"),
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
    Index("permit_record", "authority", "record_id", "position"),
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
    Index("delivery_age", "authority", "position"),
    Index("delivery_record", "authority", "record_id"),
    Index("delivery_message", "authority", "message_id", "position"),
    Index("delivery_state", "authority", "state", "position"),
    Index("delivery_waits", "authority", "waits_for", "lane", "position", sqlite_where=text("waits_for IS NOT NULL")),
    Index(
        "delivery_recipient",
        "authority",
        "recipient",
        "position",
        sqlite_where=text("ready_at IS NOT NULL AND waits_for IS NULL AND state = 'ordered'"),
    ),
    Index(
        "delivery_due",
        "authority",
        "lane",
        "ready_at",
        "position",
        sqlite_where=text("ready_at IS NOT NULL AND waits_for IS NULL AND state IN ('ordered', 'handed_over')"),
    ),
)
delivery_subject = _small(
    "delivery_subject",
    _text("child_ref"),
    _number("position"),
    _text("recipient"),
    _number("lane"),
    _truth("is_open"),
    Index(
        "delivery_subject_open",
        "authority",
        "recipient",
        "lane",
        "child_ref",
        "position",
        sqlite_where=text("is_open = 1"),
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
    Index("timer_due", "authority", "due_at", "timer_id"),
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
    Index(
        "conversation_reference",
        "authority",
        "kind",
        "reference",
        unique=True,
        sqlite_where=text("reference <> ''"),
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
    Index("review_due", "authority", "due_at", "review_id"),
    Index("review_status", "authority", "status", "due_at", "review_id"),
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
    Index("audit_event_message", "authority", "message_id", "position", sqlite_where=text("message_id IS NOT NULL")),
)
audit_payload = _table(
    "audit_payload",
    _text("event_id"),
    _bytes("sealed_payload"),
    _text("child_ref", may_miss=True),
    _number("subject_seq", may_miss=True),
    _bytes("wrapped_key", may_miss=True),
    _refers("audit_event", "event_id"),
    Index(
        "audit_payload_chain",
        "authority",
        "child_ref",
        "subject_seq",
        unique=True,
        sqlite_where=text("child_ref IS NOT NULL"),
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
    Index(
        "label_task_open",
        "authority",
        "list_name",
        "label_blind",
        "record_id",
        unique=True,
        sqlite_where=text("status = 'open'"),
    ),
    Index("label_task_age", "authority", "position"),
    Index("label_task_status", "authority", "status", "position"),
)
label_meaning = _small(
    "label_meaning", _text("list_name"), _text("label_blind"), _text("code"), key=("list_name", "label_blind")
)
