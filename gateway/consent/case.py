"""What does a rule look at while one question is decided?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from gateway.consent.question import Mode, Purpose, Question
from gateway.consent.statement_rules import Standing, Terms, standing_of
from gateway.model.category import Category

FLAGS: Final = frozenset(
    {"ADDRESS_WITHHELD", "ADOPTED", "POLICE_HOLD", "INFORMANT", "COMPETENT_CONFIDENTIAL", "THIRD_PARTY"}
)
"""The protection flags there are. A mark that is none of them protects like all of them."""


class ContentWhen(StrEnum):
    """When a purpose carries content that may go only with the family's consent."""

    ALWAYS = "always"
    UNLESS_DRAFT = "unless draft"
    """Not where a school's form comes in without a consent block: that becomes a draft and goes no further."""
    BELOW_LEVEL_3 = "below level 3"


class CheckConsent(StrEnum):
    """What an area wants of the family's consent before it says whether there is a record; each asks for more."""

    STATED = "stated"
    """That whoever asks says that it is there."""
    RECORDED = "recorded"
    """Besides, that it is on record, spoken or in writing."""
    EXPRESS = "express"
    """Besides, that it is in writing."""


class Point(StrEnum):
    """What a policy may leave to areas: in a profile of its own an area may ask for more, never for less."""

    AGREEMENT_FIRST = "agreement_first"
    """Whether a form for early help alone waits for the family's agreement."""
    CHECK_CONSENT = "check_consent"
    """What is wanted before anybody is told whether there is a record."""
    SPOKEN_IS_ENOUGH = "spoken_is_enough"
    """For which purposes a spoken consent will do."""
    VERBAL_WORKING_DAYS = "verbal_working_days"
    """For how many working days a spoken consent counts."""
    AGREEMENT_GRACE_DAYS = "agreement_grace_days"
    """How long after a sharing agreement has run out a person may still decide."""
    STEP_DOWN_FROM = "step_down_from"
    """From where in social care a case may step down to early help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """The lists that rules look things up in, as the policy file gives them.

    Shape: `minimum` is what a purpose may carry at most; a purpose that is not named has no such limit.
    `may_be_empty` are the purposes whose document is of use without any content.
    """

    minimum: Mapping[Purpose, frozenset[Category]]
    may_be_empty: frozenset[Purpose]
    content: Mapping[Purpose, ContentWhen]
    terms: Terms
    manager_roles: frozenset[str]
    audit_roles: frozenset[str]
    social_work_roles: frozenset[str]
    health_need_types: frozenset[str]
    parent_or_school_types: frozenset[str]
    family_types: frozenset[str]
    police_need_types: frozenset[str]
    check_need_types: frozenset[str]
    confidential: frozenset[Category]
    agreement_grace_days: int
    agreement_first: frozenset[str] = frozenset()
    """Areas (GSS codes) where a form for early help alone waits for the family's agreement."""
    check_consent: CheckConsent = CheckConsent.STATED
    spoken_is_enough: frozenset[Purpose] = frozenset({Purpose.REQUEST_EH})
    step_down_from: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By area, from where a case may step down (`Question.steps_down_from`); in an area not named, from anywhere."""


class Case:
    """One question while it is decided: its facts, the tables, and what was worked out on the way.

    Shape: `permit_rests_on_consent` and `permit_rests_on_need` are set once a terminal row has permitted.
    """

    __slots__ = (
        "_standing",
        "asked",
        "content",
        "hidden",
        "permit_rests_on_consent",
        "permit_rests_on_need",
        "question",
        "settled",
        "tables",
    )

    def __init__(self, question: Question, tables: Tables) -> None:
        self.question = question
        self.tables = tables
        self.content = is_content(question, tables)
        self.asked: frozenset[Category] = frozenset(question.categories) - _ROUTING
        self.hidden = _hidden(question)
        self.settled = _settled(question)
        self.permit_rests_on_consent = False
        self.permit_rests_on_need = False
        self._standing: Standing | None = None

    @property
    def standing(self) -> Standing:
        """Return how the family's word stands on this question, worked out when first asked for."""
        if self._standing is None:
            question = self.question
            self._standing = standing_of(
                question.consents,
                purpose=question.purpose,
                at=question.at,
                is_content=self.content,
                terms=self.tables.terms,
            )
        return self._standing

    @property
    def next_change(self) -> datetime | None:
        """Return the next instant at which time alone could change what the rules saw so far, or None."""
        if self._standing is None or not self._standing.changes:
            return None
        return min(self._standing.changes)

    def hides(self, name: str) -> bool:
        """Tell whether a *name* flag on anybody protects them from this recipient.

        It does not where the recipient is on that person's need-list, nor where somebody conveys their own document
        to a listed safeguarding recipient.
        """
        return name in self.hidden

    @property
    def recipient_is_listed(self) -> bool:
        """Tell whether the recipient is known to be a listed safeguarding recipient."""
        return self.question.recipient.listed_safeguarding_person is True

    @property
    def beyond_minimum(self) -> frozenset[Category]:
        """Return what is asked for beyond the least the purpose needs.

        A school's own form that comes in is no export of ours: the assessment in it is why it was sent. A purpose
        without a limit of its own has that of an emergency where it is one, or about significant harm.
        """
        question = self.question
        limits, comes_in = self.tables.minimum, question.purpose is Purpose.SCHOOL_EXPORT and question.direction == "in"
        minimum = None if comes_in else limits.get(question.purpose)
        if minimum is None and _is_urgent(question):
            minimum = limits.get(Purpose.EMERGENCY)
        return frozenset() if minimum is None else self.asked - minimum

    @property
    def denied_by_consent(self) -> frozenset[Category]:
        """Return what is asked for and the family said may not go. A word nobody knows denies everything."""
        binding = self.standing.binding
        words = {word for consent in binding for word in consent.categories_denied}
        if words - _CATEGORIES:
            return self.asked
        limits = [consent.categories_allowed for consent in binding if consent.categories_allowed]
        return frozenset(item for item in self.asked if item in words or any(item not in some for some in limits))


SELECTORS: Final[Mapping[str, Callable[[Case], frozenset[Category]]]] = MappingProxyType(
    {
        "beyond-minimum": lambda case: case.beyond_minimum,
        "denied-by-consent": lambda case: case.denied_by_consent,
        "told-in-confidence": lambda case: case.asked & case.tables.confidential,
    }
)
"""What a row may redact that depends on the question."""

_ROUTING: Final = frozenset({Category.ROUTING})
_CATEGORIES: Final = frozenset(category.value for category in Category)
_URGENT: Final = frozenset({"L4", "IMMEDIATE"})
_LEVELS_3_UP: Final = frozenset({"L3", "L4", "IMMEDIATE"})


def is_content(question: Question, tables: Tables) -> bool:
    """Tell whether the document carries content that may go only with the family's consent."""
    when = tables.content.get(question.purpose)
    match when:
        case None:
            return False
        case ContentWhen.ALWAYS:
            return True
        case ContentWhen.UNLESS_DRAFT:
            return question.direction != "in" or question.no_consent_block is not True
        case ContentWhen.BELOW_LEVEL_3:
            return question.level not in _LEVELS_3_UP


def _is_urgent(question: Question) -> bool:
    return question.level in _URGENT or question.emergency is True


def _settled(question: Question) -> frozenset[str]:
    """Return the reasons whose question a person has answered with yes."""
    person = question.person_decision
    if person is None or person.choice != "permit" or not person.role or not person.reason:
        return frozenset()
    return frozenset({person.reason, *person.earlier})


def _hidden(question: Question) -> frozenset[str]:
    """Return the kinds of flag that protect somebody from this recipient."""
    if question.mode is Mode.CONVEY and question.recipient.listed_safeguarding_person is True:
        return frozenset()
    hiding = (flag for flag in question.flags if question.recipient.organisation not in flag.need_list)
    return frozenset().union(*({flag.flag} if flag.flag in FLAGS else FLAGS for flag in hiding))
