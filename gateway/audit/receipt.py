"""What can a sender hold against us? A signed promise that a document was accepted and will be in the log.

The receipt is a C2SP signed note, so it is checked with the same public key as the log's checkpoints. Its first line
says what it is: no checkpoint can be mistaken for a receipt, nor the other way round.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from gateway.audit.entry import canonical, time_text
from gateway.audit.note import NoteKey, NoteSigner, open_note, write_note
from gateway.errors import MalformedMessageError

TITLE = "ecaf-gateway/receipt@v1"
_HASH_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What we promise: this body came at this time, and its leaf is in the log within the merge delay.

    Shape: `body_sha256` is hexadecimal; `leaf_hash` is 32 bytes; `origin` names the log.
    """

    message_id: str
    organisation: str
    body_sha256: str
    received_at: datetime
    leaf_hash: bytes
    origin: str
    merge_delay_seconds: int


def make_receipt(receipt: Receipt, signer: NoteSigner) -> str:
    """Return *receipt* as a signed note.

    Promise: it MUST NOT be given to anybody before the transaction that recorded the message is durable.
    """
    body = canonical(
        {
            "v": 1,
            "message_id": receipt.message_id,
            "organisation": receipt.organisation,
            "body_sha256": receipt.body_sha256,
            "received_at": time_text(receipt.received_at),
            "leaf_hash": receipt.leaf_hash.hex(),
            "origin": receipt.origin,
            "merge_delay_seconds": receipt.merge_delay_seconds,
        }
    )
    return write_note(f"{TITLE}\n{body.decode()}\n", signer)


def open_receipt(note: str, keys: Iterable[NoteKey]) -> Receipt:
    """Return the receipt in *note*, which one of *keys* has signed.

    Raises:
        MalformedMessageError: it is not a receipt.
        IntegrityError: none of *keys* has signed it.
    """
    title, _, rest = open_note(note, keys).partition("\n")
    if title != TITLE:
        raise MalformedMessageError(f"a receipt starts with the line {TITLE}")
    try:
        body = json.loads(rest)
        receipt = Receipt(
            message_id=str(body["message_id"]),
            organisation=str(body["organisation"]),
            body_sha256=str(body["body_sha256"]),
            received_at=datetime.fromisoformat(body["received_at"]),
            leaf_hash=bytes.fromhex(body["leaf_hash"]),
            origin=str(body["origin"]),
            merge_delay_seconds=int(body["merge_delay_seconds"]),
        )
    except (ValueError, TypeError, KeyError) as error:
        raise MalformedMessageError("a receipt is one JSON object with all its names") from error
    if len(receipt.leaf_hash) != _HASH_BYTES:
        raise MalformedMessageError(f"a receipt's leaf hash has {_HASH_BYTES} bytes")
    return receipt
