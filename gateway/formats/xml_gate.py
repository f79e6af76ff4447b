"""Is this XML harmless enough to be handed to a parser that builds things?

One pass of expat that builds nothing and stops at the first sign of trouble. It refuses the document type at its
start, so no entity is ever declared, let alone expanded. Most documents need no such pass, because their bytes alone
rule out whatever it would find; what they do not rule out is asked of expat, never judged here.
"""

from collections.abc import Iterable
from xml.parsers import expat

from gateway.errors import MalformedMessageError, Place, TooLargeError
from gateway.formats.limits import Limits

_CUT_OFF = frozenset(
    {
        expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS],
        expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_TOKEN],
        expat.errors.codes[expat.errors.XML_ERROR_PARTIAL_CHAR],
        expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION],
    }
)


_ALL_BUT_MARKS = bytes(byte for byte in range(128) if byte not in b"<>!=?")
_ALL_BUT_ATTRIBUTES = bytes(byte for byte in range(256) if byte not in b"<=")


def is_plain(utf8: bytes, *, limits: Limits) -> bool:
    """Tell whether a document that a parser can build, and finds not too deep, is sure to pass `inspect`.

    An element starts with `<`, and each of its attributes holds a `=`. A document type starts with `<!`, a style sheet
    with `<?`, as does the declaration. Expat refuses letters in names that are newer than it; where every `<` has its
    one `>`, a letter beyond ASCII in a tag is found by leaving out all others.
    """
    marks = utf8.translate(None, _ALL_BUT_MARKS)
    starts = marks.count(b"<")
    if starts > limits.nodes or starts != marks.count(b">") or b"<!" in marks:
        return False
    if marks.count(b"<?") > utf8.startswith(b"<?xml "):
        return False
    if not marks.isascii() and b"<" in marks.translate(None, b"!=?").replace(b"<>", b""):
        return False
    return marks.count(b"=") <= limits.attributes or not _has_crowd(marks, limits.attributes)


def _has_crowd(marks: bytes, most: int) -> bool:
    """Tell whether any element may have more than *most* attributes."""
    return b"=" * (most + 1) in marks.translate(None, _ALL_BUT_ATTRIBUTES)


def inspect(utf8: bytes, *, limits: Limits) -> None:
    """Refuse what is not well-formed, carries a document type or a style sheet, or is over a limit.

    Raises:
        MalformedMessageError: one of the first three; the place is the line.
        TooLargeError: the last.
    """
    Inspector(limits).run(utf8)


def inspect_stream(pieces: Iterable[bytes], *, limits: Limits) -> None:
    """Do as `inspect` does with a document that comes in pieces."""
    inspector = Inspector(limits)
    for piece in pieces:
        inspector.feed(piece, is_last=False)
    inspector.feed(b"", is_last=True)


class Inspector:
    """Expat's handlers for one document, handed over at once or piece by piece."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._depth = 0
        self._nodes = 0
        self._namespaces = 0
        self._parser = expat.ParserCreate("utf-8", namespace_separator=" ")
        self._parser.ordered_attributes = True
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.ProcessingInstructionHandler = self._instruction
        self._parser.StartNamespaceDeclHandler = self._namespace
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def run(self, utf8: bytes) -> None:
        """Read the document once, in one piece: expat reads a large token again for every piece it comes in."""
        self.feed(utf8, is_last=True)

    def feed(self, utf8: bytes, *, is_last: bool) -> None:
        """Read the next piece of the document.

        Raises:
            MalformedMessageError: as `inspect` does.
            TooLargeError: likewise.
        """
        try:
            self._parser.Parse(utf8, is_last)
        except expat.ExpatError as error:
            place = Place(line=error.lineno)
            if error.code in _CUT_OFF:
                message = "the XML ends in the middle: was the file cut off?"
                raise MalformedMessageError(message, place=place, code="cut-off") from None
            raise MalformedMessageError(f"not well-formed XML: {expat.ErrorString(error.code)}", place=place) from None

    def _doctype(self, _name: str, _system: str | None, _public: str | None, _internal: object) -> None:
        message = "a document type declaration (DOCTYPE) is not taken"
        raise MalformedMessageError(message, place=self._place(), code="doctype")

    def _instruction(self, target: str, _data: str) -> None:
        if target == "xml-stylesheet":
            raise MalformedMessageError("a style sheet is not taken", place=self._place(), code="stylesheet")

    def _namespace(self, _prefix: str | None, _uri: str | None) -> None:
        self._namespaces += 1

    def _start(self, _name: str, attributes: list[str]) -> None:
        self._depth += 1
        self._nodes += 1
        limits = self._limits
        if self._depth > limits.depth:
            self._over(f"nested deeper than {limits.depth} levels", "too-deep")
        if self._nodes > limits.nodes:
            self._over(f"more than {limits.nodes} elements", "too-many")
        if len(attributes) // 2 + self._namespaces > limits.attributes:
            self._over(f"more than {limits.attributes} attributes on one element", "too-many")
        self._namespaces = 0

    def _end(self, _name: str) -> None:
        self._depth -= 1

    def _over(self, message: str, code: str) -> None:
        raise TooLargeError(message, place=self._place(), code=code)

    def _place(self) -> Place:
        return Place(line=self._parser.CurrentLineNumber)
