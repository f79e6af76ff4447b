"""Does anybody answer at an address, and until when does their certificate hold? Nothing is sent but a TLS greeting."""

import socket
import ssl
from datetime import UTC, datetime
from urllib.parse import urlsplit

from gateway.errors import PartnerUnavailableError

_PORTS = {"https": 443, "http": 80}


def probe(url: str, *, seconds: float, context: ssl.SSLContext | None = None) -> datetime | None:
    """Return when the certificate shown at *url* runs out, UTC, or None where there is none because it is plain HTTP.

    Raises:
        PartnerUnavailableError: nobody answers there in time, nobody vouches for them, or it is no address; with code
            `unreachable`, `timeout`, `untrusted` or `bad-endpoint`.
    """
    scheme, host, port = _address(url)
    try:
        with socket.create_connection((host, port), timeout=seconds) as plain:
            return _expiry(plain, host, context) if scheme == "https" else None
    except TimeoutError as error:
        raise PartnerUnavailableError("nobody answers there in time", code="timeout") from error
    except ssl.SSLError as error:
        raise PartnerUnavailableError("nobody vouches for who answers there", code="untrusted") from error
    except OSError as error:
        raise PartnerUnavailableError("nobody answers there", code="unreachable") from error


def _address(url: str) -> tuple[str, str, int]:
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname or "", parts.port or _PORTS[parts.scheme]
    except (ValueError, KeyError) as error:
        raise PartnerUnavailableError("no address of ours", code="bad-endpoint") from error


def _expiry(plain: socket.socket, host: str, context: ssl.SSLContext | None) -> datetime:
    with (context or ssl.create_default_context()).wrap_socket(plain, server_hostname=host) as connection:
        shown = connection.getpeercert() or {}
        return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), tz=UTC)
