"""How do sessions and orders of people reach the API? Joins what `operations` offers for the HTTP side."""

from gateway.app.http.served import SignedIn
from gateway.app.bootstrap import Application
from gateway.app.operations.caller import Door
from gateway.app.operations.execute import execute
from gateway.app.operations.sessions import Session, Sessions
from gateway.model.tree import Group


class ApiPeople:
    """People who come by the API's door. *sessions* may be shared with other doors, so that signing out holds there."""

    def __init__(self, application: Application, sessions: Sessions) -> None:
        self._application = application
        self._sessions = sessions

    def sign_in(self, user_id: str, password: str) -> Session:
        """Return a new session.

        Raises:
            UnauthenticatedError: no such account, disabled, or another password.
            BusyError: too many wrong passwords lately.
        """
        return self._sessions.sign_in(user_id, password, door=Door.API)

    def open(self, token: str) -> Session:
        """Return the session of a token.

        Raises:
            UnauthenticatedError: it is not in force.
        """
        return self._sessions.open(token, door=Door.API)

    def sign_out(self, session: SignedIn) -> None:
        """End a session."""
        self._sessions.sign_out(self.open(session.token))

    def execute(self, session: SignedIn, operation: str, args: Group) -> Group:
        """Carry out an operation and return its answer; see `operations.execute`."""
        return execute(self._application, self.open(session.token).caller, operation, args)
