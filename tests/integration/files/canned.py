"""What does a server say that lies, drips or never ends? What the test put into it, to whatever it is asked."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Thread

Answer = Callable[[socket.socket], None]


@dataclass
class Canned:
    """Holds one answer, and every request it was asked."""

    listener: socket.socket
    answer: Answer
    asked: list[str] = field(default_factory=list)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                Thread(target=self._speak, args=(connection,), daemon=True).start()

    def _speak(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head:
                head += connection.recv(65536)
            self.asked.append(head.decode())
            self.answer(connection)


@contextmanager
def canned(answer: Answer) -> Iterator[Canned]:
    """Give a server that has one answer, and end it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Canned(listener, answer)
        Thread(target=server.serve, daemon=True).start()
        yield server
        listener.shutdown(socket.SHUT_RDWR)


def says(status: str, body: str = "", *headers: str) -> Answer:
    """Return an answer that comes whole."""
    head = "\r\n".join((f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers))
    return lambda connection: connection.sendall(f"{head}\r\n\r\n{body}".encode())


def begins(*pieces: bytes, pause: float = 0.0, again: bool = False) -> Answer:
    """Return an answer of which some pieces come, the last again and again if *again*, and then nothing more."""

    def answer(connection: socket.socket) -> None:
        for piece in pieces:
            connection.sendall(piece)
        while again:
            time.sleep(pause)
            connection.sendall(pieces[-1])

    return answer
