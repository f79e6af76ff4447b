"""What may a sender, and who works with the gateway, read over HTTP?"""

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.audit.verify import main as verify
from gateway.flows.store.rows import State
from gateway.formats.register import FORMATS
from tests.integration.http.house import ROOT, SCHOOL, SECRET
from tests.integration.http.whole_gateway import OTHER, Gateway

EXAMPLE = (Path(__file__).parents[2] / "vectors/examples/mash/govuk-forms-single-child.json").read_bytes()


@pytest.fixture(scope="module")
def sent(gateway: Gateway) -> dict[str, Any]:
    answer = gateway.client.post("/v1/intake/mash/govuk-forms-1", content=EXAMPLE, headers=gateway.headers())
    assert answer.status_code == 202, answer.text
    told: dict[str, Any] = answer.json()
    return told


def hand_in(gateway: Gateway) -> str:
    """Return where to read what became of each pupil of a report that was just taken in."""
    body = (ROOT / "tests/vectors/examples/sims/superstar-windows-1252.xml").read_bytes()
    headers = gateway.headers(**{"Content-Type": "application/xml"})
    taken = gateway.client.post("/v1/intake/sims/superstar-1", content=body, headers=headers).json()
    return f"/v1/messages/{taken['message_id']}/records"


def test_a_school_reads_what_became_of_each_pupil(gateway: Gateway) -> None:
    path = hand_in(gateway)
    before = gateway.client.get(path, headers=gateway.headers()).json()

    at = gateway.application.desk.clock.now()
    for message in gateway.application.store.write(lambda uow: uow.messages.ready(at=at, limit=9, lease_seconds=60)):
        gateway.application.process.work(message)

    after = gateway.client.get(path, headers=gateway.headers()).json()
    assert before["file"] == {"result": "in-work"}
    assert (after["format"], after["file"]["result"], after["records"][0]["rows"]) == ("sims/ack-1", "all-taken", [1])


@pytest.mark.parametrize(("credential", "status"), [(OTHER, 404), (None, 401)], ids=["another-school", "nobody"])
def test_nobody_else_reads_what_became_of_a_pupil(gateway: Gateway, credential: str | None, status: int) -> None:
    path = hand_in(gateway)

    answer = gateway.client.get(path, headers=gateway.headers(credential) if credential else {})

    assert answer.status_code == status


def test_a_sender_sees_where_its_message_stands(gateway: Gateway, sent: dict[str, Any]) -> None:
    answer = gateway.client.get(f"/v1/messages/{sent['message_id']}", headers=gateway.headers())

    assert answer.status_code == 200
    told = answer.json()
    assert (told["state"], told["format"], told["receipt"]) == ("accepted", "mash/govuk-forms-1", sent["receipt"])
    assert set(told) == {"message_id", "format", "state", "received_at", "size_bytes", "body_sha256", "receipt"}


def test_a_sender_is_told_why_the_gate_refused(gateway: Gateway) -> None:
    gateway.client.post("/v1/intake/mash/govuk-forms-1", content=b"{", headers=gateway.headers())
    (kept,) = gateway.application.store.read(lambda uow: uow.messages.find(state=State.QUARANTINED))

    told = gateway.client.get(f"/v1/messages/{kept.message_id}", headers=gateway.headers()).json()

    assert (told["state"], told["reason"]) == ("quarantined", "cut-off")


@pytest.mark.parametrize("message", ["own", "msg_00000000000000000000000000", "x", "..%2F..", "%00", "x" * 5000])
def test_somebody_elses_message_looks_like_none(gateway: Gateway, sent: dict[str, Any], message: str) -> None:
    wanted = sent["message_id"] if message == "own" else message

    answer = gateway.client.get(f"/v1/messages/{wanted}", headers=gateway.headers(OTHER))

    assert answer.status_code == 404
    assert answer.json()["code"] == "not-found"


def test_a_message_is_for_nobody_without_credential(gateway: Gateway, sent: dict[str, Any]) -> None:
    answer = gateway.client.get(f"/v1/messages/{sent['message_id']}")

    assert answer.status_code == 401


def test_a_person_with_the_permission_sees_any_message(gateway: Gateway, sent: dict[str, Any]) -> None:
    answer = gateway.client.get(f"/v1/messages/{sent['message_id']}", headers=gateway.sign_in())

    assert answer.status_code == 200


def test_a_receipt_comes_with_a_proof_once_its_leaf_is_in_the_log(gateway: Gateway, tmp_path: Path) -> None:
    form = EXAMPLE.replace(b'"submission_reference"', b'"submission_reference" ')
    headers = gateway.headers(**{"Idempotency-Key": "ONE-TO-PROVE"})
    given = gateway.client.post("/v1/intake/mash/govuk-forms-1", content=form, headers=headers).json()
    path = f"/v1/audit/receipts/{given['message_id']}"
    before = gateway.client.get(path, headers=gateway.headers()).json()
    gateway.sequence()

    after = gateway.client.get(path, headers=gateway.headers()).json()

    proof = tmp_path / "proof"
    proof.write_text(after["proof"])
    assert before == {**given, "proof": None}
    assert verify(["proof", str(proof), "--key", gateway.application.desk.signer.vkey]) == 0


def test_a_receipt_is_for_its_sender_only(gateway: Gateway, sent: dict[str, Any]) -> None:
    path = f"/v1/audit/receipts/{sent['message_id']}"

    statuses = [
        gateway.client.get(path, headers=headers).status_code
        for headers in (gateway.headers(OTHER), gateway.sign_in(), {})
    ]

    assert statuses == [404, 401, 401]


def test_the_newest_checkpoint_is_a_signed_note(gateway: Gateway, sent: dict[str, Any]) -> None:
    gateway.sequence()

    answer = gateway.client.get("/v1/audit/checkpoint", headers=gateway.headers())

    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text.startswith("gateway.barnet.example/audit\n")
    assert sent["message_id"] not in answer.text


@pytest.mark.parametrize("headers", [{}, {"Authorization": f"Bearer {SCHOOL}.{SECRET[1:]}x"}, {"Authorization": "x"}])
def test_the_log_is_not_for_strangers(gateway: Gateway, headers: dict[str, str]) -> None:
    assert gateway.client.get("/v1/audit/checkpoint", headers=headers).status_code == 401


def test_a_live_process_says_so_without_a_credential(gateway: Gateway) -> None:
    answer = gateway.client.get("/health/live")

    assert (answer.status_code, answer.json()) == (200, {"status": "live"})


def test_a_ready_process_says_so(gateway: Gateway) -> None:
    answer = gateway.client.get("/health/ready")

    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})


def test_a_process_about_to_end_is_not_ready_but_lives(gateway: Gateway) -> None:
    gateway.readiness.close()

    ready, live = gateway.client.get("/health/ready"), gateway.client.get("/health/live")

    gateway.readiness.open()
    assert (ready.status_code, live.status_code) == (503, 200)
    assert ready.json() == {"status": "not-ready", "reason": "starting-or-stopping"}


def test_the_description_has_an_address_for_every_format_that_is_read(gateway: Gateway) -> None:
    described = gateway.client.get("/openapi.json").json()

    assert {f"/v1/intake/{name}" for name, form in FORMATS.items() if "in" in form.directions} == {
        path for path in described["paths"] if path.startswith("/v1/intake/")
    }


def test_the_description_documents_the_raw_body_of_each_media_type(gateway: Gateway) -> None:
    described = gateway.client.get("/openapi.json").json()

    operation = described["paths"]["/v1/intake/sims/superstar-1"]["post"]

    assert set(operation["requestBody"]["content"]) == {"application/xml", "text/xml"}
    assert {"202", "400", "401", "403", "404", "409", "413", "415", "422", "429", "503"} <= set(operation["responses"])


def test_every_reference_in_the_description_leads_somewhere(gateway: Gateway) -> None:
    text = gateway.client.get("/openapi.json").text
    described = json.loads(text)

    names = {part.split('"')[0] for part in text.split('"#/components/schemas/')[1:]}

    assert names <= set(described["components"]["schemas"])


def test_the_page_lists_every_address_and_needs_no_script(gateway: Gateway) -> None:
    page = gateway.client.get("/docs")
    described = gateway.client.get("/openapi.json").json()

    assert [path for path in described["paths"] if path not in page.text] == []
    assert "<script" not in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'none'")


def test_a_problems_type_leads_to_its_place_on_the_page(gateway: Gateway) -> None:
    problem = gateway.client.get("/v1/messages/x").json()

    page = gateway.client.get(problem["type"])

    assert f'id="{problem["type"].partition("#")[2]}"' in page.text


@pytest.mark.parametrize("path", ["/", "/v2/intake/mash/flat-1", "/v1/intake/mash", "/docs/", "/.env"])
def test_any_other_address_is_a_problem(gateway: Gateway, path: str) -> None:
    answer = gateway.client.get(path)

    assert answer.status_code in {404, 405}
    assert answer.headers["content-type"] == "application/problem+json"
