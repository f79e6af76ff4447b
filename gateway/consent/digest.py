"""How is a question named without repeating it?"""

import hashlib
import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from gateway.consent.question import Question
from gateway.consent.record_json import write_record


def facts_digest(question: Question) -> str:
    """Return the SHA-256 (hex) of the question's canonical form without its time.

    Shape: the canonical form is the question's JSON without `at` and without what is not known, keys sorted, no white
    space, ASCII, times in UTC. Equal facts have equal digests, whenever they are asked.
    """
    facts = write_record(question)
    del facts["at"]
    return hashlib.sha256(_ENCODER.encode(facts).encode("ascii")).hexdigest()


def canonical(record: object) -> bytes:
    """Return the canonical form of one of consent's records: as JSON, without what is not known, keys sorted."""
    return _ENCODER.encode(write_record(record)).encode("ascii")


def digest_of_all(digests: Iterable[str]) -> str:
    """Return the SHA-256 (hex) that names several questions at once: that of their digests, each on a line."""
    return hashlib.sha256("\n".join(digests).encode("ascii")).hexdigest()


def _number(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} has no canonical form")


_ENCODER: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=_number)
