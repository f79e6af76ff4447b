"""Each decision keeps the question it answered, sealed, and is found in the log by its time."""

import sqlalchemy as sa
from alembic import op

revision = "v0012"
down_revision = "v0009"
branch_labels = None
depends_on = None

DECISIONS = sa.text("kind = 'decision.made'")


def upgrade() -> None:
    op.add_column("permit", sa.Column("questions", sa.LargeBinary(), nullable=True))
    op.create_index(
        "audit_event_decisions",
        "audit_event",
        ["authority", "recorded_at", "position"],
        unique=False,
        sqlite_where=DECISIONS,
        postgresql_where=DECISIONS,
    )
