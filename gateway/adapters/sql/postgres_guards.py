"""Which tables can the application's role not change on PostgreSQL, and does the database still see to it?

Twice over: a trigger refuses the change, whoever asks; and the application's role has no right to it, nor to the
trigger, because the tables belong to another role. Both are read from the catalogue at every opening.
"""

import psycopg
from psycopg import sql

from gateway.adapters.sql.guards import APPEND_ONLY, ERASABLE
from gateway.adapters.sql.postgres_errors import GUARD, ours
from gateway.adapters.sql.tables import metadata
from gateway.adapters.sql.transaction import Row
from gateway.errors import IntegrityError

REFUSAL = f"BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = '{GUARD}'; END"
_TRIGGERS = """
SELECT t.tgname, pg_get_triggerdef(t.oid, true), t.tgenabled::text, p.prosrc
FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid
WHERE NOT t.tgisinternal AND t.tgrelid IN (SELECT oid FROM pg_class WHERE relnamespace = current_schema()::regnamespace)
"""
_RIGHTS = """
SELECT c.relname,
    has_table_privilege(c.oid, 'UPDATE'), has_table_privilege(c.oid, 'DELETE'), has_table_privilege(c.oid, 'TRUNCATE'),
    pg_has_role(c.relowner, 'USAGE')
FROM pg_class AS c WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = ANY(%s)
"""
_FIRING = frozenset({"O", "A"})
"""How a trigger that fires in an ordinary session is marked. Source: PostgreSQL, "pg_trigger"."""


def postgres_guards() -> dict[str, str]:
    """Return every guard the database must hold: its name, and the statement that makes it."""
    found: dict[str, str] = {}
    for table in APPEND_ONLY:
        found[f"{table}_never_changes"] = _guard(table, "never_changes", "UPDATE", "ROW")
        found[f"{table}_never_shrinks"] = _guard(table, "never_shrinks", "DELETE", "ROW")
    for table, columns in ERASABLE.items():
        found[f"{table}_never_changes"] = _guard(table, "never_changes", f"UPDATE OF {', '.join(columns)}", "ROW")
    for table in (*APPEND_ONLY, *ERASABLE):
        found[f"{table}_never_empties"] = _guard(table, "never_empties", "TRUNCATE", "STATEMENT")
    return found


def require_postgres_guards(connection: psycopg.Connection[Row]) -> None:
    """Return when every guard is in place, and the role of *connection* could take none of them away.

    Raises:
        IntegrityError: a guard is missing, weakened or switched off, or the role may do what it must not; it is named.
    """
    try:
        present = {name: rest for name, *rest in connection.execute(_TRIGGERS.encode()).fetchall()}
        rights = connection.execute(_RIGHTS.encode(), ([*APPEND_ONLY, *ERASABLE],)).fetchall()
    except psycopg.Error as cause:
        raise ours(cause) from None
    for name, statement in postgres_guards().items():
        definition, enabled, body = present.get(name, ("no such trigger", "O", REFUSAL))
        if (definition, body) != (statement, REFUSAL) or enabled not in _FIRING:
            raise IntegrityError(
                f"the database lacks the guard {name}: its append-only rows could be changed",
                expected=statement,
                found=definition if enabled in _FIRING else "switched off",
            )
    for table, may_update, may_delete, may_truncate, is_owner in rights:
        if may_update or may_truncate or is_owner or (may_delete and table in APPEND_ONLY):
            raise IntegrityError(
                f"the application's role may change {table}: it must be neither its owner nor a superuser",
                expected="a role that may read and add",
                found="owner or superuser" if is_owner else "a right too many",
            )


def grant_rights(connection: psycopg.Connection[Row], role: str) -> None:
    """Give *role* what the application needs, and take everything else from it and from everybody."""
    to = sql.Identifier(role)
    for table in (*metadata.tables, "alembic_version"):
        name = sql.Identifier(table)
        connection.execute(sql.SQL("REVOKE ALL ON {} FROM PUBLIC, {}").format(name, to))
        connection.execute(sql.SQL("GRANT {} ON {} TO {}").format(sql.SQL(_rights_on(table)), name, to))
    connection.execute(sql.SQL("GRANT USAGE ON SEQUENCE message_position TO {}").format(to))
    for table, columns in ERASABLE.items():
        free = [sql.Identifier(one.name) for one in metadata.tables[table].columns if one.name not in columns]
        connection.execute(
            sql.SQL("GRANT UPDATE ({}) ON {} TO {}").format(sql.SQL(", ").join(free), sql.Identifier(table), to)
        )


def _rights_on(table: str) -> str:
    if table == "alembic_version":
        return "SELECT"
    if table in APPEND_ONLY:
        return "SELECT, INSERT"
    return "SELECT, INSERT, DELETE" if table in ERASABLE else "SELECT, INSERT, UPDATE, DELETE"


def _guard(table: str, what: str, change: str, each: str) -> str:
    """Return the statement that makes one guard."""
    return f"CREATE TRIGGER {table}_{what} BEFORE {change} ON {table} FOR EACH {each} EXECUTE FUNCTION refuse_change()"
