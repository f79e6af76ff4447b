from dataclasses import replace

import pytest

from gateway.audit.entry import canonical
from gateway.audit.note import write_note
from gateway.audit.receipt import TITLE, Receipt, make_receipt, open_receipt
from gateway.errors import IntegrityError, MalformedMessageError
from gateway.model.tree import Group
from tests.unit.audit.log_builders import NOON, ORIGIN, a_log, a_signer, accepted, every_flip

RECEIPT = Receipt(
    message_id="msg_1",
    organisation="school-1",
    body_sha256="a" * 64,
    received_at=NOON,
    leaf_hash=bytes(range(32)),
    origin=ORIGIN,
    merge_delay_seconds=60,
)
NOTE = make_receipt(RECEIPT, a_signer())
BODY: Group = {
    "message_id": "msg_1",
    "organisation": "school-1",
    "body_sha256": "a" * 64,
    "received_at": "2026-11-23T12:00:00.000Z",
    "leaf_hash": "00" * 32,
    "origin": ORIGIN,
    "merge_delay_seconds": 60,
}


def test_a_receipt_says_what_was_promised() -> None:
    assert open_receipt(NOTE, [a_signer().key]) == RECEIPT


def test_a_receipt_by_another_key_is_none() -> None:
    with pytest.raises(IntegrityError):
        open_receipt(NOTE, [a_signer(seed=2).key])


def test_no_bit_of_a_receipt_can_be_turned() -> None:
    passed = accepted(
        lambda note: open_receipt(note.decode(), [a_signer().key]),
        every_flip(NOTE.encode()),
        refusal=(IntegrityError, MalformedMessageError, UnicodeDecodeError),
    )

    assert passed == []


def test_a_checkpoint_is_no_receipt() -> None:
    with pytest.raises(MalformedMessageError, match="starts with the line"):
        open_receipt(a_log(1).heads[-1].note, [a_signer().key])


@pytest.mark.parametrize(
    "body",
    [
        "[]",
        "{",
        "{}",
        canonical({**BODY, "leaf_hash": "00"}).decode(),
        canonical({**BODY, "leaf_hash": "xx"}).decode(),
        canonical({**BODY, "received_at": "noon"}).decode(),
        canonical({**BODY, "merge_delay_seconds": None}).decode(),
    ],
    ids=["list", "no JSON", "empty", "short hash", "no hash", "no time", "no delay"],
)
def test_a_receipt_that_says_too_little_is_refused_even_signed(body: str) -> None:
    with pytest.raises(MalformedMessageError):
        open_receipt(write_note(f"{TITLE}\n{body}\n", a_signer()), [a_signer().key])


def test_two_receipts_differ_when_anything_they_say_does() -> None:
    assert make_receipt(replace(RECEIPT, organisation="school-2"), a_signer()) != NOTE
