"""Which SFTP server do tests use? OpenSSH's own, private: a folder, a port and keys of its own, on loopback."""

import getpass
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from gateway.demo.engines.ports import free_port

PROGRAM = Path("/usr/sbin/sshd")
_SEPARATION = Path("/run/sshd")
_CONFIG = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host
AuthorizedKeysFile {folder}/known
PidFile {folder}/pid
PasswordAuthentication no
KbdInteractiveAuthentication no
PubkeyAuthentication yes
PermitRootLogin prohibit-password
StrictModes no
UsePAM no
UseDNS no
LogLevel VERBOSE
Subsystem sftp internal-sftp
"""


@dataclass(slots=True, kw_only=True)
class SshServer:
    """One private server, at rest or running; whoever holds the key `ours` may log in."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def user(self) -> str:
        """Return who logs in."""
        return getpass.getuser()

    @property
    def key_file(self) -> Path:
        """Return the file of the private key that is let in."""
        return self.folder / "ours"

    @property
    def host_key(self) -> str:
        """Return the server's public key as a profile pins it."""
        kind, key, *_ = (self.folder / "host.pub").read_text().split()
        return f"{kind} {key}"

    @property
    def told(self) -> str:
        """Return everything the server has logged."""
        return (self.folder / "log").read_text()

    def start(self) -> None:
        """Return when it answers."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen([PROGRAM, "-D", "-e", "-f", self.folder / "config"], stderr=log)
        ends = time.monotonic() + 20
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > ends:
                raise AssertionError(self.told)
            time.sleep(0.05)

    def stop(self) -> None:
        """End it, and every session with it."""
        if self.process is None:
            return
        children = f"/proc/{self.process.pid}/task/{self.process.pid}/children"
        sessions = [int(one) for one in Path(children).read_text().split()]
        os.kill(self.process.pid, signal.SIGKILL)
        for session in sessions:
            for one in (*_children(session), session):
                _end(one)
        self.process.wait()
        self.process = None

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                return connection.recv(4) == b"SSH-"
        except OSError:
            return False


def _children(process: int) -> list[int]:
    try:
        return [int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except OSError:
        return []


def _end(process: int) -> None:
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        return


def make_key(file: Path) -> Path:
    """Return *file* with a new private key in it; its public half lies beside it."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", file], check=True)
    return file


@contextmanager
def ssh_server() -> Iterator[SshServer]:
    """Give a running server, and end it."""
    if os.geteuid() == 0:
        _SEPARATION.mkdir(mode=0o755, exist_ok=True)
    folder = Path(mkdtemp(prefix="gateway-sshd-"))
    server = SshServer(folder=folder, port=free_port())
    (folder / "config").write_text(_CONFIG.format(port=server.port, folder=folder))
    make_key(folder / "host")
    make_key(server.key_file)
    shutil.copy(folder / "ours.pub", folder / "known")
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)
