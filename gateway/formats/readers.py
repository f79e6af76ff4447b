"""How do the bytes of each format become what its schema and the mappings look at?"""

from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Protocol, cast

from gateway.errors import PermanentError, SchemaViolationError, UnsupportedFormatError
from gateway.formats.annex_a import read_list
from gateway.formats.content_type import ContentType, parse_content_type
from gateway.formats.ctf import read_ctf
from gateway.formats.episode_xml import read_episode
from gateway.formats.form_post import FILES, read_post, tells_alone
from gateway.formats.history import read_header
from gateway.formats.json import read_json, read_json_again, write_json
from gateway.formats.limits import Limits
from gateway.formats.local_names import gathered
from gateway.formats.moj_forms import noticed_in, submission_of
from gateway.formats.pupil_rows import RECORD, Report
from gateway.formats.register import ANNEX_A_LISTS, Format, Reader
from gateway.formats.school_csv import read_school_csv
from gateway.formats.superstar import read_report, read_report_again, refuse_failed_report
from gateway.formats.warning import GateWarning
from gateway.formats.xml import Element, parse, parse_again
from gateway.formats.xml_encoding import check_charset, to_utf8
from gateway.model.document import DOCUMENTS
from gateway.model.tree import Group, Tree

_JSON = "application/json"
_RECORD = "ecaf.episode"
_XML = frozenset({Reader.SUPERSTAR, Reader.CTF, Reader.EPISODE_XML})


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
    return _READERS[fmt.reader](body, declared_of(fmt, content_type), limits)


def declared_of(fmt: Format, content_type: str | None) -> ContentType | None:
    """Return what the sender says *fmt* is sent as, if anything.

    Raises:
        UnsupportedFormatError: that is not one of the format's media types; code `unsupported-media-type`.
    """
    declared = parse_content_type(content_type)
    if declared is not None and declared.media not in fmt.media_types:
        message = f"{fmt.name} is taken as {' or '.join(fmt.media_types)}"
        raise UnsupportedFormatError(message, code="unsupported-media-type")
    return declared


def read_again(fmt: Format, body: bytes, *, content_type: str | None, limits: Limits) -> Raw:
    """Return what `read` returned of *body* before, asking less: the very same bytes are as harmless as they were.

    Raises:
        MalformedMessageError: `read` never took it.
        TooLargeError: likewise.
    """
    if fmt.reader in _XML:
        return Raw(checked=parse_again(body))
    declared = parse_content_type(content_type)
    if fmt.reader is Reader.SCHOOL_CSV or fmt.reader in ANNEX_A_LISTS:
        return _READERS[fmt.reader](body, declared, limits)
    if fmt.reader is Reader.FLAT and not _is_json(body, declared):
        return Raw(checked=read_post(body, limits=limits, declared=declared).fields)
    return Raw(checked=read_json_again(body))


def tree_of(fmt: Format, checked: Tree | Element, *, limits: Limits) -> Group:
    """Return what the mappings look at, for every format but those of several records.

    Raises:
        SchemaViolationError: the document is no group of named parts, or has something twice that there is one of.
        MalformedMessageError: a part that is written in another notation is not in it.
    """
    match checked:
        case dict() if fmt.reader is Reader.FLAT:
            return {name: _texts(value, keeps_groups=name == FILES) for name, value in checked.items()}
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


def as_kept(fmt: Format, body: bytes, *, content_type: str | None, limits: Limits) -> bytes:
    """Return *body* as it may be stored: without its sender's secrets, and telling by itself what *content_type* told.

    The content type is not stored. A form post that would read otherwise without it is kept as JSON of its fields.
    What cannot be read is returned as it came.
    """
    declared = parse_content_type(content_type)
    if fmt.reader is not Reader.FLAT or declared is None or declared.media == _JSON:
        return without_secrets(fmt, body, limits=limits)
    try:
        is_alike = tells_alone(body, declared) and not _is_json(body, None)
        return body if is_alike else write_json(read_post(body, limits=limits, declared=declared).fields)
    except PermanentError:
        return body


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
    return _of_report(raw.report or read_report(cast("Element", raw.checked)))


def parts_again(fmt: Format, raw: Raw) -> Parts:
    """Return what `parts_of` returned of a document before, its warnings apart: they have been told.

    Raises:
        SchemaViolationError: `parts_of` never took it.
    """
    if fmt.reader is Reader.SUPERSTAR:
        return _of_report(read_report_again(cast("Element", raw.checked)))
    return parts_of(fmt, raw)


def _of_report(report: Report) -> Parts:
    pupils = tuple(Part(key=one.key, tree={RECORD: list(one.rows)}, rows=one.numbers) for one in report.pupils)
    return Parts(parts=pupils, whole=report.as_tree(), warnings=report.warnings, tells_contacts=report.tells_contacts)


def _json(body: bytes, declared: ContentType | None, limits: Limits) -> Raw:
    check_utf8(declared)
    return Raw(checked=read_json(body, limits=limits))


def check_utf8(declared: ContentType | None) -> None:
    """Refuse JSON that is declared to be in anything but UTF-8.

    Raises:
        UnsupportedFormatError: it is; code `unsupported-media-type`.
    """
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
    raw = _xml(body, declared, limits)
    refuse_failed_report(cast("Element", raw.checked))
    return raw


def _xml(body: bytes, declared: ContentType | None, limits: Limits) -> Raw:
    root = parse(body, limits=limits)
    if declared is not None and declared.charset is not None:
        check_charset(to_utf8(body).codec, declared.charset)
    return Raw(checked=root)


def _history(body: bytes, declared: ContentType | None, limits: Limits) -> Raw:
    check_utf8(declared)
    return Raw(checked=read_header(body, limits=limits))


def _school_csv(body: bytes, declared: ContentType | None, limits: Limits) -> Raw:
    report = read_school_csv(body, declared=declared, limits=limits)
    return Raw(checked=report.as_tree(), report=report)


def _annex_a(body: bytes, declared: ContentType | None, limits: Limits, *, number: int) -> Raw:
    report = read_list(number, body, declared=declared, limits=limits)
    return Raw(checked=report.as_tree(), report=report)


def _texts(value: Tree, *, keeps_groups: bool) -> list[Tree]:
    """Return the texts of one name of a flat form, or its files; what should not be there is written out."""
    if isinstance(value, list):
        return [item if keeps_groups and isinstance(item, dict) else _text(item) for item in value]
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
    Reader.SCHOOL_CSV: _school_csv,
    Reader.CTF: _xml,
    Reader.EPISODE_XML: _xml,
    Reader.HISTORY: _history,
    **{reader: partial(_annex_a, number=number) for reader, number in ANNEX_A_LISTS.items()},
}
