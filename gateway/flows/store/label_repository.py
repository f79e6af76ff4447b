"""What does the store keep of labels: those nobody has mapped yet, and those somebody has?"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from gateway.flows.store.rows import LabelGroup, LabelMeaning, LabelTask, LabelUse
from gateway.model.identifiers import RecordId


class Labels(Protocol):
    """Labels nobody has mapped yet, and those somebody has."""

    def add(self, task: LabelTask) -> None:
        """Open a label task unless the same label is already open for that record."""
        ...

    def find(self, *, status: str | None = "open", limit: int = 100) -> Sequence[LabelTask]:
        """Return them, oldest first."""
        ...

    def groups(self, *, limit: int) -> Sequence[LabelGroup]:
        """Return the labels that are open, each once."""
        ...

    def uses(self, list_name: str, label_blind: str, *, limit: int) -> Sequence[LabelUse]:
        """Return records in which an open label stands, in no order."""
        ...

    def settle(self, list_name: str, label_blind: str, code: str) -> Sequence[RecordId]:
        """Remember what a label means and return the records that waited for it.

        They, and those understood under another meaning of it, are due to be understood anew.
        """
        ...

    def forget(self, list_name: str, label_blind: str) -> bool:
        """Take a meaning back and tell whether there was one; records understood by it are due again."""
        ...

    def close(self, record_id: RecordId) -> None:
        """Settle every label of the record that is due."""
        ...

    def of_record(self, record_id: RecordId) -> Sequence[LabelTask]:
        """Return the labels of a record that are open or due, oldest first."""
        ...

    def holds(self, list_name: str, label_blind: str) -> Mapping[str, datetime]:
        """Return since when the oldest delivery of each purpose was ordered that a label, open or due, holds up."""
        ...

    def is_open(self, list_name: str, label_blind: str) -> bool:
        """Tell whether any record holds this label and waits for its meaning."""
        ...

    def waits(self, record_id: RecordId) -> bool:
        """Tell whether the record holds a label that is open or due."""
        ...

    def meanings(self, *, limit: int) -> Sequence[LabelMeaning]:
        """Return what people said labels mean, by list."""
        ...

    def meaning(self, list_name: str, label_blind: str, *, is_held: bool = False) -> str | None:
        """Return the code a person gave this label, if one has; *is_held*: it stays so until this transaction ends."""
        ...
