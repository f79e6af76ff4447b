"""What do the rules see of what a family said, and which permissions may be written down?"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.consent.case import Case
from gateway.consent.conditions_of_family import consent_covers_recipient, consent_withdrawn, recipient_denied
from gateway.consent.permission import (
    Competence,
    Objection,
    Permission,
    Withdrawal,
    is_same_voice,
    may_know_of_adult,
    protects_adult,
    words_of,
)
from gateway.consent.permission_clock import ends_at, review_at, warn_at
from gateway.consent.permission_json import check_permission, permission_from_json, permission_to_json
from gateway.consent.question import Consent, Purpose
from gateway.errors import SchemaViolationError
from gateway.model.category import Category
from tests.unit.consent.questions import POLICY, a_question

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
START = datetime(2026, 9, 1, tzinfo=UTC)
SAID: dict[str, Any] = {
    "consent_id": "c1",
    "status": "GIVEN",
    "kinds": ["SHARE", "TRANSFER"],
    "purposes": ["COORDINATE", "SCHOOL_EXPORT"],
    "giver_capacity": "PARENT_PR",
    "mode": "WRITTEN_SIGNED",
    "effective_from": "2026-09-01T00:00:00Z",
    "conflict": False,
}
TERMS = POLICY.tables.terms


def a_permission(**changes: Any) -> Permission:
    return check_permission({**SAID, **changes}, at=AT)


def a_case(*consents: Consent, purpose: Purpose = Purpose.COORDINATE, to: str | None = "health") -> Case:
    recipient = {"organisation": "clinic-example", "type": to}
    asked = (Category.ID, Category.EDU, Category.HEALTH_S)
    question = a_question(purpose=purpose, at=AT, consents=consents, recipient=recipient, categories=asked)
    return Case(question, POLICY.tables)


def taken_back(**parts: Any) -> Permission:
    return a_permission(withdrawals=[{"at": "2026-11-01T00:00:00Z", **parts}])


def test_a_permission_without_an_end_holds_for_a_year() -> None:
    assert a_permission().expires_on == START + timedelta(days=365)


def test_a_no_has_no_end_but_the_one_it_names() -> None:
    assert a_permission(status="REFUSED").expires_on is None
    assert a_permission(status="REFUSED", expires_on=AT.isoformat()).expires_on == AT
    assert a_permission(expires_on=AT.isoformat()).expires_on == AT


def test_a_permission_given_at_the_end_of_all_calendars_names_no_end() -> None:
    assert a_permission(effective_from="9999-06-01T00:00:00Z").expires_on is None


def test_a_no_need_not_say_when_it_begins_to_be_reviewed_or_to_end() -> None:
    said = a_permission(status="REFUSED", effective_from=None, review_on=AT.isoformat(), expires_on=AT.isoformat())

    assert (said.effective_from, said.review_on, said.expires_on) == (None, AT, AT)


def test_a_review_may_be_due_as_a_permission_begins() -> None:
    assert a_permission(review_on=SAID["effective_from"]).review_on == START


def test_what_is_taken_back_this_very_instant_is_recorded() -> None:
    assert a_permission(withdrawals=[{"at": AT.isoformat()}]).withdrawals == (Withdrawal(at=AT),)


def test_a_permission_comes_back_as_it_was_written() -> None:
    said = a_permission(
        competence={"by": "Nurse Exampleton", "on": "2026-08-01T00:00:00Z", "outcome": "COMPETENT", "note": "sure"},
        objections=[{"capacity": "PARENT_PR", "at": "2026-10-01T00:00:00Z"}],
        withdrawals=[{"at": "2026-11-01T00:00:00Z", "agencies": ["camhs"]}],
    )

    assert permission_from_json(permission_to_json(said)) == said


def test_what_was_said_is_what_the_rules_are_asked() -> None:
    (word,) = words_of(a_permission(agencies_denied=["camhs"], categories_denied=["CAT-FIN"]))

    assert (word.status, word.kinds, word.agencies_denied) == ("GIVEN", ("SHARE", "TRANSFER"), ("camhs",))
    assert (word.effective_from, word.expires_on) == (START, START + timedelta(days=365))
    assert consent_covers_recipient(a_case(word, to="school"))


def test_a_purpose_taken_back_stops_that_purpose_and_no_other() -> None:
    words = words_of(taken_back(purposes=["SCHOOL_EXPORT"]))

    assert consent_withdrawn(a_case(*words, purpose=Purpose.SCHOOL_EXPORT))
    assert consent_covers_recipient(a_case(*words))


def test_a_kind_taken_back_is_a_withdrawal_of_that_kind() -> None:
    words = words_of(taken_back(kinds=["TRANSFER"]))

    assert consent_withdrawn(a_case(*words, purpose=Purpose.TRANSFER))
    assert not consent_withdrawn(a_case(*words))


def test_an_agency_taken_back_gets_nothing_more() -> None:
    words = words_of(taken_back(agencies=["health"]))

    assert recipient_denied(a_case(*words))
    assert not recipient_denied(a_case(*words, to="school"))


def test_a_category_taken_back_is_withheld() -> None:
    case = a_case(*words_of(taken_back(categories=["CAT-HEALTH-S"])))

    assert case.denied_by_consent == {Category.HEALTH_S}


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param({}, id="everything"),
        pytest.param({"kinds": ["SHARE", "TRANSFER"]}, id="every kind"),
        pytest.param({"purposes": ["COORDINATE", "SCHOOL_EXPORT"]}, id="every purpose"),
    ],
)
def test_what_was_taken_back_whole_is_withdrawn(parts: dict[str, Any]) -> None:
    words = words_of(taken_back(**parts))

    assert [word.status for word in words] == ["WITHDRAWN"]
    assert consent_withdrawn(a_case(*words))


def test_where_some_categories_are_allowed_no_other_goes() -> None:
    case = a_case(*words_of(a_permission(categories_allowed=["CAT-ID"])))

    assert case.denied_by_consent == {Category.EDU, Category.HEALTH_S}


def test_the_narrowest_of_two_lists_of_categories_counts() -> None:
    narrow = words_of(a_permission(categories_allowed=["CAT-ID"]))
    wide = words_of(a_permission(consent_id="c2", categories_allowed=["CAT-ID", "CAT-EDU"]))

    assert a_case(*narrow, *wide).denied_by_consent == {Category.EDU, Category.HEALTH_S}


@pytest.mark.parametrize("kind", [pytest.param("parent", id="a parent"), pytest.param(None, id="nobody knows who")])
def test_a_person_somebody_excluded_gets_nothing_and_neither_does_who_may_be_that_person(kind: str | None) -> None:
    words = words_of(a_permission(persons_excluded=["the father, who lives elsewhere"]))

    assert recipient_denied(a_case(*words, to=kind))
    assert not recipient_denied(a_case(*words, to="school"))


@pytest.mark.parametrize(
    ("competence", "capacity"),
    [
        pytest.param(Competence(by="GP", on=START, outcome="COMPETENT"), "CHILD_COMPETENT", id="found competent"),
        pytest.param(Competence(by="GP", on=START, outcome="UNCLEAR"), "UNKNOWN", id="unclear"),
        pytest.param(None, "UNKNOWN", id="nobody has looked into it"),
    ],
)
def test_a_childs_yes_counts_only_where_the_child_was_found_competent(
    competence: Competence | None, capacity: str
) -> None:
    said = Permission(consent_id="c1", status="GIVEN", giver_capacity="CHILD_COMPETENT", competence=competence)

    assert [word.giver_capacity for word in words_of(said)] == [capacity]


def test_a_childs_no_counts_whoever_has_looked_into_it() -> None:
    said = Permission(consent_id="c1", status="REFUSED", giver_capacity="CHILD_COMPETENT")

    assert [word.giver_capacity for word in words_of(said)] == ["CHILD_COMPETENT"]


def test_an_objection_is_a_conflict_whatever_else_is_said() -> None:
    said = Permission(consent_id="c1", conflict=False, objections=(Objection(capacity="PARENT_PR", at=AT),))

    assert [word.conflict for word in words_of(said)] == [True]


def test_an_adults_word_about_themselves_says_nothing_about_the_child() -> None:
    said = a_permission(subject="the mother", giver_capacity="ADULT_SELF")

    assert words_of(said) == ()
    assert not protects_adult(said)


def test_a_word_about_the_child_protects_no_adult() -> None:
    assert protects_adult(a_permission(status="REFUSED")) is False


def test_an_adults_no_that_another_word_has_replaced_protects_nobody() -> None:
    said = Permission(consent_id="c1", status="SUPERSEDED", giver_capacity="ADULT_SELF", subject="the mother")

    assert protects_adult(said) is False


FATHERS: dict[str, Any] = {"giver": "Otto Fatherly", "giver_capacity": "PARENT_PR"}
VOICES: dict[str, tuple[dict[str, Any], dict[str, Any], bool]] = {
    "the same name": (FATHERS, FATHERS, True),
    "the same name in another capacity": (FATHERS, FATHERS | {"giver_capacity": "PARENT_NO_PR"}, True),
    "the same name in other letters and spaces": (FATHERS, FATHERS | {"giver": " OTTO  fatherly"}, True),
    "the same letters in one word": (FATHERS, FATHERS | {"giver": "OttoFatherly"}, False),
    "another name": (FATHERS, FATHERS | {"giver": "Mona Exampleton"}, False),
    "nameless, of the same capacity": (FATHERS, {"giver": None, "giver_capacity": "PARENT_PR"}, False),
    "a name after a nameless word": ({"giver": None, "giver_capacity": "PARENT_PR"}, FATHERS, True),
    "a name of another capacity after a nameless word": ({"giver": None, "giver_capacity": "CARER"}, FATHERS, False),
    "both nameless": ({"giver": None}, {"giver": None}, True),
    "about somebody else": (FATHERS, FATHERS | {"subject": "the mother"}, False),
    "both about somebody": (FATHERS | {"subject": "P2"}, FATHERS | {"subject": "p2"}, True),
    "an adult named as who it is about": (
        {"giver": None, "subject": "P2"},
        {"giver": "P2", "subject": "P2"},
        True,
    ),
    "an adult named, then as who it is about": (
        {"giver": "P2", "subject": "P2"},
        {"giver": None, "subject": "P2"},
        True,
    ),
    "an adult, then somebody for them": ({"giver": None, "subject": "P2"}, {"giver": "P1", "subject": "P2"}, False),
    "somebody for an adult, then they": (
        {"giver": "P1", "subject": "P2"},
        {"giver": None, "subject": "P2"},
        False,
    ),
}


@pytest.mark.parametrize(("earlier", "later", "is_same"), VOICES.values(), ids=VOICES.keys())
def test_only_one_givers_word_about_one_person_takes_the_place_of_another(
    earlier: dict[str, Any], later: dict[str, Any], is_same: bool
) -> None:
    before, after = (Permission(consent_id=name, **said) for name, said in (("c1", earlier), ("c2", later)))

    assert is_same_voice(before, after) is is_same


def test_what_is_taken_back_of_a_no_makes_it_no_less_of_one() -> None:
    said = a_permission(status="REFUSED", withdrawals=[{"at": "2026-11-01T00:00:00Z", "kinds": ["TRANSFER"]}])

    assert [(word.status, word.kinds) for word in words_of(said)] == [("REFUSED", ("SHARE", "TRANSFER"))]


@pytest.mark.parametrize(
    "limit",
    [
        pytest.param({"status": "REFUSED"}, id="refused"),
        pytest.param({"agencies_denied": ["school"]}, id="not to everybody"),
        pytest.param({"agencies_allowed": ["school"]}, id="to the school alone"),
        pytest.param({"categories_allowed": ["CAT-ID"]}, id="some of it alone"),
        pytest.param({"persons_excluded": ["the father"]}, id="not to a person"),
        pytest.param({"status": "GIVEN_LIMITED"}, id="within limits nobody wrote down"),
        pytest.param({"categories_denied": ["CAT-FIN"]}, id="not all of it"),
        pytest.param({"withdrawals": [{"at": "2026-11-01T00:00:00Z"}]}, id="withdrawn"),
        pytest.param({"objections": [{"capacity": "PARENT_PR", "at": "2026-11-01T00:00:00Z"}]}, id="another objects"),
        pytest.param({"conflict": True}, id="there is a conflict"),
    ],
)
def test_an_adult_who_does_not_agree_to_all_of_it_is_protected(limit: dict[str, Any]) -> None:
    assert protects_adult(a_permission(subject="the mother", giver_capacity="ADULT_SELF", **limit))


@pytest.mark.parametrize(
    ("more", "known_to"),
    [
        pytest.param({}, ("school-1",), id="given"),
        pytest.param({"status": "GIVEN_LIMITED"}, ("school-1",), id="given within that limit"),
        pytest.param({"status": "REFUSED"}, (), id="refused"),
        pytest.param({"agencies_denied": ["gp-1"]}, (), id="and not to another"),
        pytest.param({"categories_allowed": ["CAT-ID"]}, (), id="and some of it alone"),
        pytest.param({"withdrawals": [{"at": "2026-11-01T00:00:00Z"}]}, (), id="withdrawn"),
        pytest.param({"conflict": True}, (), id="there is a conflict"),
        pytest.param({"agencies_allowed": []}, (), id="to nobody by name"),
    ],
)
def test_an_adult_who_agrees_to_somebody_by_name_may_be_known_there(
    more: dict[str, Any], known_to: tuple[str, ...]
) -> None:
    said = {"subject": "the mother", "giver_capacity": "ADULT_SELF", "agencies_allowed": ["school-1"], **more}

    assert may_know_of_adult(a_permission(**said)) == known_to


@pytest.mark.parametrize(
    ("path", "change"),
    [
        pytest.param("status", {"status": "MAYBE"}, id="a status there is not"),
        pytest.param("kinds", {"kinds": []}, id="for nothing"),
        pytest.param("purposes[0]", {"purposes": ["GOSSIP"]}, id="a purpose there is not"),
        pytest.param("expires_on", {"expires_on": "2026-09-01T00:00:00Z"}, id="over before it begins"),
        pytest.param("review_on", {"review_on": "2026-08-01T00:00:00Z"}, id="reviewed before it begins"),
        pytest.param("effective_from", {"effective_from": None}, id="a yes from nobody knows when"),
        pytest.param("effective_from", {"effective_from": "2026-09-01T00:00:00"}, id="a time without its zone"),
        pytest.param("mode", {"mode": None}, id="a yes given nobody knows how"),
        pytest.param("witness", {"mode": "VERBAL_WITNESSED"}, id="a spoken yes nobody heard"),
        pytest.param("evidence_sha256", {"evidence_sha256": "abc"}, id="a digest that is none"),
        pytest.param("competence", {"giver_capacity": "CHILD_COMPETENT"}, id="a child's yes without an assessment"),
        pytest.param("subject", {"subject": "the mother"}, id="an adult for whom somebody else speaks"),
        pytest.param("agencies_denied[1]", {"agencies_denied": ["camhs", "Dr Who"]}, id="an agency in free words"),
        pytest.param(
            "withdrawals[0].at", {"withdrawals": [{"at": "2026-11-24T00:00:00Z"}]}, id="a withdrawal still to come"
        ),
        pytest.param("secret", {"secret": "x"}, id="a key there is not"),
    ],
)
def test_what_cannot_be_is_refused_by_the_name_of_its_field(path: str, change: dict[str, Any]) -> None:
    with pytest.raises(SchemaViolationError) as refused:
        a_permission(**change)

    assert refused.value.place.path == path
    assert "Dr Who" not in refused.value.message


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(
            {"agencies_allowed": ["Dr Who"]},
            "agencies_allowed[0]: expected the id of an organisation, or a type of one",
            id="an agency in free words",
        ),
        pytest.param(
            {"withdrawals": [{"at": "2026-11-24T00:00:00Z"}]},
            "withdrawals[0].at: a withdrawal holds from when it was said, which cannot be still to come",
            id="a withdrawal still to come",
        ),
    ],
)
def test_a_refusal_says_what_is_wrong(change: dict[str, Any], words: str) -> None:
    with pytest.raises(SchemaViolationError) as refused:
        a_permission(**change)

    assert refused.value.message == words


def test_somebody_is_told_four_weeks_before_a_written_permission_ends() -> None:
    said = a_permission(review_on="2027-01-15T00:00:00Z")

    assert warn_at(said, TERMS) == START + timedelta(days=365 - 28)
    assert review_at(said, TERMS) == datetime(2027, 1, 15, tzinfo=UTC)


def test_a_spoken_permission_ends_after_ten_working_days_and_somebody_is_told_in_time() -> None:
    said = a_permission(mode="VERBAL_WITNESSED", witness="the health visitor")

    assert ends_at(said, TERMS) == datetime(2026, 9, 15, tzinfo=UTC)
    assert warn_at(said, TERMS) == datetime(2026, 9, 10, tzinfo=UTC)


def test_nobody_is_told_before_a_permission_begins() -> None:
    said = a_permission(expires_on=(START + timedelta(days=7)).isoformat())

    assert warn_at(said, TERMS) == START


def test_a_permission_from_nobody_knows_when_is_warned_of_by_its_end_alone() -> None:
    said = Permission(consent_id="c1", status="GIVEN", kinds=("SHARE",), expires_on=AT)

    assert warn_at(said, TERMS) == AT - timedelta(days=28)


@pytest.mark.parametrize(
    ("start", "end"),
    [("9999-12-30T00:00:00Z", None), ("0001-01-01T00:00:00Z", "0001-01-02T00:00:00Z")],
    ids=["the last days", "the first days"],
)
def test_a_permission_at_either_end_of_the_calendar_is_warned_of_as_it_begins(start: str, end: str | None) -> None:
    said = a_permission(effective_from=start, expires_on=end, mode="VERBAL_WITNESSED", witness="the health visitor")

    assert warn_at(said, TERMS) == datetime.fromisoformat(start)


@pytest.mark.parametrize("late", [timedelta(), timedelta(days=1)], ids=["as it ends", "after its end"])
def test_a_permission_that_is_over_is_not_reviewed(late: timedelta) -> None:
    assert review_at(a_permission(expires_on=AT.isoformat(), review_on=(AT + late).isoformat()), TERMS) is None


def test_a_permission_without_a_review_or_an_end_has_none_due() -> None:
    endless = Permission(consent_id="c1", status="REFUSED", review_on=AT)

    assert review_at(endless, TERMS) is None
    assert review_at(a_permission(), TERMS) is None


def test_what_is_no_yes_has_no_clock() -> None:
    assert warn_at(a_permission(status="REFUSED"), TERMS) is None
    assert warn_at(taken_back(), TERMS) is None


def test_the_end_itself_is_no_longer_in_force() -> None:
    (word,) = words_of(a_permission(expires_on=AT.isoformat()))
    (later,) = words_of(a_permission(expires_on=(AT + timedelta(microseconds=1)).isoformat()))

    assert not consent_covers_recipient(a_case(word))
    assert consent_covers_recipient(a_case(later))


def test_two_partial_withdrawals_add_up() -> None:
    said = Permission(
        consent_id="c1",
        status="GIVEN",
        kinds=("SHARE",),
        purposes=("COORDINATE", "SCHOOL_EXPORT"),
        withdrawals=(Withdrawal(at=AT, purposes=("COORDINATE",)), Withdrawal(at=AT, purposes=("SCHOOL_EXPORT",))),
    )

    assert [word.status for word in words_of(said)] == ["WITHDRAWN"]
