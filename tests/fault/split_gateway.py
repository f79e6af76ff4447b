"""What can be troubled of a gateway of several processes? The processes, their database, and their broker."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Self

from gateway.adapters.sql.postgres_schema import prepare_database
from gateway.demo.engines.postgres import OWNER, PostgresServer
from gateway.demo.engines.rabbitmq import Brokers
from tests.engines.postgres import Database
from tests.fault.checker import Broken, Fault
from tests.fault.gateway_process import GatewayProcess
from tests.fault.history import effects_in
from tests.fault.installation import ECAF, MASH, PORTAL, Installation, free_port
from tests.fault.shared_stack import install_shared
from tests.fault.trouble import Stage, Told, Trouble

TWO_OF_EACH: Mapping[str, int] = {"serve": 2, "work": 2, "relay": 2}
_VIRTUAL_HOST = "campaign"
_DATABASE = "gateway"
_PATIENCE_SECONDS = 150.0
"""How long a process may take to start when all do so at once, on a machine that is busy besides."""


class Team:
    """The processes of an installation, each in a place of its own where another one can be started."""

    def __init__(self, installation: Installation, crew: Mapping[str, int]) -> None:
        serving = iter((installation.port, *installation.more_ports))
        self._installation = installation
        self._places = [
            (kind, next(serving) if kind == "serve" else free_port())
            for kind, count in crew.items()
            for _ in range(count)
        ]
        self.processes = [self._started(place) for place in range(len(self._places))]

    def wait_until_ready(self) -> list[float]:
        """Return how many seconds each process took; one that ended by itself is a fault."""
        return [process.wait_until_ready(_PATIENCE_SECONDS) for process in self.processes]

    def kill(self, place: int) -> None:
        """End the process in *place* without a word, and start another at the same address."""
        self.processes[place].kill()
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
        return GatewayProcess(self._installation, kind, port=port)


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
        self.postgres = PostgresServer.made()
        self._opened.callback(self.postgres.remove)
        self.postgres.order(f"CREATE DATABASE {_DATABASE} OWNER {OWNER}")
        self.database = Database(server=self.postgres, name=_DATABASE)
        prepare_database(self.database.owner_dsn, self.database.dsn)
        self.brokers = self._brokers()
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def install(self, folder: Path, urls: Mapping[str, str], settings: Mapping[str, object]) -> Installation:
        """Return a fresh installation on this trouble's database and broker."""
        node = self.brokers.nodes[0]
        node.call("PUT", f"/vhosts/{_VIRTUAL_HOST}")
        hosts = {"broker_hosts": ",".join(f"127.0.0.1:{one.amqp}" for one in self.brokers.nodes)}
        made = install_shared(folder, urls, self.database, node, _VIRTUAL_HOST, **{**settings, **hosts})
        return replace(made, more_ports=tuple(free_port() for _ in range(self.crew["serve"] - 1)))

    def folders(self, installation: Installation) -> Sequence[Path]:
        """Return where no child's name may lie in clear: also what database and broker wrote."""
        return (installation.folder, self.postgres.folder, *(node.folder for node in self.brokers.nodes))

    def faults_in(self, installation: Installation) -> Sequence[Fault]:
        """Return what stood still that had to go on."""
        del installation
        return self._wrong

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


class Watch:
    """Sees to it that documents go on to be taken in and handed over while something is away."""

    def __init__(self, database: Database, stage: Stage) -> None:
        self._database = database
        self._stage = stage
        self.accepted = self.effects = 0
        self.faults: list[Fault] = []

    @contextmanager
    def away(self, what: str) -> Iterator[None]:
        """Count what is taken in and handed over during the block; nothing taken in is a fault."""
        accepted, effects, began = self._accepted(), self._effects(), time.monotonic()
        yield
        came, went = self._accepted() - accepted, self._effects() - effects
        self.accepted, self.effects = self.accepted + came, self.effects + went
        seconds = time.monotonic() - began
        for count, verb in ((came, "taken in"), (went, "handed over")):
            if not count:
                self.faults.append(Fault(broken=Broken.OTHER, text=f"nothing was {verb} in {seconds:.0f} s: {what}"))

    def __str__(self) -> str:
        return f", {self.accepted} taken in and {self.effects} handed over meanwhile"

    def _accepted(self) -> int:
        return int(str(self._database.execute("SELECT count(*) FROM message")[0][0]))

    def _effects(self) -> int:
        return sum(len(effects_in(self._stage.partners.journal(name), name, ())) for name in (MASH, ECAF, PORTAL))
