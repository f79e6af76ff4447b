"""Partners have breakers, and what is due to one that is down lies on a shelf."""

import sqlalchemy as sa
from alembic import op

revision = "v0004"
down_revision = "v0003"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
FREE = "ready_at IS NOT NULL AND waits_for IS NULL AND state = 'ordered'"
MOMENTS = ("since", "tried_at", "probe_at", "paced_at", "queued_at")


def upgrade() -> None:
    op.create_table(
        "breaker",
        sa.Column(
            "position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), sa.Identity(always=True), nullable=False
        ),
        sa.Column("authority", TEXT, nullable=False),
        sa.Column("organisation", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("openings", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=True) for name in MOMENTS),
        sa.PrimaryKeyConstraint("position"),
        sa.UniqueConstraint("authority", "organisation"),
        sqlite_autoincrement=True,
    )
    op.drop_index("delivery_waits", "delivery")
    op.create_index("delivery_waits", "delivery", ["authority", "waits_for", "lane", "position"], unique=False, sqlite_where=sa.text("waits_for IS NOT NULL"), postgresql_where=sa.text("waits_for IS NOT NULL"))
    op.create_index(
        "delivery_recipient",
        "delivery",
        ["authority", "recipient", "position"],
        unique=False,
        sqlite_where=sa.text(FREE),
        postgresql_where=sa.text(FREE),
    )
