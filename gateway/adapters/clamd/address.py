"""Where does clamd listen? On this very machine: what it is shown goes there in clear."""

import ipaddress
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from socket import AF_INET, AF_INET6, AF_UNIX, SOCK_STREAM, socket

_TCP = re.compile(r"tcp:(?:\[(?P<six>[0-9a-fA-F:]+)\]|(?P<four>[0-9.]+|localhost)):(?P<port>\d{1,5})")
_PORTS = range(1, 65536)
_PATH_LENGTH = 107
"""A path longer than this fits no Unix socket's address. Source: unix(7)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClamdAddress:
    """A Unix socket, by its path; or an address and port of this machine."""

    path: str | None = None
    host: str = ""
    port: int = 0

    def connect(self, seconds: float) -> socket:
        """Return an open connection, made in at most so many *seconds*.

        Raises:
            OSError: nobody listens there, or not in time.
        """
        if self.path is not None:
            family, place = AF_UNIX, self.path
            return _connected(socket(family, SOCK_STREAM), place, seconds)
        family = AF_INET6 if ":" in self.host else AF_INET
        return _connected(socket(family, SOCK_STREAM), (self.host, self.port), seconds)


def parse_address(text: str) -> ClamdAddress:
    """Return what `unix:/run/clamav/clamd.ctl` or `tcp:127.0.0.1:3310` names.

    Raises:
        ValueError: it is neither, or another machine; the message says what is expected.
    """
    if text.startswith("unix:"):
        path = PurePosixPath(text.removeprefix("unix:"))
        if not path.is_absolute() or len(str(path).encode()) > _PATH_LENGTH:
            raise ValueError(f"unix: and an absolute path of at most {_PATH_LENGTH} bytes")
        return ClamdAddress(path=str(path))
    found = _TCP.fullmatch(text)
    if found is None:
        raise ValueError("write unix:/run/clamav/clamd.ctl or tcp:127.0.0.1:3310")
    if int(found["port"]) not in _PORTS:
        raise ValueError("a port is a number from 1 to 65535")
    host = "127.0.0.1" if found["four"] == "localhost" else found["six"] or found["four"]
    if not ipaddress.ip_address(host).is_loopback:
        raise ValueError("documents are shown to a scanner on this very machine only: 127.0.0.1 or [::1]")
    return ClamdAddress(host=host, port=int(found["port"]))


def _connected(opened: socket, place: str | tuple[str, int], seconds: float) -> socket:
    try:
        opened.settimeout(seconds)
        opened.connect(place)
    except BaseException:
        opened.close()
        raise
    return opened
