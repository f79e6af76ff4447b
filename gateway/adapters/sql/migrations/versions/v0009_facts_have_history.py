"""What a fact said before is kept when another version takes its place, and nothing can change that."""

import sqlalchemy as sa
from alembic import op

revision = "v0009"
down_revision = "v0008"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
HISTORY = "fact_history"
REFUSED = f"BEGIN SELECT RAISE(ABORT, '{HISTORY} is append-only'); END"


def upgrade() -> None:
    op.create_table(
        HISTORY,
        sa.Column(
            "position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), sa.Identity(always=True), nullable=False
        ),
        sa.Column("authority", TEXT, nullable=False),
        sa.Column("fact_id", TEXT, nullable=False),
        sa.Column("child_ref", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("retired_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["authority", "child_ref"], ["child.authority", "child.child_ref"]),
        sa.PrimaryKeyConstraint("position"),
        sqlite_autoincrement=True,
    )
    op.create_index("fact_history_child", HISTORY, ["authority", "child_ref", "position"], unique=False)
    is_postgres = op.get_bind().dialect.name == "postgresql"
    for what, change, each in (
        ("never_changes", "UPDATE", "ROW"),
        ("never_shrinks", "DELETE", "ROW"),
        *([("never_empties", "TRUNCATE", "STATEMENT")] if is_postgres else []),
    ):
        then = f"FOR EACH {each} EXECUTE FUNCTION refuse_change()" if is_postgres else REFUSED
        op.execute(f"CREATE TRIGGER {HISTORY}_{what} BEFORE {change} ON {HISTORY} {then}")
