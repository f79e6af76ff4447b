"""Is an area's own file that is odd, or asks for less than the policy, refused with what is wrong?"""

from collections.abc import Callable
from dataclasses import replace

import pytest

from gateway.consent.case import Point
from gateway.consent.local_profile import laid_over, load_profile
from gateway.consent.rule_book import load_rule_book
from gateway.errors import PolicyError
from tests.unit.consent.questions import BASE, POLICY_TEXT
from tests.unit.consent.test_rule_book import PROFILE, SHIPPED, a_policy

PROFILE_FAULTS: dict[str, tuple[Callable[[str], str], str, int | None]] = {
    "no TOML": (lambda text: text + "[[", "no TOML", None),
    "no rows": (lambda text: text[: text.index("[[narrow]]")], "a profile without a [[narrow]] changes nothing", None),
    "an odd key": (lambda text: text.replace("title =", "titel ="), "no such key", None),
    "an area that is none": (lambda text: text.replace("E09000003", "Barnet"), "'Barnet' is no area", None),
    "no area": (lambda text: text.replace('["E09000003"]', "[]"), "write GSS codes", None),
    "a narrowing that is no table": (
        lambda text: text[: text.index("[[narrow]]")] + 'narrow = "x"\n',
        "a profile without a [[narrow]] changes nothing",
        None,
    ),
    "a row that is no table": (
        lambda text: text[: text.index("[[narrow]]")] + 'narrow = ["to"]\n',
        "says what it narrows to",
        1,
    ),
    "a row without a sentence": (
        lambda text: text.replace('"A spoken consent counts for five working days."', '" "'),
        "needs a plain sentence and a source",
        1,
    ),
    "a text for a list": (
        lambda text: text.replace("verbal_working_days", "spoken_is_enough").replace("to = 5", 'to = "REQUEST_EH"'),
        "write a list of some of them",
        1,
    ),
    "a row without a value": (lambda text: text.replace("to = 5\n", ""), "says what it narrows to", 1),
    "a row without a source": (
        lambda text: text.replace('"an invented protocol"', '" "'),
        "needs a plain sentence and a source",
        1,
    ),
    "an unknown point": (lambda text: text.replace("verbal_working_days", "wider"), "expected one of", 1),
    "a point twice": (lambda text: text + text[text.index("[[narrow]]") :], "is narrowed twice; say it once", 2),
    "more days than the policy": (
        lambda text: text.replace("to = 5", "to = 11"),
        "write a number of days from 0 to 10",
        1,
    ),
    "no number": (lambda text: text.replace("to = 5", "to = true"), "write a number of days from 0 to 10", 1),
    "grace beyond the policy's": (
        lambda text: text.replace("verbal_working_days", "agreement_grace_days").replace("to = 5", "to = 31"),
        "write a number of days from 0 to 30",
        1,
    ),
    "agreement first switched off": (
        lambda text: text.replace("verbal_working_days", "agreement_first").replace("to = 5", "to = false"),
        "agreement_first can only be switched on",
        1,
    ),
    "a purpose the policy wants in writing": (
        lambda text: text.replace("verbal_working_days", "spoken_is_enough").replace("to = 5", 'to = ["COORDINATE"]'),
        "the policy lets a spoken consent do for REQUEST_EH",
        1,
    ),
    "a place nobody steps down from": (
        lambda text: text.replace("verbal_working_days", "step_down_from").replace("to = 5", 'to = ["prison"]'),
        "a case may step down from assessment",
        1,
    ),
    "another check": (
        lambda text: text.replace("verbal_working_days", "check_consent").replace("to = 5", 'to = "none"'),
        "write to = one of stated, recorded, express",
        1,
    ),
}


@pytest.mark.parametrize(("plant", "message", "row"), PROFILE_FAULTS.values(), ids=PROFILE_FAULTS)
def test_an_odd_profile_is_refused_at_load_with_file_row_and_fix(
    plant: Callable[[str], str], message: str, row: int | None
) -> None:
    odd = plant(PROFILE)
    assert odd != PROFILE

    with pytest.raises(PolicyError) as caught:
        load_rule_book({**SHIPPED, "local/nowhere-2026.1.toml": odd.encode()})

    assert caught.value.message.startswith("local/nowhere-2026.1.toml: ")
    assert message in caught.value.message
    assert caught.value.place.row == row


def test_a_profile_cannot_narrow_what_the_policy_does_not_leave_to_areas() -> None:
    text = POLICY_TEXT.replace(b'  "verbal_working_days",  # row 26: for how long it counts\n', b"")
    assert text != POLICY_TEXT

    with pytest.raises(PolicyError, match=r"sharing-2026\.1 does not leave verbal_working_days to areas; it leaves"):
        load_rule_book({"sharing-2026.1.toml": text, "local/nowhere-2026.1.toml": PROFILE.encode()})


@pytest.mark.parametrize(
    ("left", "words"),
    [
        pytest.param({Point.CHECK_CONSENT, Point.AGREEMENT_FIRST}, "agreement_first, check_consent", id="some"),
        pytest.param(set(), "nothing", id="nothing"),
    ],
)
def test_whoever_narrows_too_much_is_told_what_is_left_to_areas(left: set[Point], words: str) -> None:
    with pytest.raises(PolicyError) as caught:
        laid_over(replace(BASE, left_to_areas=frozenset(left)), load_profile(PROFILE.encode()))

    assert caught.value.message.endswith(f"it leaves {words}")


def test_a_profile_is_checked_against_a_policy_that_comes_later_as_well() -> None:
    """The error comes when the file is put there, not on the day itself."""
    stricter = a_policy("sharing-2027.1", 'everywhere = "2027-01-01"').replace(
        b"verbal_working_days = 10", b"verbal_working_days = 4"
    )

    with pytest.raises(PolicyError, match="write a number of days from 0 to 4"):
        load_rule_book({**SHIPPED, "sharing-2027.1.toml": stricter, "local/nowhere-2026.1.toml": PROFILE.encode()})
