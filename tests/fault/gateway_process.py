"""How is a gateway run as a process that can be killed?"""

import http.client
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.fault.installation import ROOT, Installation, environment_of

_RUN = "import sys; from gateway.app.cli import main; sys.argv = ['gateway', {!r}]; main()"
_READY_SECONDS = 60.0
_POLL_SECONDS = 0.01


class GatewayProcess:
    """`gateway up` of one installation, one process of several, or what *program* says, in a process of its own.

    What it writes goes to `gateway.log` in the installation's folder.
    """

    def __init__(
        self,
        installation: Installation,
        kind: str = "up",
        *,
        port: int | None = None,
        program: Sequence[str] | None = None,
        more: Mapping[str, str] | None = None,
    ) -> None:
        self.kind = kind
        self.port = port or installation.port
        self._log = Path(installation.folder / "gateway.log").open("ab")  # noqa: SIM115 - closed with the process
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, *(program or ("-c", _RUN.format(kind)))],
            cwd=ROOT,
            env={**environment_of(installation), "GATEWAY_LISTEN_PORT": str(self.port), **(more or {})},
            stdout=self._log,
            stderr=self._log,
        )

    def wait_until_ready(self, patience: float = _READY_SECONDS) -> float:
        """Return how many seconds it took from its start until it took documents."""
        while time.monotonic() < self.began + patience:
            assert self.process.poll() is None, "the gateway ended by itself; see gateway.log"
            if is_ready(self.port):
                return time.monotonic() - self.began
            time.sleep(_POLL_SECONDS)
        raise AssertionError("the gateway did not become ready")

    def wait_until_gone(self, patience: float = _READY_SECONDS) -> float | None:
        """Return when its power has failed: how many seconds it took until it took documents, if it came so far."""
        ready = None
        while self.process.poll() is None and time.monotonic() < self.began + patience:
            if ready is None and is_ready(self.port):
                ready = time.monotonic() - self.began
            time.sleep(_POLL_SECONDS)
        assert self.process.poll() == -signal.SIGKILL, "the gateway ended by itself, or lives on; see gateway.log"
        return ready

    def kill(self) -> None:
        """End it as a power cut would, without a word."""
        self._end(signal.SIGKILL, 10)

    def terminate(self, patience: float = 30) -> int:
        """Tell it to end and return its exit status."""
        return self._end(signal.SIGTERM, patience)

    def _end(self, number: int, patience: float) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(patience)
        finally:
            self._log.close()


@contextmanager
def running(installation: Installation, program: Sequence[str] | None = None) -> Iterator[GatewayProcess]:
    """Run a gateway, or what *program* says, for the length of a `with`, from when it is ready."""
    process = GatewayProcess(installation, program=program)
    try:
        process.wait_until_ready()
        yield process
    finally:
        with suppress(subprocess.TimeoutExpired):
            process.terminate()
        process.kill()


def is_ready(port: int) -> bool:
    """Tell whether a gateway at *port* takes documents now."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    except http.client.HTTPException:
        return False
    finally:
        connection.close()
