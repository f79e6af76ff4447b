"""Who is told by name when something waits too long, and how is it said to them?

The file is deploy/named-persons.example.toml. What is sent holds no content: our reference, why it waits in a few
words, by when, and the console's address.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from gateway.adapters.http.webhook import Webhook
from gateway.adapters.mail.smtp import MailServer, SmtpMail
from gateway.app.settings import Settings, SettingsError
from gateway.conversations.duties import DUTIES
from gateway.errors import GatewayError, PermanentError, TransientError
from gateway.flows.ports import Clock
from gateway.flows.store.call_repository import Call
from gateway.model.tree import Group

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_ROLES = (
    *("MASH_MANAGER", "MASH_SCREENER", "IG_OFFICER", "CAF_COORDINATOR", "DSL", "INTEGRATION_ENGINEER"),
    *("AUDITOR", "ADMINISTRATOR"),
)
_REVIEW = "rev_"
_PORTS = {"starttls": 587, "tls": 465}


def _safe_address(url: str) -> str:
    parts = urlsplit(url)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if not is_safe or not parts.hostname or parts.username or parts.password or parts.fragment:
        raise ValueError("write an https address without user, password or fragment")
    return url


class Person(BaseModel):
    """One person who is told, by e-mail, webhook or both."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
    roles: Annotated[tuple[str, ...], Field(min_length=1)]
    email: Annotated[str, Field(pattern=r"^[^@\s<>,;]{1,64}@[A-Za-z0-9.-]{1,190}$")] | None = None
    webhook: Annotated[str, AfterValidator(_safe_address)] | None = None
    token_file: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")] | None = None

    @model_validator(mode="after")
    def _can_be_told(self) -> Self:
        if self.email is None and self.webhook is None:
            raise ValueError("write an email, a webhook, or both")
        odd = sorted(set(self.roles) - set(_ROLES))
        if odd:
            raise ValueError(f"no such role: {odd[0]}; there are {', '.join(_ROLES)}")
        return self


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    person: tuple[Person, ...] = ()

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        keys = [one.key for one in self.person]
        if len(set(keys)) < len(keys):
            raise ValueError("two persons have one key")
        return self


def read_persons(path: Path | None) -> Mapping[str, Person]:
    """Return the named persons of the file at *path*, by their keys; none, where there is no file.

    Raises:
        SettingsError: the file cannot be read, or says something odd; the message holds no address.
    """
    if path is None:
        return {}
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        found = _File.model_validate(table)
    except OSError as error:
        raise SettingsError(f"GATEWAY_NAMED_PERSONS_FILE: cannot be read: {type(error).__name__}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path.name}: not TOML in UTF-8 ({type(error).__name__})") from error
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise SettingsError(f"{path.name}: {where}: {first['msg'].removeprefix('Value error, ')}") from None
    return {one.key: one for one in found.person}


def keys_by_role(persons: Mapping[str, Person]) -> dict[str, tuple[str, ...]]:
    """Return the keys of those who are told for each role, in the order of the file."""
    return {role: keys for role in _ROLES if (keys := tuple(one.key for one in persons.values() if role in one.roles))}


@dataclass(frozen=True, slots=True, kw_only=True)
class Herald:
    """Tells named persons what waits, by e-mail and webhook."""

    persons: Mapping[str, Person]
    mail: SmtpMail | None
    webhook: Webhook
    tokens: Path | None
    console: str | None
    headings: Mapping[str, str]
    """What a reason is called, by its code."""

    def tell(self, call: Call) -> None:
        """Tell the person of *call*, by every way they have; one that fails keeps nobody from trying the other.

        Raises:
            TransientError: one of the ways to them may work later.
            PermanentError: nobody has that key any more, or no way to them works.
        """
        person = self.persons.get(call.person)
        if person is None:
            raise PermanentError("nobody in the file of named persons has this key", code="no-such-person")
        ways = [way for way, address in ((self._mail, person.email), (self._hook, person.webhook)) if address]
        failed = [error for way in ways if (error := _failure_of(way, person, call)) is not None]
        again = next((error for error in failed if isinstance(error, TransientError)), None)
        if again is not None or len(failed) == len(ways):
            raise again or failed[0]

    def _mail(self, person: Person, call: Call) -> None:
        if self.mail is None:
            raise PermanentError("no mail server is set", code="no-mail-server")
        self.mail.send(str(person.email), *self.words(call), message_id=call.call_id)

    def _hook(self, person: Person, call: Call) -> None:
        token = self.tokens / person.token_file if self.tokens and person.token_file else None
        self.webhook.call(str(person.webhook), self.document(call), key=call.call_id, token_file=token)

    def words(self, call: Call) -> tuple[str, str]:
        """Return the subject and the text of an e-mail."""
        kind = "A question" if call.about.startswith(_REVIEW) else "A duty"
        due = f"{call.due_at:%Y-%m-%d %H:%M} UTC"
        lines = (
            f"{kind} waits for you, or for somebody you stand in for.",
            "",
            f"Reference: {call.about}",
            f"Why: {self.heading(call.heading)}",
            f"Due: {due}",
            f"Answer it in the console: {self.link(call) or 'you know where it is'}",
            "",
            "Do not reply: nobody reads what comes to this address. Nothing about a family is ever in such a message.",
        )
        return f"eCAF gateway: {kind.lower()} is due {due}", "\n".join(lines)

    def document(self, call: Call) -> Group:
        """Return what a webhook is told."""
        return {
            "reference": call.about,
            "heading": self.heading(call.heading),
            "due_at": call.due_at.isoformat(),
            "console": self.link(call),
        }

    def heading(self, code: str) -> str:
        """Return why something waits: a code, and what that is called; nothing that tells of a family."""
        spec = DUTIES.get(code)
        called = spec.title if spec else self.headings.get(code)
        return f"{code}: {called}" if called else code

    def link(self, call: Call) -> str | None:
        """Return the page of the console that shows it, if it is known where the console is."""
        if self.console is None:
            return None
        page = "reviews" if call.about.startswith(_REVIEW) else "duties"
        return f"{self.console.rstrip('/')}/{page}/{call.about}"


def _failure_of(way: Callable[[Person, Call], None], person: Person, call: Call) -> GatewayError | None:
    try:
        way(person, call)
    except GatewayError as error:
        return error
    return None


def herald_of(settings: Settings, persons: Mapping[str, Person], clock: Clock, headings: Mapping[str, str]) -> Herald:
    """Return what tells *persons*, as the settings say; *headings* are what reasons are called.

    Raises:
        SettingsError: somebody is to get e-mail, and no mail server is set.
    """
    if settings.smtp_host is None and any(one.email for one in persons.values()):
        raise SettingsError("GATEWAY_SMTP_HOST: a named person has an e-mail address, and no mail server is set")
    return Herald(
        persons=persons,
        mail=SmtpMail(_server(settings), clock) if settings.smtp_host else None,
        webhook=Webhook(),
        tokens=settings.partner_tokens_folder,
        console=settings.console_url,
        headings=headings,
    )


def _server(settings: Settings) -> MailServer:
    return MailServer(
        host=settings.smtp_host or "",
        port=settings.smtp_port or _PORTS.get(settings.smtp_security, _PORTS["starttls"]),
        security=settings.smtp_security,
        sender=settings.smtp_sender or "",
        user=settings.smtp_user,
        password_file=settings.smtp_password_file,
        authority=settings.smtp_authority_file,
    )
