"""Who leased what last, wake-ups on their way to the bus, and duties only one process has at a time."""

import sqlalchemy as sa
from alembic import op

revision = "v0002"
down_revision = "v0001"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    for table in ("message", "delivery"):
        for column in ("lease", "lost"):
            op.add_column(table, sa.Column(column, sa.BigInteger(), nullable=False, server_default="0"))
    op.create_table(
        "wake",
        sa.Column(
            "position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), sa.Identity(always=True), nullable=False
        ),
        sa.Column("authority", TEXT, nullable=False),
        sa.Column("routing_key", TEXT, nullable=False),
        sa.Column("reference", TEXT, nullable=False),
        sa.Column("leased_until", sa.BigInteger(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("position"),
        sqlite_autoincrement=True,
    )
    op.create_index("wake_due", "wake", ["authority", "position"], unique=False)
    op.create_table(
        "duty",
        sa.Column("authority", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("holder", TEXT, nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("term", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("authority", "name"),
        sqlite_with_rowid=False,
    )
