"""What comes in beside the bytes, and what does the sender get for them?"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from gateway.flows.store.rows import Lane
from gateway.formats.body import Body
from gateway.formats.register import Format
from gateway.model.identifiers import MessageId, OrganisationId

Admit: TypeAlias = Callable[[Lane], None]
"""Called with the lane the gate's reading puts a document in, before anything of it is stored; raises to refuse it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One document as an adapter took it in, from an organisation that has shown who it is.

    Shape: `body` is its bytes, or where they can be read again and again; `idempotency_key` is the sender's own, or
    None; `channel` is `http`, `folder` or `queue`; `file_name` may be personal and is kept sealed. `trace_id` is the
    sender's own, 32 hexadecimal digits as W3C Trace Context has them, or None.
    """

    organisation: OrganisationId
    format: Format
    body: bytes | Body
    content_type: str | None = None
    idempotency_key: str | None = None
    channel: str = "http"
    file_name: str | None = None
    trace_id: str | None = None

    @property
    def size_bytes(self) -> int:
        """Return how long the document is."""
        return len(self.body) if isinstance(self.body, bytes) else self.body.size_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The gateway has it, durably.

    Shape: `receipt` is the signed promise of docs/audit.md; a repeat gets the very same one.
    """

    message_id: MessageId
    receipt: str
    repeated: bool
