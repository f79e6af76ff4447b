"""How often may somebody guess a password? Fewer and fewer times."""

from datetime import datetime, timedelta

from gateway.errors import BusyError
from gateway.flows.ports import Store, UnitOfWork, Vault

FREE_TRIES = 5
_FIRST_PAUSE = timedelta(seconds=2)
_LONGEST_PAUSE = timedelta(minutes=15)
_REMEMBERED = timedelta(days=1)


class SignInBrake:
    """Counts tries to sign in by account name, known or not; the next one waits. A right password forgets them.

    Kept in the store, so that all processes count together and a restart forgets nothing; a name lies there blinded.
    What nobody has tried for a day is forgotten.
    """

    def __init__(self, store: Store, vault: Vault) -> None:
        self._store = store
        self._vault = vault

    def take(self, name: str, at: datetime) -> None:
        """Count a try for *name* before its password is looked at, so that guesses made at once count one by one.

        Raises:
            BusyError: there were too many wrong passwords; it says when the next try is allowed.
        """
        self._store.write(lambda uow: _take(uow, self._blind(name), at))

    def succeeded(self, name: str) -> None:
        """Forget what went wrong before."""
        self._store.write(lambda uow: uow.sign_ins.forget(self._blind(name)))

    def _blind(self, name: str) -> str:
        return self._vault.blind("sign-in", name).hex()


def _take(uow: UnitOfWork, name: str, at: datetime) -> None:
    """Note one more try that has not gone right yet, and how long the next one has to wait."""
    uow.sign_ins.purge(at - _REMEMBERED)
    count, until = uow.sign_ins.tries(name) or (0, at)
    if at < until:
        raise BusyError(
            "too many wrong passwords for this account; wait and try again",
            code="too-many-attempts",
            retry_after_seconds=(until - at).total_seconds(),
        )
    over = count + 1 - FREE_TRIES
    pause = min(_FIRST_PAUSE * 2 ** min(over, 20), _LONGEST_PAUSE) if over >= 0 else timedelta(0)
    uow.sign_ins.note(name, count + 1, at + pause)
