"""May a document come in that is too large to be held, and how are its records found again?

It is read through once. Each record is asked for what a whole document is asked for and is let go of; what is kept of
it is where it lies. So memory does not grow with the document, but for its table of contents.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from lxml import etree

from gateway.errors import SchemaViolationError, TooLargeError
from gateway.formats import ctf, superstar
from gateway.formats.body import PIECE_BYTES, Body
from gateway.formats.contents import Entry, Gathered, Head, Index, Listed, Span, write_contents
from gateway.formats.framing import Cut, Framer, OtherRootError, closing
from gateway.formats.limits import Limits, check_length
from gateway.formats.pupil_rows import RECORD, Gathering
from gateway.formats.recoding import Recoder, refuse_empty
from gateway.formats.register import Format, Reader
from gateway.formats.schema_register import SchemaRegister, Violation, refuse
from gateway.formats.warning import FewWarnings
from gateway.formats.xml import Element, check_lengths, parse, parse_again
from gateway.formats.xml_encoding import check_charset
from gateway.formats.xml_gate import inspect_stream
from gateway.model.tree import Group

_BATCH_BYTES = PIECE_BYTES // 4
PATHS = {Reader.SUPERSTAR: (superstar.ROOT, RECORD), Reader.CTF: (ctf.ROOT, ctf.DATA, ctf.PUPIL)}
"""The elements from the root to a record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Large:
    """A large document that may come in. `contents` gives its table of contents, piece by piece."""

    head: Head
    contents: Callable[[], Iterator[bytes]]


class _Found(NamedTuple):
    """A record as it was cut out, and where in the document it lay."""

    cut: Cut
    span: Span


def read_large_xml(fmt: Format, body: Body, *, charset: str | None, schemas: SchemaRegister, limits: Limits) -> Large:
    """Return *body*, a document of several records in XML, if it may come in.

    Shape: *charset* is what the sender said it is in, if anything.

    Raises:
        MalformedMessageError: as `gateway.formats.xml.parse` does.
        TooLargeError: over a limit.
        SchemaViolationError: not the agreed shape, or no such document.
    """
    check_length(body.size_bytes, limits=limits)
    refuse_empty(body)
    recoder = Recoder(body)
    if charset is not None:
        check_charset(recoder.codec, charset)
    reading = _READINGS[fmt.reader](fmt, schemas, limits)
    try:
        beside = reading.take_all(recoder)
    except OtherRootError as other:
        inspect_stream(recoder.pieces(), limits=limits)
        root = etree.Element(other.name)
        reading.refuse_root(root)
        raise SchemaViolationError("the document starts with another element") from None
    head = replace(reading.end(parse(beside, limits=limits)), codec=recoder.codec)
    return Large(head=head, contents=lambda: write_contents(head, reading.index))


def records_of(fmt: Format, body: Body, head: Head, entries: Iterable[Entry]) -> Iterator[tuple[Entry, Group]]:
    """Return the tree of each record that *entries* tell of, of a document the gate has taken.

    Raises:
        MalformedMessageError: the gate never took it.
    """
    tree = {Reader.SUPERSTAR: _rows_again, Reader.CTF: _pupil_again}[fmt.reader]
    end = closing(PATHS[fmt.reader])
    for entry in entries:
        parts = (_utf8(body.span(one.start, one.length), head.codec) for one in entry.spans)
        root = parse_again(b"".join((head.opening.encode(), *parts, end)))
        yield entry, tree(root, entry, head)


def _utf8(part: bytes, codec: str) -> bytes:
    return part if codec == "utf-8" else part.decode(codec).encode()


def _rows_again(root: Element, _entry: Entry, _head: Head) -> Group:
    return {RECORD: list(superstar.read_rows_again(root))}


def _pupil_again(root: Element, entry: Entry, head: Head) -> Group:
    return ctf.Reading({}).pupil(root[0][0], entry.spans[0].number, head.header).tree


class _Reading(ABC):
    """Reads one large document through."""

    def __init__(self, fmt: Format, schemas: SchemaRegister, limits: Limits, index: Index) -> None:
        self.index = index
        self._format = fmt
        self._schemas = schemas
        self._limits = limits
        self._path = PATHS[fmt.reader]
        self._framer = Framer(self._path, limits)
        self._warnings = FewWarnings()
        self._number = 0

    @abstractmethod
    def refuse_root(self, root: Element) -> None:
        """Refuse a document with another *root*, in the words for what it is."""

    @abstractmethod
    def end(self, root: Element) -> Head:
        """Return what holds for all records, now that all were read; under *root* is all but them."""

    @abstractmethod
    def _take(self, parent: Element, spans: Sequence[Span]) -> None:
        """Take some more records, which are all there is under *parent* and have the agreed shape."""

    def take_all(self, recoder: Recoder) -> bytes:
        """Read every record and return what is left of the document without them."""
        beside, batch, size = bytearray(), list[_Found](), 0
        place = recoder.skipped - recoder.length_before(recoder.prolog)
        for cut in self._framer.cut(recoder.pieces()):
            length = recoder.length_before(cut.utf8)
            if cut.line is None:
                self._keep_beside(beside, cut.utf8)
            else:
                self._number += 1
                batch.append(_Found(cut, Span(self._number, place, length)))
                size += len(cut.utf8)
            place += length
            if size > _BATCH_BYTES:
                self._take_batch(batch)
                batch, size = [], 0
        self._take_batch(batch)
        return bytes(beside)

    def _keep_beside(self, beside: bytearray, utf8: bytes) -> None:
        if not utf8.isspace():
            beside += utf8
        if len(beside) > self._limits.record_bytes:
            message = f"what stands beside the records has more than {self._limits.record_bytes} bytes"
            raise TooLargeError(message)

    def _take_batch(self, batch: Sequence[_Found]) -> None:
        if not batch:
            return
        root = self._root_of(batch)
        violations = self._schemas.violations(self._format.schema, root)
        if violations:
            self._refuse(batch, violations)
        parent = root
        for _ in self._path[2:]:
            parent = parent[0]
        self._take(parent, [one.span for one in batch])

    def _root_of(self, batch: Sequence[_Found]) -> Element:
        """Return the records of *batch* under the elements that stand above them; expat has asked all it can."""
        utf8 = b"".join((self._framer.opening, *(one.cut.utf8 for one in batch), closing(self._path)))
        root = parse_again(utf8)
        if len(utf8) > self._limits.text_length:
            check_lengths(root, self._limits)
        return root

    def _refuse(self, batch: Sequence[_Found], violations: tuple[Violation, ...]) -> None:
        """Refuse the document, with the place of the first record that is not in the agreed shape.

        Raises:
            SchemaViolationError: always.
        """
        for one in batch:
            found = self._schemas.violations(self._format.schema, self._root_of([one]))
            refuse(tuple(self._placed(violation, one) for violation in found))
        refuse(violations)

    def _placed(self, found: Violation, one: _Found) -> Violation:
        """Return what was found in a record by itself as it is in the document."""
        above = "/" + "/".join(self._path)
        path, message = (
            text.replace(above, f"{above}[{one.span.number}]", 1) for text in (found.place.path or "", found.message)
        )
        line = (one.cut.line or 1) + (found.place.line or 1) - 1
        return Violation(place=replace(found.place, path=path or None, line=line), message=message)

    def _validate_beside(self, root: Element) -> None:
        """Refuse what stands beside the records unless it has the agreed shape; its lines are not those it had."""
        violations = self._schemas.violations(self._format.schema, root)
        refuse(tuple(replace(one, place=replace(one.place, line=None)) for one in violations))

    def _opening(self) -> str:
        return self._framer.opening.decode()


class _ReportReading(_Reading):
    """A SIMS report."""

    def __init__(self, fmt: Format, schemas: SchemaRegister, limits: Limits) -> None:
        super().__init__(fmt, schemas, limits, Gathered(limits.record_bytes))
        self._odd_rows = FewWarnings()
        self._gathering = Gathering(self._odd_rows)

    def refuse_root(self, root: Element) -> None:
        """Refuse what is no report, or tells that there is none."""
        superstar.refuse_failed_report(root)
        self._schemas.validate(self._format.schema, root)

    def end(self, root: Element) -> Head:
        """Return what holds for all pupils."""
        self._validate_beside(root)
        if not self._number:
            self._warnings["empty"] = superstar.empty_report()
        return Head(
            records=len(self.index),
            opening=self._opening(),
            tells_contacts=self._gathering.tells_contacts,
            warnings=(*self._warnings.told(), *self._odd_rows.told()),
        )

    def _take(self, parent: Element, spans: Sequence[Span]) -> None:
        for span, row in zip(spans, superstar.read_rows(parent, spans[0].number, self._warnings), strict=True):
            self.index.add(self._gathering.place(span.number, row), span)


class _TransferReading(_Reading):
    """A Common Transfer File."""

    def __init__(self, fmt: Format, schemas: SchemaRegister, limits: Limits) -> None:
        super().__init__(fmt, schemas, limits, Listed(limits.record_bytes))
        self._reading = ctf.Reading(self._warnings)
        self._has_contacts = False

    def refuse_root(self, root: Element) -> None:
        """Refuse what is no such file."""
        self._schemas.validate(self._format.schema, root)
        ctf.require_ctf(root)

    def end(self, root: Element) -> Head:
        """Return what holds for all pupils."""
        self._validate_beside(root)
        frame = ctf.read_frame(root, self._format, {one.path: one for one in self._warnings.told()})
        frame.pupils, frame.has_contacts = self._number, self._has_contacts
        return Head(
            records=len(self.index),
            opening=self._opening(),
            header=frame.header,
            tells_contacts=frame.tells_contacts,
            warnings=frame.all_warnings(),
        )

    def _take(self, parent: Element, spans: Sequence[Span]) -> None:
        for element, span in zip(parent, spans, strict=True):
            pupil = self._reading.pupil(element, span.number, {})
            self._has_contacts = self._has_contacts or ctf.has_contacts(pupil)
            self.index.add(pupil.key, span)


_READINGS: dict[Reader, Callable[[Format, SchemaRegister, Limits], _Reading]] = {
    Reader.SUPERSTAR: _ReportReading,
    Reader.CTF: _TransferReading,
}
