"""How do people come in by one door: sign in, be known again, give orders, leave?"""

from dataclasses import dataclass

from gateway.app.bootstrap import Application
from gateway.app.operations.caller import Door
from gateway.app.operations.execute import execute
from gateway.app.operations.sessions import Session, Sessions
from gateway.model.tree import Group


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontDoor:
    """One door. All doors of a process share their sessions, and so the brake on guessing passwords."""

    application: Application
    sessions: Sessions
    door: Door

    def sign_in(self, user_id: str, password: str) -> Session:
        """Return a new session, or raise UnauthenticatedError or, after too many tries, BusyError."""
        return self.sessions.sign_in(user_id, password, door=self.door)

    def open(self, token: str) -> Session:
        """Return the session of a token, or raise UnauthenticatedError."""
        return self.sessions.open(token, door=self.door)

    def sign_out(self, session: Session) -> None:
        """End a session."""
        self.sessions.sign_out(session)

    def execute(self, session: Session, operation: str, args: Group) -> Group:
        """Carry out an operation if the person may, and return its answer."""
        return execute(self.application, session.caller, operation, args)
