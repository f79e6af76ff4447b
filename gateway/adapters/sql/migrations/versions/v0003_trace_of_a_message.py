"""Each message keeps the trace it belongs to."""

import sqlalchemy as sa
from alembic import op

revision = "v0003"
down_revision = "v0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("message", sa.Column("trace_id", sa.Text(), nullable=False, server_default=""))
