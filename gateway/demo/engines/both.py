"""How does a demonstration get a database and a broker that hold nothing but its own?"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.app.broker import definitions_for
from gateway.demo.engines.postgres import OWNER, PostgresServer
from gateway.demo.engines.rabbitmq import HOST, PASSWORD, USER, Brokers

_DATABASE, _VIRTUAL_HOST = "ecaf_gateway", "ecaf-gateway"


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
            "database_url": self.postgres.dsn(_DATABASE),
            "database_owner_url": self.postgres.dsn(_DATABASE, OWNER),
            "broker_hosts": ",".join(f"{HOST}:{node.amqp}" for node in self.brokers.nodes),
            "broker_virtual_host": _VIRTUAL_HOST,
            "broker_user": USER,
            "broker_password_file": password,
            "broker_tls": False,
        }


@contextmanager
def running_engines(*, nodes: int = 1) -> Iterator[Engines]:
    """Start both, with an empty database and the gateway's own queues, and end them."""
    postgres = PostgresServer.made()
    try:
        postgres.order(f"CREATE DATABASE {_DATABASE} OWNER {OWNER}")
        brokers = Brokers(nodes)
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
