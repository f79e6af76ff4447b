"""How are times said?"""

from datetime import UTC, datetime

import pytest

from gateway.app.console.wording import clock, consent, day, identity, left, order, sentence, urgency, weighing, when

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SUMMER = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("2026-11-23T14:05:00Z", "today at 14:05", id="today"),
        pytest.param("2026-11-22T09:12:00Z", "yesterday at 09:12", id="yesterday"),
        pytest.param("2026-11-24T00:00:00Z", "tomorrow at 00:00", id="tomorrow"),
        pytest.param("2026-11-03T09:00:00Z", "3 November 2026 at 09:00", id="longer ago"),
        pytest.param(None, "not yet", id="never"),
    ],
)
def test_an_instant_is_said_as_people_say_it(text: str | None, said: str) -> None:
    assert when(text, NOW) == said


def test_in_summer_london_is_an_hour_ahead() -> None:
    assert when("2026-07-01T23:30:00Z", SUMMER) == "today at 00:30"
    assert clock("2026-07-01T23:30:05Z") == "00:30:05"
    assert day("2026-07-01T23:30:00Z") == "Thursday 2 July 2026"


@pytest.mark.parametrize(
    ("text", "said", "pressing"),
    [
        pytest.param("2026-11-23T09:00:30Z", "less than a minute left", "soon", id="now"),
        pytest.param("2026-11-23T10:59:00Z", "1 hour left", "soon", id="soon"),
        pytest.param("2026-11-25T09:00:00Z", "2 days left", "calm", id="later"),
        pytest.param("2026-11-23T08:45:00Z", "15 minutes late", "late", id="late"),
        pytest.param(None, "no time limit", "calm", id="no limit"),
    ],
)
def test_how_long_there_is_says_how_much_it_presses(text: str | None, said: str, pressing: str) -> None:
    assert left(text, NOW) == said
    assert urgency(text, NOW) == pressing


@pytest.mark.parametrize(("text", "said"), [("why not?", "Why not?"), ("it is so", "It is so."), ("Done.", "Done.")])
def test_a_sentence_begins_and_ends_as_one(text: str, said: str) -> None:
    assert sentence(text) == said


def test_a_birthday_and_a_sex_are_said_in_words() -> None:
    assert identity("2016-06-05", "born") == "5 June 2016"
    assert identity("2", "sex") == "female"
    assert identity("withheld", "postcode") == "withheld"


def test_a_consent_says_who_how_how_long_and_what_it_leaves_out() -> None:
    fact = {
        "giver_capacity": "PARENT_PR",
        "mode": "WRITTEN_SIGNED",
        "effective_from": "2026-10-02T00:00:00+01:00",
        "agencies_denied": ["camhs-1"],
        "categories_denied": ["CAT-HEALTH-S"],
    }

    assert consent(fact) == (
        "by a parent with parental responsibility, in writing, signed, from Friday 2 October 2026, "
        "not with camhs-1, without CAT-HEALTH-S"
    )


def test_a_consent_nobody_signed_says_so() -> None:
    assert consent({"giver_capacity": "UNKNOWN"}) == "nobody has said by whom"


def test_an_order_is_said_with_its_court_its_limits_and_whether_it_was_verified() -> None:
    told = {
        "court": "Family Court at Nowhere",
        "reference": "ZZ26C00001",
        "recipients": ["camhs-1"],
        "categories": ["CAT-ID"],
        "purposes": ["COORDINATE"],
        "effective_from": "2026-11-20T00:00:00Z",
    }

    assert order(told) == (
        "camhs-1, Family Court at Nowhere, ZZ26C00001, of the kinds CAT-ID, for COORDINATE,"
        " from Friday 20 November 2026, not verified"
    )
    assert order({"court": "A court", "reference": "1", "verified_by": "person:1"}) == "anybody, A court, 1, verified"


@pytest.mark.parametrize(
    ("harmful", "said"),
    [
        pytest.param(True, "telling would harm the child more", id="harm"),
        pytest.param(False, "telling does the child less harm", id="no harm"),
        pytest.param(None, "harm not weighed yet", id="not weighed"),
    ],
)
def test_a_weighing_is_said_with_what_was_found_and_why(harmful: bool | None, said: str) -> None:
    told = {"recipients": ["camhs-1"], "purposes": ["COORDINATE"], "harmful": harmful, "rationale": "Because."}

    assert weighing(told) == f"towards camhs-1, for COORDINATE, {said}: Because."
