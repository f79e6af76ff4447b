"""Who holds the database? One process at a time, because one writer thread is what keeps its order."""

import fcntl
import os
from pathlib import Path

from gateway.errors import StoreUnavailableError


class ProcessLock:
    """An exclusive lock on a file beside the database, which ends with its holder, also by kill -9.

    Raises:
        StoreUnavailableError: somebody holds it (code `store-in-use`).
    """

    def __init__(self, database: Path) -> None:
        self.path = database.with_name(database.name + ".lock")
        self._handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as cause:
            holder = os.read(self._handle, 32).decode("ascii", "replace").strip() or "unknown"
            os.close(self._handle)
            raise StoreUnavailableError(
                f"the store {database.name} is in use by process {holder}; SQLite serves one process",
                code="store-in-use",
            ) from cause
        os.ftruncate(self._handle, 0)
        os.write(self._handle, str(os.getpid()).encode())

    def release(self) -> None:
        """Let somebody else have it. The file stays: deleting it would let two processes lock two files."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
