"""Is what lies in deploy/rabbitmq/ what the code says, and does a broker have it once it has read it?"""

import json
from pathlib import Path
from typing import Any

import pika
import pytest
from pika.exceptions import AMQPError

from gateway.adapters.amqp.definitions import definitions_of
from gateway.adapters.amqp.topology import INTAKE, PARTNERS, WAKES, topology_of
from gateway.app.broker import described, topology_for
from gateway.app.partner_profiles import read_profiles
from gateway.demo.engines.rabbitmq import Node
from gateway.flows.store.rows import Lane
from tests.engines.amqp import address_of, channel_of
from tests.integration.amqp.conftest import Furnish

DEPLOY = Path(__file__).parents[3] / "deploy"
PROFILES = read_profiles(DEPLOY / "partners")
TOPOLOGY = topology_for(PROFILES)
PARTNER, OTHER, SECRET = "neighbour-mash", "other-borough", "invented"
KINDS = ("users", "permissions", "topic_permissions", "policies", "exchanges", "queues", "bindings")
DERIVED = {"limits", "internal", "password_hash"}


@pytest.mark.parametrize("name", ["definitions.json", "asyncapi.json"])
def test_what_is_shipped_is_what_the_code_says(name: str) -> None:
    """After a change: `gateway broker describe deploy/partners --into deploy/rabbitmq`."""
    assert (DEPLOY / "rabbitmq" / name).read_text(encoding="utf-8") == described(PROFILES)[name]


def test_every_reference_in_the_asyncapi_document_leads_somewhere() -> None:
    document = json.loads((DEPLOY / "rabbitmq" / "asyncapi.json").read_text(encoding="utf-8"))

    assert [found for found in references(document) if followed(document, found) is None] == []


def test_every_queue_is_in_the_asyncapi_document() -> None:
    document = json.loads((DEPLOY / "rabbitmq" / "asyncapi.json").read_text(encoding="utf-8"))

    assert {queue.name for queue in TOPOLOGY.queues} <= set(document["channels"])


def test_no_password_is_shipped() -> None:
    assert {user["password_hash"] for user in definitions_of(TOPOLOGY)["users"]} == {""}


def test_each_lane_has_a_queue_of_its_own() -> None:
    bound = {queue.binding for queue in TOPOLOGY.bound_to(WAKES)}

    assert bound == {f"{kind}.{lane.name.lower()}" for kind in ("message", "delivery") for lane in Lane}


def test_every_consumed_queue_gives_up_at_least_once_and_never_silently() -> None:
    made = {queue["name"]: queue["arguments"] for queue in definitions_of(TOPOLOGY)["queues"]}

    consumed = [arguments for arguments in made.values() if "x-delivery-limit" in arguments]

    assert {arguments["x-queue-type"] for arguments in made.values()} == {"quorum"}
    assert {arguments["x-overflow"] for arguments in made.values()} == {"reject-publish"}
    assert {arguments["x-dead-letter-strategy"] for arguments in consumed} == {"at-least-once"}
    assert sum(name.startswith(("wake.", "intake.", "gateway.")) for name in made) == len(consumed)


@pytest.mark.parametrize("kind", KINDS)
def test_the_broker_has_what_the_definitions_say(node: Node, furnish: Furnish, kind: str) -> None:
    virtual_host = furnish(TOPOLOGY).virtual_host
    told = definitions_of(TOPOLOGY, virtual_host)

    found = node.call("GET", "/definitions")

    assert comparable(told[kind], virtual_host) == comparable(found[kind], virtual_host, only=told[kind])


def test_the_broker_bounds_every_queue_by_its_policy(node: Node, furnish: Furnish) -> None:
    virtual_host = furnish(TOPOLOGY).virtual_host

    answer = node.control("list_queues", "--vhost", virtual_host, "--formatter", "json", "name", "policy")

    bounded = {row["name"]: row["policy"] for row in json.loads(answer)}
    assert bounded == {queue.name: queue.bounds for queue in TOPOLOGY.queues}


@pytest.mark.parametrize(
    ("exchange", "routing_key"),
    [
        pytest.param(INTAKE, f"{OTHER}.documents", id="in another partner's name"),
        pytest.param(INTAKE, f"{PARTNER}x.documents", id="in a name that begins alike"),
        pytest.param(PARTNERS, f"{OTHER}.documents", id="into another partner's queue"),
        pytest.param(WAKES, "message.urgent", id="a wake-up"),
        pytest.param("", "wake.message.urgent", id="past the exchanges"),
        pytest.param("gateway.dead", "wakes", id="a dead letter"),
    ],
)
def test_a_partner_may_not_publish(node: Node, furnish: Furnish, exchange: str, routing_key: str) -> None:
    with channel_of(signed_in(node, furnish)) as channel:
        channel.confirm_delivery()

        with pytest.raises(AMQPError, match="ACCESS_REFUSED"):
            channel.basic_publish(exchange, routing_key, b"", mandatory=True)


@pytest.mark.parametrize(
    "queue",
    [f"partner.{OTHER}.documents", f"intake.{PARTNER}", "wake.message.urgent", "dead.intake", "gateway.unrouted"],
)
def test_a_partner_may_not_read(node: Node, furnish: Furnish, queue: str) -> None:
    with channel_of(signed_in(node, furnish)) as channel, pytest.raises(AMQPError, match="ACCESS_REFUSED"):
        channel.basic_get(queue)


def test_a_partner_may_not_declare_anything(node: Node, furnish: Furnish) -> None:
    with channel_of(signed_in(node, furnish)) as channel, pytest.raises(AMQPError, match="ACCESS_REFUSED"):
        channel.queue_declare(f"partner.{PARTNER}.more", durable=True)


def test_a_partner_may_not_speak_as_somebody_else(node: Node, furnish: Furnish) -> None:
    with channel_of(signed_in(node, furnish)) as channel:
        channel.confirm_delivery()

        with pytest.raises(AMQPError, match="PRECONDITION"):
            channel.basic_publish(
                INTAKE, f"{PARTNER}.documents", b"", pika.BasicProperties(user_id=OTHER), mandatory=True
            )


def test_a_partner_may_do_what_it_needs(node: Node, furnish: Furnish) -> None:
    with channel_of(signed_in(node, furnish)) as channel:
        channel.confirm_delivery()

        channel.basic_publish(
            INTAKE, f"{PARTNER}.documents", b"sealed", pika.BasicProperties(user_id=PARTNER), mandatory=True
        )

        assert channel.queue_declare(f"intake.{PARTNER}", passive=True).method.message_count == 1
        assert channel.basic_get(f"partner.{PARTNER}.documents") == (None, None, None)
        assert channel.basic_get(f"partner.{PARTNER}.replies") == (None, None, None)


def test_without_a_password_set_nobody_signs_in(node: Node, furnish: Furnish) -> None:
    virtual_host = furnish(topology_of([PARTNER, OTHER])).virtual_host

    with pytest.raises(AMQPError), channel_of(address_of(node, virtual_host, user=OTHER, password="")):
        pass


def signed_in(node: Node, furnish: Furnish) -> Any:
    """Return how a partner reaches the broker once the operator has set its password."""
    virtual_host = furnish(topology_of([PARTNER, OTHER])).virtual_host
    node.call("PUT", f"/users/{PARTNER}", {"password": SECRET, "tags": ""})
    return address_of(node, virtual_host, user=PARTNER, password=SECRET)


def comparable(rows: list[dict[str, Any]], virtual_host: str, *, only: list[dict[str, Any]] | None = None) -> list[str]:
    """Return rows of this virtual host, or users of these names, so that they can be compared."""
    names = {(row.get("name"), row.get("user")) for row in only or rows}
    ours = [row for row in rows if row.get("vhost", virtual_host) == virtual_host]
    told = [row for row in ours if (row.get("name"), row.get("user")) in names or "source" in row]
    return sorted(json.dumps({**row, "tags": list(row.get("tags", ""))}, sort_keys=True) for row in map(_plain, told))


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in DERIVED}


def references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if "$ref" in node else []
        return own + [found for value in node.values() for found in references(value)]
    return [found for value in node for found in references(value)] if isinstance(node, list) else []


def followed(document: Any, reference: str) -> Any:
    found = document
    for part in reference.removeprefix("#/").split("/"):
        found = found.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(found, dict) else None
    return found
