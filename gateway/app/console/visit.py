"""What does a page hold in its hands? The visitor, what they sent, and the operations."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from jinja2 import Environment
from starlette.responses import HTMLResponse, RedirectResponse, Response

from gateway.app.console.navigation import entries_for
from gateway.app.operations.front_door import FrontDoor
from gateway.app.operations.roles import Permission
from gateway.app.operations.sessions import Session
from gateway.model.tree import Group

NOTICES: Mapping[str, str] = {
    "permit": "Decided: it may be shared. It is on its way.",
    "refuse": "Decided: it is not shared.",
    "same": "Decided: this is the same child. The record was joined and the rules were asked again.",
    "different": "Decided: this is another child. It goes on under a record of its own.",
    "done": "Marked as done.",
    "again": "Ordered again.",
    "awaiting-second": "Kept. It sets aside what somebody said, so a second person must confirm it.",
    "kept": "Recorded.",
    "stopped": "Stopped. It had not left.",
    "purge-requested": "The wrong recipient is asked to purge it. See Duties for what else there is to do.",
    "safety-first": "Agree a safety plan first: the wrong recipient is asked nothing before that. See Duties.",
    "released": "On its way. Another person looks at it afterwards.",
    "corrected": "Kept. Everybody who was given it is being told.",
    "replayed": "Put back to work. Every check is made again before anything leaves.",
    "discarded": "Taken out of work. It stays in the log.",
    "mapped": "Kept. This answer is understood from now on.",
    "retracted": "Taken back. This answer waits for its meaning again.",
    "withdrawn": "Consent withdrawn. Whatever had not left us is stopped or decided again.",
    "flagged": "Protection set, at once, for everything that has not left us.",
    "lifted": "Protection taken away.",
    "password": "Your password was changed. Sign in again.",
    "signed-out": "You are signed out.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request of somebody who is signed in."""

    templates: Environment
    door: FrontDoor
    session: Session
    base: str
    now: datetime
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)

    def ask(self, operation: str, args: Group | None = None) -> Group:
        """Return what an operation answers."""
        return self.door.execute(self.session, operation, args or {})

    def may(self, permission: Permission) -> bool:
        """Tell whether the visitor may do something, so that a page offers only what works."""
        return self.session.caller.may(permission)

    def page(self, template: str, context: Mapping[str, object], *, status: int = 200) -> Response:
        """Return a page drawn from *template*."""
        shown = {
            "base": self.base,
            "now": self.now,
            "visitor": self.session.caller,
            "word": self.session.csrf,
            "entries": entries_for(self.session.caller),
            "notice": NOTICES.get(self.query.get("said", "")),
            "may": self.may,
            "Permission": Permission,
        }
        return HTMLResponse(self.templates.get_template(template).render({**shown, **context}), status_code=status)

    def go(self, path: str, *, said: str | None = None) -> Response:
        """Send the visitor to another page of the console, with a notice."""
        return RedirectResponse(f"{self.base}{path}{f'?said={said}' if said else ''}", status_code=303)
