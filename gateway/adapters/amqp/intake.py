"""How do documents come in from a partner's queue, and what does the partner hear of them?

Only what is sealed for us and signed by the partner is taken, from the partner's own user. The receipt goes into the
partner's reply queue once the document is durable, and only then is the document acknowledged: after a crash it comes
again and gets the same receipt.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Event
from typing import Any, Protocol

import structlog

from gateway.adapters.amqp.consumer import Consumer, Delivered, Subscription, Verdict
from gateway.adapters.amqp.publisher import Letter, Publisher
from gateway.adapters.amqp.topology import PARTNERS, intake_queue, reply_key
from gateway.errors import (
    IntegrityError,
    MalformedMessageError,
    PermanentError,
    TransientError,
    UnauthenticatedError,
    code_of,
)
from gateway.flows.delivering.partner_seal import Unsealed
from gateway.flows.log_events import LogEvent
from gateway.flows.receiving.envelope import Accepted
from gateway.model.identifiers import OrganisationId

RECEIPT = "receipt"
PROBLEM = "problem"
_JSON, _PROBLEM_JSON = "application/json", "application/problem+json"
_LONGEST_ID = 200
_log = structlog.get_logger()


class Reception(Protocol):
    """What the intake needs of the rest of the gateway. All of it may be called from several threads."""

    def open(self, organisation: OrganisationId, sealed: bytes) -> Unsealed:
        """Return what the organisation sealed for us, or raise why it is not taken."""
        ...

    def take(self, organisation: OrganisationId, unsealed: Unsealed) -> Accepted:
        """Return the receipt once the document is durable, or raise why it is refused."""
        ...

    def problem(self, error: Exception) -> Mapping[str, Any]:
        """Return the problem a sender may read."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakePatience:
    """How patient the intake is. Units: bytes; seconds; messages on their way to us at once."""

    sealed_limit_bytes: int
    retry_seconds: float = 2.0
    prefetch: int = 8


class PartnerIntake:
    """Takes documents from the intake queues of partners."""

    def __init__(
        self, consumer: Consumer, publisher: Publisher, reception: Reception, *, patience: IntakePatience
    ) -> None:
        self._consumer = consumer
        self._publisher = publisher
        self._reception = reception
        self._patience = patience
        self._closing = Event()

    def listen_to(self, organisation: OrganisationId) -> None:
        """Begin to take documents from the organisation's queue."""
        self._consumer.subscribe(
            Subscription(
                queue=intake_queue(organisation),
                handle=lambda message: self._handle(organisation, message),
                prefetch=self._patience.prefetch,
                has_own_thread=True,
            )
        )

    def close(self) -> None:
        """Take nothing more, and return when what was begun has ended; what waits goes back into its queue."""
        self._closing.set()
        self._consumer.close()

    def _handle(self, organisation: OrganisationId, message: Delivered) -> Verdict:
        """Take one message as often as it needs: what fails only for now is kept here, unacknowledged."""
        while True:
            try:
                return self._once(organisation, message)
            except (TransientError, IntegrityError) as error:
                _log.warning(LogEvent.PARTNER_DELAYED, organisation=organisation, code=code_of(error))
            if self._closing.wait(self._patience.retry_seconds):
                return Verdict.AGAIN

    def _once(self, organisation: OrganisationId, message: Delivered) -> Verdict:
        """Take one message; what could not be opened goes to the dead letters as it came, sealed."""
        try:
            unsealed = self._opened(organisation, message)
        except PermanentError as error:
            self._refuse(organisation, message, error)
            return Verdict.GIVE_UP
        try:
            accepted = self._reception.take(organisation, unsealed)
        except PermanentError as error:
            self._refuse(organisation, message, error)
        else:
            words = {"message_id": accepted.message_id, "receipt": accepted.receipt}
            self._reply(organisation, message, RECEIPT, words)
        return Verdict.DONE

    def _opened(self, organisation: OrganisationId, message: Delivered) -> Unsealed:
        if len(message.body) > self._patience.sealed_limit_bytes:
            raise MalformedMessageError("the sealed document is over the limit", code="not-sealed")
        if message.user != organisation:
            raise UnauthenticatedError(
                "set the property user_id to your own user, which the broker then vouches for", code="not-your-user"
            )
        return self._reception.open(organisation, message.body)

    def _refuse(self, organisation: OrganisationId, message: Delivered, error: PermanentError) -> None:
        """Tell the partner why, unless the broker says that another has put it into the queue."""
        _log.warning(LogEvent.PARTNER_REFUSED, organisation=organisation, code=error.code)
        if message.user in {organisation, None}:
            self._reply(organisation, message, PROBLEM, self._reception.problem(error))

    def _reply(self, organisation: OrganisationId, message: Delivered, kind: str, words: Mapping[str, Any]) -> None:
        """Put a reply into the partner's queue and return once it lies there.

        It names the message it answers only where the broker vouches for who sent that: somebody else may put a
        message into the queue, under the id of one of the partner's own, and must not have it called refused.
        """
        own_id = (message.message_id or "")[:_LONGEST_ID] if message.user == organisation else ""
        letter = Letter(
            exchange=PARTNERS,
            routing_key=reply_key(organisation),
            body=json.dumps(words).encode(),
            content_type=_JSON if kind == RECEIPT else _PROBLEM_JSON,
            type=kind,
            correlation_id=own_id or None,
        )
        self._publisher.publish(letter).result()
