"""What kind of information can a field be, and how much does it hurt if it goes astray?"""

from dataclasses import field
from enum import StrEnum
from typing import TypeVar, cast

T = TypeVar("T")


class Tells(StrEnum):
    """Whom a value can tell of, whatever kind of information it is: what a redaction can take out by itself."""

    WORDS = "words"
    """Anything: people write into free text whatever they like."""
    INFORMANT = "informant"
    """Who told us."""
    BIRTH = "birth"
    """Who an adopted child was before."""
    CHILD = "child"
    """What the child said."""
    RELATIVE = "relative"
    """Somebody of the family who is not the child."""
    SIBLING = "sibling"
    """Another child: of a document about several, each is another child to the others."""
    PARENT_HEALTH = "parent-health"
    """A parent's own health, beside the child's."""
    STAFF = "staff"
    """Who a professional is, beside role and office."""
    CHECK = "check"
    """Whom a MASH asks its partners about."""


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
    tells: tuple[Tells, ...] = (),
    default: object = None,
) -> T:  # type: ignore[type-var]  # as dataclasses.field() itself: the field's annotation says what it is
    """Declare a field of the canonical model.

    Args:
        category: what consent rules on.
        sensitivity: how much harm the value can do.
        locates: the value can tell where somebody is: an address, a school, a surgery, an authority's name, and any
            free text, because people write addresses into free text.
        internal: the value, and everything below it, stays with whoever it came from: no permit lets it go.
        tells: of whom the value, and everything below it, can tell.
        default: what an absent value is; absent is `None`, or `()` for a list.

    Returns: a dataclass field, typed as whatever the annotation beside it asks for.
    """
    return _declared(category, sensitivity, locates=locates, internal=internal, tells=tells, default=default)


def written(
    category: Category,
    sensitivity: Sensitivity = Sensitivity.S2,
    *,
    tells: tuple[Tells, ...] = (),
    default: object = None,
) -> T:  # type: ignore[type-var]
    """Declare a field of free text: it can tell anything, so it locates as well."""
    return _declared(category, sensitivity, locates=True, tells=(Tells.WORDS, *tells), default=default)


def of_its_part(*, written: bool = False, tells: tuple[Tells, ...] = (), default: object = None) -> T:  # type: ignore[type-var]
    """Declare a field that is of whatever kind the part is it stands in, as the field that holds the part says.

    The nineteen elements of an assessment look alike, and one is about health where another is about school.
    """
    words = (Tells.WORDS,) if written else ()
    return _declared(None, None, locates=written, tells=(*words, *tells), default=default)


def _declared(
    category: Category | None,
    sensitivity: Sensitivity | None,
    *,
    locates: bool,
    tells: tuple[Tells, ...],
    default: object,
    internal: bool = False,
) -> T:  # type: ignore[type-var]
    marks = {"locates": locates, "internal": internal, "tells": frozenset(tells)}
    return cast("T", field(default=default, metadata={"category": category, "sensitivity": sensitivity, **marks}))
