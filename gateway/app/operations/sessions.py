"""Who is this? Turns a password into a session, and a session's token back into a caller.

A token is what it says plus a keyed digest over that and the account's password hash. So nothing is stored but which
sessions were ended early, a new password ends every session, and a role that was taken away is gone with the next
request: in every process that shares the store.
"""

import base64
import binascii
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from gateway.app.bootstrap import Application
from gateway.app.operations.caller import Caller, Door
from gateway.app.operations.journal import pseudonym
from gateway.app.operations.passwords import is_right
from gateway.app.operations.sign_in_brake import SignInBrake
from gateway.audit.event import Event, EventKind
from gateway.errors import UnauthenticatedError
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import User
from gateway.model.tree import Tree

_PARTS = 4
_NONCE_BYTES = 16
_LONGEST_TOKEN = 1000
_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Somebody who is signed in.

    Shape: `csrf` is the word a form of this session must bring back; `expires_at` is UTC.
    """

    token: str
    caller: Caller
    issued_at: datetime
    expires_at: datetime
    csrf: str


class Sessions:
    """Signs people in and knows them again.

    Units: `seconds` is how long a session lasts from sign-in.
    """

    def __init__(self, application: Application, *, seconds: float) -> None:
        self._application = application
        self._length = timedelta(seconds=seconds)
        self._brake = SignInBrake(application.desk.store, application.desk.vault)

    def sign_in(self, user_id: str, password: str, *, door: Door) -> Session:
        """Return a new session.

        Raises:
            UnauthenticatedError: no such account, disabled, or another password; it never says which.
            BusyError: too many wrong passwords lately.
        """
        at = self._application.desk.clock.now()
        name = user_id.strip()[:_LONGEST_NAME]
        self._brake.take(name, at)
        user = self._user(name)
        right = is_right(password, user.password_hash if user else None)
        if user is None or not right or not user.is_enabled:
            self._tell(EventKind.USER_REFUSED, {"reason": "sign-in", "channel": door.value}, user)
            raise UnauthenticatedError("account name or password is not right")
        self._brake.succeeded(name)
        self._tell(EventKind.USER_SIGNED_IN, {"channel": door.value}, user)
        return self._session(user, door, at=at, expires_at=at + self._length, nonce=secrets.token_hex(_NONCE_BYTES))

    def open(self, token: str, *, door: Door) -> Session:
        """Return the session *token* belongs to.

        Raises:
            UnauthenticatedError: made up, changed, expired, signed out, or its account is gone, disabled or has a new
                password.
        """
        name, issued, expires, nonce = _parts(token)
        user = self._user(name, nonce)
        if user is None or not user.is_enabled:
            raise _not_signed_in()
        session = self._session(user, door, at=issued, expires_at=expires, nonce=nonce)
        if not hmac.compare_digest(session.token.encode(), token.encode()):
            raise _not_signed_in()
        if self._application.desk.clock.now() >= expires:
            raise _not_signed_in()
        return session

    def sign_out(self, session: Session) -> None:
        """End *session* for every process and every request that comes to it."""
        nonce = _parts(session.token)[3]
        self._application.desk.store.write(lambda uow: uow.sign_ins.end(nonce, session.expires_at))

    def form_word(self, nonce: str) -> str:
        """Return the word that a form shown to the holder of *nonce* must bring back."""
        return self._application.desk.vault.blind("csrf", nonce).hex()

    def _user(self, name: str, nonce: str = "") -> User | None:
        """Return the account called *name*, or None; also where its session *nonce* was ended.

        A database cannot even be asked for some texts.
        """
        if not (name + nonce).isprintable():
            return None

        def look(uow: UnitOfWork) -> User | None:
            return None if nonce and uow.sign_ins.has_ended(nonce) else uow.users.get(name)

        return self._application.desk.store.read(look)

    def _session(self, user: User, door: Door, *, at: datetime, expires_at: datetime, nonce: str) -> Session:
        said = f"{user.user_id}\n{int(at.timestamp())}\n{int(expires_at.timestamp())}\n{nonce}"
        proof = self._application.desk.vault.blind("session", f"{said}\n{user.password_hash}")
        return Session(
            token=f"{_spell(said.encode())}.{_spell(proof)}",
            caller=Caller(user_id=user.user_id, name=user.name, roles=user.roles, door=door),
            issued_at=_whole(at),
            expires_at=_whole(expires_at),
            csrf=self.form_word(nonce),
        )

    def _tell(self, kind: EventKind, words: dict[str, Tree], user: User | None) -> None:
        desk = self._application.desk
        who = pseudonym(desk.vault, user.user_id) if user else "nobody"
        said: dict[str, Tree] = {**words, "user": who} if user else words
        event = Event.of(kind, said, at=desk.clock.now(), actor=who, organisation=desk.sender)

        def _write(uow: UnitOfWork) -> None:
            desk.trail.record(uow, event)

        desk.store.write(_write)


def _parts(token: str) -> tuple[str, datetime, datetime, str]:
    """Return account, issue, expiry and nonce that *token* claims; nothing of it is proven yet."""
    try:
        said = _unspell(token[:_LONGEST_TOKEN].partition(".")[0]).decode().split("\n")
        if len(said) != _PARTS:
            raise _not_signed_in()
        return said[0], _moment(said[1]), _moment(said[2]), said[3]
    except (ValueError, binascii.Error, OverflowError):
        raise _not_signed_in() from None


def _moment(text: str) -> datetime:
    return datetime.fromtimestamp(int(text), UTC)


def _whole(at: datetime) -> datetime:
    return at.replace(microsecond=0)


def _spell(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _unspell(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _not_signed_in() -> UnauthenticatedError:
    return UnauthenticatedError("not signed in, or the session has ended; sign in again")
