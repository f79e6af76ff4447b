"""Each message has its place in the order messages were stored, so that no clock says which of two came first."""

import sqlalchemy as sa
from alembic import op

revision = "v0005"
down_revision = "v0004"
branch_labels = None
depends_on = None

WAITING = sa.text("ready_at IS NOT NULL")
IN_ORDER = """
UPDATE message SET position = numbered.place FROM (
    SELECT authority AS whose, message_id AS which, row_number() OVER (ORDER BY received_at, message_id) AS place
    FROM message
) AS numbered WHERE message.authority = numbered.whose AND message.message_id = numbered.which
"""


def upgrade() -> None:
    op.add_column("message", sa.Column("position", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute(IN_ORDER)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE SEQUENCE message_position OWNED BY message.position")
        op.execute("SELECT setval('message_position', COALESCE(MAX(position), 0) + 1, false) FROM message")
    for index in ("message_due", "message_age", "message_state"):
        op.drop_index(index, "message")
    op.create_index("message_due", "message", ["authority", "lane", "position"], unique=False, sqlite_where=WAITING, postgresql_where=WAITING)
    op.create_index("message_age", "message", ["authority", "position"], unique=False)
    op.create_index("message_state", "message", ["authority", "state", "position"], unique=False)
