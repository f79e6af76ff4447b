"""On what is the gateway measured? As one process on SQLite, and as several on PostgreSQL and RabbitMQ.

Everything lies in a folder the bench chose, on a real disk, and is run as an installation runs it.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from gateway.demo.engines.both import DATABASE, running_engines
from gateway.demo.engines.postgres import PostgresServer
from gateway.demo.engines.rabbitmq import Node
from tests.bench.usage import cpu_ms, resident_mb, shared_out_mb
from tests.engines.postgres import Database
from tests.fault.gateway_process import GatewayProcess, running
from tests.fault.installation import ECAF, MASH, PORTAL, SCHOOL, Installation, install
from tests.fault.shared_stack import CREW, SharedStack

ONE_PROCESS, SPLIT = "one process", "split"
_SETTINGS: Mapping[str, object] = {"deliver_threads": 8}


class Stack(Protocol):
    """A running gateway, and everything that runs for it."""

    @property
    def name(self) -> str:
        """Return which stack it is, as the report has it."""

    @property
    def installation(self) -> Installation:
        """Return the gateway itself."""

    @property
    def processes(self) -> Sequence[tuple[str, int]]:
        """Return each process that runs for it: its kind, and its number."""

    def cpu_ms(self) -> Mapping[str, float]:
        """Return the CPU milliseconds so far of each kind of process."""


def memory_mb(stack: Stack) -> Mapping[str, float]:
    """Return the megabytes of each kind of process: what is resident of ours, the share of a database or broker."""
    measures = {"broker": shared_out_mb, "postgres": shared_out_mb}
    return _added((kind, measures.get(kind, resident_mb)(pid)) for kind, pid in stack.processes)


@dataclass(frozen=True, slots=True, kw_only=True)
class OneProcess:
    """`gateway up` on SQLite and the embedded bus."""

    installation: Installation
    process: GatewayProcess
    name: str = ONE_PROCESS

    @property
    def processes(self) -> Sequence[tuple[str, int]]:
        """Return the one."""
        return (("up", self.process.process.pid),)

    def cpu_ms(self) -> Mapping[str, float]:
        """Return the CPU milliseconds so far of each kind of process."""
        return _cpu_ms(self.processes)


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitStack:
    """`serve`, `work` and `relay` on a PostgreSQL and a RabbitMQ of their own, which may be stopped and started."""

    shared: SharedStack
    name: str = SPLIT

    @property
    def installation(self) -> Installation:
        """Return the gateway itself."""
        return self.shared.installation

    @property
    def broker(self) -> Node:
        """Return the one node of the broker."""
        return self.shared.node

    @property
    def postgres(self) -> PostgresServer:
        """Return the database's server."""
        return self.shared.database.server

    @property
    def processes(self) -> Sequence[tuple[str, int]]:
        """Return those of the gateway, and the first of broker and database while they run."""
        engines = (("broker", self.broker.process), ("postgres", self.postgres.process))
        ours = [(process.kind, process.process.pid) for process in self.shared.processes]
        return (*ours, *((kind, process.pid) for kind, process in engines if process is not None))

    def cpu_ms(self) -> Mapping[str, float]:
        """Return the CPU milliseconds so far of each kind of process."""
        return _cpu_ms(self.processes)


@contextmanager
def one_process(
    out: Path,
    sink: str,
    *,
    environment: Mapping[str, str] | None = None,
    program: Sequence[str] | None = None,
    **settings: object,
) -> Iterator[OneProcess]:
    """Run one process, or *program*, in the folder *out* with all partners at *sink*, from when it is ready."""
    made = _told(install(out, _partners(sink), **{**_SETTINGS, **settings}), environment)
    with running(made, program) as process:
        yield OneProcess(installation=made, process=process)


@contextmanager
def split(
    out: Path,
    sink: str,
    crew: Mapping[str, int] | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    **settings: object,
) -> Iterator[SplitStack]:
    """Run several processes in the folder *out* with all partners at *sink*, from when all are ready.

    Args:
        out: database and broker lie in it too; PostgreSQL's own user must be able to get there.
        sink: address of the partners.
        crew: how many processes of each kind; unless said, one of each.
        environment: what every process is told beside its settings, database and broker too.
        settings: those that differ from the usual.
    """
    out.mkdir(parents=True, exist_ok=True)
    with running_engines(parent=out, environment=environment) as engines:
        chosen = {**_SETTINGS, **engines.settings(out), **settings}
        made = _told(install(out / "gateway", _partners(sink), **chosen), environment)
        database = Database(server=engines.postgres, name=DATABASE)
        shared = SharedStack(installation=made, database=database, node=engines.brokers.nodes[0])
        try:
            shared.start(crew or CREW)
            yield SplitStack(shared=shared)
        finally:
            shared.stop()


STACKS = {ONE_PROCESS: one_process, SPLIT: split}


def _partners(sink: str) -> Mapping[str, str]:
    return dict.fromkeys((MASH, ECAF, SCHOOL, PORTAL), sink)


def _told(made: Installation, environment: Mapping[str, str] | None) -> Installation:
    return replace(made, environment={**made.environment, **(environment or {})})


def _cpu_ms(processes: Sequence[tuple[str, int]]) -> Mapping[str, float]:
    return _added((kind, cpu_ms(pid)) for kind, pid in processes)


def _added(pairs: Iterator[tuple[str, float]]) -> Mapping[str, float]:
    added: dict[str, float] = {}
    for kind, amount in pairs:
        added[kind] = added.get(kind, 0.0) + amount
    return added
