"""What kind of information can a field be, and how much does it hurt if it goes astray?"""

from dataclasses import field
from enum import StrEnum
from typing import TypeVar, cast

T = TypeVar("T")


class Category(StrEnum):
    """The kinds of information that consent and policy rule on."""

    ID = "CAT-ID"
    CONTACT = "CAT-CONTACT"
    ADDR = "CAT-ADDR"
    FAMILY = "CAT-FAMILY"
    EDU = "CAT-EDU"
    HEALTH_G = "CAT-HEALTH-G"
    HEALTH_S = "CAT-HEALTH-S"
    EMO = "CAT-EMO"
    PARENT = "CAT-PARENT"
    FIN = "CAT-FIN"
    HOUSING = "CAT-HOUSING"
    CRIME = "CAT-CRIME"
    DA = "CAT-DA"
    IMM = "CAT-IMM"
    RELIG_ETH = "CAT-RELIG-ETH"
    SEXOR = "CAT-SEXOR"
    THIRD = "CAT-THIRD"
    OPINION = "CAT-OPINION"
    PLAN = "CAT-PLAN"
    PCI = "CAT-PCI"
    CONSENT = "CAT-CONSENT"
    ADOPT = "CAT-ADOPT"
    POLICE = "CAT-POLICE"
    ROUTING = "CAT-ROUTING"
    """References, dates and states without which a document cannot be handled; never withheld, never personal."""


class Sensitivity(StrEnum):
    """How much harm a field can do in the wrong hands."""

    S0 = "S0"
    """Routing and references."""
    S1 = "S1"
    """Identity."""
    S2 = "S2"
    """Ordinary personal data."""
    S3 = "S3"
    """Special category, criminal or financial data."""
    S4 = "S4"
    """Protected: a withheld address, an adoption, a third party, something the police hold."""


def told(
    category: Category,
    sensitivity: Sensitivity = Sensitivity.S2,
    *,
    locates: bool = False,
    internal: bool = False,
    default: object = None,
) -> T:  # type: ignore[type-var]  # as dataclasses.field() itself: the field's annotation says what it is
    """Declare a field of the canonical model.

    Args:
        category: what consent rules on.
        sensitivity: how much harm the value can do.
        locates: the value can tell where somebody is: an address, a school, a surgery, an authority's name, and any
            free text, because people write addresses into free text.
        internal: the value, and everything below it, stays with whoever it came from: no permit lets it go.
        default: what an absent value is; absent is `None`, or `()` for a list.

    Returns: a dataclass field, typed as whatever the annotation beside it asks for.
    """
    return _declared(category, sensitivity, locates=locates, internal=internal, default=default)


def of_its_part(*, locates: bool = False, default: object = None) -> T:  # type: ignore[type-var]
    """Declare a field that is of whatever kind the part is it stands in, as the field that holds the part says.

    The nineteen elements of an assessment look alike, and one is about health where another is about school.
    """
    return _declared(None, None, locates=locates, internal=False, default=default)


def _declared(
    category: Category | None, sensitivity: Sensitivity | None, *, locates: bool, internal: bool, default: object
) -> T:  # type: ignore[type-var]
    metadata = {"category": category, "sensitivity": sensitivity, "locates": locates, "internal": internal}
    return cast("T", field(default=default, metadata=metadata))
