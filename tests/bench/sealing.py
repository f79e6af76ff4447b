"""How many documents a second can one core send signed and sealed, each with a receipt that was checked?

The way of a partner that owns queues, without the queues: the partner signs a document and seals it for the gateway,
the gateway unseals it, sees who signed it and signs a receipt, and the partner checks that with the stand-alone
verifier. Both sides' work is counted.
"""

import hashlib
import secrets
import statistics
from datetime import UTC, datetime, timedelta

from gateway.adapters.keys.file_signer import FileSigner
from gateway.adapters.keys.jose import JoseSeal
from gateway.audit.note import NoteSigner
from gateway.audit.receipt import TITLE, Receipt, make_receipt
from gateway.audit.verify import Key
from gateway.flows.delivering.partner_seal import Slip
from gateway.flows.receiving.receive import MERGE_DELAY_SECONDS
from gateway.model.identifiers import OrganisationId
from tests.bench.documents import bodies
from tests.bench.translation import timed

_GATEWAY, _PARTNER = OrganisationId("barnet-gateway"), OrganisationId("barnet-mash")
_ORIGIN = "gateway.barnet.example/audit/2026"
_SEED_BYTES = 32
_TIMES = 600


class Exchange:
    """A gateway and a partner, as far as documents between them are signed, sealed and receipted."""

    def __init__(self) -> None:
        self._gateway, self._partner = (_a_seal(name) for name in (_GATEWAY, _PARTNER))
        signer = FileSigner(secrets.token_bytes(_SEED_BYTES), name=_ORIGIN)
        self._signer = NoteSigner.of(signer.vkey, signer.sign)
        self._key = Key(signer.vkey)
        self._at = datetime.now(UTC).replace(microsecond=0)
        self.document = bodies(1)[0].encode()

    def sealed(self) -> bytes:
        """Return the document as the partner signs and seals it."""
        slip = Slip(
            sender=_PARTNER,
            recipient=_GATEWAY,
            message_id="message-1",
            format="mash/govuk-forms-1",
            content_type="application/json",
            made_at=self._at,
            valid_until=self._at + timedelta(hours=1),
        )
        return self._partner.seal(self.document, slip, seal_for=self._gateway.public_keys["seal_for"])

    def receipt(self, sealed: bytes) -> str:
        """Return what the gateway promises once it has opened what came."""
        signed_by = self._partner.public_keys["signed_by"]
        unsealed = self._gateway.open(sealed, sender=_PARTNER, signed_by=signed_by, at=self._at)
        promise = Receipt(
            message_id=unsealed.slip.message_id,
            organisation=_PARTNER,
            body_sha256=hashlib.sha256(unsealed.document).hexdigest(),
            received_at=self._at,
            leaf_hash=hashlib.sha256(unsealed.document).digest(),
            origin=_ORIGIN,
            merge_delay_seconds=MERGE_DELAY_SECONDS,
        )
        return make_receipt(promise, self._signer)

    def check(self, receipt: str) -> None:
        """Return when the receipt is the gateway's, and for this document."""
        told = self._key.titled(receipt.encode(), TITLE)
        assert told["body_sha256"] == hashlib.sha256(self.document).hexdigest(), "the receipt is for another document"

    def whole(self) -> None:
        """Do all of it once."""
        self.check(self.receipt(self.sealed()))


def measure_sealing(times: int = _TIMES) -> dict[str, float]:
    """Return whole exchanges a second on one core, and the CPU milliseconds of each step."""
    one = Exchange()
    sealed = one.sealed()
    receipt = one.receipt(sealed)
    whole = statistics.mean(timed(one.whole, times=times))
    return {
        "signed_sealed_receipts_per_second": 1e3 / whole,
        "sealed_bytes_each": len(one.document),
        "sign_and_seal_ms": statistics.median(timed(one.sealed, times=times)),
        "unseal_and_receipt_ms": statistics.median(timed(lambda: one.receipt(sealed), times=times)),
        "check_receipt_ms": statistics.median(timed(lambda: one.check(receipt), times=times)),
    }


def _a_seal(name: OrganisationId) -> JoseSeal:
    keys = (secrets.token_bytes(_SEED_BYTES) for _ in range(2))
    return JoseSeal(*keys, name=name, limit_bytes=1 << 20)
