"""Under which agreement does a document go, and does every decision say so?"""

import json
from typing import Any

import pytest

from gateway.consent.question import Purpose
from gateway.errors import ConflictError, NotAllowedError, NotFoundError, SchemaViolationError
from tests.unit.operations.house import House, a_caller, a_profile
from tests.unit.operations.test_facts import a_child
from tests.unit.operations.test_permissions import asked

OFFICER = a_caller("IG_OFFICER")
DSA: dict[str, Any] = {
    "agreement_id": "dsa-early-help",
    "version": "3",
    "title": "Early help in Barnet",
    "organisations": ["barnet-ecaf"],
    "effective_from": "2026-09-01",
    "expires_on": "2027-09-01",
    "flows": [{"purpose": "COORDINATE", "lawful_basis": "GDPR-6.1.e"}],
}


def add(house: House, **changes: Any) -> None:
    house.order(OFFICER, "agreements.add", agreement={**DSA, **changes})


def test_a_flow_goes_by_the_agreement_that_covers_its_purpose(house: House) -> None:
    child = a_child(house)
    add(house)

    covered, other = (asked(house, child, one).recipient.agreement for one in (Purpose.COORDINATE, Purpose.STEP_UP))

    assert covered is not None
    assert other is not None
    assert (covered.id, covered.version, covered.status) == ("dsa-early-help", "3", "in_force")
    assert (covered.lawful_basis, other.status) == ("GDPR-6.1.e", "missing")


def test_a_newer_version_counts_from_the_day_it_begins(house: House) -> None:
    child = a_child(house)
    add(house)
    add(house, version="4", effective_from="2026-11-24")

    before = asked(house, child).recipient.agreement
    house.clock.move(days=1)
    after = asked(house, child).recipient.agreement

    assert before is not None
    assert after is not None
    assert (before.version, after.version) == ("3", "4")


def test_an_agreement_that_was_ended_holds_no_longer_and_raises_the_counter(house: House) -> None:
    child = a_child(house)
    add(house)
    name = "recipient:barnet-ecaf"
    before = house.application.store.read(lambda uow: uow.epochs.current([name])[name])

    house.order(OFFICER, "agreements.end", agreement="dsa-early-help", reason="The council left it.")

    agreement = asked(house, child).recipient.agreement
    assert agreement is not None
    assert agreement.status == "expired"
    assert house.application.store.read(lambda uow: uow.epochs.current([name])[name]) > before
    with pytest.raises(NotFoundError):
        house.order(OFFICER, "agreements.end", agreement="dsa-early-help", reason="Once more.")


def test_a_new_profile_takes_no_agreement_away(house: House) -> None:
    add(house)

    house.order(a_caller("INTEGRATION_ENGINEER"), "partners.update", profile=a_profile("barnet-ecaf"))

    listed = house.order(OFFICER, "agreements.list")["agreements"]
    assert [(one["agreement"], one["version"], one["state"]) for one in listed if isinstance(one, dict)] == [  # type: ignore[union-attr]
        ("dsa-early-help", "3", "in force")
    ]


def test_every_version_is_shown(house: House) -> None:
    add(house)
    add(house, version="4", effective_from="2027-01-01")

    shown = house.order(OFFICER, "agreements.show", agreement="dsa-early-help")["versions"]

    assert isinstance(shown, list)
    assert [one["state"] for one in shown if isinstance(one, dict)] == ["in force", "to come"]


@pytest.mark.parametrize(
    ("path", "change"),
    [
        pytest.param("organisations", {"organisations": []}, id="binding nobody"),
        pytest.param("expires_on", {"expires_on": "2026-09-01"}, id="over before it begins"),
        pytest.param("version", {"version": "the third"}, id="a version in words"),
        pytest.param(
            "flows[0].lawful_basis", {"flows": [{"purpose": "COORDINATE", "lawful_basis": "consent"}]}, id="by consent"
        ),
        pytest.param(
            "flows[0].purpose", {"flows": [{"purpose": "GOSSIP", "lawful_basis": "GDPR-6.1.e"}]}, id="for gossip"
        ),
        pytest.param("ended_at", {"ended_at": "2027-01-01T00:00:00Z"}, id="ended already"),
    ],
)
def test_an_agreement_that_cannot_be_is_refused(shared_house: House, path: str, change: dict[str, Any]) -> None:
    with pytest.raises(SchemaViolationError) as refused:
        add(shared_house, **change)

    assert refused.value.place.path == path


def test_one_version_is_recorded_once(house: House) -> None:
    add(house)

    with pytest.raises(ConflictError):
        add(house)


def test_an_organisation_nobody_knows_is_bound_by_nothing(shared_house: House) -> None:
    with pytest.raises(NotFoundError) as refused:
        add(shared_house, organisations=["barnet-ecaf", "nobody-example"])

    assert refused.value.place.path == "organisations[1]"


def test_an_engineer_changes_no_agreement(shared_house: House) -> None:
    with pytest.raises(NotAllowedError):
        shared_house.order(a_caller("INTEGRATION_ENGINEER"), "agreements.add", agreement=DSA)


def test_the_version_is_in_the_stored_decision_and_in_the_log(house: House) -> None:
    flows = [{"purpose": one, "lawful_basis": "GDPR-6.1.e"} for one in ("REQUEST_EH", "SAFEGUARD_S47", "EMERGENCY")]
    add(house, organisations=["barnet-mash", "barnet-ecaf"], flows=flows)

    a_child(house)

    def _bodies(uow: Any) -> list[dict[str, Any]]:
        (message,) = uow.messages.find()
        (record,) = uow.records.of_message(message.message_id)
        return [json.loads(one.body) for one in uow.permits.of_record(record.record_id)]

    grounds = [one["grounds"] for one in house.application.store.read(_bodies)]
    assert {(one["agreement"], one["agreement_version"], one["lawful_basis"]) for one in grounds} == {
        ("dsa-early-help", "3", "GDPR-6.1.e")
    }
