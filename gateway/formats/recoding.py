"""How does a stream of bytes become a stream of UTF-8, and how long was a part of it before?

The same rules as for a document in one piece (`gateway.formats.xml_encoding`), kept piece by piece.
"""

import codecs
from collections.abc import Iterator

from gateway.errors import MalformedMessageError, Place
from gateway.formats.body import Body
from gateway.formats.xml_encoding import HEAD_BYTES, Start, refuse_controls, refused_letter, start_of


class Recoder:
    """One document on its way to UTF-8, its declaration made true.

    Shape: `codec` is what it comes in, by Python's name. `skipped` is how many bytes of it come before what stands
    behind `prolog` in the stream of `pieces`.
    """

    def __init__(self, body: Body) -> None:
        """Look at how *body* starts.

        Raises:
            MalformedMessageError: an encoding outside the list, a byte order mark and a declaration that contradict
                each other, or a version other than 1.0.
        """
        self._body = body
        self._start: Start = start_of(body.span(0, HEAD_BYTES))
        self.codec = self._start.codec
        self.skipped = self._start.skipped + self._start.declared * len("<".encode(self.codec))
        self.prolog = self._start.ours

    def pieces(self) -> Iterator[bytes]:
        """Return the document as UTF-8.

        Raises:
            MalformedMessageError: bytes that are not in the encoding declared.
        """
        if self.prolog:
            yield self.prolog
        decoder, lines = codecs.getincrementaldecoder(self.codec)(), 1
        left = self.skipped
        for piece in self._body.pieces():
            text, left = self._decoded(decoder, piece[left:], lines, is_last=False), max(0, left - len(piece))
            lines += text.count("\n")
            yield text.encode()
        self._decoded(decoder, b"", lines, is_last=True)

    def length_before(self, utf8: bytes) -> int:
        """Return how many bytes a part of the stream, of whole letters, was in the document itself."""
        if self.codec == "utf-8":
            return len(utf8)
        return len(utf8.decode().encode(self.codec))

    def _decoded(self, decoder: codecs.IncrementalDecoder, piece: bytes, lines: int, *, is_last: bool) -> str:
        try:
            text = decoder.decode(piece, is_last)
        except UnicodeDecodeError as error:
            found: bytes = error.object
            place = Place(line=lines + found.count(b"\n", 0, error.start))
            raise refused_letter(error, self.codec, place, is_at_the_end=is_last) from None
        refuse_controls(text, self.codec)
        return text


def is_blank(body: Body) -> bool:
    """Tell whether there is nothing in a document but white space."""
    return all(piece.isspace() for piece in body.pieces())


def refuse_empty(body: Body) -> None:
    """Refuse a document that is empty.

    Raises:
        MalformedMessageError: nothing, or nothing but white space; code `empty`.
    """
    if is_blank(body):
        raise MalformedMessageError("the body is empty", code="empty")
