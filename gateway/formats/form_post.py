"""What does a form post hold?

Every value is kept, in the order they came: real forms send the same name several times (three address lines, parallel
lists of children), so repeated names are legal here, unlike in JSON.

Source: WHATWG URL, application/x-www-form-urlencoded; RFC 7578, multipart/form-data.
"""

import re
from base64 import b64encode
from dataclasses import dataclass
from typing import cast
from urllib.parse import unquote_to_bytes

from gateway.errors import MalformedMessageError, Place, TooLargeError
from gateway.formats.content_type import ContentType, codec_of, parse_content_type
from gateway.formats.limits import Limits, check_size
from gateway.formats.multipart import Part, parts_of
from gateway.formats.warning import GateWarning
from gateway.model.tree import Group, Tree

MULTIPART = "multipart/form-data"
FILES = "attached_files"
"""Where the files of a post stand: a name that no form asks a question under."""
_GUESSES = ("utf-8", "cp1252")
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9.+-]+/[A-Za-z0-9.+-]+")
_HALF_ESCAPE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class FormPost:
    """A form post: each name with the list of its values, and what was noticed on the way."""

    fields: Group
    warnings: tuple[GateWarning, ...]


@dataclass(frozen=True, slots=True)
class _Field:
    """One field before its letters are known. `file` holds the bytes where it is a file; its value is then its name."""

    name: bytes
    value: bytes
    codec: str | None
    file: bytes | None = None
    media_type: bytes = b""


def read_form(body: bytes, *, limits: Limits, content_type: str | None) -> Group:
    """Return each name with the list of its values, in the order they came; see `read_post` for the errors."""
    return read_post(body, limits=limits, declared=parse_content_type(content_type)).fields


def read_post(body: bytes, *, limits: Limits, declared: ContentType | None) -> FormPost:
    """Return the fields of *body*, and warnings about what could not be read beyond doubt.

    A file among the fields stands under `FILES`, its bytes in base64, and its name is the answer to its field; one that
    is empty or too long for that is not carried, and a warning says so. Without a declared charset UTF-8 is tried, then
    windows-1252 with a warning.

    Raises:
        MalformedMessageError: empty, no form, cut off, not in the charset declared, U+0000.
        TooLargeError: over a limit of size, number or length.
        UnsupportedFormatError: a charset we do not read.
    """
    check_size(body, limits=limits)
    declared = declared or _sniff(body)
    codec = codec_of(declared.charset) if declared.charset else None
    reader = _multipart if declared.media == MULTIPART else _urlencoded
    return _post(reader(body, declared, codec, limits), limits)


def tells_alone(body: bytes, declared: ContentType) -> bool:
    """Tell whether a form post is sure to read without its content type as it does with it.

    Raises:
        UnsupportedFormatError: a charset we do not read.
    """
    alone = _sniff(body)
    is_same = (alone.media, alone.boundary) == (declared.media, declared.boundary)
    return is_same and (declared.charset is None or codec_of(declared.charset) == _GUESSES[0])


def _sniff(body: bytes) -> ContentType:
    """Return what *body* looks like: a file in a watched folder comes without a content type."""
    first, line_end, _ = body.partition(b"\r\n")
    if line_end and first.startswith(b"--"):
        return ContentType(media=MULTIPART, boundary=first[2:])
    return ContentType(media="application/x-www-form-urlencoded")


def _urlencoded(body: bytes, _declared: ContentType, codec: str | None, limits: Limits) -> list[_Field]:
    body = body.strip()
    if b"=" not in body:
        raise MalformedMessageError("not a form post: there is no name=value in it")
    if b"%" in body[-_HALF_ESCAPE:]:
        raise MalformedMessageError("the form post ends in the middle: was it cut off?", code="cut-off")
    if body.count(b"&") >= limits.nodes:
        raise TooLargeError(f"more than {limits.nodes} fields", code="too-many")
    pairs = (pair.partition(b"=") for pair in body.replace(b"+", b" ").split(b"&") if pair)
    return [_Field(unquote_to_bytes(name), unquote_to_bytes(value), codec) for name, _, value in pairs]


def _multipart(body: bytes, declared: ContentType, codec: str | None, limits: Limits) -> list[_Field]:
    if declared.boundary is None:
        raise MalformedMessageError("multipart/form-data needs its boundary in the Content-Type")
    fields = (_of_part(part, codec) for part in parts_of(body, declared.boundary, limit=limits.nodes))
    return [field for field in fields if field.file is None or field.value]


def _of_part(part: Part, codec: str | None) -> _Field:
    """Return a part as a field. A file box left empty comes as a file without name and content."""
    charset = part.charset
    if part.file_name is not None:
        name = part.file_name or (b"file" if part.content else b"")
        return _Field(part.name, name, codec, file=part.content, media_type=part.media_type)
    return _Field(part.name, part.content, codec_of(charset) if charset else codec)


def _post(fields: list[_Field], limits: Limits) -> FormPost:
    group: Group = {}
    warnings: dict[GateWarning, None] = {}
    for number, field in enumerate(fields, start=1):
        name, _ = _text(field.name, field.codec, number)
        value, is_guessed = _text(field.value, field.codec, number)
        if len(value) > limits.text_length:
            raise TooLargeError(f"a text is longer than {limits.text_length} characters", place=Place(path=name))
        cast("list[Tree]", group.setdefault(name, [])).append(value)
        if field.file is not None and 0 < len(field.file) <= limits.text_length * 3 // 4:
            cast("list[Tree]", group.setdefault(FILES, [])).append(_attached(field, field.file, value))
        elif field.file is not None:
            warnings[_file_warning(name)] = None
        if is_guessed:
            warnings[_guess_warning(name)] = None
    return FormPost(fields=group, warnings=tuple(warnings))


def _text(raw: bytes, codec: str | None, number: int) -> tuple[str, bool]:
    """Return the letters of *raw*, and whether their encoding was a guess."""
    for guess in (codec,) if codec else _GUESSES:
        try:
            text = raw.decode(guess)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            raise MalformedMessageError(f"field {number} holds U+0000", code="bad-text")
        return text, codec is None and guess != _GUESSES[0]
    raise MalformedMessageError(f"field {number} is not in the charset it should be in", code="encoding")


def _attached(field: _Field, content: bytes, file_name: str) -> Group:
    """Return a file as a document that was attached; what its sender says it is is kept where that is plain text."""
    media_type = field.media_type.decode("ascii", "replace")
    kind: Group = {"media_type": media_type} if _MEDIA_TYPE.fullmatch(media_type) else {}
    return {"file_name": file_name, **kind, "content": b64encode(content).decode()}


def _file_warning(name: str) -> GateWarning:
    message = (
        "a file that is empty or too long came with the form; its name is kept, its content in the sealed original"
    )
    return GateWarning(path=name, code="file-not-carried", message=message)


def _guess_warning(name: str) -> GateWarning:
    message = "no charset is declared and this is not UTF-8: read as windows-1252"
    return GateWarning(path=name, code="encoding-guessed", message=message)
