"""What is known about one child that can tell them from another?

Former names are left out on purpose: an adopted child's earlier name must never lead to their earlier record.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from gateway.errors import IntegrityError
from gateway.model.identifiers import NhsNumber, Upn, normal_postcode
from gateway.model.tree import Group, Tree

_SEXES = {"1": "1", "m": "1", "male": "1", "boy": "1", "2": "2", "f": "2", "female": "2", "girl": "2"}
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_NOBODY_BORN = frozenset({date(1900, 1, 1), date(1899, 12, 31), date(1970, 1, 1), date(1901, 1, 1)})
"""What systems write when they do not know."""
_NO_PLACE = frozenset({"ZZ99 3VZ", "ZZ99 3WZ", "ZZ99 3CZ"})
"""The NHS's postcodes for no fixed abode, not known, and England not otherwise stated: thousands share them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """One child as one document tells it; what is absent is not known.

    Shape: names and address as written. `born` and `expected` are sound dates, `postcode` has one blank, `sex` is `1`
    or `2`, `upn` and `nhs` passed their checks: whatever did not is absent here.
    """

    given: str | None = None
    family: str | None = None
    preferred: str | None = None
    born: date | None = None
    expected: date | None = None
    postcode: str | None = None
    address: str | None = None
    sex: str | None = None
    upn: str | None = None
    nhs: str | None = None


def from_child(child: Group) -> Identity:
    """Return the identity of a canonical child."""
    place = child.get("address")
    address = place if isinstance(place, dict) else {}
    lines = address.get("lines")
    return Identity(
        given=_text(child, "given_names"),
        family=_text(child, "family_name"),
        preferred=_text(child, "preferred_name"),
        born=_date(_text(child, "born")),
        expected=_date(_text(child, "expected")),
        postcode=_postcode(_text(address, "postcode")),
        address=_joined(lines),
        sex=_sex(_text(child, "sex")),
        upn=_upn(_text(child, "upn")),
        nhs=_nhs(_text(child, "nhs_number")),
    )


def from_columns(row: Mapping[str, str | None], prefix: str = "") -> Identity:
    """Return the identity told by the columns `given, family, dob, postcode, address, sex, upn, nhs` of *row*."""

    def cell(name: str) -> str | None:
        return (row.get(f"{prefix}{name}") or "").strip() or None

    return Identity(
        given=cell("given"),
        family=cell("family"),
        born=_date(cell("dob")),
        postcode=_postcode(cell("postcode")),
        address=cell("address"),
        sex=_sex(cell("sex")),
        upn=_upn(cell("upn")),
        nhs=_nhs(cell("nhs")),
    )


def identity_to_json(identity: Identity) -> Group:
    """Return *identity* as a tree without its absent parts."""
    known: dict[str, str | date | None] = {name: getattr(identity, name) for name in Identity.__slots__}
    return {name: str(value) for name, value in known.items() if value is not None}


def identity_from_json(tree: Group) -> Identity:
    """Return the identity that `identity_to_json` wrote.

    Raises:
        IntegrityError: it is not what was written; the message never repeats a value.
    """
    odd = sorted(set(tree) - set(Identity.__slots__))
    if odd:
        raise IntegrityError(f"a stored identity has a field {odd[0]!r} that no identity has")
    texts = {name: _text(tree, name) for name in tree}
    try:
        dates = {name: date.fromisoformat(texts.pop(name) or "") for name in ("born", "expected") if name in texts}
    except ValueError:
        raise IntegrityError("a stored identity has a date that is none") from None
    return Identity(**texts, **dates)  # type: ignore[arg-type]  # the names were compared with the fields above


def _text(group: Mapping[str, Tree], name: str) -> str | None:
    value = group.get(name)
    return value.strip() or None if isinstance(value, str) else None


def _joined(lines: Tree) -> str | None:
    if not isinstance(lines, list):
        return None
    return ", ".join(line for line in lines if isinstance(line, str) and line.strip()) or None


def _date(written: str | None) -> date | None:
    """Return the date *written* stands for; two-digit years and other riddles stand for none."""
    if written is None:
        return None
    found = _DAY_FIRST.fullmatch(written)
    try:
        day = date(int(found[3]), int(found[2]), int(found[1])) if found else date.fromisoformat(written[:10])
    except ValueError:
        return None
    return None if day in _NOBODY_BORN else day


def _postcode(written: str | None) -> str | None:
    postcode = normal_postcode(written) if written else None
    return None if postcode in _NO_PLACE else postcode


def _sex(written: str | None) -> str | None:
    return _SEXES.get(written.casefold()) if written else None


def _upn(written: str | None) -> str | None:
    """Return a number whose check letter is right; any other is no key to anybody."""
    upn = Upn("".join(written.split()).upper()) if written else None
    return upn.value if upn is not None and upn.is_sound else None


def _nhs(written: str | None) -> str | None:
    number = NhsNumber(re.sub(r"[\s-]", "", written)) if written else None
    return number.value if number is not None and number.is_sound else None
