"""How is a gateway of several processes run on a real database and a real broker? Each part can be killed."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from gateway.adapters.amqp.definitions import definitions_of
from gateway.adapters.amqp.topology import topology_of
from gateway.demo.engines.ports import free_port
from gateway.demo.engines.rabbitmq import HOST, PASSWORD, USER, Node
from tests.engines.postgres import Database, a_database
from tests.engines.rabbitmq import shared_broker
from tests.fault.gateway_process import GatewayProcess
from tests.fault.installation import Installation, install

CREW: Mapping[str, int] = {"serve": 1, "work": 1, "relay": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedStack:
    """Processes of one installation on one database and one broker."""

    installation: Installation
    database: Database
    node: Node
    processes: list[GatewayProcess] = field(default_factory=list)

    def start(self, crew: Mapping[str, int]) -> None:
        """Start processes, as many of each kind as *crew* says; the first that serves gets the installation's port."""
        for kind, count in crew.items():
            for number in range(count):
                port = self.installation.port if kind in {"serve", "up"} and not number else free_port()
                self.processes.append(GatewayProcess(self.installation, kind, port=port))
        for process in self.processes:
            process.wait_until_ready()

    def stop(self) -> None:
        """End every process: told to first, then made to."""
        for process in self.processes:
            if process.process.poll() is None:
                process.process.terminate()
        for process in self.processes:
            process.terminate()


def install_shared(
    folder: Path, urls: Mapping[str, str], database: Database, node: Node, virtual_host: str, **chosen: object
) -> Installation:
    """Return a fresh installation on *database* and *virtual_host*, which gets the topology."""
    node.call("POST", "/definitions", definitions_of(topology_of(), virtual_host))
    folder.mkdir(parents=True, exist_ok=True)
    password = folder / "broker-password"
    password.write_text(PASSWORD)
    shared: dict[str, object] = {
        "database_url": database.dsn,
        "broker_hosts": f"{HOST}:{node.amqp}",
        "broker_virtual_host": virtual_host,
        "broker_user": USER,
        "broker_password_file": password,
        "broker_tls": False,
    }
    return install(folder, urls, **{**shared, **chosen})


@contextmanager
def shared_stack(
    folder: Path, urls: Mapping[str, str], crew: Mapping[str, int] = CREW, **chosen: object
) -> Iterator[SharedStack]:
    """Run an installation of several processes for the length of a `with`, from when all of them are ready."""
    node, database = shared_broker(), a_database()
    with node.virtual_host() as virtual_host:
        installation = install_shared(folder, urls, database, node, virtual_host, **chosen)
        stack = SharedStack(installation=installation, database=database, node=node)
        try:
            stack.start(crew)
            yield stack
        finally:
            stack.stop()
            database.drop()
