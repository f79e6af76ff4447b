"""Are these two the same child, and what says so?

A score is a sum of points for what agrees, held down by ceilings for what contradicts or could be a twin. Points are
whole thousandths, so that a score never depends on the order of additions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from gateway.matching import fields
from gateway.matching.fields import Likeness
from gateway.matching.identity import Identity

_SAME, _CALLED, _SHORT, _PART = Likeness.SAME, Likeness.CALLED, Likeness.SHORT, Likeness.PART
_SIMILAR, _DIFFERENT, _UNKNOWN = Likeness.SIMILAR, Likeness.DIFFERENT, Likeness.UNKNOWN

_WHOLE = 1000
_MATCH_FROM, _POTENTIAL_FROM = 950, 850
_POINTS: Mapping[str, Mapping[Likeness, int]] = {
    "family": {_SAME: 270, _SIMILAR: 240},
    "given": {_SAME: 280, _CALLED: 270, _SHORT: 270, _PART: 220, _SIMILAR: 220},
    "dob": {_SAME: 330, _SIMILAR: 260},
    "sex": {_SAME: 30},
}
_ONE_PLACE, _BOTH_PLACES, _NEAR_PLACE = 70, 90, 20
_NUMBER, _SECOND_NUMBER = 550, 50

_NOT_A_MATCH = 940
_FOR_A_PERSON = 900
_NOT_EVEN_POTENTIAL = 840
_OTHERWISE_BORN = 800
_NEVER_BORN = 960
_TELLS_APART = frozenset({"family", "given", "dob"})
_SPEAKS_AGAINST = frozenset({*_TELLS_APART, "sex", "upn", "nhs", "postcode", "address"})
"""What counts as a second contradiction; alone, these may be a slip, a move or a second number."""
_SEX_ALONE = frozenset({"sex"})


class Band(StrEnum):
    """How sure we are.

    Source: the bands of the DfE pilot that matches children to NHS numbers: 0.95 usable, 0.85 for a person.
    """

    MATCH = "MATCH"
    POTENTIAL = "POTENTIAL"
    LOW = "LOW"
    NONE = "NONE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The answer about two identities.

    Shape: `score` is in [0, 1] with three decimals; `evidence` has `field=likeness` for every field both sides know,
    and never a value. `is_other_child` tells that a name or the birthday contradicts, something else does too, and no
    number agrees: a brother or a namesake, not a doubt.
    """

    band: Band
    score: float
    evidence: tuple[str, ...]
    is_other_child: bool


def compare(one: Identity, other: Identity) -> Verdict:
    """Return whether *one* and *other* are the same child; the order of the two never matters."""
    alike = _likenesses(one, other)
    agree = {name for name, likeness in alike.items() if likeness not in {_DIFFERENT, _UNKNOWN}}
    known = tuple(f"{name}={likeness.value}" for name, likeness in alike.items() if likeness is not _UNKNOWN)
    contradicts = {name for name, likeness in alike.items() if likeness is _DIFFERENT} & _SPEAKS_AGAINST
    points = min(_points(alike), _ceiling(alike), _WHOLE) if agree - _SEX_ALONE else 0
    return Verdict(
        band=_band(points),
        score=points / _WHOLE,
        evidence=known,
        is_other_child=len(contradicts) > 1 and bool(contradicts & _TELLS_APART) and not _has_number(alike),
    )


def _likenesses(one: Identity, other: Identity) -> dict[str, Likeness]:
    swapped = fields.are_swapped(one, other)
    return {
        "given": _CALLED if swapped else fields.given(one, other),
        "family": _SAME if swapped else fields.family(one, other),
        "dob": fields.born(one, other),
        "postcode": fields.postcode(one, other),
        "address": fields.address(one, other),
        "sex": fields.equal(one.sex, other.sex),
        "upn": fields.equal(one.upn, other.upn),
        "nhs": fields.equal(one.nhs, other.nhs),
    }


def _band(points: int) -> Band:
    if points >= _MATCH_FROM:
        return Band.MATCH
    if points >= _POTENTIAL_FROM:
        return Band.POTENTIAL
    return Band.LOW if points else Band.NONE


def _points(alike: Mapping[str, Likeness]) -> int:
    personal = sum(points.get(alike[name], 0) for name, points in _POINTS.items())
    numbers = sum(alike[name] is _SAME for name in ("upn", "nhs"))
    return personal + _place(alike) + (0, _NUMBER, _NUMBER + _SECOND_NUMBER)[numbers]


def _place(alike: Mapping[str, Likeness]) -> int:
    match alike["postcode"], alike["address"]:
        case Likeness.SAME, Likeness.SAME:
            return _BOTH_PLACES
        case (Likeness.SAME, _) | (Likeness.UNKNOWN, Likeness.SAME):
            return _ONE_PLACE
        # The same number and street in another town says little; a postcode one slip away, little more.
        case (_, Likeness.SAME) | (Likeness.SIMILAR, _):
            return _NEAR_PLACE
        case _:
            return 0


def _has_number(alike: Mapping[str, Likeness]) -> bool:
    return _SAME in {alike["upn"], alike["nhs"]}


def _ceiling(alike: Mapping[str, Likeness]) -> int:
    """Return the highest score that what contradicts, or could be a twin or a parent, leaves possible."""
    return min(_given_ceiling(alike), _born_ceiling(alike), _sex_ceiling(alike), _number_ceiling(alike))


def _given_ceiling(alike: Mapping[str, Likeness]) -> int:
    numbered = _has_number(alike)
    match alike["given"]:
        case Likeness.DIFFERENT:
            return _FOR_A_PERSON if numbered and alike["family"] is not _DIFFERENT else _NOT_EVEN_POTENTIAL
        case Likeness.SIMILAR:
            return _NOT_A_MATCH
        case Likeness.SHORT | Likeness.PART:
            return _WHOLE if numbered else _NOT_A_MATCH
        case _:
            return _WHOLE


def _born_ceiling(alike: Mapping[str, Likeness]) -> int:
    numbered = _has_number(alike)
    match alike["dob"]:
        case Likeness.DIFFERENT:
            named = _DIFFERENT not in {alike["given"], alike["family"]}
            return _FOR_A_PERSON if numbered and named else _OTHERWISE_BORN
        case Likeness.SIMILAR:
            return _WHOLE if numbered else _NOT_A_MATCH
        case Likeness.UNKNOWN:
            return _NEVER_BORN
        case _:
            return _WHOLE


def _sex_ceiling(alike: Mapping[str, Likeness]) -> int:
    if alike["sex"] is not _DIFFERENT:
        return _WHOLE
    # Daniel and Danielle may be twins.
    return _FOR_A_PERSON if alike["given"] is _SAME or _has_number(alike) else _NOT_EVEN_POTENTIAL


def _number_ceiling(alike: Mapping[str, Likeness]) -> int:
    if alike["nhs"] is _DIFFERENT:
        return _FOR_A_PERSON
    # A child may have been given two pupil numbers by two schools.
    return _NOT_A_MATCH if alike["upn"] is _DIFFERENT and alike["nhs"] is not _SAME else _WHOLE
