"""Referral forms of invented people, made to measure: what the scenarios send."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from gateway.demo.stage import Stage
from gateway.flows.store.rows import Delivery, State
from gateway.model.identifiers import MessageId

_EXAMPLES = Path(__file__).parents[1] / "vectors" / "examples" / "mash"
LEVEL_4 = "Level 4: acute need"


def form(name: str, reference: str, **answers: str) -> bytes:
    """Return the example *name* under its own *reference*, with some answers changed by question id."""
    told: dict[str, Any] = json.loads((_EXAMPLES / f"govuk-forms-{name}.json").read_text())
    told["submission_reference"] = reference
    for answer in told["answers"]:
        if answer["question_id"] in answers:
            _change(answer, answers[answer["question_id"]])
    return json.dumps(told).encode()


def _change(answer: dict[str, Any], text: str) -> None:
    answer["answer_text"] = text
    if "last_name" in answer:
        first, _, last = text.rpartition(" ")
        answer.update(first_name=first, middle_names="", last_name=last)
    if "selections" in answer:
        answer["selections"] = text.split(", ")


def send(stage: Stage, body: bytes, *, by: str = "referral-portal", key: str | None = None) -> httpx.Response:
    """Post a GOV.UK form as the organisation *by*."""
    headers = {"Authorization": f"Bearer {stage.tokens[by]}", "Content-Type": "application/json"}
    if key is not None:
        headers["Idempotency-Key"] = key
    return httpx.post(f"{stage.url}/v1/intake/mash/govuk-forms-1", content=body, headers=headers)


def accept(stage: Stage, body: bytes, *, by: str = "referral-portal") -> MessageId:
    """Post a form that must be accepted and return our id of it."""
    answer = send(stage, body, by=by)
    assert answer.status_code == 202, answer.text
    return MessageId(answer.json()["message_id"])


def deliveries(stage: Stage, message: MessageId | None = None) -> list[Delivery]:
    """Return a message's deliveries, or all there are, oldest first."""
    if message is None:
        return list(stage.application.store.read(lambda uow: uow.delivery_lists.find(limit=1000)))[::-1]
    return list(stage.application.store.read(lambda uow: uow.delivery_lists.of_message(message)))


def wait_for(stage: Stage, message: MessageId, state: State) -> Delivery:
    """Return a message's only delivery as it was when it was seen in *state*."""

    def found() -> list[Delivery]:
        of_message = deliveries(stage, message)
        return of_message if [one.state for one in of_message] == [state] else []

    return _newest(stage, f"{message} to be {state}", found)


def wait_for_ecaf(stage: Stage, *states: State) -> Delivery:
    """Return the newest delivery to the eCAF as it was when it was seen in one of *states*."""

    def found() -> list[Delivery]:
        return [one for one in deliveries(stage) if one.recipient == "barnet-ecaf" and one.state in states]

    return _newest(stage, f"a delivery to the eCAF to be {states}", found)


def _newest(stage: Stage, what: str, find: Callable[[], list[Delivery]]) -> Delivery:
    """Return the last that *find* returned; a delivery's state may be another one by the time it is asked again."""
    seen: list[Delivery] = []

    def is_found() -> bool:
        seen[:] = find()
        return bool(seen)

    stage.until(what, is_found)
    return seen[-1]
