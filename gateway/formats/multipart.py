"""Which parts has a multipart/form-data body?"""

from collections.abc import Iterator
from dataclasses import dataclass

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, MultipartState, parse_options_header

from gateway.errors import MalformedMessageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part. `file_name` is None unless the part is a file."""

    name: bytes
    content: bytes
    file_name: bytes | None
    charset: str | None


def parts_of(body: bytes, boundary: bytes) -> Iterator[Part]:
    """Return the parts of *body* in their order.

    Raises:
        MalformedMessageError: not multipart, cut off, or a part without a name.
    """
    collector = _Collector()
    try:
        parser = MultipartParser(boundary, collector.callbacks())  # type: ignore[arg-type]  # its own TypedDict
        parser.write(body)
        parser.finalize()
    except FormParserError:
        raise MalformedMessageError("not multipart/form-data with the boundary declared") from None
    if parser.state != MultipartState.END:
        raise MalformedMessageError("the form post ends in the middle: was it cut off?", code="cut-off")
    return map(_part, collector.raw)


class _Collector:
    """What the parser calls: gathers headers and content of each part."""

    def __init__(self) -> None:
        self.raw: list[tuple[dict[bytes, bytes], bytearray]] = []
        self._field = bytearray()
        self._value = bytearray()

    def callbacks(self) -> dict[str, object]:
        """Return the parser's table of callbacks."""
        return {
            "on_part_begin": lambda: self.raw.append(({}, bytearray())),
            "on_part_data": lambda data, start, end: self.raw[-1][1].extend(data[start:end]),
            "on_header_field": lambda data, start, end: self._field.extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
            "on_header_end": self._header_ends,
        }

    def _header_ends(self) -> None:
        self.raw[-1][0][bytes(self._field).lower()] = bytes(self._value)
        self._field.clear()
        self._value.clear()


def _part(raw: tuple[dict[bytes, bytes], bytearray]) -> Part:
    headers, content = raw
    kind, options = parse_options_header(headers.get(b"content-disposition"))
    if kind != b"form-data" or b"name" not in options:
        raise MalformedMessageError("a part of the form post has no name")
    _, of_content = parse_options_header(headers.get(b"content-type"))
    charset = of_content.get(b"charset")
    return Part(
        name=options[b"name"],
        content=bytes(content),
        file_name=options.get(b"filename"),
        charset=charset.decode("ascii", "replace").lower() if charset else None,
    )
