"""What the tests of the outsider's program share: true evidence, and a way to run the program on it."""

import hashlib
from datetime import timedelta
from pathlib import Path

from cryptography.exceptions import InvalidSignature

from gateway.audit import verify
from gateway.audit.log import prove
from gateway.audit.merkle import leaf_hash
from gateway.audit.receipt import Receipt, make_receipt
from tests.unit.audit.log_builders import (
    NOON,
    ORIGIN,
    a_chain,
    a_log,
    a_signer,
    an_entry,
    an_export,
    an_identity,
    id_of,
    logged,
)

US = an_identity()
VKEY = a_signer().key.vkey
OTHER_VKEY = a_signer(seed=2).key.vkey
KEY = verify.Key(VKEY)
REFUSED = (verify.TamperedError, InvalidSignature, *verify.FOREIGN)

LOG = a_log(13, batch=5)
HEAD = LOG.heads[-1].note
PROOF = prove(LOG, US, event_id=id_of(6), header=an_entry(6).header).text
EXPORT = an_export(logged(a_chain(4))).archive
RECEIPT = make_receipt(
    Receipt(
        message_id="msg_6",
        organisation="school-1",
        body_sha256=hashlib.sha256(b"a body").hexdigest(),
        received_at=NOON + timedelta(seconds=6),
        leaf_hash=leaf_hash(an_entry(6).header),
        origin=ORIGIN,
        merge_delay_seconds=60,
    ),
    a_signer(),
)


def put(folder: Path, name: str, body: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(body.encode() if isinstance(body, str) else body)
    return path


def run(*words: str | Path, key: str = VKEY) -> int:
    return verify.main([*(str(word) for word in words), "--key", key, "--json"])
