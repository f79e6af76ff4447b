"""Leases are counted: a number that tells an overtaken worker, and how many in a row ended without a word."""

import sqlalchemy as sa
from alembic import op

revision = "v0002"
down_revision = "v0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("message", "delivery"):
        for column in ("lease", "lost"):
            op.add_column(table, sa.Column(column, sa.BigInteger(), server_default=sa.text("0"), nullable=False))
