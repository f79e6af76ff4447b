"""How often may somebody guess a password? Fewer and fewer times."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from gateway.errors import BusyError

FREE_TRIES = 5
_MOST_NAMES = 10_000
_FIRST_PAUSE = timedelta(seconds=2)
_LONGEST_PAUSE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class _Failures:
    count: int
    until: datetime


class SignInBrake:
    """Counts failed sign-ins by account name, known or not, and makes the next one wait.

    Kept in the memory of this process: a restart forgets, and Argon2id stays slow.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._failures: OrderedDict[str, _Failures] = OrderedDict()

    def check(self, name: str, at: datetime) -> None:
        """Return when *name* may be tried now.

        Raises:
            BusyError: there were too many wrong passwords; it says when the next try is allowed.
        """
        with self._lock:
            found = self._failures.get(name)
        if found is not None and at < found.until:
            raise BusyError(
                "too many wrong passwords for this account; wait and try again",
                code="too-many-attempts",
                retry_after_seconds=(found.until - at).total_seconds(),
            )

    def failed(self, name: str, at: datetime) -> None:
        """Count a wrong password."""
        with self._lock:
            count = self._failures.pop(name, _Failures(0, at)).count + 1
            over = count - FREE_TRIES
            pause = min(_FIRST_PAUSE * 2 ** min(over, 20), _LONGEST_PAUSE) if over >= 0 else timedelta(0)
            self._failures[name] = _Failures(count, at + pause)
            if len(self._failures) > _MOST_NAMES:
                self._failures.popitem(last=False)

    def succeeded(self, name: str) -> None:
        """Forget what went wrong before."""
        with self._lock:
            self._failures.pop(name, None)
