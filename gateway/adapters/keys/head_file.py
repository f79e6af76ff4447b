"""Where is the newest signed head of the log kept, so that a restored backup cannot pass for the whole log?

Outside the store: a store that is put back to an earlier state knows nothing of what it signed since.
"""

import os
from pathlib import Path

HEAD = "last-head.note"


class HeadFile:
    """One signed checkpoint in a file, replaced whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / HEAD

    def read(self) -> str | None:
        """Return the newest head that was kept, or None when none ever was.

        What is no text is returned with marks in its place: it is no head either, and whoever reads it says so.
        """
        return self._path.read_text(encoding="utf-8", errors="replace") if self._path.exists() else None

    def keep(self, note: str) -> None:
        """Keep *note* as the newest head, for its owner only like all in this folder, and return once it is on disk."""
        fresh = self._path.with_suffix(".new")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(note)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
