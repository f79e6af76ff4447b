"""A simulated eCAF holds a whole record and gives it back, and the gateway reads what it gives."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from gateway.app.commands.shipped import schemas
from gateway.formats.gate import gate, split
from gateway.formats.limits import Limits
from gateway.formats.register import FORMATS
from gateway.simulators.ecaf import ecaf_app
from gateway.simulators.running import run

AT = datetime(2026, 11, 23, 10, tzinfo=UTC)
EXAMPLES = Path(__file__).parents[2] / "vectors" / "examples" / "ecaf"
FULL = json.loads((EXAMPLES / "episode-full.json").read_bytes())


@pytest.fixture
def ecaf() -> Iterator[httpx.Client]:
    with run(ecaf_app(clock=lambda: AT)) as running, httpx.Client(base_url=running.url, timeout=5) as client:
        yield client


def deliver(client: httpx.Client, file: str, media_type: str) -> httpx.Response:
    headers = {"Idempotency-Key": file, "Content-Type": media_type}
    return client.post("/episodes", content=(EXAMPLES / file).read_bytes(), headers=headers)


def test_a_record_it_took_is_given_back_whole(ecaf: httpx.Client) -> None:
    assert deliver(ecaf, "episode-full.json", "application/json").status_code == 202

    given = ecaf.get("/_simulator/records/NW-2026-0042")

    assert given.json()["document"] == FULL["document"]
    assert gate(
        FORMATS["ecaf/episode-1"], given.content, content_type="application/json", schemas=schemas(), limits=Limits()
    )


def test_what_its_own_users_saved_last_is_what_it_gives(ecaf: httpx.Client) -> None:
    deliver(ecaf, "episode-full.json", "application/json")
    ecaf.post("/_simulator/records", json=FULL["document"] | {"version": 8}).raise_for_status()

    assert ecaf.get("/_simulator/records/NW-2026-0042").json()["document"]["version"] == 8


def test_it_gives_its_history_as_the_gateway_reads_one(ecaf: httpx.Client) -> None:
    deliver(ecaf, "history-four.jsonl", "application/x-ndjson")
    deliver(ecaf, "episode-unborn.json", "application/json")
    form = FORMATS["ecaf/history-1"]

    body = ecaf.get("/_simulator/history").content

    assert gate(form, body, content_type="application/x-ndjson", schemas=schemas(), limits=Limits()).records == 4
    assert sorted(one.key for one in split(form, body, limits=Limits())) == ecaf.get("/_simulator/records").json()


def test_xml_is_taken_and_what_is_none_is_not(ecaf: httpx.Client) -> None:
    assert deliver(ecaf, "xml-full.xml", "application/xml").status_code == 202
    assert deliver(ecaf, "episode-full.json", "application/xml").status_code == 400
    assert deliver(ecaf, "episode-full.json", "text/plain").status_code == 415


def test_a_record_nobody_has_is_not_there(ecaf: httpx.Client) -> None:
    assert ecaf.get("/_simulator/records/NW-0").status_code == 404


@pytest.mark.parametrize(
    ("state", "found"),
    [("active", {"open": "Y", "contact_name": "Lea Leading"}), ("closed", {"open": "N"})],
    ids=["one is open", "it was closed"],
)
def test_it_answers_an_enquiry_by_what_it_holds_as_the_gateway_reads_an_answer(
    ecaf: httpx.Client, state: str, found: dict[str, str]
) -> None:
    enquiry = json.loads((EXAMPLES / "enquiry-spoken-consent.json").read_bytes())
    who = {name: enquiry["document"]["child"][name] for name in ("given_names", "family_name", "born")}
    lead = {"name": "Lea Leading"}
    ecaf.post("/_simulator/records", json={"reference": "R1", "state": state, "child": who, "lead_professional": lead})
    ecaf.post("/enquiries", json=enquiry, headers={"Idempotency-Key": "enq-1"})

    given = ecaf.get("/_simulator/answers/ENQ-0001")

    form = FORMATS["ecaf/enquiry-answer-1"]
    (record,) = split(form, given.content, limits=Limits())
    assert gate(form, given.content, content_type="application/json", schemas=schemas(), limits=Limits()).warnings == ()
    assert record.tree["document"] == {"reference": "ENQ-0001", "answered_at": AT.isoformat(), **found}
    assert ecaf.get("/_simulator/records").json() == ["R1"]


def test_an_enquiry_nobody_made_has_no_answer(ecaf: httpx.Client) -> None:
    assert ecaf.get("/_simulator/answers/ENQ-9").status_code == 404
