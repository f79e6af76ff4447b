"""Is this password good enough, and is it the right one?"""

import unicodedata

from gateway.adapters.keys import passwords
from gateway.errors import Place, SchemaViolationError

SHORTEST = 12
LONGEST = 256
_FEWEST_DIFFERENT = 5


def hash_password(password: str, *, user_id: str) -> str:
    """Return what to keep of *password*.

    Raises:
        SchemaViolationError: too short, too long, or too easy to guess; nothing is asked about letters and digits.

    Source: NCSC, Password administration for system owners: length and a deny list instead of complexity rules.
    """
    plain = _normal(password)
    if not SHORTEST <= len(plain) <= LONGEST:
        raise _weak(f"a password has {SHORTEST} to {LONGEST} characters; three random words are a good one")
    if user_id.casefold() in plain.casefold():
        raise _weak("a password must not hold the account's name")
    if len(set(plain.casefold())) < _FEWEST_DIFFERENT:
        raise _weak(f"a password needs at least {_FEWEST_DIFFERENT} different characters")
    return passwords.hash_password(plain)


def is_right(password: str, password_hash: str | None) -> bool:
    """Tell whether *password* belongs to the hash; without one, take as long to say no as with one."""
    return passwords.verify_password(password_hash, _normal(password)[:LONGEST])


def _normal(password: str) -> str:
    """Return *password* in the one spelling that all keyboards and systems agree on."""
    return unicodedata.normalize("NFKC", password)


def _weak(message: str) -> SchemaViolationError:
    return SchemaViolationError(message, place=Place(path="password"), code="password")
