"""How is a password kept, and how is one told from another?"""

from functools import cache
from secrets import token_urlsafe

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher()
"""Argon2id with the library's parameters, which follow RFC 9106, section 4, second recommendation."""


def hash_password(password: str) -> str:
    """Return the Argon2id string to keep for *password*: parameters, random salt and hash."""
    return _HASHER.hash(password)


def verify_password(stored: str | None, password: str) -> bool:
    """Tell whether *password* is the one *stored* was made from; None stands for an account that does not exist.

    Promise: an unknown account takes as long as a known one, so that the time does not tell who works here.
    """
    try:
        _HASHER.verify(_hash_of_nobody() if stored is None else stored, password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


@cache
def _hash_of_nobody() -> str:
    """Return what an unknown account is compared with; made when first needed, because making it takes a while."""
    return _HASHER.hash(token_urlsafe())
