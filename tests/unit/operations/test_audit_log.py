"""What does the log promise, and can it be checked without us?"""

import base64
from pathlib import Path

import pytest

from gateway.audit import verify
from gateway.errors import NotFoundError
from gateway.model.identifiers import MessageId
from tests.unit.operations.house import House, a_caller, a_form

AUDITOR = a_caller("AUDITOR")
OFFICER = a_caller("IG_OFFICER")


def a_message(house: House) -> MessageId:
    message = house.receive("referral-portal", "mash/govuk-forms-1", a_form("early-help-refused.json"))
    house.work()
    house.sign()
    return message


def test_a_checkpoint_names_the_log_its_size_and_the_key(house: House) -> None:
    a_message(house)

    shown = house.order(AUDITOR, "audit.checkpoint")

    assert shown["origin"] == "gateway.barnet.example/audit"
    assert str(shown["note"]).split("\n")[1] == str(shown["size"])
    assert shown["waiting"] == 0


def test_before_anything_was_signed_there_is_no_checkpoint(house: House) -> None:
    with pytest.raises(NotFoundError):
        house.order(AUDITOR, "audit.checkpoint")


def test_a_proof_is_accepted_by_the_stand_alone_verifier(house: House, tmp_path: Path) -> None:
    proof = house.order(AUDITOR, "audit.prove", message=a_message(house))
    file = tmp_path / "proof"
    file.write_text(str(proof["proof"]))

    assert verify.main(["proof", str(file), "--key", str(proof["vkey"])]) == 0


def test_a_message_has_only_its_own_events(house: House) -> None:
    message = a_message(house)

    with pytest.raises(NotFoundError):
        house.order(AUDITOR, "audit.prove", message=message, event="evt_" + "0" * 26)


def test_the_log_can_be_shown_to_have_only_grown(house: House, tmp_path: Path) -> None:
    a_message(house)
    old = house.order(AUDITOR, "audit.checkpoint")
    house.receive("referral-portal", "mash/govuk-forms-1", a_form("two-siblings.json"))
    house.sign()
    new = house.order(AUDITOR, "audit.checkpoint")

    proof = house.order(AUDITOR, "audit.consistency", old=old["note"])

    files = {"old": str(old["note"]), "new": str(new["note"]), "proof": str(proof["proof"])}
    paths = [_written(tmp_path / name, text) for name, text in files.items()]
    assert verify.main(["consistency", *paths, "--key", str(new["vkey"])]) == 0


def _written(file: Path, text: str) -> str:
    file.write_text(text)
    return str(file)


def test_a_childs_part_of_the_log_is_complete_and_accepted_by_the_verifier(house: House, tmp_path: Path) -> None:
    message = a_message(house)
    child = house.application.store.read(lambda uow: uow.records.of_message(message))[0].subjects[0]

    made = house.order(OFFICER, "audit.export", child=child, reader="data protection officer")

    file = tmp_path / "export.zip"
    file.write_bytes(base64.b64decode(str(made["zip"])))
    assert verify.main(["export", str(file), "--key", str(made["vkey"])]) == 0
    assert made["events"] == len(house.application.store.read(lambda uow: uow.audit.of_child(child))) - 1
    assert house.events()[-1] == "export.made"
