"""Does a simulated partner do as a notice asks, and certify what it destroyed?"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from gateway.simulators.journal import Journal
from gateway.simulators.partner import Partner, partner_app
from gateway.simulators.running import run

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def journal() -> Journal:
    return Journal()


@pytest.fixture
def partner(journal: Journal) -> Iterator[httpx.Client]:
    app = partner_app(Partner(prefix="HUB", journal=journal, clock=lambda: AT))
    with run(app) as running, httpx.Client(base_url=running.url) as client:
        yield client


def give(partner: httpx.Client, message_id: str, document: dict[str, Any]) -> None:
    told = {"message_id": message_id, **document}
    headers = {"Idempotency-Key": message_id, "X-Gateway-Message": "caf.notice.sent"}
    assert partner.post("/notices", json=told, headers=headers).status_code == 202


def a_notice(step: str, *documents: str) -> dict[str, Any]:
    return {"format": "ecaf/notice-1", "document": {"step": step, "documents": list(documents)}}


def test_a_purge_destroys_the_document_and_is_certified(partner: httpx.Client, journal: Journal) -> None:
    give(partner, "dlv_1", {"format": "ecaf/episode-1", "document": {"child": {"given_names": "Testina"}}})

    give(partner, "dlv_2", a_notice("PURGE", "dlv_1", "dlv_9"))

    (answer,) = partner.get("/_simulator/notices").json()["answers"]
    assert (answer["in_answer_to"], answer["answer"], answer["documents"]) == ("dlv_2", "PURGED", ["dlv_1"])
    assert answer["certificate"] == journal.effects["dlv_1"]["purged"]
    assert "Testina" not in str(partner.get("/_simulator/effects").json())


def test_what_it_must_stop_sharing_it_keeps(partner: httpx.Client) -> None:
    give(partner, "dlv_1", {"format": "ecaf/episode-1", "document": {"child": {"given_names": "Testina"}}})

    give(partner, "dlv_2", a_notice("STOP_SHARING", "dlv_1"))

    assert partner.get("/_simulator/notices").json()["stopped"] == ["dlv_1"]
    assert "Testina" in str(partner.get("/_simulator/effects").json())


def test_one_that_does_not_obey_says_so(partner: httpx.Client) -> None:
    partner.post("/_simulator/notices/obedience", json={"obeys": False})

    give(partner, "dlv_2", a_notice("PURGE", "dlv_1"))

    assert partner.get("/_simulator/notices").json()["answers"][0]["answer"] == "CANNOT"


def test_an_answer_goes_to_whoever_asked() -> None:
    answers: list[Any] = []

    async def reply(answer: Any) -> None:
        answers.append(answer)

    app = partner_app(Partner(prefix="HUB", journal=Journal(), clock=lambda: AT, replies=reply))
    with run(app) as running, httpx.Client(base_url=running.url) as client:
        give(client, "dlv_2", a_notice("CORRECTION", "dlv_1"))

    assert [one["answer"] for one in answers] == ["CORRECTED"]
