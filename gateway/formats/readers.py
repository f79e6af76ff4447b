"""How do the bytes of each format become what its schema and the mappings look at?"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol, cast

from gateway.errors import MalformedMessageError, PermanentError, SchemaViolationError, UnsupportedFormatError
from gateway.formats.content_type import ContentType, parse_content_type
from gateway.formats.episode_xml import read_episode
from gateway.formats.form_post import read_post
from gateway.formats.history import read_header
from gateway.formats.json import read_json, read_json_again, write_json
from gateway.formats.limits import Limits
from gateway.formats.local_names import gathered
from gateway.formats.moj_forms import noticed_in, submission_of
from gateway.formats.register import Format, Reader
from gateway.formats.superstar import Report, read_report, refuse_failed_report
from gateway.formats.warning import GateWarning
from gateway.formats.xml import Element, parse, parse_again
from gateway.formats.xml_encoding import to_utf8
from gateway.model.document import DOCUMENTS
from gateway.model.tree import Group, Tree

_JSON = "application/json"
_RECORD = "ecaf.episode"


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """A well-formed document before anybody asked whether it has the agreed shape.

    Shape: `checked` is what the schema is asked about: an element of XML, or a tree.
    """

    checked: Tree | Element
    warnings: tuple[GateWarning, ...] = ()


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


def read_again(fmt: Format, body: bytes, *, content_type: str | None, limits: Limits) -> Tree | Element:
    """Return what `read` returned of *body* before, asking less: the very same bytes are as harmless as they were.

    Raises:
        MalformedMessageError: `read` never took it.
        TooLargeError: likewise.
    """
    if fmt.reader in {Reader.SUPERSTAR, Reader.EPISODE_XML}:
        return parse_again(body)
    declared = parse_content_type(content_type)
    if fmt.reader is Reader.FLAT and not _is_json(body, declared):
        return read_post(body, limits=limits, declared=declared).fields
    return read_json_again(body)


def tree_of(fmt: Format, checked: Tree | Element, *, limits: Limits) -> Group:
    """Return what the mappings look at, for every format but a report of several records.

    Raises:
        SchemaViolationError: the document is no group of named parts, or has something twice that there is one of.
        MalformedMessageError: a part that is written in another notation is not in it.
    """
    match checked:
        case dict() if fmt.reader is Reader.FLAT:
            return {name: _texts(value) for name, value in checked.items()}
        case dict() if fmt.reader is Reader.MOJ_FORMS:
            return submission_of(checked)
        case dict() if fmt.document == _RECORD:
            return with_local_names_gathered(checked)
        case dict():
            return checked
        case _ if fmt.reader is Reader.EPISODE_XML:
            return read_episode(cast("Element", checked), fmt.document, limits=limits)
        case _:
            raise SchemaViolationError("the document is no object with named parts (rule type)")


def with_local_names_gathered(envelope: Group) -> Group:
    """Return an early-help record's envelope with the names of local headings gathered into their lists."""
    if "document" not in envelope:
        return envelope
    return {**envelope, "document": gathered(envelope["document"], DOCUMENTS[_RECORD])}


def without_secrets(fmt: Format, body: bytes, *, limits: Limits) -> bytes:
    """Return *body* as it may be stored: without what *fmt* says is a secret of its sender.

    What cannot be read is returned as it came, because nothing can be found in it.
    """
    if not fmt.secrets:
        return body
    try:
        tree = read_json(body, limits=limits)
    except PermanentError:
        return body
    if not isinstance(tree, dict) or not tree.keys() & set(fmt.secrets):
        return body
    return write_json({name: part for name, part in tree.items() if name not in fmt.secrets})


def report_of(raw: Raw) -> Report:
    """Return the pupils of a report.

    Raises:
        SchemaViolationError: a row is not one of a SIMS report.
    """
    return read_report(cast("Element", raw.checked))


def _json(body: bytes, declared: ContentType | None, limits: Limits) -> Raw:
    _check_utf8(declared)
    return Raw(checked=read_json(body, limits=limits))


def _check_utf8(declared: ContentType | None) -> None:
    if declared is not None and declared.charset not in {None, "utf-8", "utf8"}:
        raise UnsupportedFormatError("JSON is always UTF-8", code="unsupported-media-type")


def _flat(body: bytes, declared: ContentType | None, limits: Limits) -> Raw:
    if _is_json(body, declared):
        return _json(body, declared, limits)
    post = read_post(body, limits=limits, declared=declared)
    return Raw(checked=post.fields, warnings=post.warnings)


def _is_json(body: bytes, declared: ContentType | None) -> bool:
    return declared.media == _JSON if declared is not None else body.lstrip().startswith((b"{", b"["))


def _moj_forms(body: bytes, declared: ContentType | None, limits: Limits) -> Raw:
    raw = _json(body, declared, limits)
    noticed = () if isinstance(raw.checked, Element) else tuple(noticed_in(raw.checked))
    return Raw(checked=raw.checked, warnings=noticed)


def _superstar(body: bytes, declared: ContentType | None, limits: Limits) -> Raw:
    root = parse(body, limits=limits)
    if declared is not None and declared.charset is not None:
        _check_charset(body, declared.charset)
    refuse_failed_report(root)
    return Raw(checked=root)


def _episode_xml(body: bytes, declared: ContentType | None, limits: Limits) -> Raw:
    root = parse(body, limits=limits)
    if declared is not None and declared.charset is not None:
        _check_charset(body, declared.charset)
    return Raw(checked=root)


def _history(body: bytes, declared: ContentType | None, limits: Limits) -> Raw:
    _check_utf8(declared)
    return Raw(checked=read_header(body, limits=limits))


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
    Reader.MOJ_FORMS: _moj_forms,
    Reader.SUPERSTAR: _superstar,
    Reader.EPISODE_XML: _episode_xml,
    Reader.HISTORY: _history,
}
