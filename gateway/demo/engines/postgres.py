"""How does one get a PostgreSQL of one's own, for a demonstration or a test?

Debian's binaries, a folder and a port of its own, on loopback, ended by its process id. PostgreSQL will not run as
root; then it is the distribution's own user who runs it.
"""

import getpass
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import gettempdir, mkdtemp

from gateway.demo.engines.ports import free_port

BINARIES = Path("/usr/lib/postgresql/15/bin")
_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
_PREFIX = "gateway-pg-"
_LEFT_SECONDS = 10.0
_SETTINGS = {
    "shared_buffers": "64MB",
    "max_connections": "200",
    "max_wal_size": "256MB",
    "deadlock_timeout": "200ms",
    "log_min_messages": "fatal",
}
OWNER, APPLICATION = "ecaf_owner", "ecaf_app"
"""Whose the tables are, and who may only use them."""


@dataclass(slots=True, kw_only=True)
class PostgresServer:
    """One private server, at rest or running. `environment` is what it is told beside ours."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    environment: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def made(cls, parent: Path | None = None, environment: Mapping[str, str] | None = None) -> "PostgresServer":
        """Return a new server with empty databases, running; its data is in memory unless *parent* is a folder."""
        home = parent or (_MEMORY if os.access(_MEMORY, os.W_OK) else Path(gettempdir()))
        _forget_the_dead(home)
        folder = Path(mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=home))
        _own(folder)
        data = folder / "data"
        _run("initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        server = cls(folder=folder, port=free_port(), environment=environment or {})
        server.start()
        server.order(f"CREATE ROLE {OWNER} LOGIN", f"CREATE ROLE {APPLICATION} LOGIN")
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
        command = [
            *_as_nobody("--pdeathsig=QUIT"),
            str(BINARIES / "postgres"),
            "-D",
            str(self.folder / "data"),
            *flags,
        ]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env={**os.environ, **self.environment},
                start_new_session=True,
            )
        self.wait_until_it_answers()

    def wait_until_it_answers(self) -> None:
        """Return when a connection can be had."""
        for _ in range(600):
            if subprocess.run([BINARIES / "pg_isready", "-q", *self._where()], check=False).returncode == 0:
                return
            time.sleep(0.05)
        raise TimeoutError((self.folder / "log").read_text()[-2000:])

    def order(self, *statements: str, database: str = "postgres") -> None:
        """Run *statements* as the superuser, each by itself."""
        told = [part for statement in statements for part in ("-c", statement)]
        _run("psql", "-q", "-v", "ON_ERROR_STOP=1", "-U", "postgres", *self._where(), "-d", database, *told)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it: in order, or by SIGQUIT or SIGKILL as a crash would; return when nothing of it answers any more."""
        process, self.process = self.process, None
        if process is not None:
            left = _children_of(process.pid)
            process.send_signal(how)
            process.wait(30)
            # Of a killed server those who serve connections go on for a moment, until they notice.
            until = time.monotonic() + _LEFT_SECONDS
            while any(map(_runs, left)) and time.monotonic() < until:
                time.sleep(0.01)

    def remove(self) -> None:
        """End it and forget its data."""
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def dsn(self, database: str, role: str = APPLICATION) -> str:
        """Return the address of a database, as *role*."""
        return f"postgresql://{role}@127.0.0.1:{self.port}/{database}"

    def _where(self) -> tuple[str, ...]:
        return ("-h", "127.0.0.1", "-p", str(self.port))


def _children_of(number: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{number}/task/{number}/children").read_text().split()]
    except OSError:
        return []


def _runs(number: int) -> bool:
    """Tell whether a process is there and has not ended: whom nobody has asked about is a zombie for a while."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _as_nobody(*more: str) -> list[str]:
    """Return how a program is run as somebody whom PostgreSQL does not refuse: it will not be root's."""
    them = [] if os.geteuid() else [f"--reuid={_USER}", f"--regid={_USER}", "--clear-groups"]
    return ["setpriv", *them, *more] if them or more else []


def _forget_the_dead(home: Path) -> None:
    """Remove what those left that were killed: their folders are named by their numbers."""
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
