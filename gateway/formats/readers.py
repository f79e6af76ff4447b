"""How do the bytes of each format become what its schema and the mappings look at?"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol, cast

from gateway.errors import MalformedMessageError, SchemaViolationError, UnsupportedFormatError
from gateway.formats.content_type import ContentType, parse_content_type
from gateway.formats.ctf import read_ctf
from gateway.formats.form_post import read_post
from gateway.formats.json import read_json, write_json
from gateway.formats.limits import Limits
from gateway.formats.pupil_rows import RECORD, Report
from gateway.formats.register import Format, Reader
from gateway.formats.school_csv import read_school_csv
from gateway.formats.superstar import read_report, refuse_failed_report
from gateway.formats.warning import GateWarning
from gateway.formats.xml import Element, parse
from gateway.formats.xml_encoding import to_utf8
from gateway.model.tree import Group, Tree

_JSON = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """A well-formed document before anybody asked whether it has the agreed shape.

    Shape: `checked` is what the schema is asked about: an element of XML, or a tree. `report` is there where the reader
    had to put a report's rows together to make the tree.
    """

    checked: Tree | Element
    warnings: tuple[GateWarning, ...] = ()
    report: Report | None = None


class _Read(Protocol):
    def __call__(self, body: bytes, declared: ContentType | None, limits: Limits) -> Raw: ...


def read(fmt: Format, body: bytes, *, content_type: str | None, limits: Limits) -> Raw:
    """Return *body* read as *fmt*; a file without a content type is taken for what it looks like.

    Raises:
        UnsupportedFormatError: the content type is not one of the format's; code `unsupported-media-type`.
        MalformedMessageError: the bytes are not the format.
        TooLargeError: over a limit.
    """
    declared = parse_content_type(content_type)
    if declared is not None and declared.media not in fmt.media_types:
        message = f"{fmt.name} is taken as {' or '.join(fmt.media_types)}"
        raise UnsupportedFormatError(message, code="unsupported-media-type")
    return _READERS[fmt.reader](body, declared, limits)


def tree_of(fmt: Format, raw: Raw) -> Group:
    """Return what the mappings look at, for every format but those of several records.

    Raises:
        SchemaViolationError: the document is no group of named parts.
    """
    match raw.checked:
        case dict() if fmt.reader is Reader.FLAT:
            return {name: _texts(value) for name, value in raw.checked.items()}
        case dict():
            return raw.checked
        case _:
            raise SchemaViolationError("the document is no object with named parts (rule type)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One record of a document that holds several.

    Shape: `key` is the sender's own name for it, which can be personal; `rows` are what the document calls its rows.
    """

    key: str
    tree: Group
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The records of a document that holds several.

    Shape: `tells_contacts` says whether a contact who is in none of them is one the sender no longer has.
    """

    parts: tuple[Part, ...]
    whole: Group
    warnings: tuple[GateWarning, ...]
    tells_contacts: bool


def parts_of(fmt: Format, raw: Raw) -> Parts:
    """Return the records of a document of *fmt*, which holds several.

    Raises:
        SchemaViolationError: it is not what such documents hold.
    """
    if fmt.reader is Reader.CTF:
        file = read_ctf(cast("Element", raw.checked), fmt)
        parts = tuple(Part(key=one.key, tree=one.tree, rows=(one.number,)) for one in file.pupils)
        return Parts(parts=parts, whole=file.as_tree(), warnings=file.warnings, tells_contacts=file.tells_contacts)
    report = raw.report or read_report(cast("Element", raw.checked))
    pupils = tuple(Part(key=one.key, tree={RECORD: list(one.rows)}, rows=one.numbers) for one in report.pupils)
    return Parts(parts=pupils, whole=report.as_tree(), warnings=report.warnings, tells_contacts=report.tells_contacts)


def _json(body: bytes, declared: ContentType | None, limits: Limits) -> Raw:
    if declared is not None and declared.charset not in {None, "utf-8", "utf8"}:
        raise UnsupportedFormatError("JSON is always UTF-8", code="unsupported-media-type")
    return Raw(checked=read_json(body, limits=limits))


def _flat(body: bytes, declared: ContentType | None, limits: Limits) -> Raw:
    is_json = declared.media == _JSON if declared is not None else body.lstrip().startswith((b"{", b"["))
    if is_json:
        return _json(body, declared, limits)
    post = read_post(body, limits=limits, declared=declared)
    return Raw(checked=post.fields, warnings=post.warnings)


def _superstar(body: bytes, declared: ContentType | None, limits: Limits) -> Raw:
    raw = _xml(body, declared, limits)
    refuse_failed_report(cast("Element", raw.checked))
    return raw


def _xml(body: bytes, declared: ContentType | None, limits: Limits) -> Raw:
    root = parse(body, limits=limits)
    if declared is not None and declared.charset is not None:
        _check_charset(body, declared.charset)
    return Raw(checked=root)


def _school_csv(body: bytes, declared: ContentType | None, limits: Limits) -> Raw:
    report = read_school_csv(body, declared=declared, limits=limits)
    return Raw(checked=report.as_tree(), report=report)


def _check_charset(body: bytes, charset: str) -> None:
    """Refuse a `Content-Type` that names another charset than the document is in (Source: RFC 7303, 3)."""
    codec = to_utf8(body).codec
    names = {codec, "windows-1252"} if codec == "cp1252" else {codec, "utf-16"} if "16" in codec else {codec}
    if charset not in names:
        message = "the Content-Type and the document name different encodings"
        raise MalformedMessageError(message, code="encoding")


def _texts(value: Tree) -> list[Tree]:
    """Return the texts of one name of a flat form; what should not be there is written out, never dropped."""
    if isinstance(value, list):
        return [_text(item) for item in value]
    return [_text(value)]


def _text(value: Tree) -> str:
    match value:
        case str():
            return value
        case None:
            return ""
        case bool() | int() | Decimal() | list() | dict():
            return write_json(value).decode()


_READERS: dict[Reader, _Read] = {
    Reader.JSON: _json,
    Reader.FLAT: _flat,
    Reader.SUPERSTAR: _superstar,
    Reader.SCHOOL_CSV: _school_csv,
    Reader.CTF: _xml,
}
