"""What would other tables change of what came in, told without a value and without a trace but one?"""

import json
from typing import Any

import pytest

from gateway.errors import MappingError, NotAllowedError, PolicyError, SchemaViolationError
from gateway.model.tree import Group
from gateway.simulators.school import superstar_report
from tests.unit.operations.house import REPOSITORY, House, a_caller, a_form

ENGINEER = a_caller("INTEGRATION_ENGINEER")
MAPPINGS = REPOSITORY / "mappings"
PUPIL = {
    "primary_id": "7",
    "Forename": "Testina",
    "Surname": "Exampleton",
    "DOB": "2016-06-15T00:00:00+01:00",
    "Ethnicity": "Wholly Invented",
}


def file(name: str) -> str:
    return (MAPPINGS / name).read_text(encoding="utf-8")


def diff(house: House, /, *, texts: dict[str, str], **asked: Any) -> Group:
    rows = [{"name": name, "text": text} for name, text in texts.items()]
    return house.order(ENGINEER, "mapping.diff", files={"file": rows}, **asked)


def changes(answer: Group) -> set[tuple[str, str, str]]:
    told: Any = answer["messages"]
    return {(one["what"], one["path"], one["how"]) for message in told for one in message["changes"]}


def a_report(house: House) -> None:
    house.receive("school-example", "sims/superstar-1", superstar_report([PUPIL]))
    house.work()


def test_the_same_table_changes_nothing(house: House) -> None:
    a_report(house)

    answer = diff(house, texts={"ethnicity.csv": file("codes/ethnicity.csv")})

    assert (answer["changes"], answer["messages"]) == (False, [])
    assert answer["looked_at"] == {"messages": 1, "records": 1, "decisions": 1}


def test_a_row_in_a_code_list_shows_which_field_it_would_fill(house: House) -> None:
    a_report(house)
    table = file("codes/ethnicity.csv") + "WBRI,Wholly Invented,,,,a test,\n"

    answer = diff(house, texts={"codes/ethnicity.csv": table})

    assert ("field", "child.ethnicity", "new") in changes(answer)
    assert ("label", "Record[0].Ethnicity", "gone: unknown to ethnicity") in changes(answer)
    assert answer["changes"] is True


def test_no_value_is_told(house: House) -> None:
    a_report(house)
    table = file("sims/superstar-1.inbound.toml").replace('from = "Forename"', 'from = "Nickname"')

    told = json.dumps(diff(house, texts={"superstar-1.inbound.toml": table}))

    assert "child.given_names" in told
    assert "Testina" not in told


def test_a_row_that_rejects_makes_a_record_unreadable(house: House) -> None:
    a_report(house)
    row = 'from = "UPN"\nto = "child.upn"\n'
    table = file("sims/superstar-1.inbound.toml").replace(row, f'{row}missing = "reject"\n')

    answer = diff(house, texts={"superstar-1.inbound.toml": table})

    assert [how for what, _, how in changes(answer) if what == "readable"] == ["no longer: translation"]


def test_another_policy_shows_the_decision_it_would_change(house: House) -> None:
    house.receive("referral-portal", "mash/govuk-forms-1", a_form("early-help-with-consent.json"))
    house.work()
    policy = _with_other_reasons(file("policy/sharing-2026.1.toml"))

    answer = diff(house, texts={"sharing-2027.1.toml": policy})

    (change,) = changes(answer)
    assert change[0:2] == ("decision", "barnet-mash mash/referral-1")
    assert change[2] == "PERMIT P-CONVEY would be PERMIT P-S47"


def _with_other_reasons(policy: str) -> str:
    """Return *policy* with the reasons of two rows that permit changed for each other."""
    kept = policy.replace('reason = "P-CONVEY"', 'reason = "P-OTHER"').replace(
        'reason = "P-S47"', 'reason = "P-CONVEY"'
    )
    return kept.replace('reason = "P-OTHER"', 'reason = "P-S47"')


def test_an_outbound_table_shows_what_it_would_write_otherwise(house: House) -> None:
    house.receive("referral-portal", "mash/govuk-forms-1", a_form("early-help-with-consent.json"))
    house.work()
    table = file("mash/request-1.both.toml")
    shorter = file("mash/referral-store-1.outbound.toml").replace('to = "requestedSupport"', 'to = "asked"')

    answer = diff(house, texts={"referral-store-1.outbound.toml": shorter, "request-1.both.toml": table})

    place = "mash/referral-store-1.outbound.toml: "
    assert ("written", f"{place}asked", "new") in changes(answer)
    assert ("written", f"{place}requestedSupport", "gone") in changes(answer)


def test_only_what_came_since_is_looked_at(house: House) -> None:
    a_report(house)
    house.clock.move(hours=1)

    answer = diff(house, texts={"sex.csv": file("codes/sex.csv")}, since=house.clock.now().isoformat())

    assert answer["looked_at"] == {"messages": 0, "records": 0, "decisions": 0}


def test_nothing_is_stored_but_that_somebody_looked(house: House) -> None:
    a_report(house)
    before = house.events()

    diff(house, texts={"codes/ethnicity.csv": file("codes/ethnicity.csv") + "WBRI,Wholly Invented,,,,a test,\n"})

    assert house.events() == [*before, "data.read"]
    assert len(house.application.store.read(lambda uow: uow.labels.find())) == 1


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        pytest.param("sex.csv", "code,label\n1,Male\n", "sex.csv, row 0: a code list has the columns", id="columns"),
        pytest.param(
            "sex.csv",
            "ours,theirs,system,valid_from,valid_to,source,note\n1,,,,,here,\n",
            "row 1: `theirs` is empty; write the label",
            id="an empty label",
        ),
        pytest.param("flat.toml", "title = ", "flat.toml: not TOML", id="no TOML"),
        pytest.param("routes.toml", '[[route]]\nto = "mash"\n', "leave the file out", id="routes"),
        pytest.param("notes.txt", "hello", "give files that end in .toml or .csv", id="neither"),
    ],
)
def test_an_odd_file_is_refused_with_its_name_its_row_and_what_to_do(
    house: House, name: str, text: str, says: str
) -> None:
    with pytest.raises(MappingError) as refused:
        diff(house, texts={name: text})

    assert says in refused.value.message


def test_an_odd_policy_is_refused(house: House) -> None:
    with pytest.raises(PolicyError):
        diff(house, texts={"policy.toml": '[[row]]\nnumber = "one"\n'})


def test_no_file_at_all_is_refused(house: House) -> None:
    with pytest.raises(SchemaViolationError):
        diff(house, texts={})


def test_only_whoever_may_try_rules_does(house: House) -> None:
    with pytest.raises(NotAllowedError):
        house.order(a_caller("MASH_SCREENER"), "mapping.diff", files={"file": []})


def test_the_log_names_the_tables_and_the_policy_each_step_was_made_by(house: House) -> None:
    message = house.receive("referral-portal", "mash/govuk-forms-1", a_form("early-help-with-consent.json"))
    house.work()
    desk = house.application.desk

    heads = {row.kind: json.loads(row.header) for row in house.last_events_of(message)}
    told = {kind: head.get("open", head) for kind, head in heads.items()}

    assert told["document.translated"]["mapping_sha256"] == desk.library.inbound("mash/govuk-forms-1").digest
    assert told["decision.made"]["policy_sha256"] == desk.policy.digest
    assert told["delivery.handed_over"]["mapping_sha256"] == desk.library.outbound("mash/referral-1").digest
    assert {"mappings.loaded", "policy.loaded"} <= set(house.events())


def test_a_document_made_in_two_steps_names_both_tables(house: House) -> None:
    """Or a change of the second would not show."""
    a_report(house)
    (message,) = house.application.store.read(lambda uow: uow.messages.find())

    (record,) = house.application.store.read(lambda uow: uow.records.of_message(message.message_id))

    assert record.mapping != house.application.desk.library.inbound("sims/superstar-1").digest


STRICTER = """
version = "barnet-2026.1"
title = "Barnet"
areas = ["E09000003"]

[[narrow]]
point = "agreement_grace_days"
to = 0
plain = "No agreement counts once it has run out."
source = "an invented protocol"
"""


def test_an_area_s_profile_can_be_tried_before_it_is_put_to_use(house: House) -> None:
    answer = diff(house, texts={"mine.toml": STRICTER})

    assert answer["policy"]["new"] != answer["policy"]["in_force"]
    assert house.application.desk.policy.version == "sharing-2026.1"


def test_a_law_can_be_tried_as_if_its_day_had_come(house: House) -> None:
    law = file("policy/law.toml")

    answer = diff(house, texts={"law.toml": f'{law}\n[s16LA.in_force_from]\neverywhere = "2026-01-01"\n'})

    assert answer["changes"] is False
    assert answer["policy"]["new"] == answer["policy"]["in_force"]


def test_a_profile_that_asks_for_less_is_refused(house: House) -> None:
    with pytest.raises(PolicyError, match=r"local/barnet-2026\.1\.toml: .* from 0 to 30"):
        diff(house, texts={"mine.toml": STRICTER.replace("to = 0", "to = 31")})
