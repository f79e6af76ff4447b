"""What a scanner found in an attached document lies beside it; those that are there already wait to be scanned."""

import sqlalchemy as sa
from alembic import op

revision = "v0008"
down_revision = "v0007"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
WAITING = sa.text("state = 'waiting'")
FOUND = sa.text("state = 'malware'")


def upgrade() -> None:
    op.create_table(
        "attachment_scan",
        sa.Column("authority", TEXT, nullable=False),
        sa.Column("record_id", TEXT, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("signature", TEXT, nullable=True),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("ready_at", sa.BigInteger(), nullable=True),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["authority", "record_id", "number"],
            ["attachment.authority", "attachment.record_id", "attachment.number"],
        ),
        sa.PrimaryKeyConstraint("authority", "record_id", "number"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "attachment_scan_waits",
        "attachment_scan",
        ["authority", "added_at", "record_id", "number"],
        unique=False,
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_index(
        "attachment_scan_found",
        "attachment_scan",
        ["authority", "record_id", "number"],
        unique=False,
        sqlite_where=FOUND,
        postgresql_where=FOUND,
    )
    op.execute(
        "INSERT INTO attachment_scan (authority, record_id, number, added_at, state, attempt, ready_at)"
        " SELECT a.authority, a.record_id, a.number, m.received_at, 'waiting', 0, m.received_at FROM attachment AS a"
        " JOIN record AS r ON r.authority = a.authority AND r.record_id = a.record_id"
        " JOIN message AS m ON m.authority = r.authority AND m.message_id = r.message_id"
    )
