"""What does a mapping file say, row by row? The closed grammar as typed objects, before anything is checked.

docs/mappings.md explains the grammar to people; schemas/gateway/mapping-1.schema.json states it to editors.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from gateway.errors import MappingError, Place

Scalar: TypeAlias = str | int | bool


class Direction(StrEnum):
    """Which way a mapping, or a row of one that works both ways, goes."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    BOTH = "both"
    PROJECT = "project"
    """From one canonical document to another."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a row stands in its file.

    Shape: `trail` names tables with their 1-based numbers, such as `(("group", 2), ("field", 3))`.
    """

    file: str
    trail: tuple[tuple[str, int], ...] = ()
    line: int | None = None

    def wrong(self, problem: str, fix: str) -> MappingError:
        """Return the error that says what is wrong here and what to do about it."""
        rows = ", ".join(f"{name} {number}" for name, number in self.trail)
        line = f"(line {self.line})" if self.line else ""
        where = " ".join(part for part in (f"{self.file}:", rows, line) if part)
        row = self.trail[-1][1] if self.trail else None
        return MappingError(f"{where}: {problem}; {fix}", place=Place(row=row, line=self.line))


class Missing(StrEnum):
    """What a row does when its source has nothing."""

    OMIT = "omit"
    REJECT = "reject"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """`[[field]]`: one value from the source to the target.

    Shape: `sources` is empty for a constant. `gathers` tells that `from` was a list, whose values go into a list or
    into a transform that reads several. `per` is how many values of a zipped list belong to one item. `unknown` is put
    where a code list does not know a label, so that a restriction nobody could read is still seen to be one.
    """

    spot: Spot
    sources: tuple[str, ...]
    gathers: bool
    to: str
    using: str | None = None
    codes: str | None = None
    written: str | None = None
    unknown: str | None = None
    missing: Missing = Missing.OMIT
    literal: Scalar | None = None
    shares: str | None = None
    source: str | None = None
    aliases: tuple[str, ...] = ()
    direction: Direction | None = None
    const: Scalar | None = None
    per: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Same:
    """`[[same]]`: everything below `source` goes to the same names below `to`, as the model knows them."""

    spot: Spot
    source: str
    to: str
    leaving_out: tuple[str, ...] = ()
    direction: Direction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyColumn:
    """One column of a key that rows are gathered by, and the transform its value goes through first."""

    source: str
    using: str | None = None


class Take(StrEnum):
    """Which of the gathered groups a `[[group]]` makes something of."""

    ALL = "all"
    FIRST = "first"
    REST = "rest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Rows that stand together, in the order they are carried out."""

    fields: tuple[Field, ...] = ()
    sames: tuple[Same, ...] = ()
    groups: tuple["Group", ...] = ()
    chooses: tuple["Choose", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """`[[group]]`: rows that make one part of the target, once or once for each of something.

    Shape: at most one of `each`, `collect` and `zips` is set. `by` holds alternative keys; the first whose first
    column has a value is used; no key at all makes one group of all rows. With `pick` only the asked-for element is
    made, and `others` says why the rest stays behind.
    """

    spot: Spot
    to: str
    rows: Block
    each: str | None = None
    collect: str | None = None
    by: tuple[tuple[KeyColumn, ...], ...] = ()
    take: Take = Take.ALL
    zips: tuple[str, ...] = ()
    pick: bool = False
    others: str | None = None
    emit_always: bool = False
    direction: Direction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicate:
    """One closed question about a value. Exactly one of its parts is set.

    Shape: `edition` is a range of editions, both ends included; an open end is None.
    """

    present: bool = False
    absent: bool = False
    equals: str | None = None
    one_of: tuple[str, ...] | None = None
    edition: tuple[str | None, str | None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """`[[choose.when]]`: what is done when the predicate holds."""

    spot: Spot
    predicate: Predicate
    rows: Block


@dataclass(frozen=True, slots=True, kw_only=True)
class Choose:
    """`[[choose]]`: the first branch that holds is carried out, or else `otherwise`.

    Shape: `on` names the value that is asked about; of several, the first that is there.
    """

    spot: Spot
    on: tuple[str, ...]
    branches: tuple[Branch, ...]
    otherwise: Block = Block()


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """`[[key]]`: a list of entries that is addressed by one of their parts, as forms list their answers.

    Shape: rows write `name.<id>.<part>`. `wording` is the part that holds the question's text, which `expects` may
    state by id; `whole` is the part that repeats all other parts as one text; `repeats` is the part that is true where
    texts are lists.
    """

    spot: Spot
    name: str
    list: str
    by: str
    wording: str | None = None
    whole: str | None = None
    repeats: str | None = None
    expects: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Carry:
    """`[[carry]]`: what no row read becomes local answers below `to`, under `key`."""

    spot: Spot
    to: str
    key: str
    distinct: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NotCarried:
    """`[[not_carried]]`: a place of the source that stays behind on purpose, and why."""

    spot: Spot
    path: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """`[envelope]`: the names our own JSON wraps a document in.

    Shape: `body` is where the document itself is; each other part is the name under which it is written. `withheld`
    and `handling` are there only when there is something to say.
    """

    body: str
    format: str
    message: str
    message_id: str
    correlation_id: str
    sent_at: str
    sender: str
    withheld: str
    handling: str

    @property
    def header(self) -> tuple[str, ...]:
        """Return the names that say nothing but which message this is, which intake has already read."""
        return (self.format, self.message, self.message_id, self.correlation_id, self.sent_at, self.sender)


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingFile:
    """One whole mapping file.

    Shape: `format` is the partner's (`mash/referral-1`), empty for a projection; `also_reads` are other formats whose
    documents come as trees of the same names. `document` is the canonical document
    on our side, the target of a projection, whose source is `from_document`. `system` chooses the code lists' rows;
    `dated_by` is the source path that tells which day it is about; `aliases` names the tables of other names its
    sources come under.
    """

    spot: Spot
    title: str
    revision: int
    direction: Direction
    document: str
    format: str = ""
    also_reads: tuple[str, ...] = ()
    from_document: str = ""
    system: str = ""
    dated_by: str | None = None
    aliases: tuple[str, ...] = ()
    envelope: Envelope | None = None
    keys: tuple[Key, ...] = ()
    rows: Block = Block()
    carry: Carry | None = None
    not_carried: tuple[NotCarried, ...] = ()
