"""How large, deep and numerous may an input be?"""

from dataclasses import dataclass

from gateway.errors import MalformedMessageError, TooLargeError


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds every reader keeps. Settings of the process fill them; these are the shipped defaults."""

    size_bytes: int = 20 * 2**20
    depth: int = 100
    """Levels of nesting; the root counts as one."""
    nodes: int = 500_000
    """Elements of XML; groups, lists and their members of JSON; fields of a form post. A school's whole export of
    1,000 pupils, eight rows each with forty columns, has 320,000. Of a document that is read as a stream: of one
    record or row, and of what stands beside the records."""
    attributes: int = 200
    """Attributes and namespace declarations of one XML element."""
    text_length: int = 10_000_000
    """Characters of one text: an attached document of 7 MB in base64. The XML parser itself allows no more."""
    digits: int = 19
    """Digits of one JSON number: a signed 64-bit integer has nineteen."""
    whole_bytes: int = 4 * 2**20
    """Documents up to this size are read in one piece, which is quicker; longer ones as a stream, if their format holds
    several records. Unit: bytes."""
    record_bytes: int = 20 * 2**20
    """One record of a document that is read as a stream, and all that stands beside the records. Unit: bytes."""
    records: int = 10_000_000
    """Records, or rows, of a document that is read as a stream: where each lies is kept while it is read, some twenty
    bytes for a row."""
    held_bytes: int = 200 * 2**20
    """A document of a format that cannot be read as a stream. Unit: bytes."""


def check_size(body: bytes, *, limits: Limits) -> None:
    """Refuse a body that is empty or too large.

    Raises:
        TooLargeError: more bytes than allowed.
        MalformedMessageError: nothing, or nothing but white space; code `empty`.
    """
    check_length(len(body), limits=limits)
    if not body or body.isspace():
        raise MalformedMessageError("the body is empty", code="empty")


def check_length(size_bytes: int, *, limits: Limits) -> None:
    """Refuse a body that is too large.

    Raises:
        TooLargeError: more bytes than allowed.
    """
    if size_bytes > limits.size_bytes:
        raise TooLargeError(f"the body has {size_bytes} bytes; at most {limits.size_bytes} are taken")
