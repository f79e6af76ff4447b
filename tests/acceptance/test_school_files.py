"""What a school's file may hold, and what then reaches the early-help system, or nobody."""

import json
import resource
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.audit.event import EventKind
from gateway.demo.stage import Stage
from gateway.flows.originals import open_original
from gateway.flows.rows import State
from gateway.flows.tally import Counted
from gateway.model.identifiers import MessageId
from gateway.simulators.school import superstar_report
from tests.acceptance.forms import deliveries, wait_for
from tests.acceptance.told import decisions, events, kept, messages, policy_version, questions, the_record

REPORT = "sims/superstar-1"
PUPIL = {
    "primary_id": "3001",
    "School Name": "Nowhere Lane Primary School",
    "Forename": "Testina",
    "Surname": "Exampleton",
    "DOB": "2016-06-14T00:00:00+01:00",
    "Gender": "F",
    "UPN": "B801200005001",
    "Postcode": "ZZ99 3AA",
}
AGREED = {
    "CAF Consent Given": "Yes",
    "CAF Consent Date": "2026-10-02T00:00:00+01:00",
    "CAF Consent Mode": "In writing, signed",
    "CAF Consent Signatory Capacity": "Parent with parental responsibility",
    "CAF Consent Agencies": "School; Early help",
}
_MIB = 1024
"""Of what `resource` counts memory in."""


def bomb() -> bytes:
    """Return a report whose one small value would be three thousand million letters, were its entities expanded."""
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    head = f'<?xml version="1.0"?><!DOCTYPE SuperStarReport [<!ENTITY e0 "hah">{entities}]>'
    pupil = "<Record><primary_id>1</primary_id><Forename>&e9;</Forename></Record>"
    return f"{head}<SuperStarReport>{pupil}</SuperStarReport>".encode()


def post(stage: Stage, body: bytes, *, form: str = REPORT, media: str = "application/xml") -> httpx.Response:
    """Post a school's file over HTTP."""
    headers = {"Authorization": f"Bearer {stage.tokens['school-example']}", "Content-Type": media}
    return httpx.post(f"{stage.url}/v1/intake/{form}", content=body, headers=headers)


def report(stage: Stage, **columns: str) -> MessageId:
    """Post a report on one pupil, with some of its columns changed or added, and return our id of it."""
    answer = post(stage, superstar_report([PUPIL | columns]))
    assert answer.status_code == 202, answer.text
    return MessageId(answer.json()["message_id"])


def drop(stage: Stage, name: str, body: bytes) -> Path:
    """Drop a school's file into its folder."""
    file = stage.folder / "drop" / "school-example" / "sims" / "superstar-1" / name
    stage.until("the folder", file.parent.is_dir)
    file.write_bytes(body)
    return file


def sent(stage: Stage) -> list[dict[str, Any]]:
    """Return the episodes the early-help system took, oldest first."""
    return [effect["document"]["document"] for effect in stage.effects("barnet-ecaf")]


def peak_mib() -> float:
    """Return the most memory this process, and so the gateway in it, ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MIB


@pytest.mark.parametrize("way", ["http", "folder"])
def test_an_entity_bomb_is_refused_with_its_reason_and_kept_sealed_and_never_expanded(stage: Stage, way: str) -> None:
    before = peak_mib()
    body = bomb()
    ways = {"http": lambda: post(stage, body).json(), "folder": lambda: dropped(stage, body)}

    problem = ways[way]()

    assert problem["code"] == "doctype"
    (message,) = messages(stage, State.QUARANTINED)
    original = stage.application.store.read(lambda uow: uow.originals.get(message.message_id))
    assert open_original(stage.application.desk.vault, original) == body
    assert (message.reason, deliveries(stage)) == ("doctype", [])
    assert peak_mib() - before < 64


def dropped(stage: Stage, body: bytes) -> dict[str, Any]:
    """Drop *body* and return the problem its sender reads."""
    file = drop(stage, "bomb.xml", body)
    told = file.with_name("bomb.xml.refused.json")
    stage.until("the report", told.exists)
    problem: dict[str, Any] = json.loads(told.read_text())["problem"]
    return problem


def test_whoever_watches_learns_of_an_entity_bomb_and_the_log_keeps_why(stage: Stage) -> None:
    post(stage, bomb())

    (message,) = messages(stage, State.QUARANTINED)
    (event,) = events(stage, message.message_id, EventKind.MESSAGE_QUARANTINED)
    assert (event["reason"], event["organisation"]) == ("doctype", "school-example")
    counted = stage.application.desk.tally.counts(Counted.QUARANTINED)
    assert counted == {(REPORT, "doctype"): 1}
    alerts = (Path(__file__).parents[2] / "deploy" / "prometheus" / "alerts.yml").read_text()
    assert 'gateway_quarantined_total{reason=~"doctype|' in alerts


def test_a_caption_with_an_encoded_blank_is_read_and_reaches_the_early_help_system(stage: Stage) -> None:
    """The file says `Home_x0020_Language`; nobody ever reads that, and what it holds is kept whatever becomes of it."""
    body = superstar_report([PUPIL | AGREED | {"Home Language": "Welsh"}])
    assert b"<Home_x0020_Language>Welsh</Home_x0020_Language>" in body

    message = MessageId(post(stage, body).json()["message_id"])

    wait_for(stage, message, State.ACKNOWLEDGED)
    assert {"key": "x-sims", "question": "Home Language", "answer": "Welsh"} in sent(stage)[0]["local"]
    assert "_x0020_" not in json.dumps(stage.effects("barnet-ecaf"))
    assert decisions(stage, message) == [("barnet-ecaf", "P-CONSENT", policy_version(stage))]


def test_a_pupil_without_a_consent_block_is_a_draft_that_nobody_but_the_early_help_system_gets(stage: Stage) -> None:
    message = report(stage)

    assert wait_for(stage, message, State.ACKNOWLEDGED).recipient == "barnet-ecaf"
    assert sent(stage)[0]["state"] == "draft"
    assert decisions(stage, message) == [("barnet-ecaf", "P-DRAFT", policy_version(stage))]
    (decision,) = events(stage, message, EventKind.DECISION_MADE)
    assert "O-NOCONTENT-OUT" in decision["obligations"]
    assert {one.recipient for one in deliveries(stage)} == {"barnet-ecaf"}
    assert [stage.effects(name) for name in ("barnet-mash", "referral-portal", "school-example")] == [[], [], []]


def test_an_ethnicity_nobody_has_mapped_is_kept_as_it_was_written_and_never_guessed(stage: Stage) -> None:
    message = report(stage, **AGREED, Ethnicity="Nowherian (East)")

    child = kept(stage, message)["child"]
    assert child["ethnicity_as_written"] == "Nowherian (East)"
    assert "ethnicity" not in child
    (waiting,) = stage.order("labels.list", {})["labels"]  # type: ignore[misc]
    assert waiting == {
        "list": "ethnicity",
        "label": "Nowherian (East)",
        "system": "sims",
        "path": waiting["path"],  # type: ignore[index, call-overload]
        "records": 1,
    }
    assert "NOBT" not in json.dumps(stage.effects("barnet-ecaf"))


def test_once_a_person_has_said_what_a_label_means_its_code_reaches_the_early_help_system(stage: Stage) -> None:
    first = report(stage, **AGREED, Ethnicity="Nowherian (East)")
    the_record(stage, first)

    stage.order("labels.map", {"list": "ethnicity", "label": "Nowherian (East)", "code": "WOTH"})
    second = report(stage, **AGREED, Ethnicity="Nowherian (East)", House="Nowhere House")

    wait_for(stage, second, State.ACKNOWLEDGED)
    assert stage.order("labels.list", {}) == {"labels": []}
    child = sent(stage)[-1]["child"]
    assert (child["ethnicity"], child["ethnicity_as_written"]) == ("WOTH", "Nowherian (East)")
    assert decisions(stage, second) == [("barnet-ecaf", "P-CONSENT", policy_version(stage))]


WRONG = "A801200005001"
"""Its check letter should be B."""


def test_a_pupil_number_whose_check_letter_is_wrong_is_kept_as_it_was_sent(stage: Stage) -> None:
    message = report(stage, **AGREED, UPN=WRONG)

    wait_for(stage, message, State.ACKNOWLEDGED)
    assert sent(stage)[0]["child"]["upn"] == WRONG
    told = httpx.get(f"{stage.url}/v1/messages/{message}/records", headers=bearer(stage)).json()
    (record,) = told["records"]
    assert record["result"] == "taken-with-warnings"
    assert "upn-check" in {problem["code"] for problem in record["problems"]}
    assert decisions(stage, message) == [("barnet-ecaf", "P-CONSENT", policy_version(stage))]


def test_a_pupil_number_whose_check_letter_is_wrong_finds_nobody(stage: Stage) -> None:
    """Two children share the number and nothing else: neither is taken for the other, and nobody has to ask."""
    one = report(stage, UPN=WRONG)
    other = report(stage, UPN=WRONG, primary_id="3002", Forename="Adam", Surname="Fictional", Postcode="ZZ99 3AC",
                   DOB="2013-02-03T00:00:00+00:00")  # fmt: skip

    records = [the_record(stage, message) for message in (one, other)]
    assert records[0].subjects != records[1].subjects
    assert records[1].match_status == "NEW"
    assert questions(stage, "H-MATCH") == []


def bearer(stage: Stage) -> dict[str, str]:
    """Return the school's own credential."""
    return {"Authorization": f"Bearer {stage.tokens['school-example']}"}
