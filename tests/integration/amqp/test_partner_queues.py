"""Does a document reach a partner's queue sealed, and one from a partner get its receipt once it is safe?"""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pika
import pytest

from gateway.adapters.amqp.address import BrokerAddress
from gateway.adapters.amqp.consumer import Consumer
from gateway.adapters.amqp.intake import IntakePatience, PartnerIntake
from gateway.adapters.amqp.partner_queue import PartnerQueueOutlet
from gateway.adapters.amqp.publisher import Publisher
from gateway.adapters.amqp.topology import INTAKE, topology_of
from gateway.adapters.keys.jose import JoseSeal, open_seal
from gateway.app.partner_queues import OutletByTransport, QueueReception, listen_to_queues
from gateway.audit.note import NoteKey
from gateway.audit.receipt import open_receipt
from gateway.demo.engines.rabbitmq import Node
from gateway.errors import StoreUnavailableError
from gateway.flows.delivering.partner_seal import Slip
from gateway.flows.store.rows import Handover, Organisation, State
from gateway.model.identifiers import OrganisationId
from tests.acceptance.forms import form
from tests.engines.amqp import QUICK, Found, address_of, channel_of, count_of, take, until
from tests.fakes.partner_documents import ADDRESS, STAFF, a_document
from tests.integration.amqp.conftest import Furnish
from tests.integration.flows.house import MASH, House, profile

US = OrganisationId("barnet-gateway")
SECRET = "invented"
LIMIT = 200_000
THEIRS = JoseSeal(bytes(range(2, 34)), bytes(range(3, 35)), name=MASH, limit_bytes=LIMIT)
CANARY = b"Testina"
SEALED_LIMIT = 2 * LIMIT
QUEUE = f"intake.{MASH}"


def by_queue(**changes: Any) -> Organisation:
    """Return the MASH, reached by queues of its own."""
    endpoints = [{"kind": "mash.referral.submitted", "format": "mash/referral-1"}]
    intake = {"scopes": ["mash/flat", "mash/govuk-forms"], "folders": []}
    told = {"transport": "amqp", "amqp": dict(THEIRS.public_keys), "endpoints": endpoints, "intake": intake}
    return profile("barnet-mash", **(told | changes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """A gateway whose MASH has queues, and what the MASH does with them."""

    house: House
    node: Node
    address: BrokerAddress
    publisher: Publisher
    seal: JoseSeal
    reception: QueueReception

    def send(self, sealed: bytes, *, message_id: str = "their-1", user: str | None = MASH) -> None:
        """Put something into the intake as the MASH's own user."""
        own = address_of(self.node, self.address.virtual_host, user=MASH, password=SECRET)
        with channel_of(own) as channel:
            channel.confirm_delivery()
            properties = pika.BasicProperties(delivery_mode=2, user_id=user, message_id=message_id)
            channel.basic_publish(INTAKE, f"{MASH}.documents", sealed, properties, mandatory=True)

    def sealed(self, document: bytes, **changed: Any) -> bytes:
        """Return a document sealed for us by the MASH."""
        at = self.house.clock.now()
        told = {"sender": MASH, "recipient": US, "message_id": "their-1", "format": "mash/govuk-forms-1"}
        times = {"content_type": "application/json", "made_at": at, "valid_until": at + timedelta(days=1)}
        return THEIRS.seal(document, Slip(**(told | times | changed)), seal_for=self.seal.public_keys["seal_for"])

    def reply(self) -> Found:
        """Return the next reply to the MASH."""
        return take(self.address, f"partner.{MASH}.replies")

    def problem(self) -> dict[str, Any]:
        """Return the next reply, which is a problem."""
        found = self.reply()
        assert (found.properties.type, found.properties.content_type) == ("problem", "application/problem+json")
        told: dict[str, Any] = json.loads(found.body)
        return told

    def stored(self) -> list[str]:
        """Return the states of everything that ever came in."""
        found = self.house.app.store.read(lambda uow: uow.messages.find(state=None, limit=100))
        return [message.state.value for message in found]


@pytest.fixture
def gateway(tmp_path: Path, node: Node, furnish: Furnish) -> Iterator[Gateway]:
    house = House.build(tmp_path)
    house.enrol(by_queue())
    address = furnish(topology_of([MASH]))
    node.call("PUT", f"/users/{MASH}", {"password": SECRET, "tags": ""})
    publisher = Publisher(address, QUICK, name="partners")
    until(lambda: publisher.trouble is None)
    seal = open_seal(tmp_path / "keys", US, limit_bytes=LIMIT)
    outlet = PartnerQueueOutlet(publisher, seal, clock=house.clock, sender=US)
    house.app.deliver._outlet = OutletByTransport(house.outlet, outlet)
    reception = QueueReception(house.app, seal)
    yield Gateway(house=house, node=node, address=address, publisher=publisher, seal=seal, reception=reception)
    publisher.close()
    house.app.bus.close()
    house.app.store.close()


@pytest.fixture
def intake(gateway: Gateway) -> Iterator[PartnerIntake]:
    consumer = Consumer(gateway.address, QUICK, name="intake")
    patience = IntakePatience(sealed_limit_bytes=SEALED_LIMIT, retry_seconds=0.1)
    intake = PartnerIntake(consumer, gateway.publisher, gateway.reception, patience=patience)
    listen_to_queues(intake, (by_queue(), profile("barnet-ecaf")))
    yield intake
    intake.close()


def referral(reference: str = "QUEUE1") -> bytes:
    return form("single-child", reference)


def outcome(gateway: Gateway) -> tuple[State, str | None]:
    delivery = gateway.house.deliveries(MASH)[-1]
    return delivery.state, delivery.reason


def test_a_document_lies_sealed_in_the_partners_queue_and_is_delivered(gateway: Gateway) -> None:
    gateway.house.accept(referral())

    gateway.house.work()

    found = take(gateway.address, f"partner.{MASH}.documents")
    opened = THEIRS.open(
        found.body, sender=US, signed_by=gateway.seal.public_keys["signed_by"], at=gateway.house.clock.now()
    )
    delivery = gateway.house.deliveries(MASH)[0]
    assert delivery.state is State.ACKNOWLEDGED
    assert json.loads(opened.document)["document"]["reference"] == "QUEUE1"
    assert CANARY not in found.body + repr(found.properties).encode()
    assert (found.properties.message_id, opened.slip.message_id) == (delivery.delivery_id, delivery.delivery_id)
    assert (found.properties.type, opened.slip.format) == ("mash.referral.submitted", "mash/referral-1")
    assert found.properties.delivery_mode == 2


def test_what_a_document_goes_without_is_named_on_its_slip_and_to_nobody_else(gateway: Gateway) -> None:
    outlet = PartnerQueueOutlet(gateway.publisher, gateway.seal, clock=gateway.house.clock, sender=US)
    handover = Handover(organisation=by_queue(), kind="mash.referral.submitted", message_id="dlv_1", correlation_id="1")

    outlet.send(a_document("mash/referral-store-1", MASH, ADDRESS, STAFF), b"{}", handover)

    found = take(gateway.address, f"partner.{MASH}.documents")
    at, signed_by = gateway.house.clock.now(), gateway.seal.public_keys["signed_by"]
    opened = THEIRS.open(found.body, sender=US, signed_by=signed_by, at=at)
    assert opened.slip.withheld == "R-ADDR: CAT-ADDR CAT-CONTACT; R-STAFF"
    assert b"R-ADDR" not in found.body + repr(found.properties).encode()


def test_a_document_that_goes_whole_has_no_such_line(gateway: Gateway) -> None:
    outlet = PartnerQueueOutlet(gateway.publisher, gateway.seal, clock=gateway.house.clock, sender=US)
    handover = Handover(organisation=by_queue(), kind="mash.referral.submitted", message_id="dlv_1", correlation_id="1")

    outlet.send(a_document("mash/referral-store-1", MASH), b"{}", handover)

    found = take(gateway.address, f"partner.{MASH}.documents")
    at, signed_by = gateway.house.clock.now(), gateway.seal.public_keys["signed_by"]
    assert THEIRS.open(found.body, sender=US, signed_by=signed_by, at=at).slip.withheld is None


def test_a_partner_reached_by_http_gets_nothing_by_queue(gateway: Gateway) -> None:
    gateway.house.enrol(profile("barnet-mash"))
    gateway.house.accept(referral())

    gateway.house.work()

    assert [document["reference"] for document in gateway.house.outlet.to(MASH)] == ["QUEUE1"]
    assert count_of(gateway.address, f"partner.{MASH}.documents") == 0


def test_a_partner_whose_queue_is_gone_is_tried_again(gateway: Gateway) -> None:
    gateway.node.call("DELETE", f"/queues/{gateway.address.virtual_host}/partner.{MASH}.documents")
    gateway.house.accept(referral())

    gateway.house.work()

    assert outcome(gateway) == (State.ORDERED, "no-queue")


def test_a_full_queue_is_tried_again_even_for_a_partner_that_takes_it_twice(gateway: Gateway) -> None:
    definition = {"pattern": r"^partner\.", "definition": {"max-length-bytes": 1}, "apply-to": "queues"}
    gateway.node.call("PUT", f"/policies/{gateway.address.virtual_host}/documents", definition)
    gateway.house.enrol(by_queue(idempotency="at-most-once"))
    [gateway.house.accept(referral(f"FULL{number}")) for number in range(4)]

    gateway.house.work()

    outcomes = {(one.state, one.reason) for one in gateway.house.deliveries(MASH)}
    assert (State.ORDERED, "queue-full") in outcomes
    assert {state for state, _ in outcomes} <= {State.ORDERED, State.ACKNOWLEDGED}


@pytest.mark.parametrize(
    ("amqp", "reason"),
    [
        ({}, "bad-endpoint"),
        ({"seal_for": THEIRS.public_keys["signed_by"]}, "public-key"),
    ],
)
def test_without_a_sound_key_nothing_leaves(gateway: Gateway, amqp: dict[str, Any], reason: str) -> None:
    gateway.house.enrol(by_queue(amqp=amqp))
    gateway.house.accept(referral())

    gateway.house.work()

    assert outcome(gateway)[1] == reason
    assert count_of(gateway.address, f"partner.{MASH}.documents") == 0


@pytest.mark.usefixtures("intake")
def test_a_document_from_a_queue_gets_our_signed_receipt(gateway: Gateway) -> None:
    gateway.send(gateway.sealed(referral()))

    found = gateway.reply()

    told = json.loads(found.body)
    receipt = open_receipt(told["receipt"], [NoteKey.from_vkey(gateway.house.app.desk.signer.vkey)])
    message = gateway.house.message(told["message_id"])
    assert (found.properties.type, found.properties.correlation_id) == ("receipt", "their-1")
    assert (receipt.message_id, receipt.organisation) == (told["message_id"], MASH)
    assert (message.state, message.channel, message.organisation) == (State.ACCEPTED, "queue", MASH)


@pytest.mark.usefixtures("intake")
def test_the_same_document_again_gets_the_same_receipt_and_has_no_second_effect(gateway: Gateway) -> None:
    gateway.send(gateway.sealed(referral()))
    first = gateway.reply()

    gateway.send(gateway.sealed(referral()))

    assert gateway.reply().body == first.body
    assert gateway.stored() == ["accepted"]


@pytest.mark.usefixtures("intake")
def test_another_document_under_the_same_id_is_refused_and_kept(gateway: Gateway) -> None:
    gateway.send(gateway.sealed(referral()))
    gateway.reply()

    gateway.send(gateway.sealed(referral("QUEUE2")))

    assert gateway.problem()["code"] == "idempotency-conflict"
    assert sorted(gateway.stored()) == ["accepted", "quarantined"]


@pytest.mark.usefixtures("intake")
def test_what_the_gate_refuses_is_answered_kept_sealed_and_done_with(gateway: Gateway) -> None:
    gateway.send(gateway.sealed(b'{"a": 1, "a": 2}'))

    problem = gateway.problem()

    assert (problem["code"], problem["status"]) == ("duplicate-name", 400)
    assert gateway.stored() == ["quarantined"]
    assert count_of(gateway.address, "dead.intake") == 0


@pytest.mark.usefixtures("intake")
@pytest.mark.parametrize(
    ("changed", "code"),
    [
        pytest.param({"format": "mash/decision-1"}, "scope", id="not in its scopes"),
        pytest.param({"format": "mash/nonsense-9"}, "unknown-format", id="no format"),
        pytest.param({"format": "nonsense"}, "unknown-format", id="no name of a format"),
        pytest.param({"content_type": "application/x-nonsense"}, "unsupported-media-type", id="another media type"),
    ],
)
def test_what_the_partner_may_not_send_is_refused(gateway: Gateway, changed: dict[str, Any], code: str) -> None:
    gateway.send(gateway.sealed(referral(), **changed))

    assert gateway.problem()["code"] == code


@pytest.mark.usefixtures("intake")
@pytest.mark.parametrize(
    ("changed", "code"),
    [
        pytest.param({"sender": "somebody-else"}, "not-signed", id="another sender"),
        pytest.param({"recipient": "another-gateway"}, "not-signed", id="for another"),
        pytest.param({"valid_until": None}, "out-of-time", id="too late"),
    ],
)
def test_what_is_not_proved_lies_with_the_dead_letters_as_it_came(
    gateway: Gateway, changed: dict[str, Any], code: str
) -> None:
    past = gateway.house.clock.now() - timedelta(days=1)
    changed = {name: past if value is None else value for name, value in changed.items()}
    sealed = gateway.sealed(referral(), **changed)

    gateway.send(sealed)

    assert gateway.problem()["code"] == code
    assert take(gateway.address, "dead.intake").body == sealed
    assert gateway.stored() == []


@pytest.mark.usefixtures("intake")
@pytest.mark.parametrize("body", [referral(), b"", b"x" * (SEALED_LIMIT + 1)], ids=["in clear", "empty", "too long"])
def test_what_is_not_sealed_is_not_taken(gateway: Gateway, body: bytes) -> None:
    gateway.send(body)

    assert gateway.problem()["code"] == "not-sealed"
    assert gateway.stored() == []
    assert take(gateway.address, "dead.intake").body == body


@pytest.mark.usefixtures("intake")
def test_a_message_the_broker_does_not_vouch_for_is_not_taken(gateway: Gateway) -> None:
    gateway.send(gateway.sealed(referral()), user=None)

    assert gateway.problem()["code"] == "not-your-user"
    assert gateway.stored() == []


@pytest.mark.usefixtures("intake")
def test_a_disabled_partner_is_refused(gateway: Gateway) -> None:
    gateway.house.enrol(replace(by_queue(), is_enabled=False))

    gateway.send(gateway.sealed(referral()))

    assert gateway.problem()["code"] == "organisation-disabled"
    assert gateway.stored() == []


def test_until_the_store_takes_it_the_document_stays_in_the_queue(
    gateway: Gateway, intake: PartnerIntake, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, fails = gateway.reception.take, iter([StoreUnavailableError("the disk is full")] * 3)

    def sometimes(*given: Any) -> Any:
        error = next(fails, None)
        if error:
            raise error
        return real(*given)

    monkeypatch.setattr(gateway.reception, "take", sometimes)
    gateway.send(gateway.sealed(referral()))

    assert gateway.reply().properties.type == "receipt"
    assert gateway.stored() == ["accepted"]
    assert next(fails, None) is None
    assert intake is not None


def test_what_was_taken_before_a_crash_comes_again_and_gets_the_same_receipt(gateway: Gateway) -> None:
    """The crash lies between commit and receipt: the document is durable, and the broker knows nothing of it."""
    sealed = gateway.sealed(referral())
    unsealed = gateway.reception.open(MASH, sealed)
    accepted = gateway.reception.take(MASH, unsealed)
    gateway.send(sealed)

    consumer = Consumer(gateway.address, QUICK, name="intake")
    intake = PartnerIntake(
        consumer, gateway.publisher, gateway.reception, patience=IntakePatience(sealed_limit_bytes=SEALED_LIMIT)
    )
    intake.listen_to(MASH)

    assert json.loads(gateway.reply().body)["receipt"] == accepted.receipt
    assert gateway.stored() == ["accepted"]
    intake.close()


def test_while_the_reply_has_no_place_the_document_is_not_acknowledged(gateway: Gateway, intake: PartnerIntake) -> None:
    gateway.node.call("DELETE", f"/queues/{gateway.address.virtual_host}/partner.{MASH}.replies")
    gateway.send(gateway.sealed(referral()))
    until = time.monotonic() + 10
    while not gateway.stored() and time.monotonic() < until:
        time.sleep(0.05)

    intake.close()

    assert gateway.stored() == ["accepted"]
    assert count_of(gateway.address, QUEUE) == 1
