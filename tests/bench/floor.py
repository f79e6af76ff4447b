"""What would the least that could be called a durable accept cost on this machine? The floor beside our figure.

A bare FastAPI route that reads the body, parses it as JSON, and answers 202 once a SQLite group commit (WAL, FULL) has
it. No sender is known, nothing is sealed, checked, signed or logged.
"""

import asyncio
import json
import queue
import sqlite3
import sys
import threading
from concurrent.futures import Future
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Request, Response

_BATCH = 64


class Writer(threading.Thread):
    """One thread that commits what waits, together."""

    def __init__(self, path: Path) -> None:
        super().__init__(daemon=True)
        self._path = path
        self._waiting: queue.SimpleQueue[tuple[bytes, Future[None]]] = queue.SimpleQueue()

    def submit(self, body: bytes) -> "Future[None]":
        """Return what is done when *body* is on disk."""
        done: Future[None] = Future()
        self._waiting.put((body, done))
        return done

    def run(self) -> None:
        """Commit in groups for ever."""
        connection = sqlite3.connect(self._path, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE message (id INTEGER PRIMARY KEY, body BLOB)")
        while True:
            group = [self._waiting.get()]
            while len(group) < _BATCH and not self._waiting.empty():
                group.append(self._waiting.get())
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT INTO message (body) VALUES (?)", [(body,) for body, _ in group])
            connection.execute("COMMIT")
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
    keeper = Writer(Path(sys.argv[2]))
    keeper.start()
    uvicorn.run(app(keeper), host="127.0.0.1", port=int(sys.argv[1]), log_level="error", access_log=False)
