"""Records that would move with a family, or be pulled through, are decided on the real path, by routes of a council."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from gateway.audit.event import EventKind
from gateway.demo.engines.both import Engines
from tests.acceptance.families import (
    AGREED,
    Team,
    arrived,
    child_of,
    decided,
    due,
    duties_of,
    episode_routes,
    refused,
    team_of,
)
from tests.acceptance.told import events

pytestmark = pytest.mark.timeout(300)
BOROUGH, SOCIAL_CARE, HUB = "next-borough", "social-care-1", "help-hub-1"
MEMBERS = {BOROUGH: ("borough", "council"), SOCIAL_CARE: ("ics", "social_care"), HUB: ("health", "early_help")}
ROUTES = episode_routes({"borough": "TRANSFER", "ics": "PULL_THROUGH", "health": "STEP_DOWN"})


@pytest.fixture(scope="module")
def movers(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    """Those in Barnet who pass a record on, and those who would get it."""
    folder = tmp_path_factory.mktemp("movers")
    with team_of(engines, folder, authority="E09000003", routes=ROUTES, members=MEMBERS) as here:
        yield here


def agrees_to_a_move(team: Team, child: str, *, to: str) -> None:
    """Record that the mother agrees to a transfer to the authorities of one name."""
    said: dict[str, Any] = {"status": "GIVEN", "capacity": "PARENT_PR", "mode": "WRITTEN_SIGNED"}
    said |= {"giver": "Mona Exampleton", "kinds": ["SHARE", "TRANSFER"], "purposes": ["TRANSFER"]}
    team.order("consents.record", child=child, agencies_allowed=[to], **{"from": "2026-11-16T00:00:00Z"}, **said)


def test_a_record_stays_where_the_family_named_only_the_borough_they_leave_and_they_are_offered_a_copy(
    movers: Team,
) -> None:
    family = movers.family()
    child = child_of(movers, family.opens())
    agrees_to_a_move(movers, child, to="barnet-ecaf")

    message = family.opens()

    assert refused(movers, message, BOROUGH) == "D-XFER"
    assert duties_of(movers, ("O-GIVE-FAMILY-COPY",), child) == {"O-GIVE-FAMILY-COPY": "open"}


@pytest.mark.parametrize("named", [BOROUGH, "ANY_LA"])
def test_a_record_follows_a_family_that_named_where_it_goes(movers: Team, named: str) -> None:
    family = movers.family()
    agrees_to_a_move(movers, child_of(movers, family.opens()), to=named)

    message = family.opens()

    assert family.name in json.dumps(arrived(movers, message, BOROUGH))
    made = decided(movers, message, BOROUGH)
    assert (made["result"], made["reason"]) == ("PERMIT_REDACTED", "P-XFER")
    assert duties_of(movers, ("O-ACK",), due(movers, message, BOROUGH).delivery_id) == {"O-ACK": "open"}


def test_a_family_that_agreed_to_help_alone_has_agreed_to_no_move(movers: Team) -> None:
    family = movers.family()

    message = family.opens(AGREED)

    assert refused(movers, message, BOROUGH) == "D-XFER"


def test_nothing_is_pulled_through_without_a_statutory_episode_and_somebody_is_told_of_the_attempt(
    movers: Team,
) -> None:
    message = movers.family().opens(AGREED)

    assert refused(movers, message, SOCIAL_CARE) == "D-PULL"
    assert duties_of(movers, ("O-ALERT",), SOCIAL_CARE) == {"O-ALERT": "open"}
    assert [one["reason"] for one in events(movers.stage, message, EventKind.DECISION_MADE)].count("D-PULL") == 1


def test_a_case_does_not_step_down_without_the_family_s_agreement_to_be_helped(movers: Team) -> None:
    family = movers.family()

    unasked, agreed = family.opens(), family.opens(AGREED)

    assert refused(movers, unasked, HUB) == "D-SD"
    assert family.name in json.dumps(arrived(movers, agreed, HUB))
    assert decided(movers, agreed, HUB)["reason"] == "P-SD"
