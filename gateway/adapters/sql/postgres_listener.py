"""How does a process hear at once that there are wake-ups to hand on? PostgreSQL tells it, by NOTIFY.

A notification that was missed costs a moment: whoever listens looks by itself as well.
"""

from collections.abc import Callable
from threading import Event, Thread

import psycopg
from psycopg import sql

from gateway.adapters.sql.postgres_connection import PostgresLimits, open_connection
from gateway.adapters.sql.postgres_transaction import CHANNEL
from gateway.errors import StoreUnavailableError
from gateway.model.identifiers import Authority

_LISTEN = sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL))
_TURN_SECONDS = 0.5
_PAUSE_SECONDS = 1.0


class WakeListener:
    """Calls *on_wake* when a transaction of *authority* that asked for wake-ups has been committed, by any process."""

    def __init__(
        self, dsn: str, *, authority: Authority, on_wake: Callable[[], None], limits: PostgresLimits | None = None
    ) -> None:
        self._dsn = dsn
        self._authority = authority
        self._on_wake = on_wake
        self._limits = limits or PostgresLimits()
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="wake-listener", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """Return when nothing will be called any more."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._listen()
            except (psycopg.Error, StoreUnavailableError):
                # Whoever is woken looks by itself too, and says what is wrong with the store when it finds out.
                self._stopping.wait(_PAUSE_SECONDS)

    def _listen(self) -> None:
        with open_connection(self._dsn, self._limits) as connection:
            connection.execute(_LISTEN)
            # What was committed before we listened was told to nobody.
            self._on_wake()
            while not self._stopping.is_set():
                for told in connection.notifies(timeout=_TURN_SECONDS, stop_after=1):
                    if told.payload == self._authority:
                        self._on_wake()
