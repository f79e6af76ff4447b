"""Who hears of what, how urgent it is, and what a wrong table says."""

from pathlib import Path

import pytest

from gateway.app.commands.shipped import library
from gateway.consent.question import Purpose
from gateway.errors import MappingError
from gateway.flows.routes import Routes, load_routes, rated
from gateway.flows.store.rows import Lane
from gateway.model.referral import Level
from gateway.model.tree import Group

SHIPPED = Path(__file__).parents[3] / "mappings" / "routes.toml"
ROUTE = b"""[[route]]
message = "mash.referral.submitted"
to = "mash"
format = "mash/referral-1"
document = "mash.referral"
mode = "CONVEY"
purpose = "BY_LEVEL"
"""


@pytest.fixture
def shipped() -> Routes:
    return load_routes(SHIPPED.read_bytes())


@pytest.mark.parametrize(
    ("tree", "purpose"),
    [
        pytest.param({"immediate_danger": "Y", "level": "L2"}, Purpose.EMERGENCY, id="danger outranks the level"),
        pytest.param({"level": "IMMEDIATE"}, Purpose.EMERGENCY, id="immediate"),
        pytest.param({"level": "L4"}, Purpose.SAFEGUARD_S47, id="level 4"),
        pytest.param({"level": "L3"}, Purpose.SAFEGUARD_S17, id="level 3"),
        pytest.param({"level": "L2", "request_type": "SAFEGUARDING"}, Purpose.SAFEGUARD_S17, id="low but worried"),
        pytest.param({"request_type": "SAFEGUARDING"}, Purpose.SAFEGUARD_S47, id="worried and no level: the gravest"),
        pytest.param({"level": "L2", "request_type": "EARLY_HELP"}, Purpose.REQUEST_EH, id="early help"),
        pytest.param({}, Purpose.REQUEST_EH, id="nothing said"),
        pytest.param({"rag": "RED"}, Purpose.SAFEGUARD_S47, id="rated red"),
        pytest.param({"rag": "RED", "level": "L2"}, Purpose.SAFEGUARD_S47, id="rated red at a low level"),
        pytest.param({"rag": "AMBER", "level": "L4"}, Purpose.SAFEGUARD_S47, id="rated amber at level 4"),
        pytest.param({"rag": "AMBER"}, Purpose.SAFEGUARD_S17, id="rated amber"),
        pytest.param({"rag": "GREEN"}, Purpose.REQUEST_EH, id="rated green"),
    ],
)
def test_the_need_a_referral_tells_of_decides_what_it_is_for(shipped: Routes, tree: Group, purpose: Purpose) -> None:
    (route,) = shipped.of("mash.referral.submitted")

    assert route.purpose_of(tree) is purpose


def test_a_route_with_a_purpose_of_its_own_keeps_it(shipped: Routes) -> None:
    (route,) = shipped.of("mash.feedback.sent")

    assert route.purpose_of({"immediate_danger": "Y"}) is Purpose.FEEDBACK


@pytest.mark.parametrize(
    ("format_name", "tree", "lane"),
    [
        pytest.param(
            "mash/govuk-forms-1",
            {"answers": [{"question_id": "immediate_danger", "answer_text": " YES "}]},
            Lane.URGENT,
            id="danger, written loudly",
        ),
        pytest.param(
            "mash/govuk-forms-1",
            {"answers": [{"question_id": "perceived_level", "selections": ["Level 4: acute need"]}]},
            Lane.URGENT,
            id="level 4 as a selection",
        ),
        pytest.param(
            "mash/govuk-forms-1",
            {"answers": [{"question_id": "immediate_danger", "answer_text": "No"}]},
            Lane.NORMAL,
            id="no danger",
        ),
        pytest.param("mash/flat-1", {"immediate_danger": ["Yes"]}, Lane.URGENT, id="flat form"),
        pytest.param("sims/superstar-1", {"Record": []}, Lane.BULK, id="school report"),
        pytest.param("mash/govuk-forms-1", ["odd"], Lane.NORMAL, id="a form of another shape"),
        pytest.param("mash/govuk-forms-1", {"answers": ["odd", 7]}, Lane.NORMAL, id="answers of another shape"),
    ],
)
def test_the_lane_is_known_before_a_form_is_read_further(
    shipped: Routes, format_name: str, tree: Group, lane: Lane
) -> None:
    assert shipped.lane_of(format_name, tree) is lane


@pytest.mark.parametrize(
    ("tree", "lane"),
    [
        pytest.param({"IMMEDIATE-RISK": ["Yes"]}, Lane.URGENT, id="another name in capitals"),
        pytest.param({"Tier": ["Level 4"]}, Lane.URGENT, id="level 4 under another name"),
        pytest.param({"childsupport": [" safeguarding "]}, Lane.URGENT, id="the same name in small letters"),
        pytest.param({"Type of referral": ["Early help"]}, Lane.NORMAL, id="early help"),
        pytest.param({"immediate": ["Yes"]}, Lane.NORMAL, id="a name nobody knows"),
    ],
)
def test_urgency_is_seen_under_every_name_a_mapping_reads(shipped: Routes, tree: Group, lane: Lane) -> None:
    assert shipped.lane_of("mash/flat-1", tree, library().inbound("mash/flat-1").alike) is lane


@pytest.mark.parametrize(
    ("text", "place"),
    [
        pytest.param(b"", {}, id="no route at all"),
        pytest.param(b"[[route]", {}, id="not TOML"),
        pytest.param(b"\xff", {}, id="not UTF-8"),
        pytest.param(ROUTE + b'surprise = "x"', {"row": 1}, id="unknown key"),
        pytest.param(ROUTE.replace(b"CONVEY", b"SHOUT"), {"row": 1}, id="unknown mode"),
        pytest.param(ROUTE + ROUTE.replace(b'to = "mash"\n', b""), {"row": 2}, id="a key missing in the second"),
        pytest.param(ROUTE.replace(b"BY_LEVEL", b"FUN"), {"row": 1}, id="unknown purpose"),
        pytest.param(ROUTE + b'lane = "fast"', {"row": 1}, id="unknown lane"),
    ],
)
def test_a_wrong_table_names_its_row(text: bytes, place: dict[str, int]) -> None:
    with pytest.raises(MappingError) as caught:
        load_routes(text)

    assert caught.value.place.as_json() == place


@pytest.mark.parametrize(
    ("tree", "level"),
    [
        ({}, None),
        ({"rag": "GREEN"}, Level.L2),
        ({"rag": "AMBER"}, Level.L3),
        ({"rag": "RED", "level": "L2"}, Level.L4),
        ({"rag": "GREEN", "level": "L3"}, Level.L3),
        ({"level": "IMMEDIATE", "rag": "RED"}, Level.IMMEDIATE),
    ],
)
def test_of_a_level_and_a_rating_the_graver_counts(tree: Group, level: Level | None) -> None:
    assert rated(tree) is level
