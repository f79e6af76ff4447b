"""What does a real clamd say, and is whatever goes wrong with it an answer that lets nothing through?"""

import io
import socket
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.adapters.clamd.address import ClamdAddress, parse_address
from gateway.adapters.clamd.client import Clamd
from gateway.demo.engines.ports import free_port
from gateway.errors import TransientError
from gateway.flows.delivering.scanner import Clean, Malware, Unsaid
from tests.engines.clamav import SIGNATURE, STREAM_BYTES, ClamdServer, eicar

HARMLESS = b"%PDF-1.4 an invented letter about nobody"


@pytest.fixture(scope="module")
def server() -> Iterator[ClamdServer]:
    """A clamd for this module, on a socket and on a port."""
    server = ClamdServer.made()
    port = free_port()
    server.start(TCPSocket=str(port), TCPAddr="127.0.0.1")
    (server.folder / "port").write_text(str(port))
    yield server
    server.remove()


def zipped(content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("letter.txt", content)
    return packed.getvalue()


def test_a_harmless_document_is_clean(server: ClamdServer) -> None:
    assert server.client().scan(HARMLESS) == Clean()


def test_an_empty_document_is_clean(server: ClamdServer) -> None:
    assert server.client().scan(b"") == Clean()


def test_malware_is_found_and_named(server: ClamdServer) -> None:
    assert server.client().scan(eicar()) == Malware(signature=SIGNATURE)


def test_malware_is_found_in_an_archive(server: ClamdServer) -> None:
    assert server.client().scan(zipped(eicar())) == Malware(signature=SIGNATURE)


def test_malware_is_found_beyond_the_first_chunk(server: ClamdServer) -> None:
    assert server.client().scan(b"A" * 200_000 + eicar()) == Malware(signature=SIGNATURE)


def test_it_is_reached_over_loopback_too(server: ClamdServer) -> None:
    port = (server.folder / "port").read_text()
    client = Clamd(parse_address(f"tcp:127.0.0.1:{port}"), seconds=10, limit_bytes=STREAM_BYTES)

    assert client.trouble() is None
    assert client.scan(eicar()) == Malware(signature=SIGNATURE)


def test_a_document_longer_than_we_may_show_is_not_shown(server: ClamdServer) -> None:
    assert server.client(limit_bytes=10).scan(eicar()) == Unsaid(code="too-large-to-scan")


@pytest.mark.parametrize("more", [1, 4 * STREAM_BYTES], ids=["by a byte", "by far"])
def test_a_document_longer_than_clamd_takes_is_never_called_clean(server: ClamdServer, more: int) -> None:
    """It hangs up in the middle of the stream, after saying why."""
    client = server.client(limit_bytes=2**30)

    assert client.scan(bytes(STREAM_BYTES + more)) == Unsaid(code="too-large-to-scan")


def test_it_answers_and_says_which_it_is(server: ClamdServer) -> None:
    client = server.client()

    assert client.trouble() is None
    assert client.version().name.startswith("ClamAV 1.")
    assert client.version().signatures_at is None, "our one signature has no date"


def test_one_that_was_ended_is_away_and_one_that_is_back_answers() -> None:
    server = ClamdServer.made()
    client = server.client()
    try:
        server.start()
        server.stop()
        assert (client.trouble(), client.scan(HARMLESS)) == ("scanner-away", Unsaid(code="scanner-away", is_away=True))

        server.start()
        assert (client.trouble(), client.scan(HARMLESS)) == (None, Clean())
    finally:
        server.remove()


@contextmanager
def listening(folder: Path, serve: Callable[[socket.socket], None]) -> Iterator[ClamdAddress]:
    """Give the address of something that is not clamd, and does with each connection what it is told."""
    path = folder / "odd.ctl"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        thread = threading.Thread(target=_serve_once, args=(listener, serve))
        thread.start()
        try:
            yield ClamdAddress(path=str(path))
        finally:
            thread.join(10)


def _serve_once(listener: socket.socket, serve: Callable[[socket.socket], None]) -> None:
    listener.settimeout(10)
    connection, _ = listener.accept()
    with connection:
        connection.settimeout(10)
        serve(connection)


def says(answer: bytes) -> Callable[[socket.socket], None]:
    """Return what answers *answer*, once it has heard something."""

    def serve(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(answer)

    return serve


def says_nothing(connection: socket.socket) -> None:
    """Listen until the other side gives up."""
    while connection.recv(65536):
        continue


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        pytest.param(b"stream: Access denied. ERROR\0", "scanner-failed", id="an error"),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n", "scanner-failed", id="a web server"),
        pytest.param(b"stream: OK, I think\0", "scanner-failed", id="nearly clean"),
        pytest.param(b"OK\0", "scanner-failed", id="another command's answer"),
        pytest.param(b"", "scanner-broken-off", id="nothing at all"),
    ],
)
def test_only_what_clamd_says_of_a_clean_stream_makes_one_clean(tmp_path: Path, answer: bytes, code: str) -> None:
    with listening(tmp_path, says(answer)) as address:
        verdict = Clamd(address, seconds=5, limit_bytes=100).scan(HARMLESS)

    assert verdict == Unsaid(code=code)


def test_one_that_hangs_is_not_waited_for_without_end(tmp_path: Path) -> None:
    with listening(tmp_path, says_nothing) as address:
        verdict = Clamd(address, seconds=0.3, limit_bytes=100).scan(HARMLESS)

    assert verdict == Unsaid(code="scanner-silent")


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        pytest.param(b"ClamAV 1.4.3/27500/Fri Nov 20 08:25:27 2026\0", "2026-11-20T08:25:27+00:00", id="dated"),
        pytest.param(b"ClamAV 1.4.3/27500/Fri Nov  6 08:25:27 2026\0", "2026-11-06T08:25:27+00:00", id="one digit"),
    ],
)
def test_the_age_of_its_signatures_is_read(tmp_path: Path, answer: bytes, told: str) -> None:
    with listening(tmp_path, says(answer)) as address:
        version = Clamd(address, seconds=5, limit_bytes=100).version()

    assert version.signatures_at is not None
    assert (version.name, version.signatures_at.isoformat()) == ("ClamAV 1.4.3", told)


def test_who_is_not_clamd_has_no_version(tmp_path: Path) -> None:
    with listening(tmp_path, says(b"220 mail.example ESMTP\r\n")) as address, pytest.raises(TransientError):
        Clamd(address, seconds=5, limit_bytes=100).version()
