"""What a record waits for is found by the record."""

from alembic import op

revision = "v0013"
down_revision = "v0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("label_task_of_record", "label_task", ["authority", "record_id", "position"], unique=False)
