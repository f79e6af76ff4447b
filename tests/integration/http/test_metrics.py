"""Do the metrics say what happened, to whom may read them, and nothing personal?"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from gateway.app.metrics.reading import Metrics
from gateway.errors import StoreUnavailableError, TransientError
from gateway.flows.store.figures import QueueDepth
from tests.integration.http.house import SCHOOL, SECRET
from tests.integration.http.whole_gateway import Gateway, opened_gateway

EXAMPLE = (Path(__file__).parents[2] / "vectors/examples/mash/govuk-forms-s47-unknown-child.json").read_bytes()
TOKEN = "a token for whoever watches"
PERSONAL = ("Exampleton", "Testina", "Nowhere", "ZZ99", "msg_", "dlv_")


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("token") / "metrics.token"
    file.touch(mode=0o600)
    file.write_text(TOKEN + "\n")
    return file


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory, token: Path) -> Iterator[Gateway]:
    with opened_gateway(tmp_path_factory.mktemp("watched"), metrics_token_file=token) as gateway:
        yield gateway


def scrape(gateway: Gateway) -> str:
    answer = gateway.client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200, answer.text
    return answer.text


def values(gateway: Gateway) -> dict[tuple[str, str], float]:
    """Return every sample, by its name and its labels' values."""
    return {
        (sample.name, ",".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(scrape(gateway))
        for sample in family.samples
    }


@pytest.fixture(scope="module")
def worked(gateway: Gateway) -> Gateway:
    """A gateway that took one urgent referral, took it again, refused another, and has nobody to hand over to."""
    path, headers = "/v1/intake/mash/govuk-forms-1", gateway.headers()
    gateway.client.post(path, content=EXAMPLE, headers=headers)
    gateway.client.post(path, content=EXAMPLE, headers=headers)
    gateway.client.post(path, content=b"{", headers=headers)
    gateway.client.post("/v1/intake/mash/Exampleton-1", content=b"{", headers=headers)
    return gateway


def test_what_came_in_is_counted_by_format_and_reason(worked: Gateway) -> None:
    found = values(worked)

    assert found["gateway_accepted_total", "http,mash/govuk-forms-1"] == 1
    assert found["gateway_repeated_total", "http,mash/govuk-forms-1"] == 1
    assert found["gateway_quarantined_total", "mash/govuk-forms-1,cut-off"] == 1
    assert found["gateway_refused_total", "mash/govuk-forms-1,cut-off"] == 1
    assert found["gateway_refused_total", "unknown,unknown-format"] == 1


def test_what_waits_is_told_by_lane_with_its_age(worked: Gateway) -> None:
    found = values(worked)

    assert found["gateway_messages_waiting", "urgent"] == 1
    assert found["gateway_messages_waiting", "normal"] == 0
    assert 0 < found["gateway_messages_oldest_seconds", "urgent"] < 600
    assert found["gateway_log_events_waiting", ""] + found["gateway_log_tree_size", ""] >= 2


def test_signing_the_log_moves_its_size(worked: Gateway) -> None:
    worked.sequence()

    found = values(worked)

    assert found["gateway_log_events_waiting", ""] == 0
    assert found["gateway_log_tree_size", ""] >= 2
    assert found["gateway_log_checkpoint_age_seconds", ""] < 600


def test_the_process_and_the_disk_are_told(worked: Gateway) -> None:
    found = values(worked)

    assert found["process_resident_memory_bytes", ""] > 10**6
    assert found["gateway_disk_free_bytes", ""] > 0
    assert found["gateway_store_commits_total", ""] > 0
    assert found["gateway_store_readable", ""] == 1


def test_nothing_personal_and_no_reference_is_a_label(worked: Gateway) -> None:
    told = scrape(worked)

    assert [word for word in PERSONAL if word in told] == []


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", f"Bearer {TOKEN[:-1]}", f"Basic {TOKEN}", f"Bearer {SCHOOL}.{SECRET}", "Bearer \u00e9"],
)
def test_nobody_else_may_read_them(gateway: Gateway, authorization: str) -> None:
    headers = {"Authorization": authorization.encode("latin-1")} if authorization else {}

    answer = gateway.client.get("/metrics", headers=headers)

    assert answer.status_code == 401
    assert "gateway_" not in answer.text


@pytest.mark.parametrize("mode", [0o644, 0o640], ids=["others", "group"])
def test_a_token_others_can_read_opens_nothing(gateway: Gateway, token: Path, mode: int) -> None:
    token.chmod(mode)

    answer = gateway.client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})

    token.chmod(0o600)
    assert answer.status_code == 404


def test_an_installation_that_is_not_watched_shows_nothing(tmp_path: Path) -> None:
    with opened_gateway(tmp_path) as gateway:
        answer = gateway.client.get("/metrics", headers={"Authorization": "Bearer x"})

    assert answer.status_code == 404


def test_a_store_that_cannot_be_read_is_itself_told(worked: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_work: object) -> None:
        raise StoreUnavailableError("gone")

    monkeypatch.setattr(worked.application.store, "read", broken)
    found = values(worked)

    assert found["gateway_store_readable", ""] == 0
    assert ("gateway_messages_waiting", "urgent") not in found
    assert found["gateway_accepted_total", "http,mash/govuk-forms-1"] == 1


@pytest.mark.parametrize(("trouble", "fails"), [("bus-unreachable", False), (None, True)], ids=["known", "found out"])
def test_a_broker_that_is_away_hides_no_other_metric(gateway: Gateway, trouble: str | None, fails: bool) -> None:
    beside = replace(gateway.application, queues=BrokenQueues(trouble, fails))

    found = Metrics(beside).text().decode()

    assert "gateway_broker_readable 0.0" in found
    assert "gateway_broker_messages" not in found
    assert "gateway_store_readable 1.0" in found
    assert "gateway_messages_dead" in found


@dataclass(frozen=True)
class BrokenQueues:
    """Queues of a broker nobody reaches."""

    trouble: str | None
    fails: bool

    def depths(self, _organisations: object) -> dict[str, QueueDepth | None]:
        assert self.fails, "a broker known to be away was asked, and whoever scrapes waits for it"
        raise TransientError("no node answers", code="bus-unreachable")
