"""Of a whole family each is told of only as they themselves agreed, over HTTP, on the broker and on the database."""

import json
from typing import Any

import pytest

from gateway.audit.event import EventKind
from tests.acceptance.families import AGREED, TEAM, Team, arrived, child_of, decided, due
from tests.acceptance.told import events

pytestmark = pytest.mark.timeout(300)

FATHER: dict[str, Any] = {
    "name": "Otto Fatherly",
    "reference": "P2",
    "relationship": "father",
    "born": "1979-12-31",
    "lives_with_child": "N",
    "helped": "Y",
    "telephones": ["00000 777777"],
    "emails": ["otto@nowhere.example"],
    "address": {"lines": ["77 Elsewhere Row"], "postcode": "ZZ99 7ZZ"},
}
MOTHER: dict[str, Any] = {
    "name": "Mona Exampleton",
    "reference": "P1",
    "relationship": "mother",
    "born": "1983-05-17",
    "telephones": ["00000 111111"],
    "address": {"lines": ["5 Nowhere Lane"], "postcode": "ZZ99 5ZZ"},
}
SISTER: dict[str, Any] = {"name": "Rubi Fatherly", "reference": "P3", "relationship": "sister", "born": "2015-04-05"}
HIS = ("Otto", "otto@", "1979-12-31", "777777", "77 Elsewhere", "ZZ99 7ZZ")
HERS = ("Mona Exampleton", "1983-05-17", "111111", "ZZ99 5ZZ", "Rubi Fatherly", "2015-04-05")
PLAN = {
    "reference": "PL-1",
    "version": 1,
    "status": "AGREED",
    "agreed_on": "2026-09-10",
    "actions": [
        {
            "reference": "A1",
            "action": "A reading group on Mondays",
            "for_person": "P3",
            "responsible": "Mona Exampleton",
        },
        {"reference": "A2", "action": "Help with forms", "for_person": "P2", "responsible": "Otto Fatherly"},
    ],
}
MEETING = {
    "reference": "M-1",
    "kind": "REVIEW",
    "held_on": "2026-10-12",
    "invited": [{"name": "Otto Fatherly", "role": "father", "attended": "Y"}, {"name": "Mona Exampleton"}],
    "discussion": "All is going well.",
}
WHOLE: dict[str, Any] = {
    "kind": "family",
    "family": [MOTHER, FATHER, SISTER],
    "plans": [PLAN],
    "meetings": [MEETING],
}


def test_minutes_and_plan_of_a_whole_family_reach_the_mother_s_agencies_without_a_byte_of_the_father(
    team: Team,
) -> None:
    family = team.family()
    first = family.opens(AGREED, **WHOLE)
    before = json.dumps([arrived(team, first, name) for name in TEAM])
    said = {"subject": "Otto Fatherly", "giver": "Otto Fatherly", "capacity": "ADULT_SELF", "status": "REFUSED"}
    said |= {"mode": "WRITTEN_SIGNED", "from": "2026-11-17T00:00:00Z"}
    team.order("consents.record", child=child_of(team, first), **said)

    message = family.opens(AGREED, **WHOLE)

    assert [word for word in HIS if word not in before] == []
    got = {name: arrived(team, message, name) for name in TEAM}
    assert [(name, word) for name, one in got.items() for word in HIS if word in json.dumps(one)] == []
    assert [(name, word) for name, one in got.items() for word in HERS if word not in json.dumps(one)] == []
    assert {"reason": "R-THIRD", "categories": []} in got["gp-1"]["withheld"]
    assert "All is going well." in json.dumps(got["gp-1"])
    assert "O-REDACT" in decided(team, message, "gp-1")["obligations"]
    assert "Fatherly" not in json.dumps([events(team.stage, message, kind) for kind in EventKind])


def test_a_father_who_agrees_to_one_agency_by_name_is_told_of_there_and_nowhere_else(team: Team) -> None:
    family = team.family()
    first = family.opens(AGREED, **WHOLE)
    said = {"subject": "Otto Fatherly", "giver": "Otto Fatherly", "capacity": "ADULT_SELF", "status": "GIVEN_LIMITED"}
    said |= {"mode": "WRITTEN_SIGNED", "from": "2026-11-17T00:00:00Z"}
    team.order("consents.record", child=child_of(team, first), agencies_allowed=["camhs-1"], **said)

    message = family.opens(AGREED, **WHOLE)

    for_gp, for_camhs = (json.dumps(arrived(team, message, name)) for name in ("gp-1", "camhs-1"))
    assert [word for word in HIS if word in for_gp] == []
    assert [word for word in (*HIS, *HERS) if word not in for_camhs] == []


def test_a_flag_that_names_the_father_hides_him_and_lets_whoever_needs_it_see_him(team: Team) -> None:
    family = team.family()
    first = family.opens(AGREED, **WHOLE)
    team.order(
        "flags.set",
        child=child_of(team, first),
        flag="THIRD_PARTY",
        persons=["Otto Fatherly; born 1979-12-31"],
        need_list=["camhs-1"],
    )

    message = family.opens(AGREED, **WHOLE)

    assert due(team, message, "camhs-1").subjects == due(team, message, "gp-1").subjects
    for_gp, for_camhs = (json.dumps(arrived(team, message, name)) for name in ("gp-1", "camhs-1"))
    assert [word for word in HIS if word in for_gp] == []
    assert [word for word in (*HIS, *HERS) if word not in for_camhs] == []
    assert [word for word in HERS if word not in for_gp] == []
