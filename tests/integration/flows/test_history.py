"""What becomes of a council's whole history, and of an episode that a partner takes as XML?"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import MalformedMessageError
from gateway.flows.documents import open_document
from gateway.flows.store.rows import State
from gateway.formats.gate import split
from gateway.formats.limits import Limits
from gateway.formats.register import FORMATS
from gateway.model.identifiers import MessageId
from gateway.model.tree import Group
from tests.acceptance.forms import form
from tests.integration.flows.house import ECAF, House

EXAMPLES = Path(__file__).parents[2] / "vectors" / "examples" / "ecaf"
HISTORY = (EXAMPLES / "history-four.jsonl").read_bytes()
LINES = [json.loads(line)["document"] for line in HISTORY.splitlines()[1:]]
AS_XML = b"""
[[route]]
message = "caf.request.accepted"
to = "ecaf"
format = "ecaf/xml-1"
document = "ecaf.episode"
mode = "DISCLOSE"
direction = "out"
purpose = "REQUEST_EH"
"""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    built = House.build(tmp_path, routes=AS_XML)
    yield built
    built.app.bus.close()
    built.app.store.close()


def kept(house: House, message: MessageId) -> list[Group]:
    """Return what is stored of *message*, in the order of its records."""
    records = house.app.store.read(lambda uow: uow.records.of_message(message))
    found: list[Group] = house.app.store.read(
        lambda uow: [open_document(house.app.desk.vault, uow, record) for record in records]
    )
    return found


def test_a_history_is_kept_as_it_was_with_its_own_dates_and_nothing_goes_out(house: House) -> None:
    message = house.accept(HISTORY, by=ECAF, form="ecaf/history-1")

    house.work()

    assert kept(house, message) == LINES
    assert house.outlet.sent == []
    assert house.message(message).state is State.ORDERED


def test_twins_and_a_number_that_two_children_bear_stay_two_children(house: House) -> None:
    """Same family name, birthday and address; and a school that gave one pupil number twice."""
    twins = [{"given_names": "Testina", "sex": "2"}, {"given_names": "Testino", "sex": "1"}]
    same = {"family_name": "Exampleton", "born": "2016-06-14", "upn": "B801200005001"}
    place = {"address": {"lines": ["1 Nowhere Lane"], "postcode": "ZZ99 3AA"}}
    message = house.accept(
        a_history(*({"child": {**one, **same, **place}} for one in twins)), by=ECAF, form="ecaf/history-1"
    )

    house.work()

    records = house.app.store.read(lambda uow: uow.records.of_message(message))
    assert len({record.subjects for record in records}) == 2


def test_an_unborn_child_and_a_father_of_the_same_name_are_kept_as_they_are(house: House) -> None:
    unborn: Group = {"child": {"expected": "2026-12-01"}, "family": [{"name": "Mona Exampleton"}]}
    junior: Group = {
        "child": {"given_names": "Fred", "family_name": "Exampleton", "born": "2014-02-03"},
        "family": [{"given_names": "Fred", "family_name": "Exampleton", "relationship": "father"}],
    }

    message = house.accept(a_history(unborn, junior), by=ECAF, form="ecaf/history-1")
    house.work()

    assert kept(house, message) == [unborn, junior]


def a_history(*documents: Group) -> bytes:
    """Return a history of these episodes, under the example's first line."""
    head = json.loads(HISTORY.splitlines()[0]) | {"episodes": len(documents)}
    return b"".join(json.dumps(line).encode() + b"\n" for line in (head, *({"document": one} for one in documents)))


def test_a_history_that_was_cut_off_leaves_nothing_but_itself(house: House) -> None:
    with pytest.raises(MalformedMessageError) as caught:
        house.accept(HISTORY[:-200], by=ECAF, form="ecaf/history-1")

    house.work()

    assert caught.value.code == "cut-off"
    assert house.leased_messages() == []


def test_a_history_that_comes_again_has_one_effect(house: House) -> None:
    first = house.accept(HISTORY, by=ECAF, form="ecaf/history-1")
    house.work()

    assert house.accept(HISTORY, by=ECAF, form="ecaf/history-1") == first
    house.work()

    assert len(kept(house, first)) == 4


def test_a_partner_that_takes_xml_gets_the_same_episode(house: House) -> None:
    house.accept(form("early-help-consent", "XML1", consent_agencies="School, Early help"))
    house.work()
    house.decide("XML1")
    house.work()

    bodies = [body for who, _, body in house.outlet.sent if who == ECAF]
    (as_xml,) = [read("ecaf/xml-1", body) for body in bodies if body.startswith(b"<")]
    (as_json,) = [read("ecaf/episode-1", body) for body in bodies if body.startswith(b"{")]
    assert as_xml["document"] == as_json["document"]
    assert as_xml["format"] == "ecaf/xml-1"


def read(name: str, body: bytes) -> dict[str, Any]:
    (record,) = split(FORMATS[name], body, limits=Limits())
    return dict(record.tree)
