"""What can be troubled of a gateway of several processes? The processes, their database, and their broker."""

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Self

from gateway.adapters.sql.postgres_schema import prepare_database
from gateway.demo.engines.ports import free_port
from gateway.demo.engines.postgres import OWNER, PostgresServer
from gateway.demo.engines.rabbitmq import Brokers, Node
from tests.engines.postgres import Database
from tests.fault.checker import Broken, Fault
from tests.fault.gateway_process import GatewayProcess
from tests.fault.history import effects_in
from tests.fault.installation import ECAF, MASH, PORTAL, Installation
from tests.fault.shared_stack import install_shared
from tests.fault.trouble import Stage, Told, Trouble

TWO_OF_EACH: Mapping[str, int] = {"serve": 2, "work": 2, "relay": 2}
_VIRTUAL_HOST = "campaign"
_DATABASE = "gateway"
_TRIES = 3
_PATIENCE_SECONDS = 150.0
"""How long a process may take to start when all do so at once, on a machine that is busy besides."""


class Team:
    """The processes of an installation, each in a place of its own where another one can be started."""

    def __init__(self, installation: Installation, crew: Mapping[str, int]) -> None:
        serving = iter((installation.port, *installation.more_ports))
        self._installation = installation
        self._awaited: list[GatewayProcess] = []
        self._places = [
            (kind, next(serving) if kind == "serve" else free_port())
            for kind, count in crew.items()
            for _ in range(count)
        ]
        self.processes = [self._started(place) for place in range(len(self._places))]

    def wait_until_ready(self) -> list[float]:
        """Return how many seconds each process took that was not known to be ready; one that ended by itself fails."""
        took = {process: process.wait_until_ready(_PATIENCE_SECONDS) for process in self._awaited}
        assert [process.kind for process in self.processes if process.process.poll() is not None] == []
        self._awaited = []
        return list(took.values())

    def kill(self, place: int) -> None:
        """End the process in *place* without a word, and start another at the same address."""
        process = self.processes[place]
        process.kill()
        self._awaited = [one for one in self._awaited if one is not process]
        self.processes[place] = self._started(place)

    def stop(self) -> None:
        """End every process: told to first, then made to."""
        for process in self.processes:
            if process.process.poll() is None:
                process.process.terminate()
        for process in self.processes:
            try:
                process.process.wait(30)
            finally:
                process.kill()

    def _started(self, place: int) -> GatewayProcess:
        kind, port = self._places[place]
        process = GatewayProcess(self._installation, kind, port=port)
        self._awaited.append(process)
        return process


class SplitTrouble(Trouble):
    """Nothing goes wrong with a gateway of several processes; each kind of trouble replaces `_trouble`.

    Shape: PostgreSQL and RabbitMQ are this campaign's own, so that they can be killed and searched for names.
    """

    settings: ClassVar[Mapping[str, object]] = {
        "lease_seconds": 12,
        "partner_total_seconds": 6,
        "sweep_seconds": 1,
        "breaker_pause_seconds": 2,
    }
    crew: ClassVar[Mapping[str, int]] = {"serve": 1, "work": 1, "relay": 1}
    nodes: ClassVar[int] = 1

    postgres: PostgresServer
    brokers: Brokers
    database: Database

    def __init__(self) -> None:
        self._opened = ExitStack()
        self._wrong: list[Fault] = []

    def __enter__(self) -> Self:
        try:
            self.database = self._database()
            self.brokers = self._brokers()
        except BaseException:
            self._opened.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def install(self, folder: Path, urls: Mapping[str, str], settings: Mapping[str, object]) -> Installation:
        """Return a fresh installation on this trouble's database and broker."""
        node = self.brokers.nodes[0]
        _make_virtual_host(node)
        chosen = {**settings, "broker_hosts": self._hosts()}
        made = install_shared(folder, urls, self.database, node, _VIRTUAL_HOST, **chosen)
        return replace(made, more_ports=tuple(free_port() for _ in range(self.crew["serve"] - 1)))

    def folders(self, installation: Installation) -> Sequence[Path]:
        """Return where no child's name may lie in clear: also what database and broker wrote."""
        return (installation.folder, self.postgres.folder, *(node.folder for node in self.brokers.nodes))

    def faults_in(self, installation: Installation) -> Sequence[Fault]:
        """Return what stood still that had to go on."""
        del installation
        return self._wrong

    def _hosts(self) -> str:
        """Return where the gateway finds the broker."""
        return ",".join(f"{node.place.host}:{node.amqp}" for node in self.brokers.nodes)

    def _a_leader(self, chance: random.Random) -> str:
        """Return the node that leads one of our queues, as chance has it."""
        queues = [one for one in self.brokers.nodes[0].call("GET", "/queues") if one["name"].startswith("wake.")]
        return str(chance.choice(sorted(queues, key=lambda one: str(one["name"])))["leader"])

    def _database(self) -> Database:
        self.postgres = PostgresServer.made()
        self._opened.callback(self.postgres.remove)
        self.postgres.order(f"CREATE DATABASE {_DATABASE} OWNER {OWNER}")
        database = Database(server=self.postgres, name=_DATABASE)
        prepare_database(database.owner_dsn, database.dsn)
        return database

    def _brokers(self) -> Brokers:
        brokers = Brokers(self.nodes)
        self._opened.callback(brokers.stop)
        return brokers.start()

    @contextmanager
    def _happening(self, stage: Stage) -> Iterator[Told]:
        told, team = Told(), Team(stage.installation, self.crew)
        try:
            told.ready_seconds += team.wait_until_ready()
            self._trouble(stage, team, told)
            told.ready_seconds += team.wait_until_ready()
            yield told
        finally:
            team.stop()

    def _trouble(self, stage: Stage, team: Team, told: Told) -> None:
        """Make trouble; return when all is well again."""


def _make_virtual_host(node: Node) -> None:
    """Make it; a node that has only just joined does not hear of it, and RabbitMQ then waits in vain."""
    for _ in range(_TRIES):
        with suppress(TimeoutError):
            node.call("PUT", f"/vhosts/{_VIRTUAL_HOST}")
            return
    raise TimeoutError("the cluster makes no virtual host")


class Watch:
    """Sees to it that documents go on to be taken in and handed over while something is away."""

    def __init__(self, database: Database, stage: Stage) -> None:
        self._database = database
        self._stage = stage
        self.accepted = self.effects = self.waiting = 0
        self.faults: list[Fault] = []

    @contextmanager
    def away(self, what: str) -> Iterator[None]:
        """Count what is taken in and handed over during the block; nothing taken in is a fault."""
        accepted, effects, began = self._count("message"), self._effects(), time.monotonic()
        yield
        self.waiting = max(self.waiting, self._count("wake"))
        came, went = self._count("message") - accepted, self._effects() - effects
        self.accepted, self.effects = self.accepted + came, self.effects + went
        seconds = time.monotonic() - began
        for count, verb in ((came, "taken in"), (went, "handed over")):
            if not count:
                self.faults.append(Fault(broken=Broken.OTHER, text=f"nothing was {verb} in {seconds:.0f} s: {what}"))

    def __str__(self) -> str:
        kept = f"up to {self.waiting} wake-ups waiting for the broker"
        return f", {self.accepted} taken in and {self.effects} handed over meanwhile, {kept}"

    def _count(self, table: str) -> int:
        return int(str(self._database.execute(f"SELECT count(*) FROM {table}")[0][0]))  # noqa: S608 - a name of ours

    def _effects(self) -> int:
        return sum(len(effects_in(self._stage.partners.journal(name), name, ())) for name in (MASH, ECAF, PORTAL))
