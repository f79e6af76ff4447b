"""Does an e-mail leave encrypted, once, and say plainly why it does not?"""

import email
from pathlib import Path
from typing import Any

import pytest

from gateway.adapters.mail.smtp import MailServer, SmtpMail
from gateway.demo.engines.ports import free_port
from gateway.demo.engines.rabbitmq import Certificates
from gateway.errors import GatewayError, PermanentError, TransientError
from tests.fakes.clock import SteppedClock
from tests.integration.mail.conftest import PASSWORD, USER, Post


@pytest.fixture
def password(tmp_path: Path) -> Path:
    file = tmp_path / "smtp.password"
    file.write_text(f"{PASSWORD}\n")
    return file


def mail(port: int, **more: Any) -> SmtpMail:
    told: dict[str, Any] = {"security": "none", "sender": "gateway@nowhere.example", "seconds": 3.0, **more}
    return SmtpMail(MailServer(host="127.0.0.1", port=port, **told), SteppedClock())


def send(one: SmtpMail) -> None:
    one.send("duty@nowhere.example", "Something is due", "Reference: rev_1", message_id="cal_1")


def code_of_sending(one: SmtpMail, kind: type[GatewayError]) -> str:
    with pytest.raises(kind) as refused:
        send(one)
    return refused.value.code


def test_a_letter_leaves_encrypted_and_by_name(
    guarded_port: int, certificates: Certificates, password: Path, post: Post
) -> None:
    safe = {"security": "starttls", "authority": certificates.authority, "user": USER, "password_file": password}

    send(mail(guarded_port, **safe))

    ((to, text, is_encrypted),) = post.letters
    letter = email.message_from_string(text)
    assert is_encrypted
    assert to == ["duty@nowhere.example"]
    assert letter["Message-ID"] == "<cal_1@nowhere.example>"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert "Reference: rev_1" in text


def test_nothing_is_said_to_a_server_nobody_vouches_for(guarded_port: int, password: Path, post: Post) -> None:
    unknown = {"security": "starttls", "user": USER, "password_file": password}

    assert code_of_sending(mail(guarded_port, **unknown), PermanentError) == "mail-unsafe"
    assert post.letters == []


def test_nothing_is_said_to_a_server_without_encryption(plain_port: int, post: Post) -> None:
    assert code_of_sending(mail(plain_port, security="starttls"), PermanentError) == "mail-unsafe"
    assert post.letters == []


@pytest.mark.parametrize(
    ("says", "kind", "code"),
    [
        pytest.param("451 later", TransientError, "mail-later", id="later"),
        pytest.param("554 never", PermanentError, "mail-refused", id="never"),
    ],
)
def test_what_a_server_says_decides_whether_it_is_asked_again(
    plain_port: int, post: Post, says: str, kind: type[GatewayError], code: str
) -> None:
    post.says = says

    assert code_of_sending(mail(plain_port), kind) == code


def test_a_server_that_is_away_is_asked_again() -> None:
    assert code_of_sending(mail(free_port()), TransientError) == "mail-unreachable"
