"""Does a trace go with a document, through the store and on to a partner, and nothing but the trace?"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.flows.trace import read_trace_id
from tests.integration.http.whole_gateway import Gateway, opened_gateway

EXAMPLE = (Path(__file__).parents[2] / "vectors/examples/mash/govuk-forms-single-child.json").read_bytes()
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
HOSTILE = [
    f"00-{TRACE}-00f067aa0ba902b7-01-Testina Exampleton",
    f"00-{TRACE[:-1]}g-00f067aa0ba902b7-01",
    "00-" + "0" * 32 + "-00f067aa0ba902b7-01",
    "{{7*7}}",
    "x" * 8000,
]


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with opened_gateway(tmp_path_factory.mktemp("traced")) as gateway:
        yield gateway


def send(gateway: Gateway, key: str, **headers: str) -> tuple[Any, Any]:
    told = gateway.headers(**{"Idempotency-Key": key, **headers})
    answer = gateway.client.post("/v1/intake/mash/govuk-forms-1", content=EXAMPLE, headers=told)
    message_id = answer.json()["message_id"]
    return answer, gateway.application.store.read(lambda uow: uow.messages.get(message_id))


def test_a_senders_trace_is_kept_with_its_document(gateway: Gateway) -> None:
    _, message = send(gateway, "TRACED", traceparent=f"00-{TRACE}-00f067aa0ba902b7-01")

    assert message.trace_id == TRACE


def test_a_document_without_a_trace_gets_one(gateway: Gateway) -> None:
    (_, one), (_, other) = send(gateway, "UNTRACED-1"), send(gateway, "UNTRACED-2")

    assert read_trace_id(f"00-{one.trace_id}-00f067aa0ba902b7-01")
    assert one.trace_id != other.trace_id


@pytest.mark.parametrize("written", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_trace_is_dropped_and_never_echoed(gateway: Gateway, written: str) -> None:
    answer, message = send(gateway, f"HOSTILE-{HOSTILE.index(written)}", traceparent=written, tracestate=written)

    assert answer.status_code == 202
    assert message.trace_id not in {"", TRACE, "0" * 32}
    assert written not in answer.text + str(answer.headers)
