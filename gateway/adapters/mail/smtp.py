"""How does an e-mail leave us? Over SMTP, encrypted, with every wait bounded."""

import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from gateway.errors import PermanentError, TransientError
from gateway.flows.ports import Clock

_PERMANENT_FROM = 500
Connect = Callable[[], smtplib.SMTP]


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where mail is handed in.

    Shape: `security` is `starttls`, `tls`, or `none`, which only a server on this very machine may have. `authority` is
    the certificate of whoever vouches for the server, None for the system's authorities.
    Units: seconds.
    """

    host: str
    port: int
    security: str
    sender: str
    user: str | None = None
    password_file: Path | None = None
    authority: Path | None = None
    seconds: float = 15.0


@dataclass(frozen=True, slots=True)
class SmtpMail:
    """Hands mail in, one connection a message: there are few, and no server keeps an idle one."""

    server: MailServer
    clock: Clock

    def send(self, to: str, subject: str, text: str, *, message_id: str) -> None:
        """Hand one message in; a repeat has the same id, so that a reader shows it once.

        Raises:
            TransientError: the server cannot be reached, or takes it later (code `mail-unreachable`, `mail-later`).
            PermanentError: it will not take it, or does not encrypt (code `mail-refused`, `mail-unsafe`).
        """
        letter = EmailMessage()
        letter["From"], letter["To"], letter["Subject"] = self.server.sender, to, subject
        letter["Date"] = format_datetime(self.clock.now())
        letter["Message-ID"] = f"<{message_id}@{self.server.sender.rpartition('@')[2]}>"
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(text)
        try:
            with self._connected() as connection:
                connection.send_message(letter)
        except smtplib.SMTPNotSupportedError:
            raise PermanentError("the mail server offers no encryption", code="mail-unsafe") from None
        except smtplib.SMTPResponseException as error:
            raise _answered(error.smtp_code) from None
        except smtplib.SMTPRecipientsRefused as error:
            raise _answered(max(code for code, _ in error.recipients.values())) from None
        except ssl.SSLCertVerificationError:
            raise PermanentError("the mail server is not the one it should be", code="mail-unsafe") from None
        except (OSError, smtplib.SMTPException):
            raise TransientError("the mail server cannot be reached", code="mail-unreachable") from None

    def _connected(self) -> smtplib.SMTP:
        server = self.server
        context = ssl.create_default_context(cafile=str(server.authority) if server.authority else None)
        if server.security == "tls":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=server.seconds, context=context
            )
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=server.seconds)
        try:
            if server.security == "starttls":
                connection.starttls(context=context)
            if server.user is not None and server.password_file is not None:
                connection.login(server.user, server.password_file.read_text(encoding="utf-8").strip())
        except BaseException:
            connection.close()
            raise
        return connection


def _answered(code: int) -> PermanentError | TransientError:
    """Return the error that a server's answer stands for; its words are not in it."""
    if code >= _PERMANENT_FROM:
        return PermanentError(f"the mail server answered {code}", code="mail-refused")
    return TransientError(f"the mail server answered {code}", code="mail-later")
