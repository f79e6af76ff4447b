"""What becomes of a message whose properties the library cannot read? It has none, and costs nobody anything.

A partner may put anything into the headers of a message: a time in the year 584 billion, a number that is none, a
thousand tables in each other. The library fails on them, and with it the connection: the message would come again at
once, with everybody else's, until all of them had come too often and lay with the dead letters.
"""

import struct

from pika import SelectConnection
from pika.exceptions import AMQPError
from pika.frame import Frame, Header, ProtocolHeader
from pika.spec import FRAME_END_SIZE, FRAME_HEADER, FRAME_HEADER_SIZE, BasicProperties

_UNREADABLE = (ValueError, ArithmeticError, RecursionError, struct.error, AMQPError)
_START = struct.Struct(">BHL")
_BODY_SIZE = struct.Struct(">xxxxQ")


class SturdyConnection(SelectConnection):
    """A connection that survives properties it cannot read. A test with a real broker holds that it does."""

    def _read_frame(self) -> tuple[int, Frame | ProtocolHeader | None]:
        """Return how many bytes the next frame has, and the frame; one of unreadable properties without them."""
        try:
            return super()._read_frame()  # type: ignore[misc, no-any-return]  # its types leave out what is inside
        except _UNREADABLE:
            frame: bytes = self._frame_buffer  # type: ignore[attr-defined]  # as above
            kind, channel, size = _START.unpack_from(frame)
            if kind != FRAME_HEADER:
                raise
            (body_size,) = _BODY_SIZE.unpack_from(frame, FRAME_HEADER_SIZE)
            return FRAME_HEADER_SIZE + size + FRAME_END_SIZE, Header(channel, body_size, BasicProperties())
