"""How is the secret of a credential made, kept and told?"""

import hmac
import secrets
from hashlib import sha256

_SECRET_BYTES = 32


def new_secret() -> str:
    """Return a fresh secret of 256 random bits, in letters a URL and a header can hold. It is shown once."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def hash_secret(secret: str) -> str:
    """Return the SHA-256 of *secret* in hexadecimal: all that is kept of it.

    A plain hash is enough because the secret is random: there is nothing to guess faster than all of it.
    """
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def secret_matches(secret: str, secret_sha256: str) -> bool:
    """Tell whether *secret* is the one that was kept, in a time that does not depend on where they differ."""
    return hmac.compare_digest(hash_secret(secret), secret_sha256)
