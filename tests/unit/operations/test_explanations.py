"""Why was it decided so, what would turn it, what may the family be told, and do the rules still say so?"""

import sqlite3
from typing import Any

import pytest

from gateway.app.engines import STORE_FILE
from gateway.app.operations.caller import Caller
from gateway.consent.rule_book import RuleBook, load_rule_book
from gateway.errors import NotAllowedError, NotFoundError
from gateway.flows.deciding.asked_again import GONE
from gateway.flows.store.rows import Delivery
from gateway.simulators.school import superstar_report
from tests.unit.operations.house import REPOSITORY, House, a_caller, a_form, two_pupils_who_may_be_one

OFFICER, ENGINEER = a_caller("IG_OFFICER"), a_caller("INTEGRATION_ENGINEER")
FOLDER = REPOSITORY / "mappings" / "policy"
SHIPPED = {path.relative_to(FOLDER).as_posix(): path.read_bytes() for path in FOLDER.rglob("*.toml")}
POLICY = SHIPPED["sharing-2026.1.toml"].decode()


def explained(house: House, name: object, /, *, caller: Caller = OFFICER, **asked: Any) -> dict[str, Any]:
    return house.order(caller, "decisions.explain", name=name, **asked)


def deliveries(house: House, message: str) -> list[Delivery]:
    found = house.application.store.read(lambda uow: uow.delivery_lists.of_message(message))  # type: ignore[arg-type]
    return list(found)


def early_help(house: House) -> Delivery:
    """Return the delivery to the early-help system that a form with consent leads to."""
    message = house.receive("referral-portal", "mash/govuk-forms-1", a_form("early-help-with-consent.json"))
    house.work()
    return deliveries(house, message)[0]


def a_report(house: House) -> Delivery:
    report, _ = two_pupils_who_may_be_one()
    message = house.receive("school-example", "sims/superstar-1", report)
    house.work()
    return deliveries(house, message)[0]


def a_permit(delivery: Delivery) -> str:
    assert delivery.permit_id is not None
    return delivery.permit_id


def put(house: House, files: dict[str, bytes]) -> RuleBook:
    """Let the gateway go by other rules."""
    book = load_rule_book(files)
    object.__setattr__(house.application.desk, "rules", book)
    return book


def test_a_decision_tells_its_rules_its_facts_with_their_versions_and_what_would_turn_it(house: House) -> None:
    delivery = a_report(house)

    told = explained(house, delivery.delivery_id)

    assert told["answer"]["reason"] == "P-CONSENT"
    assert told["rules"]["version"] == "sharing-2026.1"
    assert told["rules"]["sha256"] == house.application.desk.policy.digest
    (facts,) = told["facts"]
    (consent,) = facts["consents"]
    assert consent["status"] == "GIVEN"
    assert len(consent["version"]) == 16
    assert facts["agreement"]["status"] == "in_force"
    assert told["switches"] == {"s16LA": False, "s16LC": False}
    assert set(told["epochs"]) >= {"policy", f"recipient:{delivery.recipient}"}
    assert told["would_turn_it"][0]["changes"] == ["WITHDRAWN"]
    assert told["family"]["may_be_told"] == "yes"


def test_a_consent_has_another_version_once_it_says_something_else(house: House) -> None:
    delivery = a_report(house)
    before = explained(house, delivery.delivery_id)["facts"][0]["consents"][0]

    house.application.facts.withdraw_consent(delivery.subjects[0], actor="usr_1")
    report, _ = two_pupils_who_may_be_one()
    house.receive("school-example", "sims/superstar-1", report + b"\n")
    house.work()

    (newest,) = house.application.store.read(lambda uow: uow.messages.find(limit=1))
    after = explained(house, deliveries(house, newest.message_id)[0].permit_id)["facts"][0]["consents"]
    same = [one for one in after if one["consent_id"] == before["consent_id"]]
    assert [(one["status"], one["version"] == before["version"]) for one in same] == [("WITHDRAWN", False)]


def test_a_delivery_its_permit_and_its_review_are_explained_alike(house: House) -> None:
    _, mistyped = two_pupils_who_may_be_one()
    a_report(house)
    message = house.receive("school-example", "sims/superstar-1", mistyped)
    house.work()
    held = deliveries(house, message)[0]
    (review,) = house.application.store.read(lambda uow: uow.reviews.find(status="open", limit=10))

    told = [explained(house, name) for name in (held.delivery_id, held.permit_id, review.review_id)]

    assert told[0] == told[1] == told[2]
    assert told[0]["answer"]["reason"] == "H-MATCH-CONF"
    assert told[0]["would_turn_it"][0]["changes"] == ["IDENTIFIED"]


def test_asked_again_under_the_rules_of_then_it_is_the_same_answer_to_the_byte(house: House) -> None:
    for delivery in (a_report(house), early_help(house)):
        told = explained(house, a_permit(delivery), replay=True)

        assert told["replay"]["as_stored"] is True
        assert told["replay"]["answer"] == told["answer"]
        assert told["replay"]["newer"]["changes"] == []


def test_it_is_the_same_answer_after_newer_rules_have_come_and_the_difference_is_told(house: House) -> None:
    delivery = a_report(house)
    stricter = POLICY.replace('version = "sharing-2026.1"', 'version = "sharing-2027.1"')
    stricter = stricter.replace("number = 43\nstage = 5", "number = 43\nstage = 5").replace(
        'when = ["content_purpose", "consent_covers_recipient"]',
        'when = ["content_purpose", "consent_covers_recipient", "family_agrees"]',
    )
    put(house, {**SHIPPED, "sharing-2027.1.toml": stricter.encode()})

    replay = explained(house, a_permit(delivery), replay=True)["replay"]

    assert (replay["as_stored"], replay["under"]) == (True, "sharing-2026.1")
    assert replay["newer"]["under"] == "sharing-2027.1"
    assert replay["newer"]["changes"] == ["PERMIT_REDACTED P-CONSENT would be DENY D-DEFAULT"]
    under = explained(house, a_permit(delivery), replay=True, under="sharing-2026.1")["replay"]["newer"]
    assert (under["under"], under["changes"]) == ("sharing-2026.1", [])


def test_the_day_rules_end_is_part_of_the_answer_and_of_its_replay(house: House) -> None:
    later = POLICY.replace('version = "sharing-2026.1"', 'version = "sharing-2027.1"')
    dated = f'{later}\n[in_force_from]\neverywhere = "2027-01-01"\n'
    put(house, {**SHIPPED, "sharing-2027.1.toml": dated.encode()})
    delivery = a_report(house)
    put(house, SHIPPED)

    told = explained(house, a_permit(delivery), replay=True)

    assert told["answer"]["valid_until"] == "2027-01-01T00:00:00Z"
    assert told["replay"]["as_stored"] is True


def test_a_policy_file_that_was_changed_in_place_is_not_taken_for_the_one_of_then(house: House) -> None:
    delivery = a_report(house)
    put(house, {**SHIPPED, "sharing-2026.1.toml": POLICY.encode() + b"\n# mended\n"})

    with pytest.raises(NotFoundError, match="not the one it was decided by; put that one back"):
        explained(house, a_permit(delivery), replay=True)


def test_rules_whose_file_is_gone_are_missed(house: House) -> None:
    delivery = a_report(house)
    put(house, {"sharing-2025.1.toml": POLICY.replace("sharing-2026.1", "sharing-2025.1", 1).encode()})

    with pytest.raises(NotFoundError, match="put its file back"):
        explained(house, a_permit(delivery))


def test_a_question_lies_sealed_and_goes_with_the_child(house: House) -> None:
    delivery = a_report(house)
    file = house.application.settings.data_folder / STORE_FILE
    with sqlite3.connect(file) as database:
        (stored,) = database.execute(
            "SELECT questions FROM permit WHERE permit_id = ?", (delivery.permit_id,)
        ).fetchone()
        assert b"PARENT_PR" not in stored
        assert b"CAT-" not in stored
        database.execute("PRAGMA foreign_keys = OFF")
        database.execute("DELETE FROM child")
    database.close()

    told = explained(house, a_permit(delivery))

    assert (told["facts"], told["facts_missing"]) == ([], GONE)
    assert told["answer"]["reason"] == "P-CONSENT"
    assert told["family"]["may_be_told"] == "no"
    with pytest.raises(NotFoundError, match="gone with the key"):
        explained(house, a_permit(delivery), replay=True)


def test_an_engineer_sees_the_rules_and_not_the_facts(house: House) -> None:
    told = explained(house, a_report(house).delivery_id, caller=ENGINEER)

    assert told["explanation"]["steps"]
    assert {"facts", "family", "would_turn_it", "epochs"} & set(told) == set()


def test_whoever_sees_no_questions_sees_no_explanation(house: House) -> None:
    with pytest.raises(NotAllowedError):
        explained(house, "prm_" + "0" * 26, caller=a_caller("ADMINISTRATOR"))


def test_what_nobody_decided_cannot_be_explained(house: House) -> None:
    with pytest.raises(NotFoundError):
        explained(house, "prm_" + "0" * 26)


def test_an_explanation_names_nobody(house: House) -> None:
    pupil: dict[str, Any] = {
        "primary_id": "7",
        "Forename": "Testina",
        "Surname": "Exampleton",
        "DOB": "2016-06-15T00:00:00+01:00",
    }
    message = house.receive("school-example", "sims/superstar-1", superstar_report([pupil]))
    house.work()

    said = str(explained(house, deliveries(house, message)[0].delivery_id, replay=True))

    assert [name for name in ("Testina", "Exampleton", "2016-06-15") if name in said] == []
