"""The first tables, and the guards of those that nothing may change."""

import sqlalchemy as sa
from alembic import op

revision = "v0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = ("audit_event", "audit_leaf", "audit_node", "audit_checkpoint", "permit")
ERASABLE = "authority, event_id, child_ref, subject_seq, sealed_payload"


TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
TRUTH = sa.Boolean().with_variant(sa.SmallInteger(), "postgresql")


def upgrade() -> None:
    _create_tables()
    if op.get_bind().dialect.name == "postgresql":
        for statement in POSTGRES_GUARDS:
            op.execute(statement)
        return
    for table in APPEND_ONLY:
        _guard(table, "never_changes", "UPDATE")
        _guard(table, "never_shrinks", "DELETE")
    _guard("audit_payload", "never_changes", f"UPDATE OF {ERASABLE}")


def _guard(table: str, what: str, change: str) -> None:
    op.execute(f"CREATE TRIGGER {table}_{what} BEFORE {change} ON {table} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END")


def _postgres_guard(table: str, what: str, change: str, each: str) -> str:
    return f"CREATE TRIGGER {table}_{what} BEFORE {change} ON {table} FOR EACH {each} EXECUTE FUNCTION refuse_change()"


POSTGRES_GUARDS = (
    "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS"
    " $$BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'EC001'; END$$",
    *(_postgres_guard(table, "never_changes", "UPDATE", "ROW") for table in APPEND_ONLY),
    *(_postgres_guard(table, "never_shrinks", "DELETE", "ROW") for table in APPEND_ONLY),
    *(_postgres_guard(table, "never_empties", "TRUNCATE", "STATEMENT") for table in (*APPEND_ONLY, "audit_payload")),
    _postgres_guard("audit_payload", "never_changes", f"UPDATE OF {ERASABLE}", "ROW"),
)


def _index_of_some(name: str, table: str, columns: list[str], *, where: str, unique: bool = False) -> None:
    op.create_index(name, table, columns, unique=unique, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _create_tables() -> None:
    op.create_table(
        "account",
        sa.Column("authority", TEXT, nullable=False),
        sa.Column("user_id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("password_hash", TEXT, nullable=False),
        sa.Column("roles", TEXT, nullable=False),
        sa.Column("is_enabled", TRUTH, nullable=False),
        sa.PrimaryKeyConstraint("authority", "user_id"),
    )
    op.create_table(
        "audit_checkpoint",
        sa.Column("authority", TEXT, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("note", TEXT, nullable=False),
        sa.Column("signed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("authority", "size"),
    )
    op.create_table(
        "audit_event",
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), sa.Identity(always=True), nullable=False),
        sa.Column("authority", TEXT, nullable=False),
        sa.Column("event_id", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("header", sa.LargeBinary(), nullable=False),
        sa.Column("message_id", TEXT, nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("position"),
        sa.UniqueConstraint("authority", "event_id"),
        sqlite_autoincrement=True,
    )
    _index_of_some("audit_event_message", "audit_event", ["authority", "message_id", "position"], where="message_id IS NOT NULL")
    op.create_table(
        "audit_node",
        sa.Column("authority", TEXT, nullable=False),
        sa.Column("level", sa.BigInteger(), nullable=False),
        sa.Column("node_index", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("authority", "level", "node_index"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "audit_pending",
        sa.Column("authority", TEXT, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("authority", "position"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "child",
        sa.Column("authority", TEXT, nullable=False),
        sa.Column("child_ref", TEXT, nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_identity", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("authority", "child_ref"),
    )
    op.create_table(
        "conversation",
        sa.Column("authority", TEXT, nullable=False),
        sa.Column("conversation_id", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("reference", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("body", TEXT, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("authority", "conversation_id"),
    )
    _index_of_some("conversation_reference", "conversation", ["authority", "kind", "reference"], where="reference <> ''", unique=True)
    op.create_table(
        "delivery_subject",
        sa.Column("authority", TEXT, nullable=False),
        sa.Column("child_ref", TEXT, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("recipient", TEXT, nullable=False),
        sa.Column("lane", sa.BigInteger(), nullable=False),
        sa.Column("is_open", TRUTH, nullable=False),
        sa.PrimaryKeyConstraint("authority", "child_ref", "position"),
        sqlite_with_rowid=False,
    )
    _index_of_some("delivery_subject_open", "delivery_subject", ["authority", "recipient", "lane", "child_ref", "position"], where="is_open = 1")
    op.create_table(
        "epoch",
        sa.Column("authority", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("authority", "name"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "label_meaning",
        sa.Column("authority", TEXT, nullable=False),
        sa.Column("list_name", TEXT, nullable=False),
        sa.Column("label_blind", TEXT, nullable=False),
        sa.Column("code", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("authority", "list_name", "label_blind"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "label_task",
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), sa.Identity(always=True), nullable=False),
        sa.Column("authority", TEXT, nullable=False),
        sa.Column("list_name", TEXT, nullable=False),
        sa.Column("label_blind", TEXT, nullable=False),
        sa.Column("label_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("system", TEXT, nullable=False),
        sa.Column("path", TEXT, nullable=False),
        sa.Column("record_id", TEXT, nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("position"),
        sqlite_autoincrement=True,
    )
    op.create_index("label_task_age", "label_task", ["authority", "position"], unique=False)
    _index_of_some("label_task_open", "label_task", ["authority", "list_name", "label_blind", "record_id"], where="status = 'open'", unique=True)
    op.create_index("label_task_status", "label_task", ["authority", "status", "position"], unique=False)
    op.create_table(
        "message",
        sa.Column("authority", TEXT, nullable=False),
        sa.Column("message_id", TEXT, nullable=False),
        sa.Column("organisation", TEXT, nullable=False),
        sa.Column("format", TEXT, nullable=False),
        sa.Column("idempotency_key", TEXT, nullable=False),
        sa.Column("body_sha256", TEXT, nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("lane", sa.BigInteger(), nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=True),
        sa.Column("receipt", TEXT, nullable=False),
        sa.Column("correlation_id", TEXT, nullable=False),
        sa.Column("channel", TEXT, nullable=False),
        sa.Column("file_name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("ready_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("authority", "message_id"),
        sa.UniqueConstraint("authority", "organisation", "format", "idempotency_key"),
    )
    op.create_index("message_age", "message", ["authority", "received_at", "message_id"], unique=False)
    _index_of_some("message_due", "message", ["authority", "lane", "received_at", "message_id"], where="ready_at IS NOT NULL")
    op.create_index("message_state", "message", ["authority", "state", "received_at", "message_id"], unique=False)
    op.create_table(
        "organisation",
        sa.Column("authority", TEXT, nullable=False),
        sa.Column("organisation", TEXT, nullable=False),
        sa.Column("system", TEXT, nullable=False),
        sa.Column("type", TEXT, nullable=False),
        sa.Column("profile", TEXT, nullable=False),
        sa.Column("is_enabled", TRUTH, nullable=False),
        sa.PrimaryKeyConstraint("authority", "organisation"),
    )
    op.create_table(
        "permit",
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), sa.Identity(always=True), nullable=False),
        sa.Column("authority", TEXT, nullable=False),
        sa.Column("permit_id", TEXT, nullable=False),
        sa.Column("record_id", TEXT, nullable=False),
        sa.Column("recipient", TEXT, nullable=False),
        sa.Column("result", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("body", TEXT, nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("position"),
        sa.UniqueConstraint("authority", "permit_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("permit_record", "permit", ["authority", "record_id", "position"], unique=False)
    op.create_table(
        "review",
        sa.Column("authority", TEXT, nullable=False),
        sa.Column("review_id", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("role", TEXT, nullable=False),
        sa.Column("subject_id", TEXT, nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("decided_by", TEXT, nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("note_key", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("authority", "review_id"),
    )
    op.create_index("review_due", "review", ["authority", "due_at", "review_id"], unique=False)
    op.create_index("review_status", "review", ["authority", "status", "due_at", "review_id"], unique=False)
    op.create_table(
        "timer",
        sa.Column("authority", TEXT, nullable=False),
        sa.Column("conversation_id", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("timer_id", TEXT, nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("authority", "conversation_id", "kind"),
        sqlite_with_rowid=False,
    )
    op.create_index("timer_due", "timer", ["authority", "due_at", "timer_id"], unique=False)
    op.create_table(
        "audit_leaf",
        sa.Column("authority", TEXT, nullable=False),
        sa.Column("leaf_index", sa.BigInteger(), nullable=False),
        sa.Column("event_id", TEXT, nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["authority", "event_id"], ["audit_event.authority", "audit_event.event_id"]),
        sa.PrimaryKeyConstraint("authority", "leaf_index"),
        sa.UniqueConstraint("authority", "event_id"),
    )
    op.create_table(
        "audit_payload",
        sa.Column("authority", TEXT, nullable=False),
        sa.Column("event_id", TEXT, nullable=False),
        sa.Column("sealed_payload", sa.LargeBinary(), nullable=False),
        sa.Column("child_ref", TEXT, nullable=True),
        sa.Column("subject_seq", sa.BigInteger(), nullable=True),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["authority", "event_id"], ["audit_event.authority", "audit_event.event_id"]),
        sa.PrimaryKeyConstraint("authority", "event_id"),
    )
    _index_of_some("audit_payload_chain", "audit_payload", ["authority", "child_ref", "subject_seq"], where="child_ref IS NOT NULL", unique=True)
    op.create_table(
        "child_key",
        sa.Column("authority", TEXT, nullable=False),
        sa.Column("blinded", sa.LargeBinary(), nullable=False),
        sa.Column("child_ref", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["authority", "child_ref"], ["child.authority", "child.child_ref"]),
        sa.PrimaryKeyConstraint("authority", "blinded", "child_ref"),
        sqlite_with_rowid=False,
    )
    op.create_index("child_key_child", "child_key", ["authority", "child_ref"], unique=False)
    op.create_table(
        "credential",
        sa.Column("authority", TEXT, nullable=False),
        sa.Column("credential_id", TEXT, nullable=False),
        sa.Column("organisation", TEXT, nullable=False),
        sa.Column("secret_sha256", TEXT, nullable=False),
        sa.Column("scopes", TEXT, nullable=False),
        sa.Column("is_enabled", TRUTH, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["authority", "organisation"], ["organisation.authority", "organisation.organisation"]),
        sa.PrimaryKeyConstraint("authority", "credential_id"),
    )
    op.create_table(
        "fact",
        sa.Column("authority", TEXT, nullable=False),
        sa.Column("fact_id", TEXT, nullable=False),
        sa.Column("child_ref", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["authority", "child_ref"], ["child.authority", "child.child_ref"]),
        sa.PrimaryKeyConstraint("authority", "fact_id"),
    )
    op.create_index("fact_child", "fact", ["authority", "child_ref", "recorded_at", "fact_id"], unique=False)
    op.create_table(
        "original",
        sa.Column("authority", TEXT, nullable=False),
        sa.Column("message_id", TEXT, nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["authority", "message_id"], ["message.authority", "message.message_id"]),
        sa.PrimaryKeyConstraint("authority", "message_id"),
    )
    op.create_table(
        "record",
        sa.Column("authority", TEXT, nullable=False),
        sa.Column("record_id", TEXT, nullable=False),
        sa.Column("message_id", TEXT, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("document", TEXT, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("subjects", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=True),
        sa.Column("conversation_id", TEXT, nullable=True),
        sa.Column("match_status", TEXT, nullable=True),
        sa.Column("match_score", sa.Float(), nullable=True),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("mapping", TEXT, nullable=False),
        sa.Column("losses", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["authority", "message_id"], ["message.authority", "message.message_id"]),
        sa.PrimaryKeyConstraint("authority", "record_id"),
        sa.UniqueConstraint("authority", "message_id", "position"),
    )
    op.create_table(
        "delivery",
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), sa.Identity(always=True), nullable=False),
        sa.Column("authority", TEXT, nullable=False),
        sa.Column("delivery_id", TEXT, nullable=False),
        sa.Column("record_id", TEXT, nullable=False),
        sa.Column("message_id", TEXT, nullable=False),
        sa.Column("recipient", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("format", TEXT, nullable=False),
        sa.Column("purpose", TEXT, nullable=False),
        sa.Column("mode", TEXT, nullable=False),
        sa.Column("lane", sa.BigInteger(), nullable=False),
        sa.Column("subjects", TEXT, nullable=False),
        sa.Column("permit_id", TEXT, nullable=True),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("idempotency", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("ready_at", sa.BigInteger(), nullable=True),
        sa.Column("reason", TEXT, nullable=True),
        sa.Column("document_sha256", TEXT, nullable=True),
        sa.Column("handed_over_at", sa.BigInteger(), nullable=True),
        sa.Column("waits_for", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["authority", "record_id"], ["record.authority", "record.record_id"]),
        sa.PrimaryKeyConstraint("position"),
        sa.UniqueConstraint("authority", "delivery_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("delivery_age", "delivery", ["authority", "position"], unique=False)
    _index_of_some("delivery_due", "delivery", ["authority", "lane", "ready_at", "position"], where="ready_at IS NOT NULL AND waits_for IS NULL AND state IN ('ordered', 'handed_over')")
    op.create_index("delivery_message", "delivery", ["authority", "message_id", "position"], unique=False)
    op.create_index("delivery_record", "delivery", ["authority", "record_id"], unique=False)
    op.create_index("delivery_state", "delivery", ["authority", "state", "position"], unique=False)
    _index_of_some("delivery_waits", "delivery", ["authority", "waits_for"], where="waits_for IS NOT NULL")
    op.create_table(
        "original_chunk",
        sa.Column("authority", TEXT, nullable=False),
        sa.Column("message_id", TEXT, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["authority", "message_id"], ["original.authority", "original.message_id"]),
        sa.PrimaryKeyConstraint("authority", "message_id", "number"),
    )
    op.create_table(
        "record_subject",
        sa.Column("authority", TEXT, nullable=False),
        sa.Column("child_ref", TEXT, nullable=False),
        sa.Column("record_id", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["authority", "record_id"], ["record.authority", "record.record_id"]),
        sa.PrimaryKeyConstraint("authority", "child_ref", "record_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("record_subject_record", "record_subject", ["authority", "record_id"], unique=False)
    op.create_table(
        "delivery_document",
        sa.Column("authority", TEXT, nullable=False),
        sa.Column("delivery_id", TEXT, nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_document", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["authority", "delivery_id"], ["delivery.authority", "delivery.delivery_id"]),
        sa.PrimaryKeyConstraint("authority", "delivery_id"),
    )
