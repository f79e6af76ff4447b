"""May this document come in, and which record messages does it hold?

The gate asks for size, encoding, well-formedness and shape, in this order, before anything is acknowledged. What the
values mean is asked later, by the mappings. A large document of several records is read as a stream, never held.
"""

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from gateway.errors import SchemaViolationError, TooLargeError
from gateway.formats.body import Body, Held, whole
from gateway.formats.contents import Head, Listed, Span, read_entries, read_head, write_contents
from gateway.formats.history import Line, header_of, lines_of, read_line_again, read_lines, read_lines_again, repeated
from gateway.formats.identifiable import tells_of_a_child
from gateway.formats.large import read_large_xml, records_of
from gateway.formats.large_csv import read_large_csv, rows_of
from gateway.formats.limits import Limits, check_length
from gateway.formats.readers import (
    Parts,
    Raw,
    check_utf8,
    declared_of,
    parts_again,
    parts_of,
    read,
    read_again,
    tree_of,
    with_local_names_gathered,
)
from gateway.formats.recoding import refuse_empty
from gateway.formats.register import HOLDS_SEVERAL, STREAMED, Format, Reader
from gateway.formats.schema_register import SchemaRegister, Violation, refuse
from gateway.formats.warning import FewWarnings, GateWarning
from gateway.formats.xml import Element
from gateway.model.soundness import doubts
from gateway.model.tree import Group, Tree

_RECORD = "ecaf.episode"
_NEVER_STOPPED = "mash.referral"
"""The document a machine must not stop because of its form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A document that may come in.

    Shape: `records` is how many record messages `split` will find. A warning of code `schema` means: not the agreed
    shape, taken all the same, for a person to put right. `contents` is there where the document is too large to be
    held: it gives, piece by piece, the table of contents by which `split_large` finds its records; `tree` then holds
    what the document says once for all of them.
    """

    format: Format
    tree: Tree
    records: int
    warnings: tuple[GateWarning, ...]
    contents: Callable[[], Iterator[bytes]] | None = None

    @property
    def needs_correction(self) -> bool:
        """Tell whether a person must put the document right, because its shape is not the agreed one."""
        return any(warning.code == "schema" for warning in self.warnings)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSource:
    """One record message of a document, before translation.

    Shape: `position` counts from 0. `key` is the sender's own name for the record, or empty; it can be personal. `rows`
    are the rows of the document it was made of, where there are several records in one. `tells_contacts` says whether
    the document lists contacts, so that one who is not among the record's is one the sender no longer has.
    """

    position: int
    key: str
    tree: Group
    rows: tuple[int, ...] = ()
    tells_contacts: bool = False


def gate(
    fmt: Format, body: bytes | Body, *, content_type: str | None, schemas: SchemaRegister, limits: Limits
) -> Checked:
    """Return *body* as a document of *fmt* that may come in.

    Raises:
        UnsupportedFormatError: the content type is not one of the format's; code `unsupported-media-type`.
        MalformedMessageError: the bytes are not the format.
        TooLargeError: over a limit.
        SchemaViolationError: not the agreed shape, unless it is a referral that tells of a child.
    """
    if is_large(fmt, body, limits=limits):
        stream = Held(body) if isinstance(body, bytes) else body
        return _checked_large(fmt, stream, content_type=content_type, schemas=schemas, limits=limits)
    content = _held(body, limits)
    raw = read(fmt, content, content_type=content_type, limits=limits)
    if fmt.reader is Reader.HISTORY:
        return _checked_history(fmt, content, tree_of(fmt, raw.checked, limits=limits), schemas, limits)
    warnings = (*raw.warnings, *_shape_warnings(fmt, raw, schemas.violations(fmt.schema, raw.checked), limits))
    if fmt.reader not in HOLDS_SEVERAL:
        tree = tree_of(fmt, raw.checked, limits=limits)
        return Checked(format=fmt, tree=tree, records=1, warnings=(*warnings, *_doubts(fmt, tree, "")))
    found = parts_of(fmt, raw)
    return Checked(format=fmt, tree=found.whole, records=len(found.parts), warnings=(*warnings, *found.warnings))


def is_large(fmt: Format, body: bytes | Body, *, limits: Limits) -> bool:
    """Tell whether a document is read as a stream: it is long, and holds records one can take apart."""
    size = len(body) if isinstance(body, bytes) else body.size_bytes
    return size > limits.whole_bytes and fmt.reader in STREAMED


def split_large(
    fmt: Format, body: Body, contents: Callable[[], Iterator[bytes]], *, start: int = 0
) -> Iterator[RecordSource]:
    """Return the record messages of a large document from the one at position *start* on, each read as it is asked for.

    Shape: *contents* gives the pieces of the table of contents the gate made of it, from the first on.

    Raises:
        MalformedMessageError: the gate never took it.
        IntegrityError: the table of contents is none of ours.
    """
    head = read_head(next(contents(), b""))
    entries = islice(read_entries(contents()), start, None)
    if fmt.reader is Reader.HISTORY:
        for position, entry in enumerate(entries, start=start):
            tree = read_line_again(body.span(entry.spans[0].start, entry.spans[0].length))
            yield RecordSource(position=position, key=entry.key, tree=with_local_names_gathered(tree))
        return
    trees = rows_of(body, head, entries) if fmt.reader is Reader.SCHOOL_CSV else records_of(fmt, body, head, entries)
    for position, (entry, tree) in enumerate(trees, start=start):
        rows = tuple(one.number for one in entry.spans)
        yield RecordSource(position=position, key=entry.key, tree=tree, rows=rows, tells_contacts=head.tells_contacts)


def split(
    fmt: Format, body: bytes, *, limits: Limits, start: int = 0, content_type: str | None = None
) -> Iterator[RecordSource]:
    """Return the record messages of a document the gate has taken, from the one at position *start* on.

    A sealed original opens only as the bytes it was, and about those the gate has asked. Nothing else may come here: a
    document that the gate never took is not sure to be refused.

    Raises:
        MalformedMessageError: the gate never took it.
        SchemaViolationError: likewise.
        TooLargeError: likewise.
    """
    if fmt.reader is Reader.HISTORY:
        return _episodes(body, start)
    raw = read_again(fmt, body, content_type=content_type, limits=limits)
    several = fmt.reader in HOLDS_SEVERAL
    records = _several(parts_again(fmt, raw)) if several else _whole(fmt, raw.checked, limits)
    return (record for record in records if record.position >= start)


def _shape_warnings(
    fmt: Format, raw: Raw, violations: tuple[Violation, ...], limits: Limits
) -> tuple[GateWarning, ...]:
    """Return *violations* as warnings where the document must be taken all the same, else refuse it."""
    if not violations:
        return ()
    if fmt.document != _NEVER_STOPPED or not _is_a_child_told_of(fmt, raw, limits):
        refuse(violations)
    return tuple(
        GateWarning(path=violation.place.path or "", code="schema", message=violation.message)
        for violation in violations
    )


def _is_a_child_told_of(fmt: Format, raw: Raw, limits: Limits) -> bool:
    try:
        return tells_of_a_child(tree_of(fmt, raw.checked, limits=limits))
    except SchemaViolationError:
        return False


def _several(found: Parts) -> Iterator[RecordSource]:
    for position, part in enumerate(found.parts):
        yield RecordSource(
            position=position, key=part.key, tree=part.tree, rows=part.rows, tells_contacts=found.tells_contacts
        )


def _held(body: bytes | Body, limits: Limits) -> bytes:
    """Return a document in one piece, which is the only way to read it."""
    if isinstance(body, bytes):
        return body
    check_length(body.size_bytes, limits=limits)
    if body.size_bytes > limits.held_bytes:
        raise TooLargeError(f"a document of this format has at most {limits.held_bytes} bytes")
    return whole(body)


def _checked_large(
    fmt: Format, body: Body, *, content_type: str | None, schemas: SchemaRegister, limits: Limits
) -> Checked:
    declared = declared_of(fmt, content_type)
    if fmt.reader is Reader.HISTORY:
        check_utf8(declared)
        return _large_history(fmt, body, schemas, limits)
    if fmt.reader is Reader.SCHOOL_CSV:
        found = read_large_csv(fmt, body, declared=declared, schemas=schemas, limits=limits)
    else:
        charset = declared.charset if declared is not None else None
        found = read_large_xml(fmt, body, charset=charset, schemas=schemas, limits=limits)
    head = found.head
    return Checked(format=fmt, tree={}, records=head.records, warnings=head.warnings, contents=found.contents)


def _large_history(fmt: Format, body: Body, schemas: SchemaRegister, limits: Limits) -> Checked:
    check_length(body.size_bytes, limits=limits)
    refuse_empty(body)
    header = header_of(next(lines_of(body, limits=limits)), limits=limits)
    warnings, keys, index = FewWarnings(), list[str](), Listed(limits.record_bytes)
    for line in _history_lines(fmt, lines_of(body, limits=limits), schemas, limits):
        if len(keys) >= limits.records:
            raise TooLargeError(f"more than {limits.records} records", code="too-many")
        keys.append(line.key)
        index.add(line.key, Span(line.row, line.start, line.length))
        for one in _doubts(fmt, with_local_names_gathered(line.tree), f"[{line.row}]."):
            warnings[f"{one.path}/{one.code}"] = one
    twice = FewWarnings()
    for one in repeated(keys):
        twice[one.path] = one
    head = Head(records=len(keys), header=header, warnings=(*twice.told(), *warnings.told()))
    contents = lambda: write_contents(head, index)  # noqa: E731  # as short as it is
    return Checked(format=fmt, tree=header, records=len(keys), warnings=head.warnings, contents=contents)


def _history_lines(fmt: Format, lines: Iterable[bytes], schemas: SchemaRegister, limits: Limits) -> Iterator[Line]:
    """Return the episodes of a history, each of them in the agreed shape."""
    for line in read_lines(lines, limits=limits):
        violations = schemas.violations(fmt.schema, line.tree)
        refuse(tuple(replace(one, place=replace(one.place, row=line.row)) for one in violations))
        yield line


def _checked_history(fmt: Format, body: bytes, header: Group, schemas: SchemaRegister, limits: Limits) -> Checked:
    """Return a history whose every line is in the agreed shape; no more than one line is held at a time."""
    keys: list[str] = []
    warnings: list[GateWarning] = []
    for line in _history_lines(fmt, io.BytesIO(body), schemas, limits):
        keys.append(line.key)
        warnings += _doubts(fmt, with_local_names_gathered(line.tree), f"[{line.row}].")
    return Checked(format=fmt, tree=header, records=len(keys), warnings=(*repeated(keys), *warnings))


def _doubts(fmt: Format, tree: Group, above: str) -> Iterator[GateWarning]:
    """Yield what cannot be right in an early-help record; what no field can hold at all is the mapping's to tell."""
    document = tree.get("document")
    if fmt.document != _RECORD or not isinstance(document, dict):
        return
    try:
        found = doubts(document)
    except SchemaViolationError:
        return
    for one in found:
        yield GateWarning(path=f"{above}document.{one.path}", code=one.code, message=one.message)


def _episodes(body: bytes, start: int) -> Iterator[RecordSource]:
    for line in read_lines_again(body, start=start):
        yield RecordSource(position=line.row - 1, key=line.key, tree=with_local_names_gathered(line.tree))


def _whole(fmt: Format, checked: Tree | Element, limits: Limits) -> Iterator[RecordSource]:
    tree = tree_of(fmt, checked, limits=limits)
    key = tree.get(fmt.reference or "reference")
    yield RecordSource(position=0, key=key if isinstance(key, str) else "", tree=tree)
