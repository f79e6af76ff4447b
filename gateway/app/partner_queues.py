"""How are partners' queues joined to the gateway? Who may send what, and how a document is handed in."""

import json
from collections.abc import Mapping
from typing import Any

from gateway.adapters.amqp.intake import PartnerIntake
from gateway.app.broker import is_amqp
from gateway.app.http.problems import problem_of
from gateway.app.inbound import check_may_queue, inbound_format
from gateway.errors import NotAllowedError
from gateway.flows.envelope import Accepted, Incoming
from gateway.flows.partner_seal import DocumentSeal, Unsealed
from gateway.flows.ports import Clock, Outlet, Store
from gateway.flows.receive import Receive
from gateway.flows.rows import Handover, Organisation
from gateway.model.identifiers import OrganisationId
from gateway.translation.partner_document import PartnerDocument

CHANNEL = "queue"


class OutletByTransport:
    """Sends each document the way its recipient's profile says."""

    def __init__(self, http: Outlet, queues: Outlet) -> None:
        self._http = http
        self._queues = queues

    def send(self, document: PartnerDocument, body: bytes, handover: Handover) -> str:
        """Hand *body* over and return the partner's own reference for it.

        Raises:
            PartnerRefusedError: the partner will not take it, now or later.
            PartnerUnavailableError: it may take it later; or nobody knows whether it did.
        """
        outlet = self._queues if is_amqp(handover.organisation) else self._http
        return outlet.send(document, body, handover)


class QueueReception:
    """What the intake from queues needs of the gateway: opened with the sender's key, taken in as by any other way."""

    def __init__(
        self, store: Store, receive: Receive, *, seal: DocumentSeal, clock: Clock, busy_seconds: float
    ) -> None:
        self._store = store
        self._receive = receive
        self._seal = seal
        self._clock = clock
        self._busy_seconds = busy_seconds

    def open(self, organisation: OrganisationId, sealed: bytes) -> Unsealed:
        """Return what the organisation sealed for us.

        Raises:
            PermanentError: its profile has no key, or what it sent is not as agreed.
        """
        known = self._store.read(lambda uow: uow.directory.organisation(organisation))
        key = known.profile.get("amqp", {}).get("signed_by")
        if not is_amqp(known) or not isinstance(key, Mapping):
            raise NotAllowedError("this organisation's profile has no key it signs by", code="scope")
        return self._seal.open(sealed, sender=organisation, signed_by=key, at=self._clock.now())

    def take(self, organisation: OrganisationId, unsealed: Unsealed) -> Accepted:
        """Return the receipt once the document is durable.

        Raises:
            NotFoundError: no such format is read here.
            NotAllowedError: its profile does not let it send this format, or it is disabled.
            PermanentError: the document is refused, and kept sealed in quarantine.
            TransientError: it could not be made durable just now.
        """
        partner, _, message = unsealed.slip.format.partition("/")
        form = inbound_format(partner, message)
        self._store.read(lambda uow: check_may_queue(uow, organisation, form))
        return self._receive.accept(
            Incoming(
                organisation=organisation,
                format=form,
                body=unsealed.document,
                content_type=unsealed.slip.content_type,
                idempotency_key=unsealed.slip.message_id,
                channel=CHANNEL,
            )
        )

    def problem(self, error: Exception) -> Mapping[str, Any]:
        """Return the problem a sender may read, as over HTTP."""
        told: dict[str, Any] = json.loads(problem_of(error, busy_seconds=self._busy_seconds).body)
        return told


def listen_to_queues(intake: PartnerIntake, organisations: tuple[Organisation, ...]) -> None:
    """Begin to take documents from every organisation that sends by queue."""
    for one in organisations:
        if is_amqp(one) and one.profile.get("amqp", {}).get("signed_by"):
            intake.listen_to(one.organisation)
