"""In what does an area ask for more than the policy does? A profile is laid over a policy and can only narrow it.

    version = "blackburn-2026.1"
    title = "Blackburn with Darwen"
    areas = ["E06000008"]

    [[narrow]]
    point = "check_consent"
    to = "express"
    plain = "Whether there is a record is said only with the written consent of a holder of parental responsibility."
    source = "Blackburn with Darwen, CAF procedure"

What may be narrowed is what the policy names in `left_to_areas`.
"""

import hashlib
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from gateway.consent.case import CheckConsent, Point, Tables
from gateway.consent.in_force import ALWAYS, AREA, Starts, read_starts
from gateway.consent.policy import Narrowing, Policy
from gateway.consent.question import Purpose
from gateway.consent.question_json import STEPS_DOWN_FROM
from gateway.consent.record_json import read_record
from gateway.errors import Place, PolicyError, SchemaViolationError


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileFile:
    """The head of a profile's file."""

    version: str
    title: str
    areas: tuple[str, ...]
    in_force_from: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One `[[narrow]]`: its place in the file from 1, what it narrows and to what, as the file has it."""

    position: int
    narrowing: Narrowing
    to: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One area's own file. `digest` is the SHA-256 (hex) of it."""

    version: str
    title: str
    areas: frozenset[str]
    starts: Starts
    rows: tuple[Row, ...]
    digest: str


def load_profile(text: bytes) -> Profile:
    """Return the profile that a file holds.

    Raises:
        PolicyError: no TOML, an odd key, an area that is none, no row, or two about one thing; the place's row counts
            `[[narrow]]` from 1.
    """
    try:
        tree = tomllib.loads(text.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PolicyError(f"no TOML: {error}") from error
    rows = tree.pop("narrow", [])
    if not isinstance(rows, list) or not rows:
        raise PolicyError("a profile without a [[narrow]] changes nothing; add one, or take the file away")
    try:
        head = read_record(ProfileFile, tree)
    except SchemaViolationError as error:
        raise PolicyError(error.message, place=error.place) from error
    odd = [area for area in head.areas if not AREA.fullmatch(area)]
    if odd or not head.areas:
        raise PolicyError(f"areas: {odd[0] if odd else 'none'!r} is no area; write GSS codes, such as E09000028")
    read = tuple(_row(row, position) for position, row in enumerate(rows, start=1))
    _check_once(read)
    return Profile(
        version=head.version,
        title=head.title,
        areas=frozenset(head.areas),
        starts=read_starts(head.in_force_from, unless_told=ALWAYS),
        rows=read,
        digest=hashlib.sha256(text).hexdigest(),
    )


def laid_over(policy: Policy, profile: Profile) -> Policy:
    """Return *policy* as the areas of *profile* go by it: it permits nothing that the policy alone would not.

    Raises:
        PolicyError: the policy does not leave this to areas, or the profile asks for less than it; the place's row
            counts `[[narrow]]` from 1.
    """
    tables = replace(policy.tables)
    for row in profile.rows:
        point = row.narrowing.point
        if point not in policy.left_to_areas:
            left = ", ".join(sorted(policy.left_to_areas)) or "nothing"
            raise _wrong(row, f"{policy.version} does not leave {point} to areas; it leaves {left}")
        tables = _NARROW[point](tables, row, profile.areas)
    both = f"{policy.digest}\n{profile.digest}".encode("ascii")
    return replace(
        policy,
        version=f"{policy.version}/{profile.version}",
        tables=tables,
        narrowed=tuple(row.narrowing for row in profile.rows),
        digest=hashlib.sha256(both).hexdigest(),
    )


def _row(told: object, position: int) -> Row:
    place = Place(row=position)
    if not isinstance(told, dict) or "to" not in told:
        raise PolicyError("a [[narrow]] says what it narrows to; add: to = ...", place=place)
    rest = {name: part for name, part in told.items() if name != "to"}
    try:
        narrowing = read_record(Narrowing, rest)
    except SchemaViolationError as error:
        raise PolicyError(error.message, place=place) from error
    if not narrowing.plain.strip() or not narrowing.source.strip():
        raise PolicyError("a [[narrow]] needs a plain sentence and a source; add both", place=place)
    return Row(position=position, narrowing=narrowing, to=told["to"])


def _check_once(rows: tuple[Row, ...]) -> None:
    seen: set[Point] = set()
    for row in rows:
        if row.narrowing.point in seen:
            raise _wrong(row, f"{row.narrowing.point} is narrowed twice; say it once")
        seen.add(row.narrowing.point)


def _agreement_first(tables: Tables, row: Row, areas: frozenset[str]) -> Tables:
    if row.to is not True:
        raise _wrong(row, "agreement_first can only be switched on: write to = true, or take the row out")
    return replace(tables, agreement_first=tables.agreement_first | areas)


_CHECKS: Final = tuple(CheckConsent)


def _check_consent(tables: Tables, row: Row, _areas: frozenset[str]) -> Tables:
    narrower = _CHECKS[_CHECKS.index(tables.check_consent) :]
    if row.to not in narrower:
        raise _wrong(row, f"check_consent: write to = one of {', '.join(narrower)}")
    return replace(tables, check_consent=CheckConsent(str(row.to)))


def _spoken_is_enough(tables: Tables, row: Row, _areas: frozenset[str]) -> Tables:
    kept = _listed(row, tuple(tables.spoken_is_enough), "the policy lets a spoken consent do for")
    return replace(tables, spoken_is_enough=frozenset(Purpose(name) for name in kept))


def _verbal_working_days(tables: Tables, row: Row, _areas: frozenset[str]) -> Tables:
    days = _fewer(row, tables.terms.verbal_working_days)
    return replace(tables, terms=replace(tables.terms, verbal_working_days=days))


def _agreement_grace_days(tables: Tables, row: Row, _areas: frozenset[str]) -> Tables:
    return replace(tables, agreement_grace_days=_fewer(row, tables.agreement_grace_days))


def _step_down_from(tables: Tables, row: Row, areas: frozenset[str]) -> Tables:
    allowed = _listed(row, STEPS_DOWN_FROM, "a case may step down from")
    return replace(tables, step_down_from={**tables.step_down_from, **dict.fromkeys(areas, allowed)})


_NARROW: Final[Mapping[Point, Callable[[Tables, Row, frozenset[str]], Tables]]] = MappingProxyType(
    {
        Point.AGREEMENT_FIRST: _agreement_first,
        Point.CHECK_CONSENT: _check_consent,
        Point.SPOKEN_IS_ENOUGH: _spoken_is_enough,
        Point.VERBAL_WORKING_DAYS: _verbal_working_days,
        Point.AGREEMENT_GRACE_DAYS: _agreement_grace_days,
        Point.STEP_DOWN_FROM: _step_down_from,
    }
)


def _listed(row: Row, allowed: tuple[str, ...], what: str) -> frozenset[str]:
    """Return a row's list, each entry of it one of *allowed*."""
    told = row.to if isinstance(row.to, list) else [row.to]
    odd = [one for one in told if one not in allowed]
    if odd or not isinstance(row.to, list):
        raise _wrong(row, f"{row.narrowing.point}: {what} {', '.join(sorted(allowed))}; write a list of some of them")
    return frozenset(str(one) for one in told)


def _fewer(row: Row, most: int) -> int:
    if type(row.to) is not int or not 0 <= row.to <= most:
        raise _wrong(row, f"{row.narrowing.point}: write a number of days from 0 to {most}")
    return row.to


def _wrong(row: Row, message: str) -> PolicyError:
    return PolicyError(message, place=Place(row=row.position))
