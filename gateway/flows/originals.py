"""How are the bytes a message came as opened again?"""

from gateway.flows.ports import Vault
from gateway.flows.rows import Original


def open_original(vault: Vault, original: Original) -> bytes:
    """Return the bytes that were sealed when the message came in.

    Raises:
        IntegrityError: they are not what was stored for this message.
    """
    place = f"message/{original.message_id}/chunk"
    opened = (
        vault.open(original.wrapped_key, f"{place}/{number}", chunk) for number, chunk in enumerate(original.chunks)
    )
    return b"".join(opened)
