"""Is this an e-mail? Forms are not taken by e-mail, and nothing of one is kept."""

import re
from itertools import takewhile

from gateway.errors import ByMailError

_MEDIA = frozenset({"message/rfc822", "message/global", "application/mbox", "application/vnd.ms-outlook"})
_ENDINGS = (".eml", ".emlx", ".mbox", ".msg")
_HEAD_BYTES = 8192
_FIELD = re.compile(rb"(?:from |(?P<name>[!-9;-~]{1,76}):)", re.IGNORECASE)
_OF_MAIL = frozenset(
    {
        *(b"received", b"return-path", b"delivered-to", b"message-id", b"mime-version", b"dkim-signature"),
        *(b"from", b"to", b"cc", b"subject", b"date", b"reply-to", b"sender"),
    }
)
_ENOUGH = 3
"""So many different fields of a letter's head are no accident."""
_WORDS = (
    "forms are not taken by e-mail, and nothing of this one was kept: send the form itself over HTTPS, put it into "
    "your organisation's drop folder, or use the council's secure form; /docs shows how"
)


def refuse_mail(body: bytes, *, content_type: str | None = None, file_name: str | None = None) -> None:
    """Return if *body* is no e-mail, by what it is said to be, what it is called, and how it begins.

    Raises:
        ByMailError: it is one.
    """
    if _is_said_to_be(content_type) or is_called_mail(file_name) or _begins_as(body):
        raise ByMailError(_WORDS)


def is_called_mail(file_name: str | None) -> bool:
    """Tell whether a file is called as mail programs call the letters they save."""
    return file_name is not None and file_name.casefold().endswith(_ENDINGS)


def _is_said_to_be(content_type: str | None) -> bool:
    return content_type is not None and content_type.partition(";")[0].strip().casefold() in _MEDIA


def _begins_as(body: bytes) -> bool:
    """Tell whether *body* begins with the head of a letter (Source: RFC 5322, 2.2): fields, a line each."""
    head = body[:_HEAD_BYTES].removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    if _FIELD.match(head) is None:
        return False
    names = {field["name"].lower() for line in _head_of(head) if (field := _FIELD.match(line)) and field["name"]}
    return len(names & _OF_MAIL) >= _ENOUGH


def _head_of(text: bytes) -> list[bytes]:
    """Return the lines up to the first empty one."""
    return list(takewhile(bool, text.splitlines()))
