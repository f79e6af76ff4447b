"""Which version of the policy holds, where and when, and what does an area's own profile make of it?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings

from gateway.consent.case import CheckConsent
from gateway.consent.decide import decide
from gateway.consent.decision import Permit
from gateway.consent.law import load_law
from gateway.consent.local_profile import laid_over, load_profile
from gateway.consent.question import Purpose, Question
from gateway.consent.rule_book import RuleBook, load_rule_book
from gateway.errors import NotFoundError, PolicyError
from tests.unit.consent.questions import (
    AT,
    BASE,
    KNOWSLEY,
    POLICY_TEXT,
    ROOT,
    SOUTHWARK,
    a_consent,
    a_question,
)
from tests.unit.consent.strategies import QUESTIONS, lets_go

FOLDER = ROOT / "mappings" / "policy"
SHIPPED = {path.relative_to(FOLDER).as_posix(): path.read_bytes() for path in FOLDER.rglob("*.toml")}
BLACKBURN, HERTFORDSHIRE, BARNET = "E06000008", "E10000015", "E09000003"
NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)
LAW = b'[s16LA]\ntitle = "t"\nsource = "s"\n[s16LC]\ntitle = "t"\nsource = "s"\n'
PROFILE = """
version = "nowhere-2026.1"
title = "Nowhere"
areas = ["E09000003"]

[[narrow]]
point = "verbal_working_days"
to = 5
plain = "A spoken consent counts for five working days."
source = "an invented protocol"
"""


def a_policy(version: str, starts: str = "") -> bytes:
    """Return the shipped policy as another version, with an `[in_force_from]` table."""
    text = POLICY_TEXT.decode().replace('version = "sharing-2026.1"', f'version = "{version}"')
    return f"{text}\n[in_force_from]\n{starts}\n".encode()


def a_book(**policies: str) -> RuleBook:
    """Return the shipped policy with others beside it: their versions, and what their `[in_force_from]` says."""
    files = {f"sharing-{name[1:].replace('_', '.')}.toml": told for name, told in policies.items()}
    made = {name: a_policy(name.removesuffix(".toml"), told) for name, told in files.items()}
    return load_rule_book({"sharing-2026.1.toml": POLICY_TEXT, **made})


def test_a_new_version_holds_from_its_first_instant_and_not_before() -> None:
    book = a_book(v2027_1='everywhere = "2027-01-01"')

    versions = [book.at(BARNET, at).policy.version for at in (NEW_YEAR - timedelta(microseconds=1), NEW_YEAR)]

    assert versions == ["sharing-2026.1", "sharing-2027.1"]


def test_a_version_may_hold_earlier_in_one_area_than_elsewhere_and_in_another_not_at_all() -> None:
    book = a_book(v2027_1='everywhere = "2027-01-01"\nE09000003 = "2026-10-01"\nE09000028 = "not yet"')

    now = [book.at(area, AT).policy.version for area in (BARNET, KNOWSLEY, SOUTHWARK, None)]
    later = [book.at(area, NEW_YEAR).policy.version for area in (BARNET, KNOWSLEY, SOUTHWARK, None)]

    assert now == ["sharing-2027.1", "sharing-2026.1", "sharing-2026.1", "sharing-2026.1"]
    assert later == ["sharing-2027.1", "sharing-2027.1", "sharing-2026.1", "sharing-2027.1"]


def test_of_versions_without_a_day_the_highest_number_holds() -> None:
    assert a_book(v2026_9="", v2026_10="").at(None, AT).policy.version == "sharing-2026.10"
    assert a_book(v999_1="").at(None, AT).policy.version == "sharing-2026.1"
    assert a_book(vdraft_1="").at(None, AT).policy.version == "sharing-2026.1"


def test_every_version_stays_readable() -> None:
    book = a_book(v2027_1='everywhere = "2027-01-01"')

    assert book.of("sharing-2026.1").digest == BASE.digest
    assert book.versions == ("sharing-2026.1", "sharing-2027.1")


def test_a_version_whose_file_is_gone_is_missed() -> None:
    book = a_book()

    with pytest.raises(NotFoundError, match="put its file back"):
        book.of("sharing-2025.1")
    with pytest.raises(NotFoundError, match="put its file back"):
        book.of("sharing-2026.1/southwark-2025.1")


def test_before_any_policy_nothing_is_decided() -> None:
    book = load_rule_book({"sharing-2027.1.toml": a_policy("sharing-2027.1", 'everywhere = "2027-01-01"')})

    with pytest.raises(PolicyError, match="no policy is in force in this area at this time"):
        book.at(BARNET, AT)


def test_a_permit_never_outlives_the_rules_it_was_made_by() -> None:
    book = a_book(v2027_1='everywhere = "2027-01-01"')
    rules = book.at(BARNET, AT)

    decision = decide(a_question(), policy=rules.policy)

    assert rules.capped(decision).grounds.valid_until == NEW_YEAR
    assert book.at(BARNET, NEW_YEAR).capped(decision) == decision


def test_what_has_no_end_under_rules_without_one_stays_without() -> None:
    rules = a_book().at(BARNET, AT)

    decision = decide(a_question(consents=()), policy=rules.policy)

    assert rules.until is None
    assert rules.capped(decision).grounds.valid_until is None


def test_the_day_of_a_law_ends_what_was_decided_before_it_too() -> None:
    book = load_rule_book({**SHIPPED, "law.toml": LAW + b'[s16LA.in_force_from]\nE09000003 = "2027-01-01"\n'})

    assert book.at(BARNET, AT).until == NEW_YEAR
    assert [book.at(BARNET, at).switches["s16LA"] for at in (AT, NEW_YEAR)] == [False, True]
    assert book.at(KNOWSLEY, NEW_YEAR).switches == {"s16LA": False, "s16LC": False}
    assert book.at(BARNET, AT).digest != book.at(BARNET, NEW_YEAR).digest


def test_the_duty_to_share_is_guidance_wherever_no_day_was_appointed() -> None:
    book = load_rule_book(SHIPPED)

    assert book.at(BARNET, AT).switches == {"s16LA": False, "s16LC": False}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (LAW.replace(b"s16LC", b"s16LB"), "no rule asks about [s16LB]; there are s16LA, s16LC"),
        (LAW[: LAW.index(b"[s16LC]")], "[s16LC] is missing"),
        (LAW + b'[s16LC.in_force_from]\neverywhere = "soon"\n', "[s16LC]: [in_force_from] everywhere: write a date"),
        (LAW + b"in_force_from = 1\n", "expected a group"),
        (b"[[", "no TOML"),
    ],
    ids=["a law nobody asks about", "a law that is missing", "a day that is none", "no table", "no TOML"],
)
def test_odd_law_switches_are_refused_with_what_is_wrong(text: bytes, message: str) -> None:
    with pytest.raises(PolicyError) as caught:
        load_law(text)

    assert message in caught.value.message


def test_an_area_goes_by_its_own_profile_and_says_so_in_the_version() -> None:
    book = load_rule_book(SHIPPED)

    assert book.at(SOUTHWARK, AT).policy.version == "sharing-2026.1/southwark-2026.1"
    assert book.at(SOUTHWARK, AT).policy.digest not in {BASE.digest, book.at(KNOWSLEY, AT).policy.digest}
    assert book.of("sharing-2026.1/southwark-2026.1") is book.at(SOUTHWARK, AT).policy
    assert book.as_if("sharing-2026.1", SOUTHWARK, AT) is book.at(SOUTHWARK, AT).policy
    assert book.at(BARNET, AT).policy.version == "sharing-2026.1"


def test_a_profile_may_begin_later_and_follow_an_older_one() -> None:
    later = PROFILE.replace("2026.1", "2027.1").replace("to = 5", "to = 3")
    later = later.replace('areas = ["E09000003"]', 'areas = ["E09000003"]\nin_force_from = {everywhere = "2027-01-01"}')
    book = load_rule_book(
        {**SHIPPED, "local/nowhere-2026.1.toml": PROFILE.encode(), "local/nowhere-2027.1.toml": later.encode()}
    )

    days = [book.at(BARNET, at).policy.tables.terms.verbal_working_days for at in (AT, NEW_YEAR)]

    assert days == [5, 3]
    assert book.of("sharing-2026.1/nowhere-2026.1").tables.terms.verbal_working_days == 5


CHECK = a_consent(kinds=("CHECK_EXISTS",), purposes=("CHECK_EXISTS",))
SPOKEN = a_consent(
    kinds=("CHECK_EXISTS",),
    purposes=("CHECK_EXISTS",),
    mode="VERBAL_WITNESSED",
    effective_from=AT - timedelta(days=1),
)


@pytest.mark.parametrize(
    ("area", "consents", "reason"),
    [
        (BARNET, (), "P-CHECK"),
        (HERTFORDSHIRE, (), "D-CHECK"),
        (HERTFORDSHIRE, (SPOKEN,), "P-CHECK"),
        (BLACKBURN, (SPOKEN,), "D-CHECK"),
        (BLACKBURN, (CHECK,), "P-CHECK"),
        (BLACKBURN, (replace(CHECK, giver_capacity="CARER"),), "D-CHECK"),
        (BLACKBURN, (replace(CHECK, kinds=("SHARE",)),), "D-CHECK"),
        (BLACKBURN, (CHECK, replace(CHECK, status="REFUSED")), "D-CHECK"),
    ],
    ids=[
        "elsewhere the caller's word is enough",
        "Hertfordshire wants it on record",
        "Hertfordshire takes a spoken one",
        "Blackburn takes no spoken one",
        "Blackburn takes a written one",
        "Blackburn wants a holder of parental responsibility",
        "Blackburn wants a consent to this",
        "a refusal outweighs a yes",
    ],
)
def test_an_area_says_what_it_wants_before_anybody_is_told_whether_there_is_a_record(
    area: str, consents: tuple[object, ...], reason: str
) -> None:
    policy = load_rule_book(SHIPPED).at(area, AT).policy
    question = a_question(
        purpose=Purpose.CHECK_EXISTS,
        area=area,
        categories=(),
        consents=consents,
        consent_mode_satisfied=True,
        caller_verified=True,
    )

    assert decide(question, policy=policy).grounds.reason == reason


@pytest.mark.parametrize(
    ("area", "stands", "reason"),
    [
        (KNOWSLEY, "child_protection", "D-SD-FROM"),
        (KNOWSLEY, None, "D-SD-FROM"),
        (KNOWSLEY, "child_in_need", "P-SD"),
        (BARNET, "child_protection", "P-SD"),
        (BARNET, None, "P-SD"),
    ],
)
def test_knowsley_steps_nothing_down_straight_from_child_protection(area: str, stands: str | None, reason: str) -> None:
    policy = load_rule_book(SHIPPED).at(area, AT).policy
    question = a_question(purpose=Purpose.STEP_DOWN, family_agreement=True, area=area, steps_down_from=stands)

    assert decide(question, policy=policy).grounds.reason == reason


STRICTEST = laid_over(
    BASE,
    load_profile(
        (
            PROFILE
            + "".join(
                f'\n[[narrow]]\npoint = "{point}"\nto = {to}\nplain = "p"\nsource = "s"\n'
                for point, to in (
                    ("spoken_is_enough", "[]"),
                    ("agreement_grace_days", "0"),
                    ("check_consent", '"express"'),
                    ("agreement_first", "true"),
                    ("step_down_from", '["assessment"]'),
                )
            )
        ).encode()
    ),
)


def test_all_narrowings_hold_together() -> None:
    tables = STRICTEST.tables

    assert tables.spoken_is_enough == frozenset()
    assert (tables.agreement_grace_days, tables.check_consent) == (0, CheckConsent.EXPRESS)
    assert tables.agreement_first == {BARNET}
    assert tables.step_down_from == {BARNET: {"assessment"}}
    assert len(STRICTEST.narrowed) == 6
    spoken = a_question(
        purpose=Purpose.REQUEST_EH,
        consents=(a_consent(purposes=("REQUEST_EH",), mode="VERBAL_WITNESSED", effective_from=AT - timedelta(days=1)),),
    )
    assert isinstance(decide(spoken, policy=BASE), Permit)
    assert decide(spoken, policy=STRICTEST).grounds.reason == "H-VERBAL"


@settings(max_examples=100, deadline=None)
@given(QUESTIONS)
def test_whatever_an_area_asks_for_nothing_goes_that_would_not_go_elsewhere(question: Question) -> None:
    asked = replace(question, area=BARNET)

    elsewhere, here = decide(asked, policy=BASE), decide(asked, policy=STRICTEST)

    assert lets_go(here) <= lets_go(elsewhere)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("sharing-2026.2.toml", POLICY_TEXT, "it holds version sharing-2026.1; call it sharing-2026.1.toml"),
        ("a/b.toml", POLICY_TEXT.replace(b'"sharing-2026.1"', b'"a/b"', 1), "a version has no slash in it"),
        ("law.toml", b"", "law.toml: [s16LA] is missing"),
        ("sharing-2027.1.toml", b"[[", "sharing-2027.1.toml: the policy file is no TOML"),
    ],
    ids=["another name", "a slash", "no laws", "no TOML"],
)
def test_a_file_that_is_not_what_its_name_says_is_refused(name: str, text: bytes, message: str) -> None:
    with pytest.raises(PolicyError) as caught:
        load_rule_book({"sharing-2026.1.toml": POLICY_TEXT, name: text})

    assert message in caught.value.message


def test_a_shelf_without_a_policy_is_refused() -> None:
    with pytest.raises(PolicyError, match="no rules means no"):
        load_rule_book({"law.toml": LAW})
