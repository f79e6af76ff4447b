"""What becomes of a list of Annex A that comes in, and what stands in one that is made for inspectors?"""

import base64
import csv
import io
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from gateway.app.operations.caller import Caller, Door
from gateway.app.operations.execute import execute
from gateway.audit.event import EventKind
from gateway.errors import NotAllowedError, SchemaViolationError
from gateway.flows.documents import open_document
from gateway.flows.exports.annex_a import months_before
from gateway.flows.store.rows import Record, State
from gateway.model.identifiers import MessageId, OrganisationId
from gateway.model.tree import Group
from tests.integration.flows.house import ECAF, PORTAL, SCHOOL, House, profile

EXAMPLES = Path(__file__).parents[2] / "vectors" / "examples"
COUNCIL = OrganisationId("barnet-data-team")
CONTACTS = (EXAMPLES / "annex-a/contacts-of-six-months.csv").read_bytes()
ASSESSMENTS = (EXAMPLES / "annex-a/assessments-of-six-months.csv").read_bytes()
OFFICER = Caller(user_id="i.officer", name="Ingo Officer", roles=("IG_OFFICER",), door=Door.COMMAND_LINE)
WHY = "Notice of inspection, reference EX-2026"


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A gateway for orders that are refused."""
    built = House.build(tmp_path_factory.mktemp("still"))
    yield built
    built.app.bus.close()
    built.app.store.close()


def kept(house: House, message: MessageId) -> list[tuple[Record, Group]]:
    return house.app.store.read(
        lambda uow: [(one, open_document(house.app.desk.vault, uow, one)) for one in uow.records.of_message(message)]
    )


def send(house: House, body: bytes, form: str) -> list[tuple[Record, Group]]:
    message = house.accept(body, by=COUNCIL, form=form)
    house.work()
    return kept(house, message)


def episode(house: House, reference: str, **document: Any) -> None:
    sent_at = house.clock.now().isoformat().replace("+00:00", "Z")
    body = {
        "format": "ecaf/episode-1",
        "message": "caf.episode.opened",
        "message_id": f"M-{reference}-{len(json.dumps(document))}",
        "correlation_id": f"C-{reference}",
        "sent_at": sent_at,
        "sender": "barnet-ecaf",
        "document": {"reference": reference, **document},
    }
    house.accept(json.dumps(body).encode(), by=ECAF, form="ecaf/episode-1")
    house.work()


def child(number: int, **more: Any) -> dict[str, Any]:
    names = ("Testina", "Mock", "Sampla")
    return {"given_names": names[number], "family_name": "Exampleton", "born": f"201{number}-06-14", **more}


def assessed(by: str, started: str, completed: str | None = None) -> dict[str, Any]:
    told = {"started_on": started, "assessors": [{"organisation": by}]}
    return told | ({"completed_on": completed} if completed else {})


def order(house: House, number: str, caller: Caller = OFFICER, **more: str) -> Group:
    today = house.clock.now().date().isoformat()
    return execute(house.app, caller, "export.annex-a", {"list": number, "on": today, "rationale": WHY, **more})


def rows(answer: Group) -> list[dict[str, str]]:
    text = base64.b64decode(str(answer["csv"])).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def days_ago(house: House, days: int) -> str:
    return date.fromordinal(house.clock.now().date().toordinal() - days).isoformat()


def test_contacts_of_a_list_are_kept_and_set_nothing_going(house: House) -> None:
    found = send(house, CONTACTS, "annex-a/list-1-1")

    assert [tree["child"]["la_child_id"] for _, tree in found] == ["EX0001", "EX0002", "EX0003", "EX0001"]
    assert [tree.get("source") for _, tree in found] == ["2A", "6", "3B", None]
    assert house.message(found[0][0].message_id).state is State.ORDERED
    assert house.outlet.sent == []
    assert {record.conversation_id for record, _ in found} == {None}


def test_assessments_of_a_list_are_episodes_with_its_days_and_organisation(house: House) -> None:
    first, second, third = send(house, ASSESSMENTS, "annex-a/list-2-1")

    assert first[1]["assessment"] == {
        "started_on": "2026-07-01",
        "completed_on": "2026-08-20",
        "assessors": [{"organisation": "Nowhere Primary School"}],
    }
    assert "completed_on" not in third[1]["assessment"]
    assert {record.document for record, _ in (first, second, third)} == {"ecaf.episode"}


def test_a_row_about_nobody_waits_for_a_person_and_the_others_go_on(house: House) -> None:
    found = send(house, CONTACTS.replace(b"EX0002", b"#N/A", 1), "annex-a/list-1-1")

    assert [tree["child"]["la_child_id"] for _, tree in found] == ["EX0001", "EX0003", "EX0001"]
    assert len(house.reviews("H-CORRECT:translation")) == 1


def test_a_source_no_list_knows_waits_for_somebody_to_say_what_it_means(house: House) -> None:
    found = send(house, CONTACTS, "annex-a/list-1-1")

    (asked,) = [one for one in house.app.store.read(lambda uow: uow.labels.find()) if one.list_name == "contact_source"]
    assert asked.record_id == found[3][0].record_id
    assert found[3][1]["source_as_written"] == "A neighbour who rang"


def test_every_child_of_every_referral_of_six_months_has_a_row(house: House) -> None:
    house.accept((EXAMPLES / "mash/govuk-forms-two-siblings.json").read_bytes(), by=PORTAL)
    house.work()

    answer = order(house, "1")

    found = rows(answer)
    assert len(found) == 2
    assert {one["Date of Contact"] for one in found} == {house.clock.now().strftime("%d/%m/%Y")}
    assert all(one["Child Unique ID"].startswith("G") for one in found)
    assert (answer["rows"], answer["children"], answer["without_local_id"]) == (2, 2, 2)
    assert not any("Exampleton" in cell for one in found for cell in one.values())


def test_a_contact_comes_from_what_its_sender_is(house: House) -> None:
    house.enrol(profile("school-example", called="police-example"))
    body = (EXAMPLES / "mash/govuk-forms-single-child.json").read_bytes()
    house.accept(body, by=SCHOOL)
    house.work()

    (found,) = rows(order(house, "1"))

    assert found["Contact Source"] == "2A) Schools"


def test_a_contact_older_than_six_months_is_in_no_list(house: House) -> None:
    house.accept((EXAMPLES / "mash/govuk-forms-single-child.json").read_bytes(), by=PORTAL)
    house.work()
    house.clock.move(seconds=190 * 24 * 3600)

    assert order(house, "1")["rows"] == 0


def test_list_two_holds_what_was_begun_completed_or_is_open_and_nothing_else(house: House) -> None:
    old, lately = days_ago(house, 400), days_ago(house, 20)
    episode(house, "E-1", child=child(0, la_child_id="EX0001", sex="2"), assessment=assessed("A School", old, lately))
    episode(house, "E-2", child=child(1), assessment=assessed("B Centre", old))
    episode(house, "E-3", child=child(2), assessment=assessed("C Centre", old, days_ago(house, 300)))

    answer = order(house, "2")

    found = {one["Organisation completing assessment"]: one for one in rows(answer)}
    assert set(found) == {"A School", "B Centre"}
    assert found["A School"]["Child Unique ID"] == "EX0001"
    assert found["A School"]["Gender"] == "b) Female"
    assert found["B Centre"]["Assessment completion date"] == ""
    assert found["B Centre"]["Gender"] == "c) Not stated/recorded"
    assert found["B Centre"]["Ethnicity"] == "u) UNKNOWN"


def test_an_assessment_told_again_has_one_row_as_it_was_last_told(house: House) -> None:
    started = days_ago(house, 30)
    episode(house, "E-1", child=child(0), assessment=assessed("A School", started))
    episode(house, "E-1", child=child(0), assessment=assessed("A School", started, days_ago(house, 2)))

    (found,) = rows(order(house, "2"))

    assert found["Assessment completion date"] != ""


def test_a_record_without_its_assessment_takes_no_row_away(house: House) -> None:
    episode(house, "E-1", child=child(0), assessment=assessed("A School", days_ago(house, 30)))
    episode(house, "E-1", child=child(0), state="active")

    assert order(house, "2")["rows"] == 1


def test_an_open_assessment_of_a_closed_episode_is_not_open(house: House) -> None:
    started = days_ago(house, 400)
    episode(house, "E-1", child=child(0), assessment=assessed("A", started), state="closed")

    assert order(house, "2")["rows"] == 0


def test_what_came_as_a_list_is_not_listed_again(house: House) -> None:
    send(house, CONTACTS, "annex-a/list-1-1")
    send(house, ASSESSMENTS, "annex-a/list-2-1")

    assert (order(house, "1")["rows"], order(house, "2")["rows"]) == (0, 0)


def test_an_identifier_made_for_the_lists_is_the_same_every_time_and_is_not_ours(house: House) -> None:
    episode(house, "E-1", child=child(1), assessment=assessed("B", days_ago(house, 9)))

    first, second = rows(order(house, "2")), rows(order(house, "2"))

    assert first == second
    assert not first[0]["Child Unique ID"].startswith("chd_")


def test_a_list_stands_in_the_log_of_every_child_in_it_and_holds_nothing_of_it(house: House) -> None:
    episode(house, "E-1", child=child(1), assessment=assessed("Nowhere Centre", days_ago(house, 9)))

    answer = order(house, "2")

    ((record, _),) = _all_episodes(house)
    told = house.app.store.read(lambda uow: uow.audit.of_child(record.subjects[0]))
    (made,) = [row for row in told if row.kind == EventKind.EXPORT_MADE.value]
    assert str(answer["sha256"]).encode() in made.header
    assert b"annex-a/list-2-1" in made.header
    assert b"Nowhere" not in made.header
    assert WHY.encode() not in made.header


def _all_episodes(house: House) -> list[tuple[Record, Group]]:
    messages = house.app.store.read(lambda uow: uow.messages.find(limit=10))
    return [one for message in messages for one in kept(house, message.message_id)]


@pytest.mark.parametrize("role", ["MASH_SCREENER", "MASH_MANAGER", "CAF_COORDINATOR", "AUDITOR", "ADMINISTRATOR"])
def test_nobody_but_an_information_governance_officer_may_make_one(still: House, role: str) -> None:
    caller = Caller(user_id="x.y", name="X", roles=(role,), door=Door.API)

    with pytest.raises(NotAllowedError):
        order(still, "1", caller)


@pytest.mark.parametrize(
    "wrong",
    [{"on": "2099-01-01"}, {"rationale": "because"}, {"on": "yesterday"}, {"list": "3"}],
    ids=["a day to come", "no reason", "no day", "another list"],
)
def test_a_list_without_day_number_or_reason_is_not_made(still: House, wrong: dict[str, str]) -> None:
    with pytest.raises(SchemaViolationError):
        order(still, wrong.pop("list", "1"), **wrong)


@pytest.mark.parametrize(
    ("day", "earlier"),
    [
        (date(2026, 11, 22), date(2026, 5, 22)),
        (date(2026, 8, 31), date(2026, 2, 28)),
        (date(2024, 8, 30), date(2024, 2, 29)),
        (date(2026, 3, 1), date(2025, 9, 1)),
        (date(2026, 6, 15), date(2025, 12, 15)),
    ],
)
def test_six_months_before_a_day(day: date, earlier: date) -> None:
    assert months_before(day, 6) == earlier
