"""What stands on a document that travels sealed, past a broker that must not read it? Its slip; and who seals it?

The slip is signed with the document and sealed with it: the broker sees neither. `gateway.adapters.keys.jose` seals.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from gateway.model.identifiers import OrganisationId

PublicKey = Mapping[str, Any]
"""A public key as JSON (RFC 7517), bound to one algorithm, as a partner's profile holds it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """Who sends what to whom.

    Shape: `message_id` is the sender's own, 1 to 200 visible characters; the same one means the same document. `format`
    is a format name such as `mash/flat-1`; `kind` a kind of message, where there is one. `withheld` names what the
    document goes without, by reason and kind of information. Times are whole seconds, UTC.
    """

    sender: str
    recipient: str
    message_id: str
    format: str
    content_type: str
    made_at: datetime
    valid_until: datetime
    kind: str | None = None
    correlation_id: str | None = None
    withheld: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsealed:
    """A document whose sender is proved."""

    slip: Slip
    document: bytes


class DocumentSeal(Protocol):
    """Sealing for partners, with their public keys and ours."""

    def seal(self, document: bytes, slip: Slip, *, seal_for: PublicKey) -> bytes:
        """Return *document* and *slip*, signed by us and sealed so that only the holder of *seal_for* can read them."""
        ...

    def open(self, sealed: bytes, *, sender: OrganisationId, signed_by: PublicKey, at: datetime) -> Unsealed:
        """Return what *sender* sealed for us.

        Raises:
            TooLargeError: it is over the limit; nothing was decrypted.
            MalformedMessageError: it is not a document sealed for us in the agreed way.
            UnauthenticatedError: *sender* did not sign it, or not for us, or not for this time.
        """
        ...
