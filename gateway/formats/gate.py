"""May this document come in, and which record messages does it hold?

The gate asks for size, encoding, well-formedness and shape, in this order, before anything is acknowledged. What the
values mean is asked later, by the mappings.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.errors import SchemaViolationError
from gateway.formats.identifiable import tells_of_a_child
from gateway.formats.limits import Limits
from gateway.formats.readers import Raw, parts_of, read, tree_of
from gateway.formats.register import HOLDS_SEVERAL, Format
from gateway.formats.schema_register import SchemaRegister, Violation, refuse
from gateway.formats.warning import GateWarning
from gateway.model.tree import Group, Tree

_NEVER_STOPPED = "mash.referral"
"""The document a machine must not stop because of its form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A document that may come in.

    Shape: `records` is how many record messages `split` will find. A warning of code `schema` means: not the agreed
    shape, taken all the same, for a person to put right.
    """

    format: Format
    tree: Tree
    records: int
    warnings: tuple[GateWarning, ...]

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


def gate(fmt: Format, body: bytes, *, content_type: str | None, schemas: SchemaRegister, limits: Limits) -> Checked:
    """Return *body* as a document of *fmt* that may come in.

    Raises:
        UnsupportedFormatError: the content type is not one of the format's; code `unsupported-media-type`.
        MalformedMessageError: the bytes are not the format.
        TooLargeError: over a limit.
        SchemaViolationError: not the agreed shape, unless it is a referral that tells of a child.
    """
    raw = read(fmt, body, content_type=content_type, limits=limits)
    warnings = (*raw.warnings, *_shape_warnings(fmt, raw, schemas.violations(fmt.schema, raw.checked)))
    if fmt.reader not in HOLDS_SEVERAL:
        return Checked(format=fmt, tree=tree_of(fmt, raw), records=1, warnings=warnings)
    found = parts_of(fmt, raw)
    return Checked(format=fmt, tree=found.whole, records=len(found.parts), warnings=(*warnings, *found.warnings))


def split(
    fmt: Format, body: bytes, *, limits: Limits, start: int = 0, content_type: str | None = None
) -> Iterator[RecordSource]:
    """Return the record messages of a document the gate has taken, from the one at position *start* on.

    Raises:
        MalformedMessageError: the gate never took it.
        SchemaViolationError: likewise.
        TooLargeError: likewise.
    """
    raw = read(fmt, body, content_type=content_type, limits=limits)
    records = _several(fmt, raw) if fmt.reader in HOLDS_SEVERAL else _whole(fmt, raw)
    return (record for record in records if record.position >= start)


def _shape_warnings(fmt: Format, raw: Raw, violations: tuple[Violation, ...]) -> tuple[GateWarning, ...]:
    """Return *violations* as warnings where the document must be taken all the same, else refuse it."""
    if not violations:
        return ()
    if fmt.document != _NEVER_STOPPED or not _is_a_child_told_of(fmt, raw):
        refuse(violations)
    return tuple(
        GateWarning(path=violation.place.path or "", code="schema", message=violation.message)
        for violation in violations
    )


def _is_a_child_told_of(fmt: Format, raw: Raw) -> bool:
    try:
        return tells_of_a_child(tree_of(fmt, raw))
    except SchemaViolationError:
        return False


def _several(fmt: Format, raw: Raw) -> Iterator[RecordSource]:
    found = parts_of(fmt, raw)
    for position, part in enumerate(found.parts):
        yield RecordSource(
            position=position, key=part.key, tree=part.tree, rows=part.rows, tells_contacts=found.tells_contacts
        )


def _whole(fmt: Format, raw: Raw) -> Iterator[RecordSource]:
    tree = tree_of(fmt, raw)
    key = tree.get(fmt.reference or "reference")
    yield RecordSource(position=0, key=key if isinstance(key, str) else "", tree=tree)
