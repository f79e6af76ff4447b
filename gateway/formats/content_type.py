"""What does the sender say the body is?"""

from dataclasses import dataclass
from functools import lru_cache

from python_multipart.multipart import parse_options_header

from gateway.errors import UnsupportedFormatError

_CHARSETS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "utf-8",
    "iso-8859-1": "cp1252",  # as browsers read it (Source: WHATWG Encoding, labels of windows-1252)
    "latin1": "cp1252",
    "windows-1252": "cp1252",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentType:
    """A `Content-Type`: the media type in lower case, and the parameters that matter here."""

    media: str
    charset: str | None = None
    boundary: bytes | None = None


@lru_cache(maxsize=32)  # senders say the same again and again
def parse_content_type(header: str | None) -> ContentType | None:
    """Return what *header* says, or None where it says nothing."""
    if header is None or not header.strip():
        return None
    media, parameters = parse_options_header(header.encode("utf-8", "replace"))
    charset = parameters.get(b"charset")
    return ContentType(
        media=media.decode("utf-8", "replace"),
        charset=charset.decode("utf-8", "replace").lower() if charset else None,
        boundary=parameters.get(b"boundary") or None,
    )


def codec_of(charset: str) -> str:
    """Return Python's name of a declared charset.

    Raises:
        UnsupportedFormatError: one we do not read; code `unsupported-media-type`.
    """
    codec = _CHARSETS.get(charset)
    if codec is None:
        message = "the declared charset is not one of UTF-8, ISO-8859-1 and windows-1252"
        raise UnsupportedFormatError(message, code="unsupported-media-type")
    return codec
