"""Where is the broker, who are we there, and how patient are we with it?"""

import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import pika

from gateway.errors import PermanentError

_NO_RETRY = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """One node of the broker."""

    name: str
    port: int

    @classmethod
    def of(cls, text: str, *, default_port: int) -> Self:
        """Return the host that `name`, `name:port` or `[address]:port` stands for.

        Raises:
            PermanentError: it is none of them (code `bus-host`).
        """
        name, colon, port = text.rpartition(":") if not text.endswith("]") else (text, "", "")
        if not colon:
            name, port = text, str(default_port)
        name = name.removeprefix("[").removesuffix("]")
        if not name or not port.isdecimal() or not 0 < int(port) < 2**16:
            raise PermanentError("a host of the broker is written name, name:port or [address]:port", code="bus-host")
        return cls(name=name, port=int(port))


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long anything with the broker may take. Units: seconds, each greater than zero.

    Shape: `confirm` is how long a publish may wait for the broker's word; `rpc` how long a declaration, a consumer's
    registration or the opening of a channel may, which AMQP itself leaves open; `blocked` how long a broker short of
    memory or disk is waited for before another node is tried.
    """

    heartbeat: int = 15
    socket: float = 5.0
    stack: float = 10.0
    blocked: float = 30.0
    rpc: float = 10.0
    confirm: float = 10.0
    retry_first: float = 0.2
    retry_most: float = 2.0
    stop: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerAddress:
    """A cluster's nodes, tried in turn, and how we sign in there."""

    hosts: tuple[Host, ...]
    virtual_host: str
    user: str
    password: str = field(repr=False)
    tls: ssl.SSLContext | None = None

    def parameters(self, attempt: int, patience: Patience, *, name: str) -> pika.ConnectionParameters:
        """Return how to reach the node whose turn it is at *attempt*, counted from 0."""
        host = self.hosts[attempt % len(self.hosts)]
        return pika.ConnectionParameters(
            host=host.name,
            port=host.port,
            virtual_host=self.virtual_host,
            credentials=pika.PlainCredentials(self.user, self.password),
            ssl_options=None if self.tls is None else pika.SSLOptions(self.tls, host.name),
            heartbeat=patience.heartbeat,
            blocked_connection_timeout=patience.blocked,
            socket_timeout=patience.socket,
            stack_timeout=patience.stack,
            connection_attempts=_NO_RETRY,
            client_properties={"connection_name": name},
        )


def tls_context(
    authority: Path | None = None, certificate: Path | None = None, key: Path | None = None
) -> ssl.SSLContext:
    """Return a context that takes only a broker somebody vouches for: *authority*, else the system's authorities.

    Shape: *certificate* and *key* are what we show, if the broker asks; TLS 1.2 is the oldest we speak.
    """
    context = ssl.create_default_context(cafile=None if authority is None else str(authority))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.hostname_checks_common_name = False
    if certificate is not None:
        context.load_cert_chain(str(certificate), None if key is None else str(key))
    return context


def hosts_of(texts: Sequence[str], *, is_tls: bool) -> tuple[Host, ...]:
    """Return the hosts that a setting lists; without a port it is AMQP's, over TLS that of AMQPS."""
    return tuple(Host.of(text.strip(), default_port=5671 if is_tls else 5672) for text in texts if text.strip())
