"""How are partners' queues joined to the gateway? Who may send what, and how a document is handed in."""

import json
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from gateway.adapters.amqp.address import BrokerAddress
from gateway.adapters.amqp.consumer import Consumer
from gateway.adapters.amqp.depths import depths_of
from gateway.adapters.amqp.intake import IntakePatience, PartnerIntake
from gateway.adapters.amqp.partner_queue import PartnerQueueOutlet
from gateway.adapters.amqp.publisher import Publisher
from gateway.adapters.keys.jose import open_seal
from gateway.app.broker import broker_patience, is_amqp, topology_for
from gateway.app.http.problems import problem_of
from gateway.app.http.served import Served
from gateway.app.inbound import check_may_queue, check_room, inbound_format
from gateway.app.settings import Settings
from gateway.app.workers import Ticker
from gateway.errors import NotAllowedError
from gateway.flows.delivering.partner_seal import DocumentSeal, Unsealed
from gateway.flows.ports import Clock, Outlet
from gateway.flows.receiving.envelope import Accepted, Incoming
from gateway.flows.store.figures import QueueDepth
from gateway.flows.store.rows import Handover, Organisation
from gateway.model.identifiers import OrganisationId
from gateway.translation.partner_document import PartnerDocument

CHANNEL = "queue"
_LOOK_SECONDS = 30.0
_SEALED_FOR_A_BYTE = 2
"""How many sealed bytes a byte of a document may become: signed and sealed in base 64 each time."""


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
        return self._way_to(handover).send(document, body, handover)

    def ask(self, handover: Handover) -> str | None:
        """Return the partner's own reference for what it was sent under this message id, None if it has it not."""
        return self._way_to(handover).ask(handover)

    def send_test(self, handover: Handover) -> str:
        """Hand over a test that holds no document, and return the partner's own reference for it."""
        return self._way_to(handover).send_test(handover)

    def _way_to(self, handover: Handover) -> Outlet:
        return self._queues if is_amqp(handover.organisation) else self._http


class PartnerQueues:
    """The queues of partners, as one process uses them: the way out at once, the way in when somebody listens."""

    def __init__(self, settings: Settings, address: BrokerAddress, clock: Clock) -> None:
        sender = OrganisationId(settings.sender)
        self._settings = settings
        self._address = address
        self._seal = open_seal(settings.keys_folder, sender, limit_bytes=settings.queue_body_limit_bytes)
        self._publisher = Publisher(address, broker_patience(settings), name="partners-publisher")
        self.outlet = PartnerQueueOutlet(self._publisher, self._seal, clock=clock, sender=sender)

    @property
    def trouble(self) -> str | None:
        """Return why nothing can be put into partners' queues just now, or None."""
        return self._publisher.trouble

    def depths(self, organisations: Iterable[Organisation]) -> Mapping[str, QueueDepth | None]:
        """Return what lies in each queue that is to be on the broker; None for one that is not.

        Raises:
            TransientError: the broker is away (code `bus-unreachable`).
        """
        queues = topology_for(organisations).queues
        return depths_of(self._address, (queue.name for queue in queues), broker_patience(self._settings))

    def intake(self, served: Served) -> "QueueIntake":
        """Return what takes documents from partners' queues once it is started."""
        reception = QueueReception(served, self._seal)
        patience = IntakePatience(sealed_limit_bytes=_SEALED_FOR_A_BYTE * self._settings.queue_body_limit_bytes)

        def listen() -> PartnerIntake:
            consumer = Consumer(self._address, broker_patience(self._settings), name="partners-consumer")
            return PartnerIntake(consumer, self._publisher, reception, patience=patience)

        return QueueIntake(served, listen)

    def close(self) -> None:
        """Return when what was published is confirmed or given up."""
        self._publisher.close()


class QueueIntake:
    """Takes documents from the queue of every partner that has one; a partner added later is found within a while."""

    def __init__(self, served: Served, listen: Callable[[], PartnerIntake]) -> None:
        self._served = served
        self._listen = listen
        self._intake: PartnerIntake | None = None
        self._heard: set[OrganisationId] = set()
        self._ticker = Ticker("partner-queues", self.look, every_seconds=_LOOK_SECONDS)

    def start(self) -> None:
        """Begin to take."""
        self._intake = self._listen()
        self._ticker.start()

    def look(self) -> None:
        """Listen to partners that are new."""
        organisations = self._served.store.read(lambda uow: uow.directory.organisations())
        fresh = tuple(one for one in organisations if one.organisation not in self._heard and is_amqp(one))
        if self._intake is not None:
            listen_to_queues(self._intake, fresh)
            self._heard |= {one.organisation for one in fresh}

    def stop(self) -> None:
        """Take nothing more, and return when what was begun has ended."""
        self._ticker.stop()
        if self._intake is not None:
            self._intake.close()


class QueueReception:
    """What the intake from queues needs of the gateway: opened with the sender's key, taken in as by any other way."""

    def __init__(self, served: Served, seal: DocumentSeal) -> None:
        self._served = served
        self._seal = seal

    def open(self, organisation: OrganisationId, sealed: bytes) -> Unsealed:
        """Return what the organisation sealed for us.

        Raises:
            PermanentError: its profile has no key, or what it sent is not as agreed.
        """
        known = self._served.store.read(lambda uow: uow.directory.organisation(organisation))
        key = known.profile.get("amqp", {}).get("signed_by")
        if not is_amqp(known) or not isinstance(key, Mapping):
            raise NotAllowedError("this organisation's profile has no key it signs by", code="scope")
        return self._seal.open(sealed, sender=organisation, signed_by=key, at=self._served.desk.clock.now())

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
        self._served.store.read(lambda uow: check_may_queue(uow, organisation, form))
        return self._served.receive.submit(
            Incoming(
                organisation=organisation,
                format=form,
                body=unsealed.document,
                content_type=unsealed.slip.content_type,
                idempotency_key=unsealed.slip.message_id,
                channel=CHANNEL,
            ),
            partial(check_room, self._served.pressure),
        ).result()

    def problem(self, error: Exception) -> Mapping[str, Any]:
        """Return the problem a sender may read, as over HTTP."""
        told: dict[str, Any] = json.loads(problem_of(error, busy_seconds=self._served.settings.busy_retry_seconds).body)
        return told


def listen_to_queues(intake: PartnerIntake, organisations: tuple[Organisation, ...]) -> None:
    """Begin to take documents from every organisation that sends by queue."""
    for one in organisations:
        if is_amqp(one) and one.profile.get("amqp", {}).get("signed_by"):
            intake.listen_to(one.organisation)
