"""What a decision or a mis-send leaves to people, what one of two has said, and who has still to be told."""

import sqlalchemy as sa
from alembic import op

revision = "v0014"
down_revision = "v0013"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
DUE = sa.text("state = 'due'")


def upgrade() -> None:
    op.create_table(
        "person_duty",
        sa.Column("authority", TEXT, nullable=False),
        sa.Column("duty_id", TEXT, nullable=False),
        sa.Column("code", TEXT, nullable=False),
        sa.Column("subject_id", TEXT, nullable=False),
        sa.Column("role", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("children", TEXT, nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("message_id", TEXT, nullable=True),
        sa.Column("recipient", TEXT, nullable=True),
        sa.Column("not_by", TEXT, nullable=True),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("outcome", TEXT, nullable=True),
        sa.Column("kept_by", TEXT, nullable=True),
        sa.Column("kept_at", sa.BigInteger(), nullable=True),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("note_key", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("authority", "duty_id"),
        sa.UniqueConstraint("authority", "code", "subject_id"),
    )
    op.create_index(
        "person_duty_subject", "person_duty", ["authority", "subject_id", "opened_at", "duty_id"], unique=False
    )
    op.create_index("person_duty_status", "person_duty", ["authority", "status", "due_at", "duty_id"], unique=False)
    op.create_table(
        "review_proposal",
        sa.Column("authority", TEXT, nullable=False),
        sa.Column("review_id", TEXT, nullable=False),
        sa.Column("choice", TEXT, nullable=False),
        sa.Column("proposed_by", TEXT, nullable=False),
        sa.Column("role", TEXT, nullable=False),
        sa.Column("proposed_at", sa.BigInteger(), nullable=False),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("note_key", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["authority", "review_id"], ["review.authority", "review.review_id"]),
        sa.PrimaryKeyConstraint("authority", "review_id"),
    )
    op.create_table(
        "person_call",
        sa.Column("authority", TEXT, nullable=False),
        sa.Column("call_id", TEXT, nullable=False),
        sa.Column("person", TEXT, nullable=False),
        sa.Column("about", TEXT, nullable=False),
        sa.Column("heading", TEXT, nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("called_at", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("ready_at", sa.BigInteger(), nullable=True),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("authority", "call_id"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "person_call_due",
        "person_call",
        ["authority", "ready_at", "call_id"],
        unique=False,
        sqlite_where=DUE,
        postgresql_where=DUE,
    )
    op.create_index("person_call_age", "person_call", ["authority", "called_at", "call_id"], unique=False)
