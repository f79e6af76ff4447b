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
    """Counts tries to sign in by account name, known or not; the next one waits. A right password forgets them.

    Kept in the memory of this process: a restart forgets, and Argon2id stays slow.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._failures: OrderedDict[str, _Failures] = OrderedDict()

    def take(self, name: str, at: datetime) -> None:
        """Count a try for *name* before its password is looked at, so that guesses made at once count one by one.

        Raises:
            BusyError: there were too many wrong passwords; it says when the next try is allowed.
        """
        with self._lock:
            found = self._failures.get(name, _Failures(0, at))
            if at < found.until:
                raise BusyError(
                    "too many wrong passwords for this account; wait and try again",
                    code="too-many-attempts",
                    retry_after_seconds=(found.until - at).total_seconds(),
                )
            self._count(name, found.count + 1, at)

    def _count(self, name: str, count: int, at: datetime) -> None:
        """Note the *count*-th try that has not gone right, and how long the next one has to wait."""
        over = count - FREE_TRIES
        pause = min(_FIRST_PAUSE * 2 ** min(over, 20), _LONGEST_PAUSE) if over >= 0 else timedelta(0)
        self._failures.pop(name, None)
        self._failures[name] = _Failures(count, at + pause)
        if len(self._failures) > _MOST_NAMES:
            self._failures.popitem(last=False)

    def succeeded(self, name: str) -> None:
        """Forget what went wrong before."""
        with self._lock:
            self._failures.pop(name, None)
