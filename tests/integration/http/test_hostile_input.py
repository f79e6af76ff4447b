"""Does every hostile document get its reasoned 4xx, and is each kept?"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gateway.flows.store.rows import Message, State
from tests.integration.http.whole_gateway import Gateway

VECTORS = Path(__file__).parents[2] / "vectors" / "hostile"
TABLE = json.loads((VECTORS / "table.json").read_bytes())
PERSONAL = ("Testina", "Exampleton", "Zo", "Makebelieve", "HOSTILE1", "passwd")


def _kept(gateway: Gateway, body: bytes) -> list[Message]:
    digest = hashlib.sha256(body).hexdigest()
    found = gateway.application.store.read(lambda uow: uow.messages.find(state=State.QUARANTINED, limit=1000))
    return [message for message in found if message.body_sha256 == digest]


@pytest.mark.parametrize("row", TABLE, ids=[row["file"] for row in TABLE])
def test_a_hostile_document_gets_its_reasoned_4xx_and_is_kept(gateway: Gateway, row: Mapping[str, Any]) -> None:
    body = (VECTORS / row["file"]).read_bytes()
    headers = gateway.headers()
    headers["Content-Type"] = row["content_type"]

    answer = gateway.client.post(f"/v1/intake/{row['format']}", content=body, headers=headers)

    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, problem["code"]) == (row["status"], row["code"])
    assert problem["detail"]
    assert [word for word in PERSONAL if word in answer.text] == []
    assert _kept(gateway, body)


def test_what_was_kept_can_be_opened_and_is_sealed_in_the_store(gateway: Gateway) -> None:
    body = b'{"submission_reference": "KEEP1", "answer": "Testina Exampleton"'

    gateway.client.post("/v1/intake/mash/govuk-forms-1", content=body, headers=gateway.headers())

    (message,) = _kept(gateway, body)
    original = gateway.application.store.read(lambda uow: uow.originals.get(message.message_id))
    place = f"message/{message.message_id}/chunk/0"
    assert gateway.application.desk.vault.open(original.wrapped_key, place, original.chunks[0]) == body
    assert b"Exampleton" not in b"".join(original.chunks)


def test_another_document_under_the_same_key_is_refused_and_the_first_one_stands(gateway: Gateway) -> None:
    headers = gateway.headers(**{"Idempotency-Key": "SAME", "Content-Type": "application/x-www-form-urlencoded"})
    first = gateway.client.post("/v1/intake/mash/flat-1", content=b"firstName=Testina&a=1", headers=headers)

    second = gateway.client.post("/v1/intake/mash/flat-1", content=b"firstName=Testina&a=2", headers=headers)
    again = gateway.client.post("/v1/intake/mash/flat-1", content=b"firstName=Testina&a=1", headers=headers)

    assert (first.status_code, second.status_code, again.status_code) == (202, 409, 202)
    assert second.json()["code"] == "idempotency-conflict"
    assert again.json() == first.json()
