"""How is a password kept, and how is one told from another?"""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher()
"""Argon2id with the library's parameters, which follow RFC 9106, section 4, second recommendation."""

_PARAMETERS = f"m={_HASHER.memory_cost},t={_HASHER.time_cost},p={_HASHER.parallelism}"
_NOBODY = f"$argon2id$v=19${_PARAMETERS}${'A' * 22}${'A' * 43}"
"""The hash of an account that does not exist: it costs as much to compare with as a real one, and nothing fits it."""


def hash_password(password: str) -> str:
    """Return the Argon2id string to keep for *password*: parameters, random salt and hash."""
    return _HASHER.hash(password)


def verify_password(stored: str | None, password: str) -> bool:
    """Tell whether *password* is the one *stored* was made from; None stands for an account that does not exist.

    Promise: an unknown account takes as long as a known one, so that the time does not tell who works here.
    """
    try:
        _HASHER.verify(_NOBODY if stored is None else stored, password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None
