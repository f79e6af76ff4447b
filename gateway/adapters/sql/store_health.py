"""What does an operator want to know of the store?"""

from dataclasses import dataclass

from gateway.adapters.sql.migrate import SchemaVersion
from gateway.adapters.sql.writer import WriterFigures


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreHealth:
    """How the store is set, what it has done, and how large it is.

    Shape: `settings` are what the writing connection is set to, as the engine reads it back. `free_bytes` is None where
    the disk is another machine's.
    Units: sizes in bytes.
    """

    version: SchemaVersion
    settings: dict[str, str | int]
    writer: WriterFigures
    file_bytes: int
    log_bytes: int
    free_bytes: int | None
