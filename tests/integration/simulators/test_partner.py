"""A simulated partner keeps the delivery contract, and breaks it exactly as it is told to."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.adapters.http.answers import acknowledged, refusal
from gateway.errors import PartnerRefusedError, PartnerUnavailableError
from gateway.simulators.ecaf import ecaf_app
from gateway.simulators.journal import Journal
from gateway.simulators.running import Running, run

AT = datetime(2026, 11, 23, 10, tzinfo=UTC)
DOCUMENT = {"format": "ecaf/episode-1", "document": {"reference": "EP-1"}}


@pytest.fixture
def ecaf() -> Iterator[httpx.Client]:
    with run(ecaf_app(clock=lambda: AT)) as running, httpx.Client(base_url=running.url, timeout=2) as client:
        yield client


def deliver(client: httpx.Client, message_id: str = "dlv_1", **document: Any) -> httpx.Response:
    headers = {"Idempotency-Key": message_id, "X-Correlation-Id": "cor_1", "X-Gateway-Message": "caf.request.accepted"}
    return client.post("/gateway/episodes", json=DOCUMENT | document, headers=headers)


def behave(client: httpx.Client, behaviour: str, **more: Any) -> None:
    client.post("/_simulator/behaviour", json={"behaviour": behaviour, **more}).raise_for_status()


def effects(client: httpx.Client) -> list[dict[str, Any]]:
    return list(client.get("/_simulator/effects").json())


def received(client: httpx.Client) -> list[dict[str, Any]]:
    return list(client.get("/_simulator/received").json())


def test_a_document_is_taken_acknowledged_and_remembered(ecaf: httpx.Client) -> None:
    answer = deliver(ecaf)

    assert answer.status_code == 202
    assert acknowledged(answer.status_code, answer.content, message_id="dlv_1") == "ECAF-000001"
    assert effects(ecaf)[0] | {"sha256": ""} == {
        "acknowledgement": "ECAF-000001",
        "kind": "caf.request.accepted",
        "correlation_id": "cor_1",
        "sha256": "",
        "at": AT.isoformat(),
        "message_id": "dlv_1",
        "times": 1,
        "position": 1,
        "document": DOCUMENT,
    }
    assert received(ecaf)[0]["effect"] == "first"


def test_the_same_message_twice_has_one_effect_and_one_acknowledgement(ecaf: httpx.Client) -> None:
    first, second = deliver(ecaf), deliver(ecaf)

    assert first.json() == second.json()
    assert [effect["times"] for effect in effects(ecaf)] == [2]
    assert [one["effect"] for one in received(ecaf)] == ["first", "repeat"]


def test_effects_stand_in_the_order_they_were_had(ecaf: httpx.Client) -> None:
    for number in range(5):
        deliver(ecaf, f"dlv_{number}")

    assert [(one["message_id"], one["position"]) for one in effects(ecaf)] == [
        (f"dlv_{number}", number + 1) for number in range(5)
    ]


def test_effects_can_be_shown_without_their_documents(ecaf: httpx.Client) -> None:
    deliver(ecaf)

    shown = ecaf.get("/_simulator/effects", params={"documents": "false"}).json()

    assert "document" not in shown[0]


def test_a_refusal_is_for_good_and_has_no_effect(ecaf: httpx.Client) -> None:
    behave(ecaf, "refuse", reason="no such team")

    answer = deliver(ecaf)

    assert answer.json() == {"reason": "no such team"}
    assert isinstance(refusal(answer.status_code, retry_after=None, at=AT), PartnerRefusedError)
    assert effects(ecaf) == []


def test_an_unavailable_partner_says_when_to_come_back_and_has_taken_nothing(ecaf: httpx.Client) -> None:
    behave(ecaf, "unavailable", seconds=7)

    answer = deliver(ecaf)

    error = refusal(answer.status_code, retry_after=answer.headers["Retry-After"], at=AT)
    assert isinstance(error, PartnerUnavailableError)
    assert error.retry_after_seconds == 7
    assert effects(ecaf) == []


def test_nonsense_acknowledges_nothing_although_the_document_was_taken(ecaf: httpx.Client) -> None:
    behave(ecaf, "nonsense")

    answers = [deliver(ecaf, f"dlv_{number}") for number in range(5)]

    assert {answer.status_code for answer in answers} == {200}
    assert [
        acknowledged(answer.status_code, answer.content, message_id=f"dlv_{number}")
        for number, answer in enumerate(answers)
    ] == [None] * 5
    assert len(effects(ecaf)) == 5


def test_a_partner_that_says_it_had_it_acknowledges(ecaf: httpx.Client) -> None:
    behave(ecaf, "repeat")

    answer = deliver(ecaf)

    assert answer.status_code == 409
    assert acknowledged(answer.status_code, answer.content, message_id="dlv_1") == "ECAF-000001"


def test_a_slow_answer_comes_after_the_effect(ecaf: httpx.Client) -> None:
    behave(ecaf, "delay", seconds=0.2)

    answer = deliver(ecaf)

    assert answer.elapsed.total_seconds() >= 0.2
    assert answer.status_code == 202


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        pytest.param("hang", httpx.ReadTimeout, id="never answers"),
        pytest.param("half-close", httpx.RemoteProtocolError, id="breaks off"),
    ],
)
def test_after_an_answer_that_never_came_a_repeat_has_no_second_effect(
    ecaf: httpx.Client, behaviour: str, error: type[Exception]
) -> None:
    behave(ecaf, behaviour, count=1)

    with pytest.raises(error):
        deliver(ecaf)

    assert deliver(ecaf).status_code == 202
    assert [effect["times"] for effect in effects(ecaf)] == [2]


def test_a_partner_may_hang_before_it_has_read_anything(ecaf: httpx.Client) -> None:
    behave(ecaf, "hang", seconds=0.05, takes_effect=False)

    deliver(ecaf)

    assert effects(ecaf) == []


def test_a_mood_lasts_as_many_requests_as_it_was_given(ecaf: httpx.Client) -> None:
    behave(ecaf, "unavailable", count=2)

    assert [deliver(ecaf).status_code for _ in range(4)] == [503, 503, 202, 202]


def test_a_mood_lasts_until_it_is_changed(ecaf: httpx.Client) -> None:
    behave(ecaf, "unavailable", status=429)
    bad = [deliver(ecaf).status_code for _ in range(3)]
    behave(ecaf, "ok")

    assert bad == [429] * 3
    assert deliver(ecaf).status_code == 202


@pytest.mark.parametrize(
    "told",
    [
        pytest.param({"behaviour": "cheerful"}, id="no such mood"),
        pytest.param({"behaviour": "ok", "count": 0}, id="for no request"),
        pytest.param({"behaviour": "ok", "colour": "red"}, id="an unknown word"),
    ],
)
def test_a_mood_nobody_knows_is_refused(ecaf: httpx.Client, told: dict[str, Any]) -> None:
    assert ecaf.post("/_simulator/behaviour", json=told).status_code == 422


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        pytest.param({"Content-Type": "application/json"}, b"{}", 400, id="no Idempotency-Key"),
        pytest.param({"Idempotency-Key": "a", "Content-Type": "text/xml"}, b"<a/>", 415, id="no JSON by name"),
        pytest.param({"Idempotency-Key": "a", "Content-Type": "application/json"}, b"{", 400, id="no JSON by nature"),
    ],
)
def test_a_request_that_breaks_the_contract_is_refused_and_noted(
    ecaf: httpx.Client, headers: dict[str, str], body: bytes, status: int
) -> None:
    assert ecaf.post("/gateway/episodes", content=body, headers=headers).status_code == status
    assert [one["status"] for one in received(ecaf)] == [status]
    assert effects(ecaf) == []


def test_a_partner_with_a_token_wants_to_see_it() -> None:
    with run(ecaf_app(token="s3cret")) as running, httpx.Client(base_url=running.url) as client:
        without = deliver(client)
        client.headers["Authorization"] = "Bearer s3cret"

        assert without.status_code == 401
        assert deliver(client).status_code == 202


def test_effects_are_on_disk_before_the_answer_and_survive_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "ecaf.jsonl"
    with run(ecaf_app(Journal(file=file))) as running, httpx.Client(base_url=running.url) as client:
        first = deliver(client)
        on_disk = [json.loads(line) for line in file.read_text().splitlines()]

    with run(ecaf_app(Journal(file=file))) as running, httpx.Client(base_url=running.url) as client:
        again = deliver(client)

        assert [line["message_id"] for line in on_disk if line["what"] == "effect"] == ["dlv_1"]
        assert again.json() == first.json()
        assert len(effects(client)) == 1


def test_a_line_cut_off_by_a_kill_spoils_no_other(tmp_path: Path) -> None:
    file = tmp_path / "ecaf.jsonl"
    Journal(file=file).take("dlv_1", {"acknowledgement": "ECAF-000001"}, DOCUMENT)
    file.write_text(file.read_text() + '{"what": "effect", "message_id": "dlv_')

    Journal(file=file).take("dlv_2", {"acknowledgement": "ECAF-000002"}, DOCUMENT)

    assert list(Journal(file=file).effects) == ["dlv_1", "dlv_2"]


def test_a_busy_port_is_an_error_at_once() -> None:
    with run(ecaf_app()) as running, pytest.raises(OSError, match="in use"):
        Running(ecaf_app(), running.port)
