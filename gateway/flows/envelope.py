"""What comes in beside the bytes, and what does the sender get for them?"""

from dataclasses import dataclass

from gateway.formats.register import Format
from gateway.model.identifiers import MessageId, OrganisationId


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One document as an adapter took it in, from an organisation that has shown who it is.

    Shape: `idempotency_key` is the sender's own, or None; `channel` is `http`, `folder` or `queue`; `file_name`
    may be personal and is kept sealed.
    """

    organisation: OrganisationId
    format: Format
    body: bytes
    content_type: str | None = None
    idempotency_key: str | None = None
    channel: str = "http"
    file_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The gateway has it, durably.

    Shape: `receipt` is the signed promise of docs/audit.md; a repeat gets the very same one.
    """

    message_id: MessageId
    receipt: str
    repeated: bool
