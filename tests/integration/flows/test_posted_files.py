"""A file that is posted with a form is attached, scanned, and goes on into the episode that is made of the form."""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from gateway.flows.delivering.scanner import Clean, Malware
from gateway.flows.receiving.envelope import Incoming
from gateway.flows.store.rows import Record, ScanState
from gateway.formats.register import FORMATS
from gateway.model.identifiers import MessageId
from tests.fakes.attached import LETTER, OTHER, referral_with
from tests.fakes.scanner import ScriptedScanner
from tests.integration.flows.house import ECAF, MASH, PORTAL, House

INFECTED = Malware(signature="Invented.Test-1")
FIELDS = {
    "mash/flat-1": {"first_name": "Testina", "last_name": "Exampleton", "date_of_birth": "14/06/2016"},
    "mash/start-request-1": {"child_forename": "Testina", "child_surname": "Exampleton", "child_dob": "14/06/2016"},
}
CONSENT = {
    "consent_to_share": "Yes",
    "consent_to_support": "Yes",
    "consent_signatory_capacity": "Parent with parental responsibility",
    "consent_mode": "In writing, signed",
    "date_of_consent": "17/11/2026",
}
FORMS = sorted(FIELDS)


@pytest.fixture
def scanner() -> ScriptedScanner:
    return ScriptedScanner()


@pytest.fixture
def house(tmp_path: Path, scanner: ScriptedScanner) -> Iterator[House]:
    """A gateway with a scanner."""
    built = House.build(tmp_path, scanner=scanner)
    yield built
    built.app.bus.close()
    built.app.store.close()


def post(house: House, form: str, *files: tuple[str, bytes], **fields: str) -> MessageId:
    """Let a portal post a form with files, as a browser does."""
    answers = {"reference": "POST-1", **FIELDS[form], **CONSENT, **fields}
    parts = [f'name="{name}"\r\n\r\n{value}'.encode() for name, value in answers.items()]
    parts += [
        f'name="letters"; filename="{name}"\r\nContent-Type: text/plain\r\n\r\n'.encode() + body for name, body in files
    ]
    body = b"".join(b"--XyZ\r\nContent-Disposition: form-data; " + part + b"\r\n" for part in parts) + b"--XyZ--\r\n"
    incoming = Incoming(
        organisation=PORTAL, format=FORMATS[form], body=body, content_type="multipart/form-data; boundary=XyZ"
    )
    return house.app.receive.accept(incoming).message_id


def decide(house: House, reference: str = "POST-1") -> None:
    house.decide(reference)
    house.work()


def attached(document: dict[str, Any]) -> list[tuple[str | None, bytes | None]]:
    """Return name and bytes of what is attached to *document*."""
    return [
        (one.get("file_name"), b64decode(one["content"]) if "content" in one else None) for one in document["forms"]
    ]


def records(house: House, message: MessageId) -> list[Record]:
    return list(house.app.store.read(lambda uow: uow.records.of_message(message)))


@pytest.mark.parametrize("form", FORMS)
def test_the_files_of_a_post_are_attached(house: House, form: str) -> None:
    post(house, form, ("letter.txt", LETTER), ("other.txt", OTHER))
    house.work()

    (document,) = house.outlet.to(MASH)
    assert attached(document) == [("letter.txt", LETTER), ("other.txt", OTHER)]
    assert [one["sha256"] for one in document["forms"]] == [sha256(LETTER).hexdigest(), sha256(OTHER).hexdigest()]


@pytest.mark.parametrize("form", FORMS)
def test_a_posted_file_lies_apart_from_the_text(house: House, form: str) -> None:
    message = post(house, form, ("letter.txt", LETTER))
    house.work_messages()

    (record,) = records(house, message)
    (scan,) = house.app.store.read(lambda uow: uow.attachments.scans(record.record_id))
    assert scan.state is ScanState.WAITING


def test_a_posted_file_that_holds_malware_never_leaves(house: House, scanner: ScriptedScanner) -> None:
    scanner.says += [INFECTED]

    post(house, "mash/flat-1", ("letter.txt", LETTER))
    house.work()

    (document,) = house.outlet.to(MASH)
    assert attached(document) == [("letter.txt", None)]
    assert len(house.reviews("H-MALWARE")) == 1


def test_a_flat_document_in_json_attaches_likewise(house: House) -> None:
    files = [{"file_name": "letter.txt", "content": b64encode(LETTER).decode()}]
    told = {"reference": "POST-1", **FIELDS["mash/flat-1"], "attached_files": files}

    house.accept(json.dumps(told).encode(), form="mash/flat-1")
    house.work()

    (document,) = house.outlet.to(MASH)
    assert attached(document) == [("letter.txt", LETTER)]


@pytest.mark.parametrize("form", FORMS)
def test_what_was_attached_goes_on_into_the_episode(house: House, form: str) -> None:
    post(house, form, ("letter.txt", LETTER), ("other.txt", OTHER))
    house.work()
    decide(house)

    (episode,) = house.outlet.to(ECAF)
    assert attached(episode) == [("letter.txt", LETTER), ("other.txt", OTHER)]


def test_each_child_s_episode_has_it(house: House) -> None:
    agreed = {
        "agrees_to_share": "Y",
        "signatory_capacity": "PARENT_PR",
        "mode": "WRITTEN_SIGNED",
        "given_on": "2026-11-17",
    }
    house.accept(referral_with("TWO1", [LETTER], form="two-siblings", consent=agreed), form="mash/referral-1")
    house.work()
    decide(house, "TWO1")

    assert [attached(one)[0][1] for one in house.outlet.to(ECAF)] == [LETTER, LETTER]


def test_malware_does_not_go_on_and_the_rest_does(house: House, scanner: ScriptedScanner) -> None:
    scanner.says += [INFECTED, Clean()]
    post(house, "mash/flat-1", ("letter.txt", LETTER), ("other.txt", OTHER))
    house.work()
    decide(house)

    (episode,) = house.outlet.to(ECAF)
    assert attached(episode) == [("letter.txt", None), ("other.txt", OTHER)]
    assert scanner.shown == [LETTER, OTHER, OTHER]


def test_what_nobody_has_scanned_yet_waits_in_the_episode_too(house: House, scanner: ScriptedScanner) -> None:
    scanner.away = "scanner-away"
    house.app.scans.sweep()
    post(house, "mash/flat-1", ("letter.txt", LETTER))
    house.work()
    decide(house)
    before = [attached(one) for one in house.outlet.to(ECAF)]

    scanner.away = None
    house.app.scans.sweep()
    house.work()

    assert before == [[("letter.txt", None)]]
    assert [attached(one) for one in house.outlet.to(ECAF)[1:]] == [[("letter.txt", LETTER)]]


def test_where_an_address_is_withheld_nothing_attached_goes_into_the_episode(house: House) -> None:
    message = post(house, "mash/flat-1", ("letter.txt", LETTER))
    house.work()
    (record,) = records(house, message)
    house.app.facts.flags.set(record.subjects[0], {"flag": "ADDRESS_WITHHELD", "need_list": []}, actor="test")
    decide(house)

    assert ["forms" in one for one in house.outlet.to(ECAF)] == [False]
