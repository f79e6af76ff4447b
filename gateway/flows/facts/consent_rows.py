"""What does one row of another system's list of consents say, in our words?

Labels are looked up in code lists and their synonyms, then in what a person said they mean; nothing is guessed. A day
stands for its first instant in UTC, so that a yes ends no later than the day the list names.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final, TypeAlias

from gateway.errors import Place, SchemaViolationError
from gateway.formats.json import write_json
from gateway.model.tree import Group, Tree
from gateway.translation.code_lists import tidy
from gateway.translation.dates import day_of, has_short_year

Code: TypeAlias = Callable[[str, str], str | None]
"""Returns what a label of a list means, or None where nobody has said."""

PERSON: Final = ("given", "family", "dob", "postcode", "address", "sex", "upn", "nhs")
_TEXTS: Final = {
    "giver": "giver",
    "subject": "subject",
    "episode": "episode",
    "witness": "witness",
    "statement_version": "statement_version",
    "language": "language",
    "evidence_sha256": "evidence_sha256",
}
_CODES: Final = {
    "status": ("status", "consent_status"),
    "capacity": ("giver_capacity", "signatory_capacity"),
    "mode": ("mode", "consent_mode"),
}
_LISTS: Final = {
    "kinds": ("kinds", "consent_kind"),
    "purposes": ("purposes", "consent_purpose"),
    "agencies_allowed": ("agencies_allowed", "agency"),
    "agencies_denied": ("agencies_denied", "agency"),
    "categories_allowed": ("categories_allowed", "information"),
    "categories_denied": ("categories_denied", "information"),
}
_TIMES: Final = {
    "from": "effective_from",
    "until": "expires_on",
    "given_at": "given_at",
    "review_on": "review_on",
}
_COMPETENCE: Final = ("competence_by", "competence_on", "competence_outcome", "competence_note")
_WITHDRAWAL: Final = ("withdrawn_at", "withdrawn_by", "withdrawal_reason")
_OTHERS: Final = ("persons_excluded", "conflict", "interpreter", "agrees_to_help")
_OF_ROW: Final = ("child", "reference", "updated_at")
COLUMNS: Final = (
    *_OF_ROW,
    *PERSON,
    *_CODES,
    *_TIMES,
    *_LISTS,
    *_OTHERS,
    *_TEXTS,
    *_COMPETENCE,
    *_WITHDRAWAL,
)
"""Every column there may be, in the order in which the documentation shows them."""
BETWEEN: Final = "|"
_NO_DAY: Final = "expected a day such as 31/08/2027 or 2027-08-31, or a moment with its offset"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowSaid:
    """One row, understood.

    Shape: `child` is our reference, where the row has it; else `person` tells who it is about, by the columns `PERSON`.
    `help` is what the row says of being helped. `digest` is the SHA-256 (hex) of all its cells.
    """

    permission: Group
    child: str | None
    person: Mapping[str, str]
    reference: str | None
    updated_at: datetime | None
    help: Group | None
    digest: str


def read_row(row: Mapping[str, Tree], code: Code, *, purposes: tuple[str, ...] = ()) -> RowSaid:
    """Return what *row* says.

    Args:
        row: cells by column; lists are told apart by `|`.
        code: what a label of a list means.
        purposes: what the words that were signed cover, for rows that do not say.

    Raises:
        SchemaViolationError: a column there is not, a label nobody has mapped, or a day that is none; the place's path
            names the column, and the message never repeats the cell.
    """
    cells = _Cells({name: text for name, value in row.items() if (text := _text(name, value))}, code)
    permission: Group = {"kinds": ["SHARE"], "conflict": False}
    permission |= {to: cells.of[name] for name, to in _TEXTS.items() if name in cells.of}
    permission |= {to: cells.code(name, list_) for name, (to, list_) in _CODES.items() if name in cells.of}
    permission |= {to: cells.codes(name, list_) for name, (to, list_) in _LISTS.items() if name in cells.of}
    permission |= {to: cells.moment(name) for name, to in _TIMES.items() if name in cells.of}
    permission |= _others(cells)
    _require(permission, purposes)
    updated = cells.moment("updated_at") if "updated_at" in cells.of else None
    return RowSaid(
        permission=permission,
        child=cells.of.get("child"),
        person={name: cells.of[name] for name in PERSON if name in cells.of},
        reference=cells.of.get("reference"),
        updated_at=datetime.fromisoformat(updated) if updated else None,
        help=_help(cells, permission),
        digest=sha256(write_json(dict(sorted(cells.of.items())))).hexdigest(),
    )


@dataclass(frozen=True, slots=True)
class _Cells:
    """The cells of a row that hold anything, and what their labels mean."""

    of: Mapping[str, str]
    means: Code = field(repr=False)

    def code(self, name: str, list_name: str, label: str | None = None) -> str:
        found = self.means(list_name, label or self.of[name])
        if not found:
            raise _wrong(name, f"a label that the list {list_name} does not know; say what it means by labels map")
        return found

    def codes(self, name: str, list_name: str) -> list[Tree]:
        return [self.code(name, list_name, label) for label in self.texts(name)]

    def texts(self, name: str) -> list[str]:
        return [part for one in self.of[name].split(BETWEEN) if (part := tidy(one))]

    def moment(self, name: str) -> str:
        cell = self.of[name]
        at = _instant(cell)
        if at is not None:
            return at.isoformat()
        day = day_of(cell)
        if day is None or day.has_time:
            why = "a year of two digits can be two years; write all four" if has_short_year(cell) else _NO_DAY
            raise _wrong(name, why)
        return f"{day.iso}T00:00:00+00:00"

    def answer(self, name: str) -> bool | None:
        return {"Y": True, "N": False}.get(self.code(name, "answer"))


def _others(cells: _Cells) -> Group:
    found: Group = {}
    if "persons_excluded" in cells.of:
        found["persons_excluded"] = list(cells.texts("persons_excluded"))
    for name in ("conflict", "interpreter"):
        if name in cells.of:
            found[name] = cells.answer(name)
    if any(name in cells.of for name in _COMPETENCE):
        found["competence"] = {
            "by": cells.of.get("competence_by"),
            "on": cells.moment("competence_on") if "competence_on" in cells.of else None,
            "outcome": cells.code("competence_outcome", "competence_outcome")
            if "competence_outcome" in cells.of
            else None,
            "note": cells.of.get("competence_note"),
        }
    if "withdrawn_at" in cells.of:
        by, why = cells.of.get("withdrawn_by"), cells.of.get("withdrawal_reason")
        found["withdrawals"] = [{"at": cells.moment("withdrawn_at"), "by": by, "reason": why}]
        found["status"] = "WITHDRAWN"
    return found


def _require(permission: Group, purposes: tuple[str, ...]) -> None:
    """Let *permission* name its purposes, or say that nobody has.

    Raises:
        SchemaViolationError: neither the row nor whoever imports it says what the yes covers.
    """
    if "purposes" in permission or permission.get("status") not in {"GIVEN", "GIVEN_LIMITED"}:
        return
    if not purposes:
        raise _wrong("purposes", "say what the yes covers: in this column, or for all such rows by --purposes")
    permission["purposes"] = list(purposes)


def _help(cells: _Cells, permission: Group) -> Group | None:
    if "agrees_to_help" not in cells.of:
        return None
    answer = cells.answer("agrees_to_help")
    if answer is None:
        return None
    told = {name: permission.get(name) for name in ("giver", "giver_capacity", "mode", "given_at", "effective_from")}
    return {"status": "AGREED" if answer else "REFUSED", **{name: one for name, one in told.items() if one is not None}}


def _instant(cell: str) -> datetime | None:
    """Return the moment *cell* names with its offset, if it names one that there is in UTC too."""
    try:
        at = datetime.fromisoformat(cell)
        return at.astimezone(UTC) if at.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def _text(name: str, value: Tree) -> str:
    if name not in COLUMNS:
        raise _wrong(name[:60], "there is no such column")
    match value:
        case None:
            return ""
        case bool():
            return "Yes" if value else "No"
        case str():
            return tidy(value)
        case list():
            return BETWEEN.join(str(one) for one in value)
        case _:
            raise _wrong(name, "expected a text")


def _wrong(column: str, message: str) -> SchemaViolationError:
    return SchemaViolationError(message, place=Place(path=column))
