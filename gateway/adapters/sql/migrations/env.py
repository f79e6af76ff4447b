"""How does Alembic reach the database? Through the connection it is given; it opens none itself."""

from alembic import context

from gateway.adapters.sql.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite can roll back a change of schema, so a migration that is killed leaves no half-made table.
    transactional_ddl=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
