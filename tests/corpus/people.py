"""Who is there to be written about? Invented families, visibly so."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from tests.corpus import rates

_GIVEN = ("Testina", "Tobias", "Zoë", "Siân", "Ruby", "Otto", "Mabel", "Idris", "Aurélie", "Yusuf", "Nia", "Bo", "Ayo")
_SHORT = {"Testina": "Tess", "Tobias": "Toby", "Mabel": "May", "Aurélie": "Rélie", "Yusuf": "Yus"}
_ENDS = ("eton", "by", "wick", "ford", "ham", "ley", "O'", "-Unreal", "-Madeup")
_SYLLABLES = (
    "ba",
    "de",
    "fi",
    "go",
    "hu",
    "ja",
    "ke",
    "li",
    "mo",
    "nu",
    "pa",
    "re",
    "si",
    "to",
    "vu",
    "wa",
    "ye",
    "zo",
)
_STREETS = ("Nowhere Lane", "Imaginary Court", "Invented Road", "Made-up Street", "Example Avenue", "Fiction Close")
_UPN = "ABCDEFGHJKLMNPQRTUVWXYZ"
_TODAY = date(2026, 11, 23)
_OLDEST_DAYS = 17 * 365


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A child as they really are. `number` is their own; `expected` is set instead of `born` for one not born yet."""

    number: int
    given: str
    middle: str
    family: str
    born: date | None
    expected: date | None
    sex: str
    ethnicity: str
    upn: str
    nhs: str

    @property
    def short(self) -> str:
        """Return what the child is called at home."""
        return _SHORT.get(self.given, self.given)


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A family: its children, a mother, and where it lives."""

    children: tuple[Child, ...]
    mother: str
    father: str
    house: int
    street: str
    postcode: str
    telephone: str
    has_two_contacts: bool
    has_two_telephones: bool

    def elsewhere(self, chance: Random) -> "Family":
        """Return the family after a move."""
        return replace(self, house=chance.randint(1, 99), street=chance.choice(_STREETS), postcode=_postcode(chance))


def a_family(chance: Random, number: int) -> Family:
    """Return an invented family; *number* is the first of its children's own numbers."""
    name = _family_name(chance)
    many = 2 if chance.random() < rates.SIBLING_TOO else 1
    twins = many > 1 and chance.random() < rates.TWINS / rates.SIBLING_TOO
    first = _child(chance, number, name)
    others = [_child(chance, number + place, name) for place in range(1, many)]
    if twins:
        others = [replace(one, born=first.born, expected=first.expected) for one in others]
    return Family(
        children=(first, *others),
        mother=f"{chance.choice(('Mona', 'Hetty', 'Nana'))} {name}",
        father=f"{first.given if chance.random() < rates.FATHERS_NAME else 'Fred'} {name}",
        house=chance.randint(1, 99),
        street=chance.choice(_STREETS),
        postcode=_postcode(chance),
        telephone=f"07700 900{chance.randint(0, 999):03d}",
        has_two_contacts=chance.random() < rates.SEVERAL_CONTACTS,
        has_two_telephones=chance.random() < rates.SEVERAL_TELEPHONES,
    )


def _child(chance: Random, number: int, family: str) -> Child:
    born = _TODAY - timedelta(days=chance.randint(30, _OLDEST_DAYS))
    is_unborn = chance.random() < rates.UNBORN
    return Child(
        number=number,
        given="" if is_unborn else chance.choice(_GIVEN) + chance.choice(("", "", "ra", "ko", "li", "na")),
        middle=chance.choice(("Mock", "Sample", "Trial")),
        family=family,
        born=None if is_unborn else born,
        expected=_TODAY + timedelta(days=chance.randint(7, 200)) if is_unborn else None,
        sex="0" if is_unborn else chance.choice("12"),
        ethnicity=chance.choices(("WBRI", "WOTH", "BAFR", "MWBC", "APKN", "ABAN", "OOTH"), (55, 15, 8, 7, 6, 5, 4))[0],
        upn=_upn(chance),
        nhs=_nhs(chance),
    )


def _family_name(chance: Random) -> str:
    name = "".join(chance.choice(_SYLLABLES) for _ in range(3)).title()
    end = chance.choice(_ENDS)
    return f"O'{name}" if end == "O'" else name + end


def _postcode(chance: Random) -> str:
    return f"ZZ{chance.randint(1, 99)} {chance.randint(1, 9)}{chance.choice('ABCDEF')}{chance.choice('ABCDEF')}"


def _upn(chance: Random) -> str:
    """Return a sound pupil number of the local authority for tests."""
    rest = f"999{chance.randint(1000, 9999)}{chance.randint(10, 26)}{chance.randint(0, 999):03d}"
    return _UPN[sum(int(digit) * place for place, digit in enumerate(rest, start=2)) % len(_UPN)] + rest


def _nhs(chance: Random) -> str:
    """Return a sound NHS number of the range kept for tests."""
    while True:
        digits = f"999{chance.randint(0, 999_999):06d}"
        check = 11 - sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=True)) % 11
        if check != 10:
            return f"{digits}{check % 11}"
