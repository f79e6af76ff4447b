"""How does a cleared document get to a partner that reads from a queue of its own?

The whole document is signed by us and sealed for the partner; the broker keeps what it cannot read. Its confirm that
the document lies in the partner's queue is the hand-over: the queue is bound directly, and its exchange has no
alternate, so what is not in it comes back to us.
"""

import hashlib
import json
from collections.abc import Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TookTooLongError
from dataclasses import replace
from datetime import timedelta
from typing import Any

from gateway.adapters.amqp.connection import BLOCKED, CLOSED, UNREACHABLE
from gateway.adapters.amqp.publisher import FULL, NACKED, UNROUTABLE, Letter, Publisher
from gateway.adapters.amqp.topology import PARTNERS, document_key
from gateway.errors import PartnerUnavailableError, TransientError
from gateway.flows.delivering.partner_seal import DocumentSeal, Slip
from gateway.flows.ports import Clock
from gateway.flows.store.rows import Handover
from gateway.formats.register import FORMATS
from gateway.model.identifiers import OrganisationId
from gateway.translation.partner_document import PartnerDocument

JOSE = "application/jose"
_VALID_FOR = timedelta(days=30)
_GRACE_SECONDS = 30.0
"""The publisher keeps its own deadline; waiting longer than this would be a mistake of ours."""

_CODES: Mapping[str, str] = {
    UNREACHABLE: "unreachable",
    CLOSED: "unreachable",
    BLOCKED: "queue-blocked",
    FULL: "queue-blocked",
    NACKED: "queue-full",
    UNROUTABLE: "no-queue",
}
"""What a publish's failure is called of a hand-over; any other leaves in doubt whether the partner has the document."""
_DOUBTFUL = "timeout"


class PartnerQueueOutlet:
    """Puts documents into the queues that partners own. Safe to use from many threads.

    Promise: nothing goes to another organisation than the one the document was cleared for, none made under a test
    permit goes anywhere, and the broker sees nothing of it but its length, its kind and our own references.
    """

    def __init__(self, publisher: Publisher, seal: DocumentSeal, *, clock: Clock, sender: OrganisationId) -> None:
        self._publisher = publisher
        self._seal = seal
        self._clock = clock
        self._sender = sender

    def send(self, document: PartnerDocument, body: bytes, handover: Handover) -> str:
        """Put *body* into the partner's queue and return the digest of what lies there.

        Raises:
            PartnerUnavailableError: it is not there (codes `unreachable`, `no-queue`, `queue-full`, `queue-blocked`,
                `no-endpoint`, `bad-endpoint`); or nobody knows (code `timeout`).
            IntegrityError: the document was cleared for somebody else, or under a test permit.
        """
        document.require_cleared_for(handover.organisation.organisation)
        slip = replace(self._slip(document.format, handover), withheld=document.withheld_line or None)
        return self._put(body, slip, handover)

    def ask(self, handover: Handover) -> str | None:
        """Refuse: a queue cannot be asked what its owner has.

        Raises:
            PartnerUnavailableError: always (code `query-failed`).
        """
        name = handover.organisation.organisation
        raise PartnerUnavailableError(f"{name} is reached by a queue, which cannot be asked", code="query-failed")

    def send_test(self, handover: Handover) -> str:
        """Put a test that holds no document into the partner's queue and return the digest of what lies there."""
        endpoints = handover.organisation.profile.get("endpoints", ())
        form = next((str(one.get("format")) for one in endpoints if one.get("kind") == handover.kind), "")
        body = json.dumps({"format": form, "test": True}).encode()
        return self._put(body, self._slip(form, handover), handover)

    def _put(self, body: bytes, slip: Slip, handover: Handover) -> str:
        sealed = self._seal.seal(body, slip, seal_for=_key(handover))
        letter = Letter(
            exchange=PARTNERS,
            routing_key=document_key(handover.organisation.organisation),
            body=sealed,
            content_type=JOSE,
            type=handover.kind,
            message_id=handover.message_id,
        )
        _wait_for(self._publisher.publish(letter))
        return f"sha256:{hashlib.sha256(sealed).hexdigest()}"

    def _slip(self, form: str, handover: Handover) -> Slip:
        at = self._clock.now()
        return Slip(
            sender=self._sender,
            recipient=handover.organisation.organisation,
            message_id=handover.message_id,
            format=form,
            content_type=FORMATS[form].media_types[0] if form in FORMATS else "application/json",
            made_at=at,
            valid_until=at + _VALID_FOR,
            kind=handover.kind,
            correlation_id=handover.correlation_id,
        )


def _key(handover: Handover) -> Mapping[str, Any]:
    """Return the key the partner's documents are sealed for, if its profile takes this kind of message."""
    profile = handover.organisation.profile
    if not any(endpoint.get("kind") == handover.kind for endpoint in profile.get("endpoints", ())):
        raise PartnerUnavailableError(f"the partner's profile has no endpoint for {handover.kind}", code="no-endpoint")
    key = profile.get("amqp", {}).get("seal_for")
    if not isinstance(key, Mapping):
        raise PartnerUnavailableError("the partner's profile has no key to seal for", code="bad-endpoint")
    return key


def _wait_for(done: Future[None]) -> None:
    try:
        done.result(_GRACE_SECONDS)
    except TookTooLongError as error:
        raise PartnerUnavailableError("nobody knows whether the partner's queue has it", code=_DOUBTFUL) from error
    except TransientError as error:
        code = _CODES.get(error.code, _DOUBTFUL)
        raise PartnerUnavailableError(f"the partner's queue: {error.message}", code=code) from error
