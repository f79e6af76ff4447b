"""Which parts has a multipart/form-data body?

Source: RFC 2046, 5.1 (delimiters) and RFC 7578 (form-data). Small enough to be strict about: a part begins behind a
delimiter line and ends before the next, and the last delimiter says that nothing was cut off.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from python_multipart.multipart import parse_options_header

from gateway.errors import MalformedMessageError, TooLargeError

_BOUNDARY_LENGTH_LIMIT = 70
_NEW_LINE = b"\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part. `file_name` is None unless the part is a file; `media_type` is what its sender says it is."""

    name: bytes
    content: bytes
    file_name: bytes | None
    charset: str | None
    media_type: bytes = b""


def parts_of(body: bytes, boundary: bytes, *, limit: int) -> Iterator[Part]:
    """Return the parts of *body* in their order.

    Raises:
        MalformedMessageError: not multipart with this boundary, cut off, or a part without a name.
        TooLargeError: more than *limit* parts.
    """
    delimiter = _NEW_LINE + b"--" + boundary
    text = _NEW_LINE + body
    if not 0 < len(boundary) <= _BOUNDARY_LENGTH_LIMIT or delimiter not in text:
        raise MalformedMessageError("not multipart/form-data with the boundary declared")
    if text.count(delimiter) > limit:
        raise TooLargeError(f"more than {limit} parts", code="too-many")
    for piece in text.split(delimiter)[1:]:
        if piece.startswith(b"--"):
            return
        yield _part(piece.lstrip(b" \t"))
    raise MalformedMessageError("the form post ends in the middle: was it cut off?", code="cut-off")


def _part(piece: bytes) -> Part:
    """Return the part between two delimiters: a new line, headers, an empty line, the content."""
    head, blank, content = piece.partition(_NEW_LINE + _NEW_LINE)
    if not blank:
        raise MalformedMessageError("the form post ends in the middle: was it cut off?", code="cut-off")
    headers = dict(_header(line) for line in head.split(_NEW_LINE) if line)
    kind, options = parse_options_header(headers.get(b"content-disposition"))
    if not head.startswith(_NEW_LINE) or kind != b"form-data" or b"name" not in options:
        raise MalformedMessageError("a part of the form post has no name")
    media_type, of_content = parse_options_header(headers.get(b"content-type"))
    charset = of_content.get(b"charset")
    return Part(
        name=options[b"name"],
        content=content,
        file_name=options.get(b"filename"),
        charset=charset.decode("ascii", "replace").lower() if charset else None,
        media_type=media_type,
    )


def _header(line: bytes) -> tuple[bytes, bytes]:
    name, _, value = line.partition(b":")
    return name.strip().lower(), value.strip()
