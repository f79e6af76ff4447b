"""What does the catalogue say of each kind of event, and to whom may it be shown?"""

from dataclasses import dataclass
from enum import StrEnum


class Reader(StrEnum):
    """Who asks the log."""

    FAMILY = "family"
    MANAGER = "manager"
    RECORDS = "records officer"
    CALDICOTT = "Caldicott guardian"
    DPO = "data protection officer"
    SECURITY = "security"


CARE = (Reader.FAMILY, Reader.MANAGER, Reader.RECORDS, Reader.CALDICOTT, Reader.DPO)
PRACTICE = (Reader.MANAGER, Reader.RECORDS, Reader.CALDICOTT, Reader.DPO)
GUARDED = (Reader.CALDICOTT, Reader.DPO)
HOUSE = (Reader.MANAGER, Reader.RECORDS, Reader.DPO, Reader.SECURITY)


@dataclass(frozen=True, slots=True, kw_only=True)
class KindSpec:
    """When an event is recorded, the words it must and may use, and who may read what is sealed in it."""

    when: str
    must: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    readers: tuple[Reader, ...] = CARE

    words: frozenset[str] = frozenset()
    """Every word an event of this kind may use."""


def kind(when: str, must: str = "", may: str = "", readers: tuple[Reader, ...] = CARE) -> KindSpec:
    """Return what is said of one kind of event; words are given with blanks between them."""
    needed, allowed = tuple(must.split()), tuple(may.split())
    return KindSpec(when=when, must=needed, may=allowed, readers=readers, words=COMMON | {*needed, *allowed})


COMMON = frozenset(
    (
        *("message_id", "record_id", "delivery_id", "permit_id", "review_id", "conversation_id", "fact_id"),
        *("reason", "rationale", "role", "state", "attempt", "due_at"),
    )
)
"""Words any event may use."""
