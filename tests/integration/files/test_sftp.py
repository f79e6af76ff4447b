"""Does what only an SFTP server has keep to the rules: links, modes, pinned keys? The server is OpenSSH's own.

What holds for every kind of server is in `test_far_shelves.py`.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.adapters.files.sftp_connection import SftpPlace
from gateway.adapters.files.sftp_shelf import SftpShelf
from gateway.errors import PartnerUnavailableError
from tests.engines.sshd import SshServer, make_key, ssh_server
from tests.integration.files.elsewhere import FORM, REPORT, Elsewhere
from tests.integration.files.grounds import SftpGround


@pytest.fixture(scope="module")
def server() -> Iterator[SshServer]:
    with ssh_server() as running:
        yield running


@pytest.fixture
def ground(server: SshServer, tmp_path: Path) -> SftpGround:
    return SftpGround(server, tmp_path / "out of their hands")


@pytest.fixture
def elsewhere(ground: SftpGround) -> Elsewhere:
    return Elsewhere(ground)


def test_a_link_is_not_followed(elsewhere: Elsewhere, ground: SftpGround, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(REPORT)
    (ground.root / FORM / "report.xml").symlink_to(tmp_path / "secret")

    elsewhere.settle()

    assert elsewhere.hands.taken == []
    assert elsewhere.report("report.xml.refused.json")["problem"]["code"] == "not-a-file"


def test_only_we_may_look_at_what_is_being_taken(elsewhere: Elsewhere, ground: SftpGround) -> None:
    elsewhere.put("report.xml")
    elsewhere.settle()

    assert (ground.root / ".taking").stat().st_mode & 0o077 == 0


def _code(elsewhere: Elsewhere, place: SftpPlace) -> str:
    with pytest.raises(PartnerUnavailableError) as caught:
        elsewhere.watching(SftpShelf(place, seconds=10)).look()
    return caught.value.code


def test_another_server_at_the_address_is_told_nothing(
    elsewhere: Elsewhere, ground: SftpGround, tmp_path: Path
) -> None:
    kind, key, *_ = make_key(tmp_path / "another").with_suffix(".pub").read_text().split()
    elsewhere.put("report.xml")
    before = (ground.server.told.count("Accepted publickey"), ground.server.told.count("Failed publickey"))

    code = _code(elsewhere, replace(ground.place, host_key=f"{kind} {key}"))

    assert code == "host-key"
    assert (
        ground.server.told.count("Accepted publickey"),
        ground.server.told.count("Failed publickey"),
    ) == before


def test_a_server_that_does_not_know_our_key_lets_us_not_in(
    elsewhere: Elsewhere, ground: SftpGround, tmp_path: Path
) -> None:
    assert _code(elsewhere, replace(ground.place, key_file=make_key(tmp_path / "unknown"))) == "login"


def test_a_private_key_that_others_can_read_is_not_used(
    elsewhere: Elsewhere, ground: SftpGround, tmp_path: Path
) -> None:
    key = make_key(tmp_path / "open")
    key.chmod(0o640)

    assert _code(elsewhere, replace(ground.place, key_file=key)) == "key"


@pytest.mark.parametrize("content", [None, b"", b"-----BEGIN OPENSSH PRIVATE KEY-----\nTestina\n"])
def test_a_key_file_without_a_key_is_told_and_never_shown(
    elsewhere: Elsewhere, ground: SftpGround, tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "no-key"
    file.write_bytes(content or b"")
    file.chmod(0o600)

    place = replace(ground.place, key_file=file if content is not None else tmp_path / "x")

    with pytest.raises(PartnerUnavailableError) as caught:
        elsewhere.watching(SftpShelf(place, seconds=10)).look()

    assert caught.value.code == "key"
    assert "Testina" not in str(caught.value)


def test_a_server_that_is_away_is_told_as_such_and_found_again(elsewhere: Elsewhere, ground: SftpGround) -> None:
    elsewhere.put("report.xml")
    ground.server.stop()
    code = _code(elsewhere, ground.place)
    ground.server.start()

    assert code == "unreachable"
    assert elsewhere.settle() == 1
