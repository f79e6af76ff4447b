"""A partner that answers exactly the bytes a test tells it to, as slowly as the test says, and keeps what it got."""

import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

Answer = Callable[[socket.socket], None]


@dataclass
class ScriptedPartner:
    """One listening socket; each connection gets the next answer, the last one for ever."""

    answers: list[Answer]
    requests: list[bytes] = field(default_factory=list)
    tls: ssl.SSLContext | None = None

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.02)
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        host, port = self._listener.getsockname()
        return f"{'https' if self.tls else 'http'}://{host}:{port}/take"

    def close(self) -> None:
        self._ending.set()
        self._thread.join()
        self._listener.close()

    def _run(self) -> None:
        number = 0
        while not self._ending.is_set():
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            answer = self.answers[min(number, len(self.answers) - 1)]
            number += 1
            with connection:
                self._serve(connection, answer)

    def _serve(self, plain: socket.socket, answer: Answer) -> None:
        plain.settimeout(2)
        try:
            connection = self.tls.wrap_socket(plain, server_side=True) if self.tls else plain
            with connection:
                self.requests.append(read_request(connection))
                answer(connection)
        except OSError:
            return


def read_request(connection: socket.socket) -> bytes:
    got = b""
    while b"\r\n\r\n" not in got:
        piece = connection.recv(65536)
        if not piece:
            return got
        got += piece
    head, _, body = got.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0
    )
    while len(body) < length:
        piece = connection.recv(65536)
        if not piece:
            break
        body += piece
    return head + b"\r\n\r\n" + body


def says(status: int, body: bytes = b"", *headers: str) -> Answer:
    """Answer at once, and close."""
    lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(body)}", "Connection: close", *headers, "", ""]
    return lambda connection: connection.sendall("\r\n".join(lines).encode() + body)


def says_raw(answer: bytes) -> Answer:
    """Answer any bytes at all, and close."""
    return lambda connection: connection.sendall(answer)


def drips(answer: bytes, *, every_seconds: float) -> Answer:
    """Answer one byte at a time."""

    def drip(connection: socket.socket) -> None:
        for byte in answer:
            connection.sendall(bytes([byte]))
            time.sleep(every_seconds)

    return drip


def says_nothing(seconds: float) -> Answer:
    """Keep the line open in silence."""
    return lambda _: time.sleep(seconds)


def resets(connection: socket.socket) -> None:
    """Break the connection off hard."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    connection.close()
