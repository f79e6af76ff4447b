"""By which ways does anything leave the gateway of a world? The real ones, up to the wire, where all of it is noted."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

import httpx

from gateway.adapters.http.outlet import HttpOutlet
from gateway.app.named_persons import Herald, read_persons
from gateway.flows.context import Desk
from gateway.flows.store.rows import Handover
from gateway.formats.json import write_json
from gateway.translation.partner_document import PartnerDocument
from tests.fakes.clock import SteppedClock
from tests.interference.seen import Seen

if TYPE_CHECKING:
    from gateway.adapters.http.webhook import Webhook
    from gateway.adapters.mail.smtp import SmtpMail
    from gateway.model.tree import Group

NAMED = """
[[person]]
key = "manager"
roles = ["MASH_MANAGER", "MASH_SCREENER", "CAF_COORDINATOR", "DSL", "INTEGRATION_ENGINEER"]
email = "manager@nowhere.example"

[[person]]
key = "officer"
roles = ["IG_OFFICER"]
webhook = "https://chat.nowhere.example/hooks/officer"
"""
"""Whom we tell by name: by e-mail, and by a webhook."""


class Outlet:
    """The way out over HTTP, which notes what everybody is sent, when, and with which headers."""

    def __init__(self, clock: SteppedClock, tokens: Path) -> None:
        self._clock = clock
        self._http = HttpOutlet(clock, tokens=tokens)
        self._http.close()
        self._http._client = httpx.Client(transport=httpx.MockTransport(self._take), trust_env=False)
        self._going = ("", "", "")
        self.seen: list[Seen] = []

    def send(self, document: PartnerDocument, body: bytes, handover: Handover) -> str:
        """Send it as it is sent, and note what comes out of the wire."""
        self._going = (document.recipient, handover.kind, document.format)
        return self._http.send(document, body, handover)

    def ask(self, handover: Handover) -> str | None:
        """Say that nothing is there; no world asks."""
        return None if handover else ""

    def send_test(self, handover: Handover) -> str:
        """Take a test; no world sends one."""
        return f"REF-{handover.message_id}"

    def note(self, who: str, *what: str, body: bytes) -> None:
        """Note what *who* gets."""
        self.seen.append(Seen(who=who, what=what, at=self._now(), body=body))

    def send_mail(self, to: str, subject: str, text: str, *, message_id: str) -> None:
        """Note an e-mail."""
        self.note(to, "mail", subject, message_id, body=text.encode())

    def call(self, url: str, document: "Group", *, key: str, token_file: Path | None) -> None:
        """Note what a webhook is told."""
        self.note(url, "webhook", key, str(token_file), body=write_json(document))

    def _now(self) -> datetime:
        return self._clock.now()

    def _take(self, request: httpx.Request) -> httpx.Response:
        who, kind, form = self._going
        headers = "\n".join(f"{name.decode()}: {value.decode()}" for name, value in request.headers.raw)
        self.note(who, "sent", kind, form, f"{request.method} {request.url}", headers, body=request.content)
        message = request.headers["Idempotency-Key"]
        answer = write_json({"acknowledgement": f"REF-{message}", "message_id": message})
        return httpx.Response(202, stream=httpx.ByteStream(answer))


class _Mail:
    """A mail server that takes everything."""

    def __init__(self, outlet: Outlet) -> None:
        self.send = outlet.send_mail


def herald(named: Path, outlet: Outlet, desk: Desk) -> Herald:
    """Return what tells the persons of the file at *named*, in the words they are told in."""
    return Herald(
        persons=read_persons(named),
        mail=cast("SmtpMail", _Mail(outlet)),
        webhook=cast("Webhook", outlet),
        tokens=None,
        console="https://console.nowhere.example",
        headings={code: words.heading for code, words in desk.policy.reasons.items()},
    )
