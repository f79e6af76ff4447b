"""Which operational log lines are there, and what may stand in them?

A log line helps an operator and is kept for weeks; what must convince an outsider goes into the audit log instead.
docs/log-events.md shows both tables and is compared with them.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Self


class LogEvent(StrEnum):
    """The name of every log line, and when it is written."""

    when: str

    def __new__(cls, name: str, when: str) -> Self:
        """Return a member that is its *name* and remembers *when* it is written."""
        member = str.__new__(cls, name)
        member._value_ = name
        member.when = when
        return member

    GATEWAY_STARTED = "gateway.started", "the process is ready to take documents in"
    GATEWAY_STOPPING = "gateway.stopping", "an order to end arrived; no new document is taken in from here on"
    GATEWAY_STOPPED = "gateway.stopped", "everything begun was finished and the store is closed"
    GATEWAY_CUT_SHORT = (
        "gateway.cut_short",
        "the orderly end took too long; work begun is found again at the next start",
    )
    REQUEST_REFUSED = "request.refused", "an HTTP request was answered with a problem of status 4xx, 429 or 503"
    REQUEST_FAILED = "request.failed", "an HTTP request met a bug of ours and was answered 500"
    SIGN_IN_REFUSED = "sign_in.refused", "a person or organisation could not show who they are"
    FILE_ACCEPTED = "file.accepted", "a file from the watched folder is durable and its clear copy is gone"
    FILE_REFUSED = "file.refused", "a file in the watched folder was refused; a report lies beside it"
    FILE_DELAYED = "file.delayed", "a file could not be taken just now and will be tried again"
    FOLDER_UNREADABLE = "folder.unreadable", "the watched folder, or a part of it, could not be read"
    MESSAGE_PROCESSED = "message.processed", "a message was split, matched and decided"
    MESSAGE_FAILED = "message.failed", "work on a message failed; its fate says what becomes of it"
    DELIVERY_HANDED_OVER = "delivery.handed_over", "a partner acknowledged a document"
    DELIVERY_FAILED = "delivery.failed", "a document could not be handed over; its fate says what becomes of it"
    DELIVERY_STALE = "delivery.stale", "facts behind a permit changed before the hand-over; it is decided again"
    REVIEW_OPENED = "review.opened", "a question for a person was opened"
    CLOCK_WARNED = "clock.warned", "a deadline is near or has passed"
    WORKER_FAILED = "worker.failed", "a worker's round failed outside any one piece of work; it goes on"
    HALTED = "gateway.halted", "something that cannot be true is true; work stopped until a person has looked"
    LIBRARY_SPOKE = "library.spoke", "a library logged something; its words are withheld, its name and level are not"
    BUG_SURFACED = "bug.surfaced", "an exception that nobody caught ended a thread or the process"
    UNKNOWN = "event.unknown", "a line was logged under a name this table does not have: a bug of ours"


KEYS: Mapping[str, str] = MappingProxyType(
    {
        "attempt": "which try this was, from 1",
        "channel": "how a document came in: http or folder",
        "code": "stable code of an error, see docs/errors.md",
        "conversation_id": "our reference of a conversation",
        "count": "how many",
        "credential_id": "public half of an organisation's credential",
        "delivery_id": "our reference of a delivery",
        "digest": "SHA-256 of a file's name, where the name itself may be personal",
        "error_at": "file and line of ours where an exception passed last",
        "error_cause": "class of the exception behind it",
        "error_code": "stable code of an exception of ours",
        "error_type": "class of an exception; never its message",
        "event": "the event's name",
        "fate": "what becomes of failed work: retry, dead_letter or halt",
        "format": "format name, such as mash/flat-1",
        "host": "address the server listens on",
        "kind": "kind of message, such as mash.referral.submitted",
        "lane": "urgent, normal or bulk",
        "level": "how grave: debug, info, warning, error or critical",
        "library": "name of the library's logger",
        "message_id": "our reference of a message",
        "method": "HTTP method",
        "milliseconds": "how long it took",
        "organisation": "organisation id from deploy/partners",
        "port": "port the server listens on",
        "reason": "stable code of a decision's reason",
        "recipient": "organisation id of a recipient",
        "record_id": "our reference of a record of a message",
        "result": "how a decision ended",
        "review_id": "our reference of a question for a person",
        "role": "role a question is for",
        "route": "the HTTP route's pattern, never the path as sent",
        "seconds": "how long it took, or will take",
        "size_bytes": "length of a body or file",
        "state": "state of a message, record or delivery",
        "status": "HTTP status",
        "thread": "name of a worker thread",
        "time": "UTC",
        "user_id": "account name of a person who works with the gateway",
        "version": "version of the gateway",
    }
)
"""The only keys that are ever written, and what each holds: references, codes and numbers."""
