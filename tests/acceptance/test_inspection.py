"""Ofsted asks for list 2 of Annex A: what the authority's officer gets, by the channels and commands there are."""

import base64
import csv
import io
import json
import stat
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.app.cli import run
from gateway.audit.event import EventKind
from gateway.demo.stage import USER, Stage
from gateway.flows.exports.annex_a import months_before
from gateway.flows.store.rows import AuditRow
from gateway.model.identifiers import MessageId
from gateway.simulators.annex_a import Assessment, CaseSystem
from tests.acceptance.told import the_record

WHY = "Ofsted's notice of inspection of 20 November, reference EX-2026"
BARNET, CAMDEN = "E09000003", "E09000007"


@pytest.fixture(scope="module")
def council(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with Stage(tmp_path_factory.mktemp("council") / "gateway") as running:
        yield running


@pytest.fixture(scope="module")
def system(council: Stage) -> CaseSystem:
    """The council's early-help system, and what happened in it until today."""
    return CaseSystem(on=council.clock.now().date(), children=10)


@pytest.fixture(scope="module")
def sent(council: Stage, system: CaseSystem) -> dict[str, MessageId]:
    """What came of every episode it knows, sent to the gateway over HTTP, by the child's number there."""
    received = {one.child.number: post(council, episode(one)) for one in system.assessments}
    for message in received.values():
        the_record(council, message)
    return received


@pytest.fixture(scope="module")
def asked(council: Stage, sent: dict[str, MessageId], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """List 2, as the officer got it by command."""
    assert sent
    folder = tmp_path_factory.mktemp("officer")
    (folder / "password").touch(mode=0o600)
    (folder / "password").write_text(council.password)
    order(folder, "login", "--server", council.url, "--user", USER, "--password-file", str(folder / "password"))
    day = council.clock.now().date().isoformat()
    order(folder, "export", "annex-a", "--list", "2", "--on", day, "--rationale", WHY, "-o", str(folder / "list.csv"))
    return folder / "list.csv"


def order(folder: Path, *typed: str) -> None:
    """Type a command as the officer does."""
    assert run([*typed, "--state-folder", str(folder / "state")]) == 0


def post(council: Stage, document: dict[str, Any]) -> MessageId:
    head = {"format": "ecaf/episode-1", "message": "caf.episode.opened", "message_id": document["reference"]}
    head |= {"correlation_id": document["reference"], "sender": "barnet-ecaf"}
    body = json.dumps({**head, "sent_at": council.clock.now().isoformat(), "document": document})
    token = {"Authorization": f"Bearer {council.tokens['barnet-ecaf']}", "Content-Type": "application/json"}
    answer = httpx.post(f"{council.url}/v1/intake/ecaf/episode-1", content=body, headers=token)
    assert answer.status_code == 202, answer.text
    return MessageId(answer.json()["message_id"])


def episode(one: Assessment, **more: Any) -> dict[str, Any]:
    """Return an episode as the early-help system tells of it: with a name, which no list may hold."""
    assessment = {"started_on": one.started.isoformat(), "assessors": [{"organisation": one.organisation}]}
    assessment |= {"completed_on": one.completed.isoformat()} if one.completed else {}
    child = {"given_names": "Testina", "family_name": f"Exampleton-{one.child.number}", "sex": one.child.sex}
    child |= {"born": one.child.born.isoformat(), "ethnicity": one.child.ethnicity, "la_child_id": one.child.number}
    return {"reference": f"E-{one.child.number}", "authority": BARNET, "child": child, "assessment": assessment, **more}


def rows(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.read_bytes().decode("utf-8-sig"))))


def uk(day: Any) -> str:
    return "" if day is None else f"{day:%d/%m/%Y}"


def test_ofsted_gets_a_row_for_each_assessment_of_six_months_and_each_that_is_open(
    asked: Path, system: CaseSystem
) -> None:
    expected = sorted(
        (one.child.number, uk(one.started), uk(one.completed), one.organisation) for one in system.listed_assessments()
    )

    found = [
        (
            row["Child Unique ID"],
            row["Assessment start date"],
            row["Assessment completion date"],
            row["Organisation completing assessment"],
        )
        for row in rows(asked)
    ]

    assert sorted(found) == expected
    assert len(system.assessments) > len(expected)
    assert {row[2] == "" for row in expected} == {True, False}


def test_the_list_is_what_the_case_system_itself_would_have_written(asked: Path, system: CaseSystem) -> None:
    theirs = csv.DictReader(io.StringIO(system.list_two().decode("utf-8-sig")))

    assert sorted(map(str, rows(asked))) == sorted(map(str, theirs))


def test_no_name_is_in_the_list_and_nobody_else_can_read_the_file(asked: Path) -> None:
    assert b"Testina" not in asked.read_bytes()
    assert b"Exampleton-" not in asked.read_bytes()
    assert stat.S_IMODE(asked.stat().st_mode) == 0o600


def exported(council: Stage, message: MessageId, digest: str) -> list[AuditRow]:
    """Return what the log of a message's child says of one list."""
    (child,) = the_record(council, message).subjects
    told = council.application.store.read(lambda uow: uow.audit.of_child(child))
    return [row for row in told if row.kind == EventKind.EXPORT_MADE.value and digest.encode() in row.header]


def test_that_it_was_made_stands_in_the_log_of_every_child_in_it_and_of_no_other(
    council: Stage, system: CaseSystem, sent: dict[str, MessageId], asked: Path
) -> None:
    digest = sha256(asked.read_bytes()).hexdigest()
    listed = {one.child.number for one in system.listed_assessments()}

    made = {number: exported(council, message, digest) for number, message in sent.items()}

    assert {number for number, events in made.items() if events} == listed
    events = [event for found in made.values() for event in found]
    headers = [json.loads(event.header) for event in events]
    assert len(events) == len(listed)
    assert {(header["format"], header["records"]) for header in headers} == {("annex-a/list-2-1", len(listed))}
    assert not any(WHY.encode() in event.header or b"Exampleton" in event.header for event in events)


def test_an_open_episode_that_another_authority_coordinates_is_on_its_list_and_not_on_ours(
    council: Stage, system: CaseSystem, asked: Path, tmp_path: Path
) -> None:
    assert asked.exists()
    first = months_before(system.on, 6) - timedelta(days=30)
    ours = Assessment(child=system.children[0], started=first, completed=None, organisation="Ours")
    theirs = Assessment(child=system.children[1], started=first, completed=None, organisation="Theirs")
    the_record(council, post(council, episode(ours, reference="E-OURS")))
    the_record(council, post(council, episode(theirs, reference="E-THEIRS", authority=CAMDEN)))
    day, file = council.clock.now().date().isoformat(), tmp_path / "again.csv"

    answer = council.order("export.annex-a", {"list": "2", "on": day, "rationale": WHY})

    organisations = {row["Organisation completing assessment"] for row in _rows_of(answer, file)}
    assert "Ours" in organisations
    assert "Theirs" not in organisations


def _rows_of(answer: Any, file: Path) -> list[dict[str, str]]:
    file.write_bytes(base64.b64decode(answer["csv"]))
    return rows(file)
