"""How does a peer run? As processes of its own between the bench's sender and the bench's partner, on its own engines.

Each is ended by its number, and by the kernel if we are killed.
"""

import os
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from gateway.adapters.amqp.definitions import definitions_of
from gateway.adapters.amqp.topology import PARTNERS, document_key, outbound_queue, topology_of
from gateway.demo.engines.both import DATABASE, Engines, running_engines
from gateway.demo.engines.ports import free_port
from gateway.demo.engines.postgres import OWNER
from gateway.demo.engines.rabbitmq import HOST, PASSWORD, USER
from tests.bench.peers.environment import NotMeasuredError
from tests.bench.usage import cpu_ms
from tests.fault.installation import PORTAL, ROOT, Installation

_PARTNER = "peer"
_VIRTUAL_HOST = "peer"
_READY_SECONDS = 60.0
_SCHEMA = ROOT / "schemas/partners/mash/govuk-forms/1/submission.schema.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One process of a peer. It is ready when it has written `ready`."""

    kind: str
    command: Sequence[str]
    ready: str
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A running peer, which the bench measures as it measures a stack of ours."""

    name: str
    installation: Installation
    ours: Sequence[tuple[str, subprocess.Popen[bytes]]]
    engines: Sequence[tuple[str, subprocess.Popen[bytes]]]

    @property
    def processes(self) -> Sequence[tuple[str, int]]:
        """Return each process that runs for it: its kind, and its number."""
        return [(kind, process.pid) for kind, process in (*self.ours, *self.engines)]

    def cpu_ms(self) -> Mapping[str, float]:
        """Return the CPU milliseconds so far of each kind of process."""
        return {kind: cpu_ms(pid) for kind, pid in self.processes}


@contextmanager
def running_peer(
    name: str, programs: Sequence[Program], folder: Path, sink: str, *, has_database: bool
) -> Iterator[Peer]:
    """Run a peer from when all its programs are ready, the first of which takes documents.

    Args:
        name: by which it is told.
        programs: its processes.
        folder: where its engines' data are.
        sink: address of its partner.
        has_database: whether it uses the database.
    """
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    with ExitStack() as ended:
        engines = _engines(ended, folder)
        told = _told(engines, sink)
        ours = [
            (program.kind, ended.enter_context(_process(program, folder, {**told, "PEER_PORT": str(listening)})))
            for program, listening in zip(programs, (port, *(free_port() for _ in programs[1:])), strict=True)
        ]
        node, postgres = engines.brokers.nodes[0].process, engines.postgres.process
        running = [("broker", node), *([("postgres", postgres)] if has_database else [])]
        yield Peer(
            name=name,
            installation=Installation(folder=folder, port=port, environment={}, tokens={PORTAL: "peer"}, vkey=""),
            ours=ours,
            engines=[(kind, process) for kind, process in running if process is not None],
        )


def _engines(ended: ExitStack, folder: Path) -> Engines:
    """Return engines whose broker has the queue that we would put a partner's documents into, declared as ours are."""
    try:
        engines = ended.enter_context(running_engines(parent=folder))
    except FileNotFoundError as missing:
        raise NotMeasuredError(str(missing)) from missing
    node = engines.brokers.nodes[0]
    node.make_virtual_host(_VIRTUAL_HOST)
    node.call("POST", "/definitions", definitions_of(topology_of([_PARTNER]), _VIRTUAL_HOST))
    return engines


def _told(engines: Engines, sink: str) -> Mapping[str, str]:
    """Return what every program of a peer is told: where everything is."""
    node = engines.brokers.nodes[0]
    database = engines.postgres.dsn(DATABASE, OWNER).replace("postgresql:", "postgresql+asyncpg:")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    return {
        **kept,
        "PEER_BROKER": f"amqp://{USER}:{PASSWORD}@{HOST}:{node.amqp}/{_VIRTUAL_HOST}",
        "PEER_DATABASE": database,
        "PEER_EXCHANGE": PARTNERS,
        "PEER_KEY": document_key(_PARTNER),
        "PEER_QUEUE": outbound_queue(_PARTNER),
        "PEER_SCHEMA": str(_SCHEMA),
        "PEER_SINK": sink,
    }


@contextmanager
def _process(program: Program, folder: Path, told: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run one program from when it is ready, and end it."""
    log = folder / f"{program.kind}.log"
    with log.open("wb") as opened:
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", *program.command],
            cwd=folder,
            env={**told, **program.environment},
            stdin=subprocess.DEVNULL,
            stdout=opened,
            stderr=opened,
        )
    try:
        _wait_until_ready(process, log, program)
        yield process
    finally:
        process.kill()
        process.wait(30)


def _wait_until_ready(process: subprocess.Popen[bytes], log: Path, program: Program) -> None:
    until = time.monotonic() + _READY_SECONDS
    while program.ready not in log.read_text(encoding="utf-8", errors="replace"):
        if process.poll() is not None or time.monotonic() > until:
            said = log.read_text(encoding="utf-8", errors="replace").split("\n")[-5:]
            raise NotMeasuredError(f"its {program.kind} did not start: {' / '.join(said)}")
        time.sleep(0.05)
