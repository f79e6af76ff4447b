"""How long does one durable step take, at the least? One commit of SQLite or PostgreSQL, one confirm of RabbitMQ.

`python -m tests.bench.commits FOLDER` prints that of SQLite in milliseconds, measured in a process of its own.
"""

import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

from gateway.demo.engines.rabbitmq import Node
from tests.bench.raw_pika import a_queue, publish_singly

_TIMES = 30
_ROW = bytes(8192)


def sqlite_commit_ms(folder: Path) -> float:
    """Return the shortest of some commits of one row, as the store commits: WAL, FULL."""
    file = folder / "commits.sqlite3"
    connection = sqlite3.connect(file, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE bench_commit (document BLOB)")
        return _shortest(lambda: connection.execute("INSERT INTO bench_commit VALUES (?)", (_ROW,)))
    finally:
        connection.close()
        file.unlink()


def postgres_commit_ms(dsn: str) -> float:
    """Return the shortest of some commits of one row."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("CREATE TABLE bench_commit (document BYTEA)")
        try:
            return _shortest(lambda: connection.execute("INSERT INTO bench_commit VALUES (%s)", (_ROW,)))
        finally:
            connection.execute("DROP TABLE bench_commit")


def confirm_ms(node: Node) -> float:
    """Return the shortest of some publishes to a quorum queue until the broker confirmed."""
    with a_queue(node) as queue:
        return 1e3 * min(publish_singly(queue, [_ROW] * _TIMES))


def _shortest(commit: Callable[[], object]) -> float:
    took = []
    for _ in range(_TIMES):
        began = time.perf_counter()
        commit()
        took.append(time.perf_counter() - began)
    return 1e3 * min(took)


if __name__ == "__main__":
    print(sqlite_commit_ms(Path(sys.argv[1])))
