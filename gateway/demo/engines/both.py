"""How does a demonstration get a database and a broker that hold nothing but its own?"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.app.broker import definitions_for
from gateway.demo.engines.postgres import OWNER, PostgresServer
from gateway.demo.engines.rabbitmq import HOST, PASSWORD, USER, Brokers

DATABASE, _VIRTUAL_HOST = "ecaf_gateway", "ecaf-gateway"


@dataclass(frozen=True, slots=True, kw_only=True)
class Engines:
    """A PostgreSQL and a RabbitMQ of one node or several, running."""

    postgres: PostgresServer
    brokers: Brokers

    @property
    def folders(self) -> tuple[Path, ...]:
        """Return where they write."""
        return (self.postgres.folder, *(node.folder for node in self.brokers.nodes))

    def settings(self, folder: Path) -> Mapping[str, Any]:
        """Return what an installation in *folder* is told of them."""
        password = folder / "broker-password"
        password.write_text(PASSWORD)
        password.chmod(0o600)
        return {
            "database_url": self.postgres.dsn(DATABASE),
            "database_owner_url": self.postgres.dsn(DATABASE, OWNER),
            "broker_hosts": ",".join(f"{HOST}:{node.amqp}" for node in self.brokers.nodes),
            "broker_virtual_host": _VIRTUAL_HOST,
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
        postgres.order(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
        brokers = Brokers(nodes, parent=parent, environment=environment)
        try:
            brokers.start()
            node = brokers.nodes[0]
            node.make_virtual_host(_VIRTUAL_HOST)
            node.call("POST", "/definitions", definitions_for((), _VIRTUAL_HOST))
            yield Engines(postgres=postgres, brokers=brokers)
        finally:
            brokers.stop()
    finally:
        postgres.remove()
