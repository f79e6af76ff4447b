"""Does any statement cost more the more is stored? Those a store really runs are watched, and SQLite is asked how."""

import re
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import replace
from typing import Any

from gateway.app.bootstrap import Application, assemble, real_world
from gateway.flows.receiving.envelope import Incoming
from gateway.formats.register import FORMATS
from gateway.model.identifiers import OrganisationId
from tests.bench.documents import bodies
from tests.fault.installation import PORTAL, Installation

_ROWS_IN_THE_STATEMENT = "CONSTANT ROW"
_ALL_OF_AN_AUTHORITY = "(authority=?)"
_SMALL = ("sqlite_master", "alembic_version", "organisation", "breaker", "audit_pending", "sign_in", "w")
"""Tables that do not grow with messages; `w` is what the log's statements call the events that have no leaf yet."""
_OPEN_ONLY = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '% WHERE %'"
_PLACES = re.compile(r"\?(?!\d)")
"""Where a statement is given a value; one with a number is given the same as that one."""
_ORDERS = ("SELECT", "UPDATE", "DELETE", "INSERT", "WITH")


def scanning(installation: Installation) -> list[str]:
    """Return the statements that read all of a table while a few documents go all the way, none of them left out.

    The installation is not running. An index that holds only what is open may be read whole.
    """
    seen: dict[str, None] = {}
    settings = installation.settings()
    application = assemble(settings, replace(real_world(settings), driver=watching(seen)))
    try:
        _work(application)
    finally:
        application.stop()
    with closing(sqlite3.connect(installation.database)) as connection:
        return scans_of(connection, seen)


def watching(seen: dict[str, None]) -> Callable[[str], sqlite3.Connection]:
    """Return a driver whose connections note every statement in *seen*."""

    class Watched(sqlite3.Connection):
        def execute(self, sql: str, /, *parameters: Any) -> sqlite3.Cursor:
            seen[sql] = None
            return super().execute(sql, *parameters)

        def executemany(self, sql: str, parameters: Iterable[Any], /) -> sqlite3.Cursor:
            seen[sql] = None
            return super().executemany(sql, parameters)

    def driver(address: str) -> sqlite3.Connection:
        return sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False, factory=Watched)

    return driver


def scans_of(connection: sqlite3.Connection, statements: Iterable[str]) -> list[str]:
    """Return those of *statements* that read all of a table that grows."""
    open_only = [f"INDEX {name} " for (name,) in connection.execute(_OPEN_ONLY).fetchall()]
    return [
        " ".join(statement.split())
        for statement in statements
        if statement.lstrip().upper().startswith(_ORDERS)
        and any(_is_scan(step, open_only, is_limited=_ends_early(statement)) for step in _plan(connection, statement))
    ]


def _plan(connection: sqlite3.Connection, statement: str) -> list[str]:
    rows = connection.execute(f"EXPLAIN QUERY PLAN {statement}", [None] * len(_PLACES.findall(statement))).fetchall()
    return [detail for *_, detail in rows]


def _ends_early(statement: str) -> bool:
    return "LIMIT" in statement or "MAX(" in statement.upper()


def _is_scan(step: str, open_only: list[str], *, is_limited: bool) -> bool:
    """Tell whether a step of a plan reads all of a table.

    By its authority alone is all of it too, but for a limit or a greatest value; and what SQLite calls a search of an
    index, without saying by what, goes through all of it.
    """
    is_all = step.startswith("SCAN") or (step.endswith(_ALL_OF_AN_AUTHORITY) and not is_limited)
    is_all = is_all or (" INDEX " in step and "(" not in step)
    if not is_all or _ROWS_IN_THE_STATEMENT in step:
        return False
    return step.split()[1] not in _SMALL and not any(name in f"{step} " for name in open_only)


def _work(application: Application) -> None:
    """Let a few documents go all the way, and do what a running gateway does now and then."""
    for number, body in enumerate(bodies(3, seed=99)):
        told = body.replace("@REFEREN", f"PLAN{number:04}").encode()
        form = FORMATS["mash/govuk-forms-1"]
        application.receive.accept(Incoming(organisation=OrganisationId(PORTAL), format=form, body=told))
    store, at = application.store, application.desk.clock.now
    for message in store.write(lambda uow: uow.messages.ready(at=at(), limit=9, lease_seconds=60)):
        application.process.work(message)
    for delivery in store.write(lambda uow: uow.deliveries.ready(at=at(), limit=9, lease_seconds=60)):
        application.deliver.attempt(delivery)
    application.sequencer.give_places()
    application.clocks.tick()
    application.breakers.tick()
    application.pressure.look()
    store.read(lambda uow: uow.overview.read(at=at()))
