"""Which PostgreSQL do tests use? A private one: Debian's binaries, a folder and a port of its own, ended by its number.

One server for each run of tests. A database is copied from an empty one whose tables are made, in some tens of
milliseconds.
"""

import atexit
import getpass
import os
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import gettempdir, mkdtemp

import psycopg

from gateway.adapters.sql.postgres import PostgresStore, open_postgres_store
from gateway.adapters.sql.postgres_connection import PostgresLimits
from gateway.adapters.sql.postgres_schema import prepare_database
from gateway.adapters.sql.writer import OnWake
from gateway.model.identifiers import Authority
from tests.fakes.stores import BARNET, nobody

BINARIES = Path("/usr/lib/postgresql/15/bin")
_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
_PREFIX = "gateway-pg-"
_NUMBERS = count(1)
_SETTINGS = {
    "shared_buffers": "64MB",
    "max_connections": "200",
    "max_wal_size": "256MB",
    "deadlock_timeout": "200ms",
    "log_min_messages": "fatal",
}
LIMITS = PostgresLimits(writers=3, readers=4, connect_seconds=5)


@dataclass(slots=True, kw_only=True)
class PostgresServer:
    """One private server, at rest or running."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @classmethod
    def made(cls, parent: Path | None = None) -> "PostgresServer":
        """Return a new server with empty databases, running."""
        home = parent or (_MEMORY if os.access(_MEMORY, os.W_OK) else Path(gettempdir()))
        _forget_dead_runs(home)
        folder = Path(mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=home))
        _own(folder)
        data = folder / "data"
        _run("initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        server = cls(folder=folder, port=_free_port())
        server.start()
        with server.connect("postgres", "postgres") as connection:
            connection.execute("CREATE ROLE ecaf_owner LOGIN")
            connection.execute("CREATE ROLE ecaf_app LOGIN")
        return server

    def start(self) -> None:
        """Return when it answers."""
        options = {
            **_SETTINGS,
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self.folder),
        }
        flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        command = [*_as_nobody("--pdeathsig=QUIT"), str(BINARIES / "postgres"), "-D", str(self.folder / "data"), *flags]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder, start_new_session=True)
        self.wait_until_it_answers()

    def wait_until_it_answers(self) -> None:
        """Return when a connection can be had."""
        for _ in range(600):
            try:
                self.connect("postgres", "postgres").close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return
        raise TimeoutError((self.folder / "log").read_text()[-2000:])

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it: in order, or by SIGQUIT or SIGKILL as a crash would."""
        process, self.process = self.process, None
        if process is not None:
            process.send_signal(how)
            process.wait(30)

    def remove(self) -> None:
        """End it and forget its data."""
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def dsn(self, database: str, role: str = "ecaf_app") -> str:
        """Return the address of a database, as *role*."""
        return f"postgresql://{role}@127.0.0.1:{self.port}/{database}"

    def connect(self, database: str, role: str) -> psycopg.Connection[tuple[object, ...]]:
        """Return a connection that commits by itself."""
        return psycopg.connect(self.dsn(database, role), autocommit=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """One database of a test."""

    server: PostgresServer
    name: str

    @property
    def dsn(self) -> str:
        """Return its address, as the application's role."""
        return self.server.dsn(self.name)

    @property
    def owner_dsn(self) -> str:
        """Return its address, as the role its tables belong to."""
        return self.server.dsn(self.name, "ecaf_owner")

    def execute(self, statement: str, role: str = "ecaf_owner") -> list[tuple[object, ...]]:
        """Run one statement past the store and return its rows."""
        with self.server.connect(self.name, role) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def store(
        self,
        *,
        authority: Authority = BARNET,
        on_wake: OnWake = nobody,
        has_outbox: bool = False,
        limits: PostgresLimits = LIMITS,
    ) -> PostgresStore:
        """Return the store in it."""
        return open_postgres_store(self.dsn, authority=authority, on_wake=on_wake, has_outbox=has_outbox, limits=limits)

    def drop(self) -> None:
        """Forget it."""
        with self.server.connect("postgres", "postgres") as connection:
            connection.execute(f"DROP DATABASE {self.name} WITH (FORCE)".encode())


@cache
def the_server() -> PostgresServer:
    """Return the server of this run of tests."""
    server = PostgresServer.made()
    atexit.register(server.remove)
    return server


@cache
def _template() -> str:
    server = the_server()
    with server.connect("postgres", "postgres") as connection:
        connection.execute("CREATE DATABASE gateway_empty OWNER ecaf_owner")
    prepare_database(server.dsn("gateway_empty", "ecaf_owner"), server.dsn("gateway_empty"))
    return "gateway_empty"


def a_database() -> Database:
    """Return an empty database with its tables made."""
    template, server = _template(), the_server()
    name = f"test_{next(_NUMBERS)}"
    with server.connect("postgres", "postgres") as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} OWNER ecaf_owner STRATEGY file_copy".encode())
    return Database(server=server, name=name)


def _as_nobody(*more: str) -> list[str]:
    """Return how a program is run as somebody whom PostgreSQL does not refuse: it will not be root's.

    A run of tests that is killed takes its server with it: the kernel ends it with the thread that started it.
    """
    somebody = [] if os.geteuid() else [f"--reuid={_USER}", f"--regid={_USER}", "--clear-groups"]
    return ["setpriv", *somebody, *more] if somebody or more else []


def _forget_dead_runs(home: Path) -> None:
    """Remove what runs of tests left that were killed: their folders are named by their numbers."""
    for folder in home.glob(f"{_PREFIX}*"):
        number = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if not Path("/proc", number).exists():
            shutil.rmtree(folder, ignore_errors=True)


_USER = "postgres" if os.geteuid() == 0 else getpass.getuser()


def _own(folder: Path) -> None:
    if os.geteuid() == 0:
        shutil.chown(folder, _USER, _USER)
    folder.chmod(0o755)


def _run(program: str, *arguments: str) -> None:
    command = [*_as_nobody(), str(BINARIES / program), *arguments]
    subprocess.run(command, check=True, capture_output=True, cwd="/")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
