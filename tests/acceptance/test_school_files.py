"""What a school's file may hold, and what then reaches the early-help system, or nobody."""

import json
import resource
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.audit.event import EventKind
from gateway.demo.stage import Stage
from gateway.flows.store.rows import Message, State
from gateway.flows.tally import Counted
from gateway.flows.understanding.originals import open_original
from gateway.model.identifiers import MessageId
from gateway.simulators.school import superstar_report
from tests.acceptance.forms import deliveries, wait_for
from tests.acceptance.told import decisions, events, kept, messages, policy_version, questions, the_record

REPORT = "sims/superstar-1"
PUPIL = {"School Name": "Nowhere Lane Primary School", "Gender": "F", "Postcode": "ZZ99 3AA"}
TESTINA, ADAM, ZOE, MAX, RUBY, OTTO, IDA = (
    PUPIL | {"primary_id": f"{number}", "Forename": first, "Surname": last, "DOB": f"{born}T00:00:00+00:00"}
    for number, (first, last, born) in enumerate(
        (
            ("Testina", "Exampleton", "2016-01-14"),
            ("Adam", "Fictional", "2015-02-03"),
            ("Zo\u00eb", "Pretendman", "2014-11-12"),
            ("Max", "Inventedson", "2013-12-30"),
            ("Ruby", "Makebelieve", "2017-01-09"),
            ("Otto", "Nobodyson", "2012-11-19"),
            ("Ida", "Sampleby", "2011-02-27"),
        ),
        start=3001,
    )
)
"""Invented pupils, one or two for each test, so that none meets what another test says."""
AGREED = {
    "CAF Consent Given": "Yes",
    "CAF Consent Date": "2026-10-02T00:00:00+01:00",
    "CAF Consent Mode": "In writing, signed",
    "CAF Consent Signatory Capacity": "Parent with parental responsibility",
    "CAF Consent Agencies": "School; Early help",
}
_MIB = 1024
"""Of what `resource` counts memory in."""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A gateway for all of this file's schools."""
    with Stage(tmp_path_factory.mktemp("schools") / "gateway") as running:
        yield running


def bomb(way: str) -> bytes:
    """Return a report whose one small value would be three thousand million letters, were its entities expanded."""
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    head = f'<?xml version="1.0"?><!DOCTYPE SuperStarReport [<!ENTITY e0 "hah">{entities}]>'
    pupil = f"<Record><primary_id>{way}</primary_id><Forename>&e9;</Forename></Record>"
    return f"{head}<SuperStarReport>{pupil}</SuperStarReport>".encode()


def post(stage: Stage, body: bytes, *, form: str = REPORT, media: str = "application/xml") -> httpx.Response:
    """Post a school's file over HTTP."""
    headers = {"Authorization": f"Bearer {stage.tokens['school-example']}", "Content-Type": media}
    return httpx.post(f"{stage.url}/v1/intake/{form}", content=body, headers=headers)


def report(stage: Stage, pupil: dict[str, str]) -> MessageId:
    """Post a report on one pupil and return our id of it."""
    answer = post(stage, superstar_report([pupil]))
    assert answer.status_code == 202, answer.text
    return MessageId(answer.json()["message_id"])


def drop(stage: Stage, name: str, body: bytes) -> Path:
    """Drop a school's file into its folder."""
    file = stage.folder / "drop" / "school-example" / "sims" / "superstar-1" / name
    stage.until("the folder", file.parent.is_dir)
    file.write_bytes(body)
    return file


def sent(stage: Stage, message: MessageId, to: str = "barnet-ecaf") -> list[dict[str, Any]]:
    """Return what somebody took because of one message, oldest first."""
    return [one["document"]["document"] for one in stage.effects(to) if one["correlation_id"] == message]


def peak_mib() -> float:
    """Return the most memory this process, and so the gateway in it, ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MIB


def dropped(stage: Stage, body: bytes) -> dict[str, Any]:
    """Drop *body* and return the problem its sender reads."""
    file = drop(stage, "bomb.xml", body)
    told = file.with_name("bomb.xml.refused.json")
    stage.until("the report", told.exists)
    problem: dict[str, Any] = json.loads(told.read_text())["problem"]
    return problem


def posted(stage: Stage, body: bytes) -> dict[str, Any]:
    """Post *body* and return the problem its sender reads."""
    problem: dict[str, Any] = post(stage, body).json()
    return problem


@pytest.mark.parametrize("way", [pytest.param(posted, id="http"), pytest.param(dropped, id="folder")])
def test_an_entity_bomb_is_refused_with_its_reason_and_kept_sealed_and_never_expanded(
    stage: Stage, way: Callable[[Stage, bytes], dict[str, Any]]
) -> None:
    before, body = peak_mib(), bomb(way.__name__)

    problem = way(stage, body)

    assert problem["code"] == "doctype"
    message = kept_aside(stage, body)
    assert (message.reason, deliveries(stage, message.message_id)) == ("doctype", [])
    original = stage.application.store.read(lambda uow: uow.originals.get(message.message_id))
    assert open_original(stage.application.desk.vault, original) == body
    assert peak_mib() - before < 64


def kept_aside(stage: Stage, body: bytes) -> Message:
    """Return the message in quarantine whose bytes were *body*."""
    digest = sha256(body).hexdigest()
    (message,) = [one for one in messages(stage, State.QUARANTINED) if one.body_sha256 == digest]
    return message


def test_whoever_watches_learns_of_an_entity_bomb_and_the_log_keeps_why(stage: Stage) -> None:
    tally, body = stage.application.desk.tally, bomb("watched")
    before = tally.counts(Counted.QUARANTINED).get((REPORT, "doctype"), 0)

    post(stage, body)

    (event,) = events(stage, kept_aside(stage, body).message_id, EventKind.MESSAGE_QUARANTINED)
    assert (event["reason"], event["organisation"]) == ("doctype", "school-example")
    assert tally.counts(Counted.QUARANTINED) == {(REPORT, "doctype"): before + 1}
    alerts = (Path(__file__).parents[2] / "deploy" / "prometheus" / "alerts.yml").read_text()
    assert 'gateway_quarantined_total{reason=~"doctype|' in alerts


def test_a_caption_with_an_encoded_blank_is_read_and_reaches_the_early_help_system(stage: Stage) -> None:
    """The file says `Home_x0020_Language`; nobody ever reads that, and what it holds is kept whatever becomes of it."""
    pupil = TESTINA | AGREED | {"Home Language": "Welsh"}
    assert b"<Home_x0020_Language>Welsh</Home_x0020_Language>" in superstar_report([pupil])

    message = report(stage, pupil)

    wait_for(stage, message, State.ACKNOWLEDGED)
    (episode,) = sent(stage, message)
    assert {"key": "x-sims", "question": "Home Language", "answer": "Welsh"} in episode["local"]
    assert "_x0020_" not in json.dumps(episode)
    assert decisions(stage, message) == [("barnet-ecaf", "P-CONSENT", policy_version(stage))]


def test_a_pupil_without_a_consent_block_is_a_draft_that_nobody_but_the_early_help_system_gets(stage: Stage) -> None:
    message = report(stage, ADAM)

    assert wait_for(stage, message, State.ACKNOWLEDGED).recipient == "barnet-ecaf"
    assert sent(stage, message)[0]["state"] == "draft"
    assert decisions(stage, message) == [("barnet-ecaf", "P-DRAFT", policy_version(stage))]
    (decision,) = events(stage, message, EventKind.DECISION_MADE)
    assert "O-NOCONTENT-OUT" in decision["obligations"]
    others = ("barnet-mash", "referral-portal", "school-example", "health-visitors")
    assert [sent(stage, message, to=other) for other in others] == [[], [], [], []]


def test_an_ethnicity_nobody_has_mapped_is_kept_as_it_was_written_and_never_guessed(stage: Stage) -> None:
    message = report(stage, ZOE | AGREED | {"Ethnicity": "Nowherian (West)"})

    child = kept(stage, message)["child"]
    assert child["ethnicity_as_written"] == "Nowherian (West)"
    assert "ethnicity" not in child
    (waiting,) = [one for one in unmapped(stage) if one["label"] == "Nowherian (West)"]
    assert (waiting["list"], waiting["system"], waiting["records"]) == ("ethnicity", "sims", 1)


def unmapped(stage: Stage) -> list[dict[str, Any]]:
    """Return the labels that wait for a person."""
    listed: Any = stage.order("labels.list", {})["labels"]
    return list(listed)


def test_once_a_person_has_said_what_a_label_means_its_code_reaches_the_early_help_system(stage: Stage) -> None:
    told = MAX | AGREED | {"Ethnicity": "Nowherian (East)"}
    first = report(stage, told)
    wait_for(stage, first, State.HELD_LABEL)
    assert sent(stage, first) == []

    stage.order("labels.map", {"list": "ethnicity", "label": "Nowherian (East)", "code": "WOTH"})
    wait_for(stage, first, State.ACKNOWLEDGED)
    later = report(stage, told | {"House": "Nowhere House"})

    wait_for(stage, later, State.ACKNOWLEDGED)
    assert [one["child"]["ethnicity"] for one in sent(stage, first)] == ["WOTH"]
    assert "Nowherian (East)" not in {one["label"] for one in unmapped(stage)}
    child = sent(stage, later)[0]["child"]
    assert (child["ethnicity"], child["ethnicity_as_written"]) == ("WOTH", "Nowherian (East)")
    assert decisions(stage, later) == [("barnet-ecaf", "P-CONSENT", policy_version(stage))]


WRONG = "A801200005001"
"""Its check letter should be B."""


def test_a_pupil_number_whose_check_letter_is_wrong_is_kept_as_it_was_sent(stage: Stage) -> None:
    message = report(stage, RUBY | AGREED | {"UPN": WRONG})

    wait_for(stage, message, State.ACKNOWLEDGED)
    assert sent(stage, message)[0]["child"]["upn"] == WRONG
    bearer = {"Authorization": f"Bearer {stage.tokens['school-example']}"}
    (record,) = httpx.get(f"{stage.url}/v1/messages/{message}/records", headers=bearer).json()["records"]
    assert record["result"] == "taken-with-warnings"
    assert "upn-check" in {problem["code"] for problem in record["problems"]}
    assert decisions(stage, message) == [("barnet-ecaf", "P-CONSENT", policy_version(stage))]


def test_a_pupil_number_whose_check_letter_is_wrong_finds_nobody(stage: Stage) -> None:
    """Two children have it, and their family name and postcode besides: neither is taken for the other."""
    shared = {"UPN": WRONG, "Surname": "Nobodyson"}

    records = [the_record(stage, report(stage, pupil | shared)) for pupil in (OTTO, IDA)]

    assert set(records[0].subjects).isdisjoint(records[1].subjects)
    assert [record.match_status for record in records] == ["NEW", "NEW"]
    assert questions(stage, "H-MATCH") == questions(stage, "H-MATCH-CONF") == []
