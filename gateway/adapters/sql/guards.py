"""Which tables can nothing change, and does the database still see to it?

A guard is a trigger that refuses the change. A later migration that rebuilds a table (SQLite changes most things that
way) drops its triggers without a word, so every opening of the store asks for each of them by its full text.
"""

import sqlite3

from gateway.adapters.sql.driver_errors import ours
from gateway.errors import IntegrityError

APPEND_ONLY = ("audit_event", "audit_leaf", "audit_node", "audit_checkpoint", "permit", "fact_history")
"""Tables whose rows are never changed and never deleted."""

ERASABLE = {"audit_payload": ("authority", "event_id", "child_ref", "subject_seq", "sealed_payload")}
"""Tables whose rows may be deleted, and whose named columns are never changed; a key may be wrapped anew."""


def guards() -> dict[str, str]:
    """Return every guard the database must hold: its name, and the statement that makes it."""
    found: dict[str, str] = {}
    for table in APPEND_ONLY:
        found[f"{table}_never_changes"] = _guard(table, "never_changes", "UPDATE")
        found[f"{table}_never_shrinks"] = _guard(table, "never_shrinks", "DELETE")
    for table, columns in ERASABLE.items():
        found[f"{table}_never_changes"] = _guard(table, "never_changes", f"UPDATE OF {', '.join(columns)}")
    return found


def require_guards(connection: sqlite3.Connection) -> None:
    """Return when every guard is in place, word for word.

    Raises:
        IntegrityError: one is missing or was weakened; it is named.
    """
    try:
        present = dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
    except sqlite3.Error as cause:
        raise ours(cause) from cause
    for name, statement in guards().items():
        if present.get(name) != statement:
            raise IntegrityError(
                f"the database lacks the guard {name}: its append-only rows could be changed",
                expected=statement,
                found=present.get(name, "no such trigger"),
            )


def _guard(table: str, what: str, change: str) -> str:
    """Return the statement that makes one guard."""
    return (
        f"CREATE TRIGGER {table}_{what} BEFORE {change} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    )
