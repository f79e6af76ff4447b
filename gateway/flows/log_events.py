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
    CLOCK_SET_BACK = (
        "clock.set_back",
        "the machine's clock was set back; the time goes on from where it was, slower, until the clock has caught up",
    )
    REQUEST_REFUSED = "request.refused", "an HTTP request was answered with a problem of status 4xx, 429 or 503"
    REQUEST_FAILED = "request.failed", "an HTTP request met a bug of ours and was answered 500"
    INTAKE_NARROWED = (
        "intake.narrowed",
        "documents are refused that were taken before: all but urgent ones, or all; the code says why",
    )
    INTAKE_OPENED = "intake.opened", "every document is taken in again"
    FILE_ACCEPTED = "file.accepted", "a file from the watched folder is durable and its clear copy is gone"
    FILE_REFUSED = "file.refused", "a file in the watched folder was refused; a report lies beside it"
    FILE_DELAYED = "file.delayed", "a file could not be taken just now and will be tried again"
    FOLDER_UNREADABLE = "folder.unreadable", "the watched folder, or a part of it, could not be read"
    MESSAGE_UNDER_WAY = "message.under_way", "some hundred more records of a long document are worked through"
    SFTP_UNREACHABLE = (
        "sftp.unreachable",
        "a partner's SFTP server was not reached, or is not the one we know; the code says",
    )
    S3_UNREACHABLE = "s3.unreachable", "a partner's S3 server or bucket was not reached; the code says why"
    MESSAGE_FAILED = "message.failed", "work on a message failed; its fate says what becomes of it"
    MALWARE_FOUND = "malware.found", "an attached document holds malware; it is kept sealed and never used"
    SCAN_FAILED = "scan.failed", "it could not be said whether an attached document holds malware; it is asked again"
    SCANNER_LOST = "scanner.lost", "the scanner does not answer; attached documents wait, and everything else goes on"
    SCANNER_BACK = "scanner.back", "the scanner answers again, and what waited for it is scanned"
    DELIVERY_FAILED = "delivery.failed", "a document could not be handed over; its fate says what becomes of it"
    BREAKER_OPENED = "breaker.opened", "a partner failed so often that nothing but a probe is sent there now and then"
    BREAKER_CLOSED = "breaker.closed", "a partner answers again, and what waited for it goes"
    LEASE_FAILED = "pump.lease_failed", "work that is due could not be leased just now; the next look tries again"
    WORK_FAILED = "pump.work_failed", "a piece of work ended with an exception that its flow did not expect"
    LOG_HALTED = (
        "log.halted",
        "the audit log is not the one that was signed last: nothing is signed until a person has looked",
    )
    ROUND_FAILED = "ticker.round_failed", "a round of something done again and again failed; the next one tries again"
    PERSON_NOT_TOLD = (
        "person.not_told",
        "a named person could not be told that something waits; they are told again, unless the code is of a refusal",
    )
    TIMER_FAILED = "timer.failed", "a deadline could not be acted on; it is looked at again in a minute"
    LABEL_FAILED = (
        "label.failed",
        "a record could not be understood anew after a label was mapped; a person is asked to correct it",
    )
    SUBSCRIBER_FAILED = "bus.subscriber_failed", "a part of ours that was woken failed; a sweep finds its work"
    WAKE_DEAD_LETTERED = (
        "bus.dead_lettered",
        "a wake-up was set aside after as many tries as it gets; a sweep finds its work",
    )
    BUS_CONNECTED = "bus.connected", "a connection to the broker is open and everything it needs is there"
    BUS_LOST = "bus.lost", "there is no connection to the broker; the next try is made after a pause"
    BUS_BLOCKED = "bus.blocked", "the broker is short of memory or disk and takes nothing; work goes on by sweeps"
    BUS_UNROUTED = "bus.unrouted", "a message lay in the queue of those no queue was bound for: correct the topology"
    PARTNER_REFUSED = "partner.refused", "what a partner put into its queue was refused; the partner was told why"
    PARTNER_DELAYED = "partner.delayed", "what a partner put into its queue cannot be taken just now; it is kept there"
    STORE_WRITER_FAILED = "store.writer_failed", "the store could not run a batch of work; everybody in it was told"
    STORE_WAKE_FAILED = "store.wake_failed", "wake-ups of durable work could not be published; a sweep finds the work"
    LIBRARY_SPOKE = "library.spoke", "a library logged something; its words are withheld, its name and level are not"
    BUG_SURFACED = "bug.surfaced", "an exception that nobody caught ended a thread or the process"
    UNKNOWN = "event.unknown", "a line was logged under a name this table does not have: a bug of ours"


KEYS: Mapping[str, str] = MappingProxyType(
    {
        "attempt": "which try this was, from 1",
        "code": "stable code of an error, see docs/errors.md",
        "delivery_id": "our reference of a delivery",
        "digest": "SHA-256 of a file's name, which itself may be personal",
        "error_at": "file and line of ours where an exception passed last",
        "error_cause": "class of the exception behind it",
        "error_code": "stable code of an exception of ours",
        "error_type": "class of an exception; never its message",
        "event": "the event's name",
        "fate": "what becomes of failed work: retry, dead_letter or halt",
        "format": "format name, such as mash/flat-1",
        "host": "address the server listens on",
        "intake": "who is let in: open, urgent-only or shut",
        "level": "how grave: debug, info, warning, error or critical",
        "library": "name of the library's logger",
        "message_id": "our reference of a message",
        "method": "HTTP method",
        "organisation": "organisation id from deploy/partners, or the name of a folder",
        "person": "key of a named person, as their file has it; never a name or an address",
        "port": "port the server listens on",
        "pump": "which workers: those that process or those that deliver",
        "queue": "name of a queue of the broker",
        "records_done": "how many records of a document are worked through",
        "records_known": "how many records it has, where that is known without reading it through",
        "route": "the HTTP route's pattern, never the path as sent",
        "routing_key": "kind of wake-up, such as message.urgent",
        "seconds": "by how many seconds",
        "signature": "what a scanner calls the malware it found",
        "size_bytes": "length of a body or file",
        "status": "HTTP status",
        "thread": "name of a thread",
        "ticker": "which of the things done again and again",
        "time": "UTC",
        "timer": "which deadline: its kind and our reference of what it is about",
        "trace_id": "W3C trace id of the document that is worked on: 32 hexadecimal digits",
        "version": "version of the gateway",
    }
)
"""The only keys that are ever written, and what each holds: references, codes and numbers."""
