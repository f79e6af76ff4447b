"""The bytes of attached documents are kept apart from the records they belong to."""

import sqlalchemy as sa
from alembic import op

revision = "v0007"
down_revision = "v0006"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "attachment",
        sa.Column("authority", TEXT, nullable=False),
        sa.Column("record_id", TEXT, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["authority", "record_id"], ["record.authority", "record.record_id"]),
        sa.PrimaryKeyConstraint("authority", "record_id", "number"),
    )
