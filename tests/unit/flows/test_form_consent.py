"""What a form's consent block amounts to, and what it must never be taken for."""

from datetime import UTC, datetime

import pytest

from gateway.consent.permission_json import permission_from_json
from gateway.flows.deciding.form_consent import consents_of_enquiry, consents_of_form
from gateway.model.tree import Group

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def block(**more: object) -> Group:
    given: dict[str, object] = {"agrees_to_share": "Y", "signatory_capacity": "PARENT_PR", "mode": "WRITTEN_SIGNED"}
    return {"consent": {**given, **more}}  # type: ignore[dict-item]


@pytest.mark.parametrize(
    "tree",
    [
        pytest.param({}, id="no block"),
        pytest.param({"consent": {}}, id="an empty block"),
        pytest.param({"consent": {"agrees_to_share": "U"}}, id="not known"),
        pytest.param({"consent": {"parent_aware": "Y"}}, id="aware is not agreed"),
    ],
)
def test_a_form_that_asked_nothing_gives_no_consent_and_no_refusal(tree: Group) -> None:
    assert consents_of_form(tree, NOON) == []


def test_a_no_is_kept_as_a_refusal() -> None:
    (consent,) = consents_of_form(block(agrees_to_share="N"), NOON)

    assert consent["status"] == "REFUSED"


def test_a_yes_holds_for_a_year_from_the_day_it_was_given() -> None:
    (consent,) = consents_of_form(block(given_on="2026-11-01"), NOON)

    assert consent["effective_from"] == "2026-11-01T00:00:00+00:00"
    assert consent["expires_on"] == "2027-11-01T00:00:00+00:00"


def test_limits_of_agencies_and_kinds_of_information_are_kept() -> None:
    (consent,) = consents_of_form(
        block(agencies_agreed=["school"], agencies_excluded=["camhs-1"], categories_excluded=["CAT-FIN"]), NOON
    )

    assert consent["agencies_allowed"] == ["school"]
    assert consent["agencies_denied"] == ["camhs-1"]
    assert consent["categories_denied"] == ["CAT-FIN"]


@pytest.mark.parametrize("field", ["agencies_excluded", "categories_excluded"])
def test_a_restriction_nobody_could_read_makes_a_person_look(field: str) -> None:
    (consent,) = consents_of_form(block(**{field: ["UNKNOWN"]}), NOON)

    assert consent["conflict"] is True


@pytest.mark.parametrize("field", ["signatory_capacity", "mode"])
def test_what_the_form_does_not_say_stays_unknown(field: str) -> None:
    (consent,) = consents_of_form(block(**{field: "UNKNOWN"}), NOON)

    assert {"signatory_capacity": "giver_capacity", "mode": "mode"}[field] not in consent


def test_it_is_a_consent_record_as_the_sharing_question_has_it() -> None:
    (consent,) = consents_of_form(block(given_on="2026-11-01"), NOON)

    assert permission_from_json({**consent, "consent_id": "form/1"}).status == "GIVEN"


def test_a_word_that_was_taken_back_is_taken_back() -> None:
    (consent,) = consents_of_form(block(given_on="2026-09-01", withdrawn_on="2026-11-02"), NOON)

    assert consent["status"] == "WITHDRAWN"


@pytest.mark.parametrize(
    ("stated", "ends"),
    [("2027-03-01", "2027-03-01T00:00:00+00:00"), ("2030-01-01", "2027-11-01T00:00:00+00:00")],
    ids=["sooner", "later than a year"],
)
def test_a_word_ends_on_the_day_it_says_but_within_a_year(stated: str, ends: str) -> None:
    (consent,) = consents_of_form(block(given_on="2026-11-01", expires_on=stated), NOON)

    assert consent["expires_on"] == ends


def test_what_a_family_leaves_out_in_its_own_words_makes_a_person_look() -> None:
    (consent,) = consents_of_form(block(information_excluded=["what happened in March"]), NOON)

    assert consent["conflict"] is True


def test_an_enquiry_s_word_is_to_the_enquirer_for_the_check_alone_and_for_four_weeks() -> None:
    (consent,) = consents_of_enquiry(block(given_on="2026-11-01", agencies_agreed=["school"]), NOON, "school-example")

    permission_from_json(consent)
    assert (consent["kinds"], consent["purposes"]) == (["CHECK_EXISTS"], ["CHECK_EXISTS"])
    assert consent["agencies_allowed"] == ["school-example"]
    assert consent["expires_on"] == "2026-11-29T00:00:00+00:00"


def test_an_enquiry_s_word_ends_sooner_where_the_family_says_so() -> None:
    (consent,) = consents_of_enquiry(block(given_on="2026-11-01", expires_on="2026-11-05"), NOON, "school-example")

    assert consent["expires_on"] == "2026-11-05T00:00:00+00:00"


@pytest.mark.parametrize("given_on", ["9999-12-30", "9999-12-31"])
def test_an_enquiry_s_word_of_a_day_no_calendar_goes_beyond_has_no_end_and_so_counts_for_nothing(given_on: str) -> None:
    (consent,) = consents_of_enquiry(block(given_on=given_on), NOON, "school-example")

    assert "expires_on" not in consent


@pytest.mark.parametrize("tree", [{}, {"consent": {}}, {"consent": {"parent_aware": "Y"}}])
def test_an_enquiry_that_says_nothing_of_agreement_gives_no_word(tree: Group) -> None:
    assert consents_of_enquiry(tree, NOON, "school-example") == []
