"""What if a client offers to speak another protocol? It is answered in ours, which a server may (RFC 9110, 7.8).

The server's parser takes whatever follows such a head for the other protocol's bytes, and so the body would be lost.
Java's own client offers HTTP/2 with every first request that does not go over TLS.
"""

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_FRAMING = frozenset({b"content-length", b"transfer-encoding"})
_UNSOUND = "Invalid HTTP request received."


class OfferedProtocol(HttpToolsProtocol):
    """The server's protocol, deaf to offers of others."""

    def data_received(self, data: bytes) -> None:
        """Read *data*: after a head with an offer, by a parser that has heard of none."""
        self._unset_keepalive_if_required()
        try:
            while data:
                data = self._feed(data)
        except httptools.HttpParserError:
            self.logger.warning(_UNSOUND)
            self.send_400_response(_UNSOUND)

    def on_message_complete(self) -> None:
        """End the request, unless its body is still to be read because its head had an offer."""
        if not self.parser.should_upgrade():
            super().on_message_complete()

    def _feed(self, data: bytes) -> bytes:
        """Read *data* as far as a head with an offer, and return what comes after it."""
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as offer:
            self._go_on()
            return data[offer.args[0] :]
        return b""

    def _go_on(self) -> None:
        """Go on behind a head that has been read, as if nothing had been offered in it."""
        framing = b"".join(b"%s: %s\r\n" % header for header in self.headers if header[0] in _FRAMING)
        self.parser = httptools.HttpRequestParser(_BehindHead(self))
        self.parser.feed_data(b"POST / HTTP/1.1\r\n" + framing + b"\r\n")


class _BehindHead:
    """Tells a protocol what its parser finds, but for the first head: of that it knows."""

    def __init__(self, protocol: HttpToolsProtocol) -> None:
        self._protocol = protocol
        self._is_known = True

    def on_message_begin(self) -> None:
        if not self._is_known:
            self._protocol.on_message_begin()

    def on_url(self, url: bytes) -> None:
        if not self._is_known:
            self._protocol.on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._is_known:
            self._protocol.on_header(name, value)

    def on_headers_complete(self) -> None:
        if not self._is_known:
            self._protocol.on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._protocol.on_body(body)

    def on_message_complete(self) -> None:
        self._is_known = False
        self._protocol.on_message_complete()
