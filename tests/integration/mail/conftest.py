"""A real mail server on the loopback interface, with a certificate of its own."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from gateway.demo.engines.ports import free_port
from gateway.demo.engines.rabbitmq import Certificates
from tests.engines.certificates import make_certificates

USER, PASSWORD = "ecaf-gateway", "correct horse"


@dataclass
class Post:
    """What came in, and what the server says to it."""

    letters: list[tuple[list[str], str, bool]] = field(default_factory=list)
    """To whom, the text as it came, and whether the way was encrypted."""
    says: str = "250 OK"

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  # its name there
        if self.says.startswith("250"):
            self.letters.append((list(envelope.rcpt_tos), envelope.content.decode(), session.ssl is not None))
        return self.says


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


def may_enter(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: LoginPassword) -> AuthResult:
    return AuthResult(success=(given.login, given.password) == (USER.encode(), PASSWORD.encode()))


@pytest.fixture
def guarded_port(post: Post, certificates: Certificates) -> Iterator[int]:
    """A server that wants STARTTLS first, and a user after it."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificates.server, certificates.server_key)
    more = {"tls_context": context, "require_starttls": True, "auth_required": True, "authenticator": may_enter}
    with running(post, **more) as port:
        yield port


@pytest.fixture
def plain_port(post: Post) -> Iterator[int]:
    """A server that knows no encryption."""
    with running(post) as port:
        yield port


@contextmanager
def running(post: Post, **more: Any) -> Iterator[int]:
    port = free_port()
    server = Controller(post, hostname="127.0.0.1", port=port, **more)
    server.start()
    try:
        yield port
    finally:
        server.stop()
