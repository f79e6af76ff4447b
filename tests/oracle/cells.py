"""Which questions are asked of the sharing decision when every row's every condition is tried on both sides?

A cell is a question in which one row decides, and what differs from it in one fact or in two. So each condition of each
row is met and missed where nothing before it has answered already, and together with every other fact there is. What
the family said is crossed in full besides, for one consent and for pairs of them.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import combinations, product
from typing import Any, Final

from gateway.consent.question import (
    Agreement,
    Consent,
    CourtOrder,
    Detriment,
    MatchFact,
    Mode,
    Override,
    ProtectionFlag,
    Purpose,
    Question,
)
from gateway.model.category import Category
from tests.unit.consent.questions import POLICY, a_question
from tests.unit.consent.row_parts import Told
from tests.unit.consent.test_rows import FIRES

Change = Callable[[Question], Question]
C: Final = Category
CONTENT: Final = ("REQUEST_EH", "COORDINATE", "SCHOOL_EXPORT", "STEP_UP", "SAFEGUARD_S17")
RESTING: Final = (*((Purpose(name), "L2") for name in CONTENT), (Purpose.TRANSFER, "L2"), (Purpose.STEP_UP, "L3"))
"""The purposes, with a level, for which it matters what the family said."""
PERMITTING: Final = frozenset(f"{row.number}{row.part}" for row in POLICY.rows if row.result == "permit")
YEAR: Final = (datetime(2026, 9, 1, tzinfo=UTC), datetime(2027, 9, 1, tzinfo=UTC))
AT: Final = datetime(2026, 11, 23, 9, tzinfo=UTC)
YES: Final = Consent(
    consent_id="x1",
    giver_capacity="PARENT_PR",
    kinds=("SHARE", "TRANSFER"),
    purposes=CONTENT,
    status="GIVEN",
    mode="WRITTEN_SIGNED",
    effective_from=YEAR[0],
    expires_on=YEAR[1],
    conflict=False,
)
NO: Final = replace(YES, consent_id="x2", status="REFUSED", purposes=())


def _fact(**facts: Any) -> Change:
    return lambda question: replace(question, **facts)


def _requester(**facts: Any) -> Change:
    return lambda question: replace(question, requester=replace(question.requester, **facts))


def _recipient(**facts: Any) -> Change:
    return lambda question: replace(question, recipient=replace(question.recipient, **facts))


def _consent(**facts: Any) -> Change:
    """Change the first consent; where there is none, there is one now."""

    def changed(question: Question) -> Question:
        first, *rest = question.consents or (YES,)
        return replace(question, consents=(replace(first, **facts), *rest))

    return changed


def _more(consent: Consent) -> Change:
    return lambda question: replace(question, consents=(*question.consents, consent))


def _flag(flag: str, *needs: str, whole: bool | None = None) -> Change:
    said = ProtectionFlag(flag=flag, person="p1", need_list=needs, whole_payload=whole)
    return lambda question: replace(question, flags=(*question.flags, said))


def _all_consents(**facts: Any) -> Change:
    return lambda question: replace(
        question, consents=tuple(replace(consent, **facts) for consent in question.consents)
    )


def _limited(question: Question, **lists: tuple[str, ...]) -> Question:
    """Return *question* in which every consent keeps back more."""
    longer = [{name: (*getattr(one, name), *more) for name, more in lists.items()} for one in question.consents]
    consents = (replace(one, **more) for one, more in zip(question.consents, longer, strict=True))
    return replace(question, consents=tuple(consents))


FLAGS: Final = ("ADDRESS_WITHHELD", "ADOPTED", "POLICE_HOLD", "INFORMANT", "COMPETENT_CONFIDENTIAL", "THIRD_PARTY")
MANAGER: Final = Override(asserted=True, basis="safeguarding", rationale="invented reasons", authoriser_role="DSL")
TIMES: Final = {
    "in force": YEAR,
    "begins now": (AT, YEAR[1]),
    "begins later": (datetime(2026, 12, 1, tzinfo=UTC), YEAR[1]),
    "ends now": (YEAR[0], AT),
    "no start": (None, YEAR[1]),
    "no end": (YEAR[0], None),
    "two weeks": (datetime(2026, 11, 9, tzinfo=UTC), YEAR[1]),
}
ORGANISATIONS: Final = {
    "social care": ("csc-1", "csc"),
    "school": ("school-1", "school"),
    "surgery": ("gp-1", "gp"),
    "borough": ("borough-2", "borough"),
    "nobody": (None, None),
}
EVERYTHING: Final = tuple(category for category in Category if category is not Category.ROUTING)

FACTORS: Final[Mapping[str, tuple[Change, ...]]] = {
    "purpose": tuple(_fact(purpose=purpose) for purpose in Purpose),
    "mode": tuple(_fact(mode=mode) for mode in Mode),
    "direction": tuple(_fact(direction=way) for way in ("in", "out", None)),
    "level": tuple(_fact(level=level) for level in (None, "NONE", "L2", "L3", "L4", "IMMEDIATE")),
    "area": (_fact(area="E09000028"), _fact(area=None)),
    "authenticated": (_requester(authenticated=True), _requester(authenticated=None)),
    "training": (_requester(training_valid=True), _requester(training_valid=False)),
    "signed": (_requester(agreement_signed=True), _requester(agreement_signed=None)),
    "sender listed": (_requester(listed_safeguarding_person=True), _requester(listed_safeguarding_person=None)),
    "role": tuple(_requester(role=role) for role in ("SOCIAL_WORKER", "CSC_TEAM_MANAGER", "AUDITOR", "DPO", None)),
    "who": tuple(_recipient(organisation=name, type=kind) for name, kind in ORGANISATIONS.values()),
    "directory": (_recipient(in_directory=True), _recipient(in_directory=None)),
    "channel": (_recipient(secure_channel=True), _recipient(secure_channel=False)),
    "listed": (_recipient(listed_safeguarding_person=True), _recipient(listed_safeguarding_person=None)),
    "could reidentify": tuple(_recipient(could_reidentify=known) for known in (True, False, None)),
    "held": (_recipient(held_content=True), _recipient(held_content=None)),
    "agreement": tuple(
        _recipient(agreement=agreement)
        for agreement in (
            Agreement(status="in_force"),
            Agreement(status="expired", expired_days=30),
            Agreement(status="expired", expired_days=31),
            Agreement(status="missing"),
            None,
        )
    ),
    "categories": tuple(
        _fact(categories=categories)
        for categories in (
            (),
            (C.ROUTING,),
            EVERYTHING,
            *((one,) for one in (C.ID, C.EDU, C.ADOPT, C.POLICE, C.THIRD, C.HEALTH_S, C.OPINION)),
            (C.ADDR, C.CONTACT),
            (C.POLICE, C.THIRD),
            (C.HEALTH_S, C.SEXOR),
        )
    ),
    "status": tuple(
        _consent(status=status)
        for status in ("GIVEN", "GIVEN_LIMITED", "REFUSED", "WITHDRAWN", "EXPIRED", "SUPERSEDED", None)
    ),
    "capacity": tuple(_consent(giver_capacity=who) for who in ("PARENT_PR", "CHILD_COMPETENT", "CARER", None)),
    "kinds": tuple(_consent(kinds=kinds) for kinds in (("SHARE",), ("TRANSFER",), ("SCHOOL_EXPORT",), ("ASSESS",), ())),
    "purposes": tuple(_consent(purposes=purposes) for purposes in (CONTENT, ("TRANSFER",), ("SAR",), ())),
    "manner": tuple(_consent(mode=mode) for mode in ("ELECTRONIC", "VERBAL_WITNESSED", None)),
    "times": tuple(_consent(effective_from=start, expires_on=end) for start, end in TIMES.values()),
    "allowed": tuple(
        _consent(agencies_allowed=listed)
        for listed in ((), ("camhs-1", "csc-1", "borough-2"), ("health",), ("nobody-1",), ("ANY_LA",))
    ),
    "denied": tuple(_consent(agencies_denied=listed) for listed in ((), ("camhs-1",), ("csc",), ("gp",), ("health",))),
    "kept back": tuple(_consent(categories_denied=kept) for kept in ((), ("CAT-ID",), ("CAT-ID", "CAT-EDU"))),
    "conflict": tuple(_consent(conflict=known) for known in (True, False, None)),
    "another word": (
        _fact(consents=()),
        _more(NO),
        _more(replace(NO, status="WITHDRAWN", purposes=("SAR",))),
        _more(replace(NO, giver_capacity="CHILD_COMPETENT", purposes=CONTENT)),
        _more(YES),
        _more(replace(YES, mode="VERBAL_WITNESSED")),
        _more(replace(YES, giver_capacity="CARER")),
        _more(replace(YES, status="EXPIRED")),
    ),
    "override": tuple(
        _fact(override=override)
        for override in (
            None,
            MANAGER,
            replace(MANAGER, authoriser_role="SCHOOL_USER"),
            replace(MANAGER, rationale=None),
            replace(MANAGER, asserted=None),
            replace(MANAGER, basis="competent-confidential"),
        )
    ),
    "flags": (
        _fact(flags=()),
        *(_flag(flag) for flag in FLAGS),
        *(_flag(flag, "camhs-1", "csc-1", "school-1") for flag in FLAGS),
        _flag("POLICE_HOLD", whole=True),
        _flag("SOMETHING_NEW"),
    ),
    "match": tuple(
        _fact(match=None if status is None else MatchFact(status=status))
        for status in ("MATCH", "NEW", "POTENTIAL", "LOW", "MANY", "NONE", None)
    ),
    "joined": (_fact(joined_by_match=True), _fact(joined_by_match=False)),
    "emergency": (_fact(emergency=True), _fact(emergency=None)),
    "relevant": (_fact(deemed_relevant=True), _fact(deemed_relevant=None)),
    "detriment": tuple(
        _fact(detriment=detriment)
        for detriment in (
            None,
            Detriment(assessed=True, harmful=False),
            Detriment(assessed=True, harmful=True),
            Detriment(assessed=None, harmful=False),
        )
    ),
    "order": tuple(
        _fact(court_order=order)
        for order in (
            None,
            CourtOrder(kind="requires_disclosure", verified=True),
            CourtOrder(kind="requires_disclosure", verified=False),
            CourtOrder(kind="prohibits_disclosure", verified=True),
            CourtOrder(),
        )
    ),
    "duty": (_fact(switches={"s16LA": True}), _fact(switches={})),
    **{
        name: (_fact(**{name: True}), _fact(**{name: False}), _fact(**{name: None}))
        for name in (
            "statutory_episode_open",
            "caller_verified",
            "consent_mode_satisfied",
            "family_agreement",
            "recorded_concern",
            "no_consent_block",
            "early_help_alone",
            "agreement_on_form",
            "can_go_back",
        )
    },
}
"""The equivalence classes of every fact that a condition of the table looks at."""

DENIALS: Final[Mapping[str, Change]] = {
    "a refusal": _more(NO),
    "a withdrawal": _more(replace(NO, status="WITHDRAWN", kinds=("SHARE",))),
    "a withdrawal of transfer": _more(replace(NO, status="WITHDRAWN", kinds=("TRANSFER",))),
    "every consent withdrawn": _all_consents(status="WITHDRAWN"),
    "every consent refused": _all_consents(status="REFUSED"),
    "every consent run out": _all_consents(status="EXPIRED"),
    "a disagreement": _all_consents(conflict=True),
    "the recipient excluded": lambda question: _limited(
        question, agencies_denied=(question.recipient.organisation or "nobody",)
    ),
    "a kind of information excluded": lambda question: _limited(question, categories_denied=("CAT-ID",)),
    **{f"a flag {flag}": _flag(flag) for flag in (*FLAGS, "SOMETHING_NEW")},
    "all held by the police": _flag("POLICE_HOLD", whole=True),
    "a court forbids it": _fact(court_order=CourtOrder(kind="prohibits_disclosure", verified=True)),
    "an insecure channel": _recipient(secure_channel=False),
    "an unknown recipient": _recipient(in_directory=False),
    "an unknown sender": _requester(authenticated=False),
    "training lapsed": _requester(training_valid=False),
    "no agreement": _recipient(agreement=None),
    "the family does not agree": _fact(family_agreement=False),
    "it would do harm": _fact(detriment=Detriment(assessed=True, harmful=True)),
}
"""What must never let more go than went without it."""


def bases() -> tuple[Told, ...]:
    """Return one question for each row, in which that row speaks."""
    return tuple({told.row: told for told in reversed(FIRES)}.values())


def near(base: Question) -> Iterator[Question]:
    """Return *base*, and what differs from it in one fact."""
    yield base
    for changes in FACTORS.values():
        for change in changes:
            yield change(base)


def far(base: Question, *, share: float = 1.0, seed: int = 0) -> Iterator[Question]:
    """Return what differs from *base* in two facts: all of it, or a *share* of it drawn by *seed*."""
    rng = random.Random(seed)  # noqa: S311  # a seed that repeats, not a secret
    for one, other in combinations(FACTORS.values(), 2):
        for first in one:
            changed = first(base)
            for second in other:
                if share >= 1.0 or rng.random() < share:
                    yield second(changed)


CROSSED: Final = (
    ("status", "capacity", "times", "manner", "allowed", "denied"),
    ("status", "kinds", "purposes", "times", "conflict"),
)
"""What one consent says, in two crossings: of what it says it is, and of what it says it is about."""


def of_one_consent(base: Question) -> Iterator[Question]:
    """Return the ways in which one consent can stand to *base*, each crossing in full."""
    given = replace(base, consents=(YES,))
    for names in CROSSED:
        for changes in product(*(FACTORS[name] for name in names)):
            yield _changed(given, changes)


def of_two_consents(base: Question) -> Iterator[Question]:
    """Return every pair of consents each of which differs in two things at most from a plain yes."""
    said = dict.fromkeys((YES, *_one_thing(), *_two_things()))
    for pair in product(said, said):
        yield replace(base, consents=pair)


def _one_thing() -> list[Consent]:
    names = sorted({name for crossing in CROSSED for name in crossing})
    return [_as_consent((change,)) for name in names for change in FACTORS[name]]


def _two_things() -> list[Consent]:
    return [
        _as_consent((first, second))
        for one, other in combinations(("status", "capacity", "purposes"), 2)
        for first, second in product(FACTORS[one], FACTORS[other])
    ]


def _as_consent(changes: tuple[Change, ...]) -> Consent:
    return _changed(Question(purpose=Purpose.COORDINATE, at=AT, consents=(YES,)), changes).consents[0]


def _changed(question: Question, changes: Iterable[Change]) -> Question:
    for change in changes:
        question = change(question)
    return question


def parts() -> int:
    """Return in how many parts all cells come."""
    return len(_parts(1.0))


def of_part(number: int, *, share: float) -> Iterator[Question]:
    """Return the cells of one part; of what differs in two facts from a row that does not permit, a *share*."""
    return _parts(share)[number]()


def _parts(share: float) -> list[Callable[[], Iterator[Question]]]:
    asked = a_question(consents=())
    resting = [replace(asked, purpose=purpose, level=level) for purpose, level in RESTING]
    return [
        *(partial(far, told.question, share=_share(told, share), seed=place) for place, told in enumerate(bases())),
        *(partial(of_one_consent, question) for question in resting),
        *(partial(of_two_consents, question) for question in resting),
        *(partial(near, told.question) for told in FIRES),
    ]


def _share(told: Told, share: float) -> float:
    return 1.0 if told.row in PERMITTING else share


def a_sample(size: int, *, seed: int) -> list[Question]:
    """Return *size* cells: of a row's question, and of what differs from it in up to four facts."""
    rng = random.Random(seed)  # noqa: S311  # a seed that repeats, not a secret
    factors = list(FACTORS.values())
    told = bases()
    cells: list[Question] = []
    for number in range(size):
        picked = rng.sample(factors, rng.randint(0, 4))
        cell = _changed(told[number % len(told)].question, [rng.choice(changes) for changes in picked])
        cells.append(replace(cell, categories=EVERYTHING) if number % 3 == 0 else cell)
    return cells
