"""What can a disk do to one call? Fail once, fail from now on, or end everything."""

from collections.abc import Callable
from pathlib import Path

import apsw

_ERRORS = {
    "read": apsw.SQLITE_IOERR_READ,
    "write": apsw.SQLITE_IOERR_WRITE,
    "truncate": apsw.SQLITE_IOERR_TRUNCATE,
    "sync": apsw.SQLITE_IOERR_FSYNC,
    "delete": apsw.SQLITE_IOERR_DELETE,
}
GROWING = {"write", "truncate"}
CALLS = ("read", "write", "truncate", "sync")


def an_io_error(call: str) -> apsw.IOError:
    """Return the error of a call that failed."""
    error = apsw.IOError("planted")
    error.extendedresult = _ERRORS[call]
    return error


def a_full_disk() -> apsw.FullError:
    """Return the error of a call for which there is no room."""
    error = apsw.FullError("planted")
    error.extendedresult = apsw.SQLITE_FULL
    return error


class Once:
    """EIO at the *number*-th call named *call*, and then never again. `is_over` tells whether it has come."""

    def __init__(self, call: str, number: int) -> None:
        self._call, self._left = call, number
        self.is_over = False

    def __call__(self, call: str, _path: Path) -> None:
        if call != self._call or self.is_over:
            return
        self._left -= 1
        if self._left <= 0:
            self.is_over = True
            raise an_io_error(call)


class Full:
    """ENOSPC at the *number*-th call that writes, and at each one after it, until another mishap takes its place."""

    def __init__(self, number: int) -> None:
        self._left = number
        self.is_over = False

    def __call__(self, call: str, _path: Path) -> None:
        if call in GROWING:
            self._left -= 1
            if self._left <= 0:
                self.is_over = True
                raise a_full_disk()


class Loss:
    """Power loss at the *number*-th call that changes something: *now* is called, and no call succeeds any more."""

    def __init__(self, number: int, now: Callable[[], None]) -> None:
        self._left = number
        self._now = now
        self.is_over = False

    def __call__(self, call: str, _path: Path) -> None:
        if self.is_over:
            raise an_io_error(call)
        if call == "read":
            return
        self._left -= 1
        if self._left <= 0:
            self.is_over = True
            self._now()
            raise an_io_error(call)
