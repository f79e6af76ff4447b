"""Two levels: the file was taken, and each record in it was taken, or why not."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.app.resources import Resources, read_resources
from gateway.app.settings import Settings
from gateway.errors import NotFoundError
from gateway.flows.receiving.acknowledge import require_told
from gateway.formats.json import read_json
from gateway.formats.limits import Limits
from gateway.formats.schema_register import SchemaRegister
from gateway.model.identifiers import MessageId
from gateway.simulators.school import CONTACTS, PUPIL, csv_report
from gateway.simulators.transfers import NUMBERLESS, TESTINA, transfer_file
from tests.integration.flows import house as houses
from tests.integration.flows.house import SCHOOL, House, sims

SCHEMA = "partners/sims/ack/1/ack.schema.json"
REGISTER = SchemaRegister({SCHEMA: (Path(__file__).parents[3] / "schemas" / SCHEMA).read_bytes()})


def told(house: House, message: MessageId) -> dict[str, Any]:
    answer = require_told(house.app.acknowledge.told(message)).text
    REGISTER.validate(SCHEMA, read_json(answer, limits=Limits()))
    found: dict[str, Any] = json.loads(answer)
    return found


def is_final(house: House, message: MessageId) -> bool:
    return require_told(house.app.acknowledge.told(message)).is_final


@pytest.fixture
def strict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """A gateway whose mapping takes no pupil without a registration group."""

    def resources(settings: Settings) -> Resources:
        found = read_resources(settings)
        name = next(one for one in found.mappings if "superstar" in one)
        table = found.mappings[name].replace(b'from = "Reg"\n', b'from = "Reg"\nmissing = "reject"\n')
        return replace(found, mappings={**found.mappings, name: table})

    monkeypatch.setattr(houses, "read_resources", resources)
    built = House.build(tmp_path)
    yield built
    built.app.bus.close()
    built.app.store.close()


def test_a_file_is_acknowledged_first_and_its_records_when_they_are_worked_through(house: House) -> None:
    message = house.accept(sims("superstar-three-pupils.xml"), by=SCHOOL, form="sims/superstar-1")
    before, was_final = told(house, message), is_final(house, message)

    house.work()

    after = told(house, message)
    assert (before["file"], before["records"], was_final) == ({"result": "in-work"}, [], False)
    assert is_final(house, message)
    assert after["file"]["result"] == "all-taken"
    assert [(one["record"], one["result"]) for one in after["records"]] == [
        (1, "taken"),
        (2, "taken"),
        (3, "taken-with-warnings"),
    ]
    assert after["records"][2]["problems"] == [
        {
            "code": "upn-check",
            "message": "not a sound unique pupil number: kept, but not used to find a child",
            "row": 9,
            "column": "UPN",
        }
    ]


def test_a_record_that_is_not_taken_says_which_row_and_why(strict: House) -> None:
    rows = [{**PUPIL, **CONTACTS[0]}, {"primary_id": "2002", "Forename": "Mock", "Surname": "Sampleby"}]
    message = strict.accept(csv_report(rows), by=SCHOOL, form="sims/csv-1")

    strict.work()

    answer = told(strict, message)
    assert answer["file"] == {
        "result": "part-taken",
        "records": 2,
        "taken": 1,
        "not_taken": 1,
        "warnings": [{"code": "encoding-read", "path": "", "message": "read as UTF-8"}],
    }
    good, bad = answer["records"]
    assert (good["result"], good["rows"]) == ("taken", [1])
    assert (bad["result"], bad["rows"], bad["problems"][0]["code"]) == ("not-taken", [2], "translation")
    assert "Sampleby" not in json.dumps(answer)


def test_a_record_that_broke_us_is_told_as_not_taken(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper = type(house.app.process._keeper)  # the fault is planted where only it can be
    keep = keeper.keep

    def breaking(own: Any, uow: Any, message: Any, item: Any, **named: Any) -> Any:
        if item.position == 1:
            raise ZeroDivisionError
        return keep(own, uow, message, item, **named)

    monkeypatch.setattr(keeper, "keep", breaking)
    message = house.accept(sims("superstar-three-pupils.xml"), by=SCHOOL, form="sims/superstar-1")

    house.work()

    answer = told(house, message)
    assert (answer["file"]["result"], answer["file"]["not_taken"]) == ("part-taken", 1)
    assert [one["result"] for one in answer["records"]] == ["taken", "not-taken", "taken-with-warnings"]
    assert [one["code"] for one in answer["records"][1]["problems"]] == ["permanent"]


def test_a_refused_file_says_so_and_names_no_record(house: House) -> None:
    with pytest.raises(Exception, match="captions"):
        house.accept(b"Testina,Exampleton\r\n", by=SCHOOL, form="sims/csv-1")
    (message,) = house.app.store.read(lambda uow: uow.messages.find())

    answer = told(house, message.message_id)

    assert (answer["file"], answer["records"]) == ({"result": "refused", "reason": "no-captions"}, [])
    assert is_final(house, message.message_id)


def test_a_transfer_file_is_acknowledged_pupil_by_pupil_and_goes_nowhere(house: House) -> None:
    message = house.accept(transfer_file([TESTINA, NUMBERLESS]), by=SCHOOL, form="sims/ctf-25")

    house.work()

    assert [(one["rows"], one["result"]) for one in told(house, message)["records"]] == [([1], "taken"), ([2], "taken")]
    assert house.outlet.sent == []


def test_the_digest_of_an_attached_document_is_told(house: House) -> None:
    message = house.accept(sims("superstar-three-pupils.xml"), by=SCHOOL, form="sims/superstar-1")

    house.work()

    first, second, _ = told(house, message)["records"]
    assert [len(one["sha256"]) for one in first["documents"]] == [64]
    assert "documents" not in second


def test_an_acknowledgement_repeats_nothing_of_the_file(house: House) -> None:
    message = house.accept(sims("superstar-three-pupils.xml"), by=SCHOOL, form="sims/superstar-1")

    house.work()

    said = json.dumps(told(house, message), ensure_ascii=False)
    assert not [word for word in ("Makebelieve", "Fictional", "1001", "B801200005001", "07700", "ZZ99") if word in said]


def test_what_is_told_does_not_depend_on_what_is_known_of_the_child(house: House, tmp_path: Path) -> None:
    body = sims("superstar-three-pupils.xml")
    first = house.accept(body, by=SCHOOL, form="sims/superstar-1", key="first")
    house.work()
    record = house.app.store.read(lambda uow: uow.records.of_message(first)[0])
    house.app.facts.flags.set(record.subjects[0], {"flag": "ADDRESS_WITHHELD", "need_list": []}, actor="usr_1")

    again = house.accept(body, by=SCHOOL, form="sims/superstar-1", key="again")
    house.work()

    other = House.build(tmp_path / "other")
    fresh = other.accept(body, by=SCHOOL, form="sims/superstar-1", key="again")
    other.work()
    own = {"message_id", "received_at"}
    assert {k: v for k, v in told(house, again).items() if k not in own} == {
        k: v for k, v in told(other, fresh).items() if k not in own
    }
    other.app.bus.close()
    other.app.store.close()


def test_a_single_record_is_acknowledged_by_its_receipt(house: House) -> None:
    body = (Path(__file__).parents[2] / "vectors/examples/mash/govuk-forms-single-child.json").read_bytes()
    message = house.accept(body)

    assert house.app.acknowledge.told(message) is None
    with pytest.raises(NotFoundError):
        require_told(None)
