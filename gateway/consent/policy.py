"""Which rules decide, in which order, and in whose words?

A policy is data: rows that name conditions, and the lists those conditions look things up in. It is read once and
never changes. A file that is odd in any way is refused, and so is one without rules: no rules means no.
"""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Final

from gateway.consent.case import SELECTORS, Case, Point, Tables
from gateway.consent.in_force import ALWAYS, Starts, read_starts
from gateway.consent.policy_file import Kind, Person, PolicyFile, Result, RowFile, Words, tables_of
from gateway.consent.predicates import FIXED, PREDICATES, Predicate
from gateway.consent.question import Mode, Purpose, Question
from gateway.consent.record_json import read_record
from gateway.errors import Place, PolicyError, SchemaViolationError
from gateway.model.category import Category, Tells

CUTTING_STAGE: Final = 7
"""The stage whose rows are asked only once something may go: they cut it down."""
SPOKEN_ELSEWHERE: Final = frozenset({"P-PERSON", "D-EMPTY", "H-EMPTY", "D-PERSON", "D-TIMEOUT"})
"""Reasons that no row gives: a person's yes, nothing left, a person's no, and a person's silence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One rule.

    Shape: `when` holds alternatives: of each group, one condition must be true. `tests` are the same, compiled.
    `redacts` are categories, or `selector` names what depends on the question; `telling` is what goes whatever its
    category, and with `persons` whoever may be a hidden person does.
    """

    number: int
    part: str
    stage: int
    kind: Kind
    when: tuple[tuple[str, ...], ...]
    tests: tuple[Predicate, ...]
    result: Result
    reason: str
    obligations: tuple[str, ...]
    redacts: tuple[Category, ...]
    selector: str | None
    locating: bool
    telling: tuple[Tells, ...]
    persons: bool
    rests_on_consent: bool
    person: Person | None
    plain: str
    source: str

    def applies(self, case: Case) -> bool:
        """Tell whether every condition is true of *case*."""
        for test in self.tests:  # noqa: SIM110  # twice as fast as all(): this is asked for every row of every decision
            if not test(case):
                return False
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """One thing in which an area asks for more than the policy does, in plain words and with its source."""

    point: Point
    plain: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """All rules of one version, in the order they are asked.

    Shape: `rows` are all of them; `deciding` and `cutting` are those that can apply to one purpose and mode, up to the
    row that always applies and after it. `digest` is the SHA-256 (hex) of the file. `starts` says from when it is in
    force; `left_to_areas` what areas may narrow, and `narrowed` what the profile laid over it does. `version` and
    `digest` then name both.
    """

    version: str
    title: str
    rows: tuple[Row, ...]
    deciding: Mapping[tuple[Purpose, Mode], tuple[Row, ...]]
    cutting: Mapping[tuple[Purpose, Mode], tuple[Row, ...]]
    tables: Tables
    reasons: Mapping[str, Words]
    obligations: Mapping[str, str]
    digest: str
    starts: Starts
    left_to_areas: frozenset[Point] = frozenset()
    narrowed: tuple[Narrowing, ...] = ()


def load_policy(text: bytes) -> Policy:
    """Return the policy that a file holds.

    Raises:
        PolicyError: no TOML, a key or word that there is not, no rules at all, rows out of order, no row that always
            applies, or a reason or obligation nobody has put into words; the place's row counts `[[row]]` from 1.
    """
    file = _read(text)
    if not file.row:
        raise PolicyError("a policy without a single [[row]] would never be asked: no rules means no; add the rules")
    rows = tuple(_row(row, position) for position, row in enumerate(file.row, start=1))
    _check_order(rows)
    _check_words(rows, file)
    tables = tables_of(file)
    return Policy(
        version=file.version,
        title=file.title,
        rows=rows,
        deciding=_by_question(tuple(row for row in rows if row.stage != CUTTING_STAGE), tables),
        cutting=_by_question(tuple(row for row in rows if row.stage == CUTTING_STAGE), tables),
        tables=tables,
        reasons=file.reason,
        obligations=file.obligation,
        digest=hashlib.sha256(text).hexdigest(),
        starts=read_starts(file.in_force_from, unless_told=ALWAYS),
        left_to_areas=frozenset(file.left_to_areas),
    )


def _by_question(rows: tuple[Row, ...], tables: Tables) -> Mapping[tuple[Purpose, Mode], tuple[Row, ...]]:
    """Return, for each purpose and mode, the rows these two alone do not rule out, without what they already answer."""
    never = datetime.min.replace(tzinfo=UTC)
    cases = (Case(Question(purpose=purpose, mode=mode, at=never), tables) for purpose in Purpose for mode in Mode)
    return {
        (case.question.purpose, case.question.mode): tuple(
            left for row in rows if (left := _left_to_ask(row, case)) is not None
        )
        for case in cases
    }


def _left_to_ask(row: Row, case: Case) -> Row | None:
    """Return *row* with only the tests that look at more than purpose and mode, or None if those two rule it out."""
    tests = tuple(zip(row.when, row.tests, strict=True))
    if not all(test(case) for group, test in tests if FIXED.issuperset(group)):
        return None
    return replace(row, tests=tuple(test for group, test in tests if not FIXED.issuperset(group)))


def _read(text: bytes) -> PolicyFile:
    try:
        tree = tomllib.loads(text.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PolicyError(f"the policy file is no TOML: {error}") from error
    try:
        return read_record(PolicyFile, {"row": [], **tree})
    except SchemaViolationError as error:
        raise PolicyError(error.message, place=error.place) from error


def _row(row: RowFile, position: int) -> Row:
    name = _name(row)
    when = tuple(tuple(word.strip() for word in group.split(" or ")) for group in row.when)
    for word in (word for group in when for word in group):
        if word not in PREDICATES:
            near = get_close_matches(word, PREDICATES)
            hint = f"did you mean {near[0]}?" if near else "see docs/sharing-decision.md for those there are"
            raise _wrong(position, f"{name}: there is no condition {word!r}; {hint}")
    _check_result(row, position)
    selector = row.redacts[0] if len(row.redacts) == 1 and row.redacts[0] in SELECTORS else None
    return Row(
        number=row.number,
        part=row.part,
        stage=row.stage,
        kind=row.kind,
        when=when,
        tests=tuple(_compiled(group) for group in when),
        result=row.result,
        reason=row.reason,
        obligations=row.obligations,
        redacts=() if selector else tuple(_category(word, name, position) for word in row.redacts),
        selector=selector,
        locating=row.locating,
        telling=row.telling,
        persons=row.persons,
        rests_on_consent=row.rests_on_consent,
        person=row.person,
        plain=row.plain,
        source=row.source,
    )


def _compiled(group: tuple[str, ...]) -> Predicate:
    first, *others = (PREDICATES[word] for word in group)
    return first if not others else lambda case: first(case) or any(test(case) for test in others)


def _category(word: str, name: str, position: int) -> Category:
    try:
        return Category(word)
    except ValueError:
        words = ", ".join((*SELECTORS, *Category))
        raise _wrong(position, f"{name}: {word!r} cannot be redacted; there are {words}") from None


_PREFIX: Final = {Result.PERMIT: "P-", Result.REFUSE: "D-", Result.REVIEW: "H-", Result.REDACT: "R-"}


def _check_result(row: RowFile, position: int) -> None:
    name, redacts = _name(row), row.result is Result.REDACT
    wrong = {
        f"result {row.result} needs a reason that begins with {_PREFIX[row.result]}": not row.reason.startswith(
            _PREFIX[row.result]
        ),
        "a row that redacts is a modifier, and only such a row is": redacts != (row.kind is Kind.MODIFIER),
        "a row that redacts says what, and only such a row does": redacts
        != bool(row.redacts or row.telling or row.persons),
        "only a row that redacts can be locating": row.locating and not redacts,
        "a row that asks a person says what their yes does, and only such a row does": (
            (row.result is Result.REVIEW) != (row.person is not None)
        ),
        "only a permit can rest on consent": row.rests_on_consent and row.result is not Result.PERMIT,
        "a row needs a plain sentence and a source": not (row.plain.strip() and row.source.strip()),
        "a cutting row (stage 7) cuts or asks": (
            row.stage == CUTTING_STAGE and row.result not in {Result.REDACT, Result.REVIEW}
        ),
    }
    for fix, is_wrong in wrong.items():
        if is_wrong:
            raise _wrong(position, f"{name}: {fix}")


def _check_order(rows: tuple[Row, ...]) -> None:
    seen: set[tuple[int, str]] = set()
    stage = 0
    for position, row in enumerate(rows, start=1):
        if (row.number, row.part) in seen:
            raise _wrong(position, f"{_name(row)} is there twice; give each its own part")
        if row.stage < stage or row.stage > CUTTING_STAGE:
            raise _wrong(position, f"{_name(row)} is of stage {row.stage}, after one of stage {stage}; order by stage")
        seen.add((row.number, row.part))
        stage = row.stage
    always = [position for position, row in enumerate(rows, start=1) if not row.when]
    last = max((n for n, row in enumerate(rows, start=1) if row.stage != CUTTING_STAGE), default=len(rows))
    if always != [last] or rows[last - 1].result is not Result.REFUSE:
        raise PolicyError(
            "exactly one row has no condition: the last before stage 7, and it refuses, so that what no rule allows "
            "does not go",
            place=Place(row=next((position for position in always if position != last), last)),
        )


def _check_words(rows: tuple[Row, ...], file: PolicyFile) -> None:
    reasons = {row.reason for row in rows} | SPOKEN_ELSEWHERE
    obligations = {obligation for row in rows for obligation in row.obligations}
    for kind, used, told in (("reason", reasons, file.reason), ("obligation", obligations, file.obligation)):
        missing, idle = sorted(used - set(told)), sorted(set(told) - used)
        if missing:
            raise PolicyError(f"{kind} {missing[0]} is nowhere in words; add [{kind}.{missing[0]}]")
        if idle:
            raise PolicyError(f"no row gives {kind} {idle[0]}; take its words out, or add the row")


def _name(row: RowFile | Row) -> str:
    return f"row {row.number}{row.part}"


def _wrong(position: int, message: str) -> PolicyError:
    return PolicyError(message, place=Place(row=position))
