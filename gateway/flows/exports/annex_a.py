"""Which rows have lists 1 and 2 of Annex A, from what the store holds?

The lists hold no name, no address and nothing of what was said: who by a local identifier, when, and from or by whom.
Two records of one child that nobody may join, an adopted child's, are two children here as everywhere.
"""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import cast

from gateway.flows.context import Desk
from gateway.flows.conversing.case_names import REFERRAL
from gateway.flows.documents import open_document
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import Message, Record
from gateway.flows.understanding.identify import children_of
from gateway.formats.annex_a import age_on, uk_day
from gateway.model.identifiers import ChildRef, OrganisationId, RecordId
from gateway.model.tree import Group
from gateway.translation.code_lists import CodeTable
from gateway.working_time.calendar import LONDON

FORMATS: Mapping[int, str] = {1: "annex-a/list-1-1", 2: "annex-a/list-2-1"}
MONTHS = 6
_LISTS = "annex-a/"
_OURS = "gateway"
_EPISODE = "ecaf.episode"
_SYSTEM, _TYPES = "annex-a", "organisation-type"
_PAGE = 200
_ID_LETTERS = 12
_NOT_STATED, _UNKNOWN = "0", "u) UNKNOWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One list.

    Shape: `first` and `last` are the days of its period, both in it. `rows` are its cells in the order of its captions.
    `without_local_id` counts children who have no identifier of the authority, and go by one of ours; `gaps` counts
    rows that lack something the list needs, because nobody told us.
    """

    number: int
    first: date
    last: date
    rows: tuple[tuple[str, ...], ...]
    children: tuple[ChildRef, ...]
    without_local_id: int
    gaps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One row before it is written: `own` are the list's own cells behind those about the child."""

    child_ref: ChildRef
    child: Group
    day: date | None
    own: tuple[str, ...]


class AnnexA:
    """Makes lists; it changes nothing and tells nobody."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._sexes = desk.library.code_table("sex", _SYSTEM)
        self._ethnicities = desk.library.code_table("ethnicity", _SYSTEM)
        self._sources = desk.library.code_table("contact_source", _SYSTEM)
        self._types = desk.library.code_table("contact_source", _TYPES)

    def listed(self, number: int, on: date) -> Listed:
        """Return list *number* (1 or 2) as it stands *on* a day, over the six months before it."""
        first = months_before(on, MONTHS)
        found = self._contacts(first, on) if number == 1 else self._assessments(first, on)
        entries = sorted(found, key=lambda one: (one.day or date.min, one.child_ref, one.own))
        ids = {one.child_ref: self._local_id(one) for one in entries}
        ids |= {one.child_ref: told for one in entries if (told := _text(one.child, "la_child_id"))}
        children = tuple(dict.fromkeys(one.child_ref for one in entries))
        theirs = {one.child_ref for one in entries if _text(one.child, "la_child_id")}
        return Listed(
            number=number,
            first=first,
            last=on,
            rows=tuple((ids[one.child_ref], *self._about(one.child, on), *one.own) for one in entries),
            children=children,
            without_local_id=len(set(children) - theirs),
            gaps=sum(_has_gap(one) for one in entries),
        )

    def _contacts(self, first: date, last: date) -> Iterator[_Entry]:
        """Yield each child of each referral that came in the period; what came as a list is not listed again."""
        for message, record, tree in self._records(REFERRAL):
            day = message.received_at.astimezone(LONDON).date()
            if not first <= day <= last:
                continue
            source = self._source(message, tree)
            for child_ref, child in dict(zip(record.subjects, children_of(tree), strict=False)).items():
                yield _Entry(child_ref=child_ref, child=child, day=day, own=(uk_day(day), source))

    def _assessments(self, first: date, last: date) -> list[_Entry]:
        """Return each assessment begun or completed in the period, and each that is open, as it was last told.

        A record that tells of assessments replaces what was told before of the same episode, whoever its child was
        taken for then.
        """
        newest: dict[tuple[str, str], list[_Entry]] = {}
        for message, record, tree in self._records(_EPISODE):
            told = list(_assessments_of(tree))
            if not told or not record.subjects or _text(tree, "authority") not in {"", self._desk.authority}:
                continue
            reference = _text(tree, "reference")
            key = (message.organisation, reference) if reference else (record.subjects[0], str(_began(told[-1][0])))
            child = children_of(tree)[0]
            newest[key] = [
                _Entry(child_ref=record.subjects[0], child=child, day=_began(one), own=_own(one))
                for one, is_current in told
                if _is_due(one, first, last) or (is_current and _is_open(tree, one, last))
            ]
        return [entry for entries in newest.values() for entry in entries]

    def _records(self, document: str) -> Iterator[tuple[Message, Record, Group]]:
        """Yield every record of a *document* that somebody sent us, oldest first, opened."""
        after = RecordId("")
        while page := self._desk.store.read(partial(self._page, document=document, after=after)):
            after = page[-1][1].record_id
            for message, record, tree in page:
                if message.channel != _OURS and not message.format.startswith(_LISTS):
                    yield message, record, tree

    def _page(self, uow: UnitOfWork, *, document: str, after: RecordId) -> list[tuple[Message, Record, Group]]:
        records = uow.records.of_document(document, after=after, limit=_PAGE)
        return [(uow.messages.get(one.message_id), one, open_document(self._desk.vault, uow, one)) for one in records]

    def _about(self, child: Group, on: date) -> tuple[str, ...]:
        """Return gender, ethnicity, date of birth and age."""
        born = _day(child, "born")
        age = age_on(born, on) if born is not None else None
        return (
            _label(self._sexes, _text(child, "sex") or _NOT_STATED, on),
            _label(self._ethnicities, _text(child, "ethnicity"), on) or _UNKNOWN,
            _cell(born),
            "" if age is None else str(age),
        )

    def _source(self, message: Message, tree: Group) -> str:
        """Return from whom a referral came, by what its organisation is or its form says; blank where neither tells."""
        day = message.received_at.date()
        kind = self._desk.store.read(lambda uow: _type_of(uow, message.organisation))
        code = self._types.code_of(kind, day)
        referrer = tree.get("referrer")
        if not code and isinstance(referrer, dict):
            said = (_text(referrer, "role"), _text(referrer, "organisation"))
            code = next((found for one in said if one and (found := self._sources.code_of(one, day))), None)
        return _label(self._sources, code or "", day)

    def _local_id(self, entry: _Entry) -> str:
        """Return what a child without an identifier of the authority goes by: always the same, and telling nothing."""
        blinded = self._desk.vault.blind("annex-a/child", entry.child_ref)
        return f"G{base64.b32encode(blinded).decode()[:_ID_LETTERS]}"


def months_before(day: date, months: int) -> date:
    """Return the day of the same number so many *months* earlier, or the last of a month that has none."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    for number in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, number)
        except ValueError:
            continue
    raise AssertionError


def _type_of(uow: UnitOfWork, organisation: OrganisationId) -> str:
    return uow.directory.organisation(organisation).type


def _assessments_of(tree: Group) -> Iterator[tuple[Group, bool]]:
    """Yield the assessments an episode tells of, and whether each is the one that is under way."""
    earlier = tree.get("earlier_assessments")
    for one in earlier if isinstance(earlier, list) else ():
        if isinstance(one, dict):
            yield one, False
    current = tree.get("assessment")
    if isinstance(current, dict) and ("started_on" in current or "completed_on" in current):
        yield current, True


def _is_due(assessment: Group, first: date, last: date) -> bool:
    days = (_day(assessment, "started_on"), _day(assessment, "completed_on"))
    return any(day is not None and first <= day <= last for day in days)


def _is_open(episode: Group, assessment: Group, last: date) -> bool:
    """Tell whether an assessment that was begun by the *last* day is under way, in an episode that is."""
    is_closed = episode.get("state") == "closed" or "closed_on" in episode or "closure" in episode
    began = _day(assessment, "started_on")
    return not is_closed and "completed_on" not in assessment and began is not None and began <= last


def _began(assessment: Group) -> date | None:
    return _day(assessment, "started_on") or _day(assessment, "completed_on")


def _own(assessment: Group) -> tuple[str, str, str]:
    days = (_day(assessment, "started_on"), _day(assessment, "completed_on"))
    return (_cell(days[0]), _cell(days[1]), _organisation(assessment))


def _organisation(assessment: Group) -> str:
    assessors = cast("list[Group]", assessment.get("assessors", []))
    return next((named for one in assessors if (named := _text(one, "organisation"))), "")


def _has_gap(entry: _Entry) -> bool:
    """Tell whether the first or the last of the list's own cells is empty; one between may be."""
    return not (entry.own[0] and entry.own[-1])


def _label(table: CodeTable, code: str, on: date) -> str:
    return (table.label_of(code, on) or "") if code else ""


def _cell(day: date | None) -> str:
    return uk_day(day) if day is not None else ""


def _day(part: Group, name: str) -> date | None:
    value = part.get(name)
    return date.fromisoformat(value) if isinstance(value, str) else None


def _text(part: Group, name: str) -> str:
    value = part.get(name)
    return value if isinstance(value, str) else ""
