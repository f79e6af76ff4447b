"""Each decision keeps the question it answered, sealed; those that are there already have none."""

import sqlalchemy as sa
from alembic import op

revision = "v0012"
down_revision = "v0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("permit", sa.Column("questions", sa.LargeBinary(), nullable=True))
