"""Does rubbish in a partner's intake queue cost anybody else anything?"""

import struct

import pytest
from pika.spec import BasicProperties

from gateway.adapters.amqp.definitions import definitions_of
from gateway.adapters.amqp.intake import PartnerIntake
from gateway.adapters.amqp.topology import INTAKE, topology_of
from gateway.model.identifiers import OrganisationId
from tests.engines.amqp import address_of, channel_of, count_of, take
from tests.integration.amqp.test_partner_queues import (
    QUEUE,
    SECRET,
    Gateway,
    by_queue,
    gateway,
    intake,
    referral,
)
from tests.integration.flows.house import MASH

__all__ = ["gateway", "intake"]


class RawProperties(BasicProperties):
    """Properties whose table of headers, and whose id, are put together by hand."""

    def __init__(self, table: bytes, message_id: bytes = b"their-1") -> None:
        super().__init__()
        self.table, self.raw_id = table, message_id

    def encode(self) -> list[bytes]:
        """Return flags, headers, delivery mode, message id and user, in the order AMQP has them."""
        flags = struct.pack(">H", 1 << 13 | 1 << 12 | 1 << 7 | 1 << 4)
        table = struct.pack(">I", len(self.table)) + self.table
        return [flags, table, b"\x02", _short(self.raw_id), _short(MASH.encode())]


def _short(text: bytes) -> bytes:
    return bytes([len(text)]) + text


def _field(kind: bytes, value: bytes) -> bytes:
    return _short(b"x") + kind + value


def _nested(depth: int) -> bytes:
    """Return a table in a table in a table."""
    value = b""
    for _ in range(depth):
        value = _short(b"x") + b"F" + struct.pack(">I", len(value)) + value
    return value


OTHER = "barnet-ecaf"
FULL = {"max-length": 1, "overflow": "reject-publish"}
HEADERS = {
    "a time far off": _field(b"T", b"\xff" * 8),
    "nothing": _field(b"V", b""),
    "a list of tables": _field(b"A", struct.pack(">I", 5) + b"F" + struct.pack(">I", 0)),
    "deep": _nested(3000),
    "not text": _field(b"S", struct.pack(">I", 2) + b"\xff\xfe"),
    "a name that is not text": _short(b"\xff\xfe") + b"t\x01",
    "100 kB": _field(b"S", struct.pack(">I", 100_000) + b"x" * 100_000),
    "many deaths": _short(b"x-death") + b"A" + struct.pack(">I", 1) + b"V",
    "counted already": _short(b"x-delivery-count") + b"l" + struct.pack(">q", 999),
}


def send_raw(gateway: Gateway, body: bytes, properties: BasicProperties, user: str = MASH) -> None:
    own = address_of(gateway.node, gateway.address.virtual_host, user=user, password=SECRET)
    with channel_of(own) as channel:
        channel.confirm_delivery()
        channel.basic_publish(INTAKE, f"{user}.documents", body, properties, mandatory=True)


@pytest.mark.usefixtures("intake")
@pytest.mark.parametrize("table", HEADERS.values(), ids=HEADERS)
def test_whatever_headers_hold_the_next_document_is_taken_and_no_other_is_touched(
    gateway: Gateway, table: bytes
) -> None:
    send_raw(gateway, gateway.sealed(referral("RAW")), RawProperties(table))
    gateway.send(gateway.sealed(referral("NEXT"), message_id="their-2"), message_id="their-2")

    replies = [gateway.reply(), gateway.reply()]

    assert {one.properties.correlation_id for one in replies} >= {"their-2"}
    assert next(one for one in replies if one.properties.correlation_id == "their-2").properties.type == "receipt"
    assert count_of(gateway.address, QUEUE) == 0


@pytest.mark.usefixtures("intake")
@pytest.mark.parametrize(
    "message_id",
    [b"\xff\xfe", b"", b"a" * 255, b"x\r\ny", "é".encode() * 127],
    ids=["bytes", "none", "long", "lines", "wide"],
)
def test_whatever_its_id_a_document_gets_its_receipt(gateway: Gateway, message_id: bytes) -> None:
    send_raw(gateway, gateway.sealed(referral("RAW")), RawProperties(b"", message_id))

    assert gateway.reply().properties.type == "receipt"


@pytest.fixture
def other(gateway: Gateway, intake: PartnerIntake) -> str:
    """Another partner with queues of its own."""
    virtual_host = gateway.address.virtual_host
    gateway.node.call("POST", "/definitions", definitions_of(topology_of([OTHER]), virtual_host))
    gateway.node.call("PUT", f"/users/{OTHER}", {"password": SECRET, "tags": ""})
    intake.listen_to(OrganisationId(OTHER))
    return OTHER


def test_a_partner_that_reads_no_replies_holds_up_nobody_else(gateway: Gateway, other: str) -> None:
    full = {"pattern": rf"^partner\.{MASH}\.replies", "definition": FULL, "apply-to": "queues", "priority": 99}
    gateway.node.call("PUT", f"/policies/{gateway.address.virtual_host}/unread", full)
    [gateway.send(gateway.sealed(referral(f"UNREAD-{number}"), message_id=f"u-{number}")) for number in range(8)]

    send_raw(gateway, b"rubbish", BasicProperties(user_id=other, message_id="other-1"), other)

    assert take(gateway.address, f"partner.{other}.replies").properties.correlation_id == "other-1"


def test_what_somebody_else_put_into_a_partners_queue_tells_the_partner_nothing(gateway: Gateway, other: str) -> None:
    """The broker lets a sender name more queues in a header, and checks no right for those."""
    forged = BasicProperties(user_id=other, message_id="their-1", headers={"CC": [f"{MASH}.documents"]})

    send_raw(gateway, b"rubbish", forged, other)

    take(gateway.address, f"partner.{other}.replies")
    dead = [take(gateway.address, "dead.intake") for _ in range(2)]
    assert [one.body for one in dead] == [b"rubbish"] * 2
    assert count_of(gateway.address, f"partner.{MASH}.replies") == 0


@pytest.mark.usefixtures("intake")
def test_what_nobody_vouches_for_is_answered_without_saying_which_it_was(gateway: Gateway) -> None:
    gateway.send(gateway.sealed(referral()), user=None)

    assert gateway.reply().properties.correlation_id is None


@pytest.mark.usefixtures("intake")
def test_what_cannot_be_opened_for_a_mistake_of_ours_is_not_thrown_away(gateway: Gateway) -> None:
    gateway.house.enrol(by_queue(amqp={"seal_for": {}, "signed_by": {}}))
    sealed = gateway.sealed(referral())

    gateway.send(sealed)

    assert take(gateway.address, "dead.intake").body == sealed
