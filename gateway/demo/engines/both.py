"""How does a demonstration get a database and a broker that hold nothing but its own?"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from gateway.app.broker import definitions_for
from gateway.demo.engines.postgres import OWNER, PostgresServer
from gateway.demo.engines.rabbitmq import HOST, PASSWORD, USER, Brokers

DATABASE, _VIRTUAL_HOST = "ecaf_gateway", "ecaf-gateway"


@dataclass(frozen=True, slots=True, kw_only=True)
class Engines:
    """A PostgreSQL and a RabbitMQ of one node or several, running, and what of each is one installation's."""

    postgres: PostgresServer
    brokers: Brokers
    database: str = DATABASE
    virtual_host: str = _VIRTUAL_HOST

    @property
    def folders(self) -> tuple[Path, ...]:
        """Return where they write."""
        return (self.postgres.folder, *(node.folder for node in self.brokers.nodes))

    def beside(self, name: str) -> Self:
        """Return the same for one more installation, *name*: an empty database and queues of its own, made now."""
        made = replace(self, database=f"{DATABASE}_{name}", virtual_host=f"{_VIRTUAL_HOST}-{name}")
        made.prepare()
        return made

    def prepare(self) -> None:
        """Make the installation's database and its queues."""
        self.postgres.order(f"CREATE DATABASE {self.database} OWNER {OWNER}")
        node = self.brokers.nodes[0]
        node.make_virtual_host(self.virtual_host)
        node.call("POST", "/definitions", definitions_for((), self.virtual_host))

    def settings(self, folder: Path) -> Mapping[str, Any]:
        """Return what an installation in *folder* is told of them."""
        password = folder / "broker-password"
        password.write_text(PASSWORD)
        password.chmod(0o600)
        return {
            "database_url": self.postgres.dsn(self.database),
            "database_owner_url": self.postgres.dsn(self.database, OWNER),
            "broker_hosts": ",".join(f"{HOST}:{node.amqp}" for node in self.brokers.nodes),
            "broker_virtual_host": self.virtual_host,
            "broker_user": USER,
            "broker_password_file": password,
            "broker_tls": False,
        }


@contextmanager
def running_engines(
    *, nodes: int = 1, parent: Path | None = None, environment: Mapping[str, str] | None = None
) -> Iterator[Engines]:
    """Start both, with an empty database and the gateway's own queues, and end them.

    Args:
        nodes: of the broker.
        parent: where their folders are made; otherwise PostgreSQL's is in memory, if there is room for such.
        environment: what both are told beside what they must be told.
    """
    postgres = PostgresServer.made(parent, environment)
    try:
        brokers = Brokers(nodes, parent=parent, environment=environment)
        try:
            brokers.start()
            engines = Engines(postgres=postgres, brokers=brokers)
            engines.prepare()
            yield engines
        finally:
            brokers.stop()
    finally:
        postgres.remove()
