"""The MASH's side of a conversation: what it says to the gateway, and how often."""

import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request, Response

from gateway.formats.schema_register import SchemaRegister
from gateway.simulators.mash import Gateway, mash_app, reference_in
from gateway.simulators.running import run

AT = datetime(2026, 11, 23, 10, tzinfo=UTC)
ROOT = Path(__file__).parents[3]
SCHEMA = "partners/mash/decision/1/decision.schema.json"


class Intake:
    """The gateway's intake, as far as the MASH sees it: it notes what it gets and answers from a list."""

    def __init__(self) -> None:
        self.got: list[tuple[str, str, dict[str, Any]]] = []
        self.answers: list[int] = []
        self.app = FastAPI()
        self.app.post("/v1/intake/mash/decision-1")(self.take)
        self.app.post("/v1/intake/mash/partner-check-1")(self.take)

    async def take(self, request: Request) -> Response:
        headers = request.headers
        self.got.append((headers["authorization"], headers["idempotency-key"], await request.json()))
        return Response(status_code=self.answers.pop(0) if self.answers else 202)

    @property
    def documents(self) -> list[dict[str, Any]]:
        return [document for _, _, document in self.got]


@pytest.fixture
def intake() -> Intake:
    return Intake()


@pytest.fixture
def mash(intake: Intake) -> Iterator[httpx.Client]:
    with run(intake.app) as gateway:
        app = mash_app(gateway=Gateway(url=gateway.url, token="t0ken"), clock=lambda: AT)
        with run(app) as running, httpx.Client(base_url=running.url, timeout=5) as client:
            yield client


def refer(client: httpx.Client, reference: str = "REF-1") -> None:
    document = {"format": "mash/referral-1", "document": {"reference": reference, "worry": "invented"}}
    client.post("/gateway/referrals", json=document, headers={"Idempotency-Key": f"dlv_{reference}"}).raise_for_status()


def wait_for(documents: Intake, number: int) -> list[dict[str, Any]]:
    deadline = time.monotonic() + 5
    while len(documents.got) < number and time.monotonic() < deadline:
        time.sleep(0.01)
    return documents.documents


def test_a_decision_goes_to_the_gateways_intake_when_the_mash_is_told(mash: httpx.Client, intake: Intake) -> None:
    told = mash.post("/_simulator/decide", json={"reference": "REF-1", "outcome": "MO3", "reason": "help at home"})

    assert told.json()["answers"] == [{"status": 202, "body": ""}]
    assert intake.got[0][0] == "Bearer t0ken"
    assert intake.documents == [
        {
            "reference": "REF-1",
            "step": "decided",
            "mash_reference": "M-REF-1",
            "at": AT.isoformat(),
            "outcome": "MO3",
            "reason": "help at home",
        }
    ]


@pytest.mark.parametrize(
    ("path", "told"),
    [
        pytest.param("decide", {"outcome": "MO10", "missing": ["an address"]}, id="returned"),
        pytest.param("decide", {"outcome": "MO2", "advice": "a family hub"}, id="advised"),
        pytest.param("acknowledge", {}, id="acknowledged"),
    ],
)
def test_what_the_mash_says_is_what_the_gateway_reads(
    mash: httpx.Client, intake: Intake, path: str, told: dict[str, Any]
) -> None:
    schemas = SchemaRegister({SCHEMA: (ROOT / "schemas" / SCHEMA).read_bytes()})

    mash.post(f"/_simulator/{path}", json={"reference": "REF-1", **told}).raise_for_status()

    schemas.validate(SCHEMA, intake.documents[0])


def test_said_again_word_for_word_it_has_the_same_key_and_said_otherwise_another(
    mash: httpx.Client, intake: Intake
) -> None:
    mash.post("/_simulator/decide", json={"reference": "REF-1", "outcome": "MO5", "times": 2})
    mash.post("/_simulator/decide", json={"reference": "REF-1", "outcome": "MO6"})

    first, again, otherwise = (key for _, key, _ in intake.got)
    assert first == again != otherwise


def test_what_the_mash_asks_its_partners_is_what_the_gateway_reads(mash: httpx.Client, intake: Intake) -> None:
    name = "partners/mash/partner-check/1/partner-check.schema.json"
    schemas = SchemaRegister({name: (ROOT / "schemas" / name).read_bytes()})
    child = {"given_names": "Testina", "family_name": "Exampleton", "born": "2016-06-14"}

    told = mash.post("/_simulator/check", json={"reference": "M-1", "rag": "AMBER", "children": [child]})

    assert told.json()["answers"] == [{"status": 202, "body": ""}]
    (asked,) = intake.documents
    schemas.validate(name, asked)
    assert asked["document"]["children"] == [child]


def test_left_to_itself_the_mash_acknowledges_and_decides(mash: httpx.Client, intake: Intake) -> None:
    mash.post("/_simulator/automatic", json={"outcome": "MO3", "after_seconds": 0.05}).raise_for_status()

    refer(mash)

    assert [document["step"] for document in wait_for(intake, 2)] == ["acknowledged", "decided"]


def test_a_referral_that_comes_again_is_not_decided_again(mash: httpx.Client, intake: Intake) -> None:
    mash.post("/_simulator/automatic", json={}).raise_for_status()

    refer(mash)
    refer(mash)
    refer(mash, "REF-2")

    assert [document["reference"] for document in wait_for(intake, 2)] == ["REF-1", "REF-2"]


def test_what_a_partner_answers_is_nothing_to_decide(mash: httpx.Client, intake: Intake) -> None:
    mash.post("/_simulator/automatic", json={}).raise_for_status()

    answer = {"format": "mash/check-answer-1", "document": {"reference": "M-1", "known": "N"}}
    mash.post("/gateway/check-answers", json=answer, headers={"Idempotency-Key": "dlv_1"}).raise_for_status()
    refer(mash)

    assert [document["reference"] for document in wait_for(intake, 1)] == ["REF-1"]


def test_a_mash_that_repeats_itself_acknowledges_twice(mash: httpx.Client, intake: Intake) -> None:
    mash.post("/_simulator/automatic", json={}).raise_for_status()
    mash.post("/_simulator/behaviour", json={"behaviour": "repeat"}).raise_for_status()

    mash.post("/gateway/referrals", json={"reference": "REF-1"}, headers={"Idempotency-Key": "dlv_1"})

    assert [document["step"] for document in wait_for(intake, 2)] == ["acknowledged", "acknowledged"]


def test_a_gateway_that_is_away_is_asked_again(mash: httpx.Client, intake: Intake) -> None:
    intake.answers = [503, 429]

    told = mash.post("/_simulator/acknowledge", json={"reference": "REF-1"})

    assert told.json()["answers"][0]["status"] == 202
    assert len(intake.got) == 3


def test_a_gateway_that_says_no_is_not_asked_again(mash: httpx.Client, intake: Intake) -> None:
    intake.answers = [422]

    told = mash.post("/_simulator/acknowledge", json={"reference": "REF-1"})

    assert told.json()["answers"][0]["status"] == 422
    assert len(intake.got) == 1


def test_a_mash_that_knows_no_gateway_says_so() -> None:
    with run(mash_app()) as running:
        told = httpx.post(f"{running.url}/_simulator/acknowledge", json={"reference": "REF-1"})

    assert told.json()["answers"] == [{"status": None, "body": "no gateway is set"}]


def test_a_mash_can_be_told_of_a_gateway_while_it_runs(mash: httpx.Client) -> None:
    mash.post("/_simulator/gateway", json={"url": "http://127.0.0.1:9", "token": "t"}).raise_for_status()

    said = mash.post("/_simulator/acknowledge", json={"reference": "REF-1"}).json()

    assert said["answers"][0]["status"] is None
    assert mash.get("/_simulator/said").json() == [said]


@pytest.mark.parametrize(
    ("document", "reference"),
    [
        pytest.param({"reference": "A", "document": {"reference": "B"}}, "A", id="at the top"),
        pytest.param({"x": {"reference": "B"}, "y": [{"z": {"reference": "C"}}]}, "B", id="wide before deep"),
        pytest.param({"reference": 7, "list": ["a"]}, None, id="none"),
    ],
)
def test_the_reference_is_found_wherever_the_document_holds_it(document: Any, reference: str | None) -> None:
    assert reference_in(document) == reference


@pytest.mark.parametrize("name", ["mash", "ecaf"])
def test_a_simulator_is_a_program_too(name: str, tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    with run(FastAPI()) as free:
        port = free.port
    command = [sys.executable, "-m", f"gateway.simulators.{name}", "--port", str(port), "--journal", str(journal)]

    with Popen(command, cwd=ROOT, stdout=DEVNULL, stderr=PIPE, text=True) as program:
        assert program.stderr is not None
        said = program.stderr.readline()
        answer = _first_answer(f"http://127.0.0.1:{port}")
        program.kill()

    assert f"http://127.0.0.1:{port}" in said
    assert answer.status_code == 202
    assert '"what": "effect"' in journal.read_text()


def _first_answer(url: str) -> httpx.Response:
    deadline = time.monotonic() + 20
    while True:
        try:
            return httpx.post(f"{url}/documents", json={}, headers={"Idempotency-Key": "dlv_1"})
        except httpx.TransportError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
