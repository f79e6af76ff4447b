"""Is everything a family says kept in full, in versions, and does what it takes back stop at once?"""

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.consent.question import Mode, Purpose, Question
from gateway.errors import ConflictError, NotFoundError, SchemaViolationError
from gateway.flows.deciding.gather import Sharing, gather
from gateway.flows.ports import UnitOfWork
from gateway.model.identifiers import ChildRef, OrganisationId
from tests.unit.operations.house import House
from tests.unit.operations.test_facts import CONSENT, COORDINATOR, a_child, epoch, facts

EXPIRING = "H-CONSENT-EXPIRING"

WHOLE: dict[str, Any] = {
    **CONSENT,
    "kinds": ["SHARE", "TRANSFER"],
    "purposes": ["COORDINATE", "SCHOOL_EXPORT"],
    "agencies_allowed": ["school", "early_help"],
    "agencies_denied": ["camhs"],
    "categories_allowed": ["CAT-ID", "CAT-EDU"],
    "categories_denied": ["CAT-FIN"],
    "persons_excluded": ["the father, who lives elsewhere"],
    "giver": "Mother Exampleton",
    "episode": "eh-1",
    "given_at": "2026-08-31T10:00:00Z",
    "review_on": "2027-03-01T00:00:00Z",
    "evidence_sha256": "0" * 64,
    "witness": "Teacher Exampleton",
    "statement_version": "barnet-2026",
    "language": "cy",
    "interpreter": True,
    "competence_by": "GP Exampleton",
    "competence_on": "2026-08-30T00:00:00Z",
    "competence_outcome": "NOT_COMPETENT",
    "competence_note": "Nine years old.",
    "objection_capacity": "PARENT_PR",
    "objection_at": "2026-09-02T00:00:00Z",
}


def record(house: House, child: ChildRef, **changes: Any) -> str:
    return str(house.order(COORDINATOR, "consents.record", child=child, **{**CONSENT, **changes})["fact"])


def held(house: House, child: ChildRef, name: str) -> dict[str, Any]:
    (found,) = [one["fact"] for one in facts(house, child) if one["id"] == name]
    assert isinstance(found, dict)
    return found


def versions(house: House, child: ChildRef) -> list[Any]:
    answer = house.order(COORDINATOR, "consents.history", child=child)["versions"]
    assert isinstance(answer, list)
    return answer


def test_every_field_that_is_told_is_kept(house: House) -> None:
    child = a_child(house)

    kept = held(house, child, record(house, child, **WHOLE))

    assert kept["competence"] == {
        "by": "GP Exampleton",
        "on": "2026-08-30T00:00:00Z",
        "outcome": "NOT_COMPETENT",
        "note": "Nine years old.",
    }
    assert kept["objections"] == [{"capacity": "PARENT_PR", "at": "2026-09-02T00:00:00Z"}]
    told = {
        "giver",
        "persons_excluded",
        "categories_allowed",
        "statement_version",
        "language",
        "interpreter",
        "witness",
    }
    assert {name: kept[name] for name in told} == {name: WHOLE[name] for name in told}


def test_what_is_wrong_is_told_by_the_name_of_the_argument(house: House) -> None:
    child = a_child(house)

    with pytest.raises(SchemaViolationError) as refused:
        record(house, child, mode="VERBAL_WITNESSED")

    assert refused.value.place.path == "witness"


def test_a_part_taken_back_makes_a_second_version_and_keeps_the_first(house: House) -> None:
    child = a_child(house)
    name = record(house, child)
    before = epoch(house, child)

    house.order(COORDINATOR, "consents.withdraw", child=child, consent=name, categories=["CAT-HEALTH-S"], reason="no")

    kept = held(house, child, name)
    assert (kept["status"], kept["version"]) == ("GIVEN", 2)
    assert kept["withdrawals"][0]["categories"] == ["CAT-HEALTH-S"]
    assert [(one["id"], one["fact"]["version"]) for one in versions(house, child)] == [(name, 1)]
    assert epoch(house, child) > before
    assert "consent.withdrawn" in house.events()


def test_a_withdrawal_of_a_record_there_is_not_is_refused(house: House) -> None:
    child = a_child(house)

    with pytest.raises(NotFoundError):
        house.order(COORDINATOR, "consents.withdraw", child=child, consent="consent/con_none")


def test_a_new_word_takes_the_place_of_an_earlier_one_once(house: House) -> None:
    child = a_child(house)
    first = record(house, child)
    house.order(COORDINATOR, "consents.withdraw", child=child)

    second = record(house, child, replaces=first)

    assert held(house, child, first)["status"] == "SUPERSEDED"
    assert held(house, child, second)["supersedes"] == first
    assert [one["fact"]["status"] for one in versions(house, child) if one["id"] == first] == ["GIVEN", "WITHDRAWN"]
    with pytest.raises(ConflictError):
        record(house, child, replaces=first)


VOICES: dict[str, tuple[dict[str, str], dict[str, str], bool]] = {
    "the same name": ({"giver": "Mona Exampleton"}, {"giver": " mona  exampleton"}, True),
    "another parent": ({"giver": "Otto Fatherly"}, {"giver": "Mona Exampleton"}, False),
    "nobody named, in one capacity": ({}, {"giver": "Mona Exampleton"}, True),
    "a parent, and one whom nobody named": ({"giver": "Otto Fatherly"}, {}, False),
    "an adult about themselves, by name and not": (
        {"giver": "Otto Fatherly", "subject": "Otto Fatherly", "capacity": "ADULT_SELF"},
        {"subject": "Otto Fatherly", "capacity": "ADULT_SELF"},
        True,
    ),
    "nobody named, in another capacity": ({}, {"giver": "Grant Carer", "capacity": "CARER"}, False),
    "about an adult, and about the child": (
        {"giver": "Otto Fatherly", "subject": "Otto Fatherly", "capacity": "ADULT_SELF"},
        {"giver": "Otto Fatherly"},
        False,
    ),
}


@pytest.mark.parametrize(("earlier", "later", "may_replace"), VOICES.values(), ids=VOICES)
def test_nobody_s_word_takes_the_place_of_another_s(
    house: House, earlier: dict[str, str], later: dict[str, str], may_replace: bool
) -> None:
    child = a_child(house)
    first = record(house, child, status="REFUSED", **earlier)

    with nullcontext() if may_replace else pytest.raises(ConflictError, match="another giver's word"):
        record(house, child, replaces=first, **later)

    assert held(house, child, first)["status"] == ("SUPERSEDED" if may_replace else "REFUSED")


def test_whoever_withdraws_everything_leaves_what_was_replaced_alone(house: House) -> None:
    child = a_child(house)
    first = record(house, child)
    second = record(house, child, replaces=first)

    house.order(COORDINATOR, "consents.withdraw", child=child)

    assert [held(house, child, name)["status"] for name in (first, second)] == ["SUPERSEDED", "WITHDRAWN"]


def asked(house: House, child: ChildRef, purpose: Purpose = Purpose.COORDINATE) -> Question:
    """Return what the rules are asked about the child's form."""
    application = house.application

    def _read(uow: UnitOfWork) -> Question:
        (first,) = uow.messages.find()
        (record_,) = uow.records.of_message(first.message_id)
        sharing = Sharing(
            record=record_,
            tree={},
            recipient=OrganisationId("barnet-ecaf"),
            requester=OrganisationId("referral-portal"),
            purpose=purpose,
            mode=Mode.DISCLOSE,
            direction="out",
        )
        return gather(application.desk, uow, sharing)[0]

    question = application.store.read(_read)
    assert question.joined_by_match
    assert child
    return question


def test_an_adult_who_refuses_for_themselves_is_protected_as_a_third_party(house: House) -> None:
    child = a_child(house)

    record(house, child, status="REFUSED", capacity="ADULT_SELF", subject="the mother", agencies_denied=["school"])

    question = asked(house, child)
    assert [flag.flag for flag in question.flags] == ["THIRD_PARTY"]
    assert "school" not in {agency for consent in question.consents for agency in consent.agencies_denied}


def test_agreeing_to_be_helped_is_kept_apart_from_sharing(house: House) -> None:
    child = a_child(house)
    before = [one for one in facts(house, child) if one["kind"] == "consent"]

    said = {"status": "AGREED", "capacity": "PARENT_PR", "from": "2026-09-01T00:00:00Z"}
    name = house.order(COORDINATOR, "help-agreements.record", child=child, **said)["fact"]
    agreed = asked(house, child).family_agreement
    house.order(COORDINATOR, "help-agreements.end", child=child, agreement=name)

    assert (agreed, asked(house, child).family_agreement) == (True, False)
    assert held(house, child, str(name))["status"] == "ENDED"
    assert [one["fact"]["status"] for one in versions(house, child) if one["kind"] == "help"] == ["AGREED"]
    assert [one for one in facts(house, child) if one["kind"] == "consent"] == before


def told(house: House, reason: str) -> list[Any]:
    listed = house.order(COORDINATOR, "reviews.list")["reviews"]
    assert isinstance(listed, list)
    return [one for one in listed if isinstance(one, dict) and one["reason"] == reason]


def ring(house: House, **later: float) -> None:
    house.clock.move(**later)
    house.application.clocks.tick()


def test_somebody_is_told_four_weeks_before_a_permission_runs_out_and_once(house: House) -> None:
    child = a_child(house)
    record(house, child, until="2027-09-01T00:00:00Z")

    ring(house, days=(datetime(2027, 8, 4, tzinfo=UTC) - house.clock.now()).days)
    too_early = told(house, EXPIRING)
    ring(house, days=1)
    ring(house, days=1)

    (task,) = told(house, EXPIRING)
    assert too_early == []
    assert (task["role"], task["due_at"]) == ("CAF_COORDINATOR", "2027-09-01T00:00:00Z")
    assert house.events().count("consent.expiring") == 1


def test_somebody_is_told_on_the_day_a_permission_is_to_be_talked_over(house: House) -> None:
    child = a_child(house)
    record(house, child, review_on="2027-01-15T00:00:00Z")

    ring(house, days=60)

    assert len(told(house, "H-CONSENT-REVIEW")) == 1


def test_what_somebody_was_told_of_is_done_with_a_word(house: House) -> None:
    child = a_child(house)
    record(house, child, review_on="2027-01-15T00:00:00Z")
    ring(house, days=60)
    (task,) = told(house, "H-CONSENT-REVIEW")

    why = "The mother said on the telephone that it holds on."
    answer = house.order(COORDINATOR, "reviews.decide", review=task["review"], choice="done", rationale=why)

    assert answer["state"] == "done"


def test_what_was_withdrawn_has_no_clock_left(house: House) -> None:
    child = a_child(house)
    record(house, child)
    house.order(COORDINATOR, "consents.withdraw", child=child)

    due = house.application.store.read(
        lambda uow: uow.timers.due(at=house.clock.now() + timedelta(days=4000), limit=1000)
    )

    assert [one for one in due if one.kind.startswith("caf.consent")] == []
