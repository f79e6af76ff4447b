"""How does a simulator run: in a thread of a test, or as a program of its own?"""

import argparse
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import uvicorn
from fastapi import FastAPI

from gateway.errors import PartnerUnavailableError

_LOOPBACK = "127.0.0.1"
_START_SECONDS = 10.0
_POLL_SECONDS = 0.01


class Running(AbstractContextManager["Running"]):
    """A simulator at `url`: it answers from `start` until `stop`, or for the length of a `with`."""

    def __init__(self, app: FastAPI, port: int = 0) -> None:
        self._socket = socket.create_server((_LOOPBACK, port))
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://{_LOOPBACK}:{self.port}"
        self._server = uvicorn.Server(_config(app))
        self._thread = threading.Thread(target=self._serve, name=f"simulator-{self.port}", daemon=True)

    def start(self) -> Self:
        """Start it, and return it when it answers."""
        self._thread.start()
        turns = int(_START_SECONDS / _POLL_SECONDS)
        for _ in range(turns):
            if self._server.started:
                return self
            self._thread.join(_POLL_SECONDS)
        raise PartnerUnavailableError("the simulator did not start")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        self.stop()

    def stop(self) -> None:
        """Stop it, whatever it is in the middle of."""
        self._server.should_exit = True
        self._thread.join(_START_SECONDS)
        self._socket.close()

    def _serve(self) -> None:
        self._server.run(sockets=[self._socket])


def run(app: FastAPI, port: int = 0) -> Running:
    """Return *app* answering on the loopback interface, in a thread, at *port* or any that is free."""
    return Running(app, port).start()


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a simulator is started with."""

    journal: Path | None
    token: str | None
    gateway: str | None
    gateway_token: str | None


def main(name: str, build: Callable[[Options], FastAPI], arguments: Sequence[str] | None = None) -> None:
    """Run the simulator *build* makes as a program, until it is told to stop."""
    parser = argparse.ArgumentParser(prog=f"python -m gateway.simulators.{name}")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--journal", type=Path, help="append what it gets to this file, one JSON object a line")
    parser.add_argument("--token-file", type=Path, help="what deliveries must carry as Bearer token")
    parser.add_argument("--gateway", help="the gateway's address, such as http://127.0.0.1:8000")
    parser.add_argument("--gateway-token-file", type=Path, help="what to show the gateway as Bearer token")
    told = parser.parse_args(arguments)
    options = Options(
        journal=told.journal,
        token=_secret(told.token_file),
        gateway=told.gateway,
        gateway_token=_secret(told.gateway_token_file),
    )
    sys.stderr.write(f"{name} simulator at http://{_LOOPBACK}:{told.port}\n")
    config = _config(build(options))
    config.host, config.port = _LOOPBACK, told.port
    uvicorn.Server(config).run()


def _secret(file: Path | None) -> str | None:
    return file.read_text(encoding="utf-8").strip() if file else None


def _config(app: FastAPI) -> uvicorn.Config:
    # A simulator that breaks off on purpose would fill the log with its own tricks.
    return uvicorn.Config(
        app, log_config=None, log_level="critical", access_log=False, lifespan="off", ws="none",
        timeout_graceful_shutdown=1,
    )  # fmt: skip
