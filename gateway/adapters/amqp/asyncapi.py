"""What may a partner's developer expect of the broker? The topology as an AsyncAPI 3 document.

Source: AsyncAPI 3.0.0, and its AMQP bindings 0.3.0. The application it speaks of is the gateway: `send` is what we
publish, `receive` what we consume.
"""

from collections.abc import Mapping
from typing import Any

from gateway.adapters.amqp.definitions import VIRTUAL_HOST, arguments_of
from gateway.adapters.amqp.topology import DEAD, INTAKE, PARTNERS, UNCLAIMED, UNROUTED, WAKES, Exchange, Queue, Topology

_BINDING = "0.3.0"
_WAKE, _SEALED, _RECEIPT, _PROBLEM = "wakeUp", "sealedDocument", "receipt", "problem"
_OF_EXCHANGE: Mapping[str, tuple[str, ...]] = {
    WAKES: (_WAKE,),
    UNROUTED: (_WAKE,),
    INTAKE: (_SEALED,),
    UNCLAIMED: (_SEALED,),
}


def asyncapi_of(topology: Topology, *, version: str) -> Mapping[str, Any]:
    """Return the document: a channel for each queue and for each key we publish under, and who uses it."""
    exchanges = {exchange.name: exchange for exchange in topology.exchanges}
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    for queue in topology.queues:
        channels[queue.name] = _queue_channel(queue)
        if queue.exchange in {WAKES, INTAKE, UNROUTED}:
            operations[f"receive.{queue.name}"] = _operation("receive", queue.name, queue, {"ack": True})
        if queue.exchange in {WAKES, PARTNERS}:
            key = f"{queue.exchange}/{queue.binding}"
            channels[key] = _key_channel(exchanges[queue.exchange], queue)
            published = {"deliveryMode": 2, "mandatory": True}
            operations[f"send.{key}"] = _operation("send", key, queue, published)
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "eCAF gateway on RabbitMQ", "version": version, "description": _ABOUT},
        "servers": {"broker": _SERVER},
        "channels": channels,
        "operations": operations,
        "components": {"messages": _MESSAGES, "schemas": _SCHEMAS, "securitySchemes": {"user": {"type": "plain"}}},
    }


def _messages_of(queue: Queue) -> tuple[str, ...]:
    if queue.exchange == DEAD:
        return (_WAKE,) if queue.binding == "wakes" else (_SEALED,)
    if queue.exchange == PARTNERS:
        return (_SEALED,) if queue.binding.endswith(".documents") else (_RECEIPT, _PROBLEM)
    return _OF_EXCHANGE[queue.exchange]


def _queue_channel(queue: Queue) -> dict[str, Any]:
    made = {"name": queue.name, "durable": True, "exclusive": False, "autoDelete": False, "vhost": VIRTUAL_HOST}
    return {
        **_channel(queue.name, queue),
        "bindings": {"amqp": {"is": "queue", "queue": made, "bindingVersion": _BINDING}},
        "x-arguments": arguments_of(queue),
        "x-bound-to": {"exchange": queue.exchange, "routingKey": queue.binding},
    }


def _key_channel(exchange: Exchange, queue: Queue) -> dict[str, Any]:
    made = {
        "name": exchange.name,
        "type": exchange.type,
        "durable": True,
        "autoDelete": False,
        "vhost": VIRTUAL_HOST,
    }
    return {
        **_channel(queue.binding, queue),
        "bindings": {"amqp": {"is": "routingKey", "exchange": made, "bindingVersion": _BINDING}},
    }


def _channel(address: str, queue: Queue) -> dict[str, Any]:
    messages = {name: {"$ref": f"#/components/messages/{name}"} for name in _messages_of(queue)}
    return {"address": address, "description": queue.about, "messages": messages}


def _operation(action: str, channel: str, queue: Queue, binding: Mapping[str, Any]) -> dict[str, Any]:
    pointer = channel.replace("~", "~0").replace("/", "~1")
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{pointer}"},
        "messages": [{"$ref": f"#/channels/{pointer}/messages/{name}"} for name in _messages_of(queue)],
        "bindings": {"amqp": {**binding, "bindingVersion": _BINDING}},
    }


_ABOUT = (
    "Wake-ups between processes of the gateway, and the queues that partners own. A partner reads "
    "`partner.<organisation>.documents` and `partner.<organisation>.replies`, and publishes to `gateway.intake` under "
    "`<organisation>.documents`, mandatory and persistent, with `user_id` set to its own user."
)
_SERVER = {
    "host": "broker.example:5671",
    "pathname": f"/{VIRTUAL_HOST}",
    "protocol": "amqps",
    "protocolVersion": "0-9-1",
    "description": "RabbitMQ 3.10.8 or newer",
    "security": [{"$ref": "#/components/securitySchemes/user"}],
}
_MESSAGES: Mapping[str, Any] = {
    _WAKE: {
        "summary": "Looking into the store is worth while",
        "contentType": "text/plain",
        "payload": {"$ref": "#/components/schemas/references"},
    },
    _SEALED: {
        "summary": "One document, signed by its sender and sealed for its reader",
        "contentType": "application/jose",
        "payload": {"$ref": "#/components/schemas/jwe"},
    },
    _RECEIPT: {
        "summary": "The document is durable with us: our signed promise; `correlation_id` is your `message_id`",
        "contentType": "application/json",
        "payload": {"$ref": "#/components/schemas/receipt"},
    },
    _PROBLEM: {
        "summary": "The document was refused, and why (RFC 9457); `correlation_id` is your `message_id`",
        "contentType": "application/problem+json",
        "payload": {"$ref": "#/components/schemas/problem"},
    },
}
_SCHEMAS: Mapping[str, Any] = {
    "references": {
        "type": "string",
        "maxLength": 1024,
        "pattern": "^[a-z]{2,12}_[0-9a-z]+( [a-z]{2,12}_[0-9a-z]+)*$",
        "description": "identifiers of ours; nothing personal",
    },
    "jwe": {
        "type": "string",
        "pattern": r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+){4}$",
        "description": "a JWS (Ed25519) in a JWE (ECDH-ES+A256KW or RSA-OAEP-256, A256GCM), both compact",
    },
    "receipt": {
        "type": "object",
        "required": ["message_id", "receipt"],
        "properties": {"message_id": {"type": "string"}, "receipt": {"type": "string"}},
    },
    "problem": {
        "type": "object",
        "required": ["type", "title", "status", "code"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "code": {"type": "string"},
            "detail": {"type": "string"},
            "path": {"type": "string"},
            "row": {"type": "integer"},
            "line": {"type": "integer"},
        },
    },
}
