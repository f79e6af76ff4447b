"""In which letters is a CSV file written, whatever its length?

A file says nothing of its encoding. A byte order mark settles it; else what is UTF-8 through and through is UTF-8, and
anything else can only be windows-1252, which is what older Windows programs write. A file that is partly the one and
partly the other is refused: whichever were taken, names would be spoilt in silence. So it is read through once, piece
by piece, before anything of it is taken.
"""

import codecs
import re
from dataclasses import dataclass

from gateway.errors import MalformedMessageError, Place
from gateway.formats.body import Body
from gateway.formats.content_type import ContentType, codec_of

_UTF8, _CP1252 = "utf-8", "cp1252"
_UTF8_MARK = b"\xef\xbb\xbf"
_OTHER_MARKS = (b"\xff\xfe", b"\xfe\xff")
_CUT_LETTER = "unexpected end of data"
_UTF8_INSIDE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_LONGEST_LETTER = 4
_NO_CHARSET: frozenset[str | None] = frozenset({None, _UTF8})


@dataclass(frozen=True, slots=True, kw_only=True)
class Letters:
    """What a file is read as: `utf-8-sig` (with its mark), `utf-8` or `cp1252`."""

    codec: str
    is_guessed: bool = False

    @property
    def mark_bytes(self) -> int:
        """Return how many bytes come before the first letter."""
        return len(_UTF8_MARK) if self.codec == "utf-8-sig" else 0

    @property
    def plain(self) -> str:
        """Return the encoding of what stands behind the mark, by Python's name."""
        return _UTF8 if self.mark_bytes else self.codec


class _Trial:
    """Reads a file in one encoding and remembers the first byte that is no letter of it."""

    def __init__(self, codec: str) -> None:
        self._codec = codec
        self._decoder = codecs.getincrementaldecoder(codec)()
        self._fault: MalformedMessageError | None = None
        self._is_blank = True

    @property
    def is_sound(self) -> bool:
        """Tell whether all of it so far is in this encoding."""
        return self._fault is None

    @property
    def ends_in_a_letter(self) -> bool:
        """Tell whether the only fault is that the last letter is not whole."""
        return self._fault is not None and self._fault.code == "cut-off"

    def feed(self, piece: bytes, line: int, *, is_last: bool = False) -> None:
        """Read some more, which begins on this *line*."""
        if self._fault is not None:
            return
        try:
            text = self._decoder.decode(piece, is_last)
        except UnicodeDecodeError as error:
            found: bytes = error.object
            self._fault = _fault_of(error, self._codec, line + found.count(b"\n", 0, error.start))
        else:
            self._is_blank = self._is_blank and (not text or text.isspace())

    def refuse(self) -> None:
        """Return if the file may be taken as this.

        Raises:
            MalformedMessageError: code `encoding`, `cut-off` or `empty`.
        """
        if self._fault is not None:
            raise self._fault
        if self._is_blank:
            raise MalformedMessageError("the body is empty", code="empty")


class _Reading:
    """What one look at all pieces of a file tells."""

    def __init__(self, body: Body, skipped: int) -> None:
        """Read *body* through, but for the first *skipped* bytes.

        Raises:
            MalformedMessageError: it holds U+0000; code `bad-text`.
        """
        self.trials = {codec: _Trial(codec) for codec in (_UTF8, _CP1252)}
        self.is_ascii, self.has_utf8 = True, False
        line, before, left = 1, b"", skipped
        for piece in body.pieces():
            rest, left = piece[left:], max(0, left - len(piece))
            _refuse_zero(rest, line)
            for trial in self.trials.values():
                trial.feed(rest, line)
            if not rest.isascii():
                self.is_ascii = False
                self.has_utf8 = self.has_utf8 or _UTF8_INSIDE.search(before + rest) is not None
            before = (before + rest[1 - _LONGEST_LETTER :])[1 - _LONGEST_LETTER :]
            line += rest.count(b"\n")
        for trial in self.trials.values():
            trial.feed(b"", line, is_last=True)


def find_letters(body: Body, *, declared: ContentType | None) -> Letters:
    """Return in which letters *body* is written, which is not empty.

    Raises:
        MalformedMessageError: an encoding we do not read, not what is declared, two encodings in one file, cut off in
            the middle of a letter, U+0000, nothing but white space.
        UnsupportedFormatError: a declared charset that we do not read.
    """
    start = body.span(0, min(len(_UTF8_MARK), body.size_bytes))
    if start.startswith(_OTHER_MARKS):
        raise _encoding("UTF-16 is not taken for CSV; save it as CSV UTF-8", line=1)
    read = _Reading(body, len(_UTF8_MARK) if start == _UTF8_MARK else 0)
    charset = codec_of(declared.charset) if declared is not None and declared.charset else None
    if start == _UTF8_MARK and charset not in _NO_CHARSET:
        raise _encoding("the Content-Type and the byte order mark name different encodings", line=1)
    found = Letters(codec="utf-8-sig") if start == _UTF8_MARK else _without_mark(read, charset)
    read.trials[found.plain].refuse()
    return found


def _without_mark(read: _Reading, charset: str | None) -> Letters:
    utf8 = read.trials[_UTF8]
    if charset == _CP1252 and not read.is_ascii and utf8.is_sound:
        raise _encoding("the Content-Type says windows-1252 and the letters are UTF-8", line=1)
    # What is taken as windows-1252 is read again without its content type, and must read alike.
    if charset == _UTF8 or utf8.is_sound or utf8.ends_in_a_letter:
        return Letters(codec=_UTF8)
    if read.has_utf8:
        raise _encoding("some letters are UTF-8 and others are not: it was put together of two files", line=None)
    return Letters(codec=_CP1252, is_guessed=charset is None)


def _refuse_zero(piece: bytes, line: int) -> None:
    if b"\0" in piece:
        message = "the file holds U+0000: is it UTF-16, or a spreadsheet and no CSV? Save it as CSV UTF-8"
        place = Place(line=line + piece.count(b"\n", 0, piece.index(b"\0")))
        raise MalformedMessageError(message, code="bad-text", place=place)


def _fault_of(error: UnicodeDecodeError, codec: str, line: int) -> MalformedMessageError:
    if error.reason == _CUT_LETTER:
        message = "the file ends in the middle of a letter: was it cut off?"
        return MalformedMessageError(message, code="cut-off", place=Place(line=line))
    return _encoding(f"a byte that is no letter of {codec}", line=line)


def _encoding(message: str, *, line: int | None) -> MalformedMessageError:
    return MalformedMessageError(message, code="encoding", place=Place(line=line))
