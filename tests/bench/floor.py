"""What would the least that could be called a durable accept cost on this machine? The floor beside our figure.

A bare FastAPI route that reads the body, parses it as JSON, and answers 202 once a group commit has it, of SQLite (WAL,
FULL) or PostgreSQL. No sender is known, nothing is sealed, checked, signed or logged.

`python -m tests.bench.floor PORT WHERE`: a file for SQLite, or the address of a PostgreSQL database.
"""

import asyncio
import json
import queue
import sqlite3
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path

import psycopg
import uvicorn
from fastapi import FastAPI, Request, Response

_BATCH = 64
Commit = Callable[[Sequence[bytes]], None]
"""Returns when all it is given is on disk."""


def commits_of(where: str) -> Commit:
    """Return what commits to the database at *where*, in an empty table."""
    return _postgres(where) if where.startswith("postgresql://") else _sqlite(Path(where))


def _sqlite(path: Path) -> Commit:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE floor (id INTEGER PRIMARY KEY, body BLOB)")

    def commit(group: Sequence[bytes]) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO floor (body) VALUES (?)", [(body,) for body in group])
        connection.execute("COMMIT")

    return commit


def _postgres(address: str) -> Commit:
    connection = psycopg.connect(address)
    connection.execute("DROP TABLE IF EXISTS floor")
    connection.execute("CREATE TABLE floor (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body BYTEA)")
    connection.commit()

    def commit(group: Sequence[bytes]) -> None:
        with connection.cursor(binary=True) as cursor:
            cursor.executemany("INSERT INTO floor (body) VALUES (%b)", [(body,) for body in group])
        connection.commit()

    return commit


class Writer(threading.Thread):
    """One thread that commits what waits, together."""

    def __init__(self, where: str) -> None:
        super().__init__(daemon=True)
        self._where = where
        self._waiting: queue.SimpleQueue[tuple[bytes, Future[None]]] = queue.SimpleQueue()

    def submit(self, body: bytes) -> "Future[None]":
        """Return what is done when *body* is on disk."""
        done: Future[None] = Future()
        self._waiting.put((body, done))
        return done

    def run(self) -> None:
        """Commit in groups for ever."""
        commit = commits_of(self._where)
        while True:
            group = [self._waiting.get()]
            while len(group) < _BATCH and not self._waiting.empty():
                group.append(self._waiting.get())
            commit([body for body, _ in group])
            for _, done in group:
                done.set_result(None)


def app(writer: Writer) -> FastAPI:
    """Return the bare application."""
    bare = FastAPI()

    @bare.post("/v1/intake/mash/govuk-forms-1")
    async def take(request: Request) -> Response:
        body = await request.body()
        json.loads(body)
        await asyncio.wrap_future(writer.submit(body))
        return Response(b'{"message_id":"x"}', status_code=202, media_type="application/json")

    @bare.get("/health/ready")
    async def ready() -> dict[str, str]:
        return {"status": "ready"}

    return bare


if __name__ == "__main__":
    keeper = Writer(sys.argv[2])
    keeper.start()
    uvicorn.run(app(keeper), host="127.0.0.1", port=int(sys.argv[1]), log_level="error", access_log=False)
