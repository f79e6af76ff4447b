"""What did a fact say before? The row in which the store keeps it."""

from dataclasses import dataclass
from datetime import datetime

from gateway.model.identifiers import ChildRef


@dataclass(frozen=True, slots=True, kw_only=True)
class OldFact:
    """A fact as it stood until `retired_at`, when another version took its place or it was taken away."""

    fact_id: str
    child_ref: ChildRef
    kind: str
    sealed: bytes
    recorded_at: datetime
    retired_at: datetime
