"""How does a broker get the topology? As the definitions that `rabbitmqctl import_definitions` reads."""

from collections.abc import Mapping
from typing import Any

from gateway.adapters.amqp.topology import DEAD, Bounds, Exchange, Queue, Topology, User

VIRTUAL_HOST = "ecaf-gateway"
_NO_PASSWORD = ""
"""With an empty hash nobody can sign in by password until the operator sets one, or uses certificates."""


def definitions_of(topology: Topology, virtual_host: str = VIRTUAL_HOST) -> Mapping[str, Any]:
    """Return *topology* as definitions: a virtual host, users without a password, rights, policies, queues."""
    users = topology.users
    return {
        "vhosts": [{"name": virtual_host}],
        "users": [
            {
                "name": user.name,
                "password_hash": _NO_PASSWORD,
                "hashing_algorithm": "rabbit_password_hashing_sha512",
                "tags": "",
            }
            for user in users
        ],
        "permissions": [{"vhost": virtual_host, **_permission(user)} for user in users],
        "topic_permissions": [
            {"user": user.name, "vhost": virtual_host, "exchange": exchange, "write": pattern, "read": "^$"}
            for user in users
            for exchange, pattern in user.topics
        ],
        "policies": [{"vhost": virtual_host, **_policy(bounds)} for bounds in topology.bounds],
        "exchanges": [{"vhost": virtual_host, **_exchange(exchange)} for exchange in topology.exchanges],
        "queues": [{"vhost": virtual_host, **_queue(queue)} for queue in topology.queues],
        "bindings": [{"vhost": virtual_host, **_binding(queue)} for queue in topology.queues],
    }


def arguments_of(queue: Queue) -> dict[str, str | int]:
    """Return the arguments *queue* is declared with: all that must never change while messages are in it."""
    arguments: dict[str, str | int] = {"x-queue-type": "quorum", "x-overflow": "reject-publish"}
    if queue.delivery_limit is not None:
        arguments["x-delivery-limit"] = queue.delivery_limit
    if queue.dead_letter_key is not None:
        arguments["x-dead-letter-exchange"] = DEAD
        arguments["x-dead-letter-routing-key"] = queue.dead_letter_key
        arguments["x-dead-letter-strategy"] = "at-least-once"
    return arguments


def _permission(user: User) -> dict[str, str]:
    return {"user": user.name, "configure": user.configure, "write": user.write, "read": user.read}


def _policy(bounds: Bounds) -> dict[str, Any]:
    return {
        "name": bounds.name,
        "pattern": bounds.pattern,
        "apply-to": "queues",
        "priority": 0,
        "definition": {"max-length": bounds.length_limit, "max-length-bytes": bounds.bytes_limit},
    }


def _exchange(exchange: Exchange) -> dict[str, Any]:
    return {
        "name": exchange.name,
        "type": exchange.type,
        "durable": True,
        "auto_delete": False,
        "internal": False,
        "arguments": {} if exchange.alternate is None else {"alternate-exchange": exchange.alternate},
    }


def _queue(queue: Queue) -> dict[str, Any]:
    return {"name": queue.name, "durable": True, "auto_delete": False, "arguments": arguments_of(queue)}


def _binding(queue: Queue) -> dict[str, Any]:
    return {
        "source": queue.exchange,
        "destination": queue.name,
        "destination_type": "queue",
        "routing_key": queue.binding,
        "arguments": {},
    }
