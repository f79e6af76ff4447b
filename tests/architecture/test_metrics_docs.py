"""Do the page about metrics, the alert rules and the gateway speak of the same ones?"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families

from gateway.app.metrics.families import Family, Kind, families
from gateway.app.metrics.reading import Metrics
from gateway.flows.store.figures import QueueDepth
from tests.integration.http.whole_gateway import Gateway, opened_gateway

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "runbook.md").read_text()
ALERTS = (ROOT / "deploy" / "prometheus" / "alerts.yml").read_text()
OURS = {family.name: family for family in families()}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with opened_gateway(tmp_path_factory.mktemp("measured")) as gateway:
        yield gateway


def _shown(metric: Metric) -> str:
    return metric.name + ("_total" if metric.type == "counter" else "")


@dataclass(frozen=True)
class HeldQueues:
    """Queues of a broker that hold one message, and know no trouble."""

    trouble: None = None

    def depths(self, _organisations: object) -> dict[str, QueueDepth | None]:
        return {"dead.intake": QueueDepth(messages=1, consumers=0), "dead.unclaimed": None}


def test_what_is_served_is_what_is_listed(gateway: Gateway) -> None:
    beside_a_broker = replace(gateway.application, queues=HeldQueues())
    served = {
        _shown(metric): Kind(metric.type)
        for metric in text_string_to_metric_families(Metrics(beside_a_broker).text().decode())
        if metric.name.startswith("gateway_")
    }

    assert served == {name: family.kind for name, family in OURS.items()}


@pytest.mark.parametrize("family", [pytest.param(one, id=one.name) for one in families()])
def test_the_page_tells_of_every_metric(family: Family) -> None:
    labels = ", ".join(family.labels) or "\N{EN DASH}"

    assert f"| `{family.name}` | {family.kind} | {labels} | {family.tells} | " in PAGE


def test_the_page_tells_of_no_metric_that_is_not_there() -> None:
    told = re.findall(r"^\| `(gateway_\w+)` \|", PAGE, re.MULTILINE)

    assert [name for name in told if name not in OURS] == []


def test_every_alert_asks_for_metrics_and_labels_that_are_there() -> None:
    asked = re.findall(r"(gateway_\w+)(?:\{(\w+)!?=)?", ALERTS)

    assert asked
    assert [name for name, _ in asked if name not in OURS] == []
    assert [(name, label) for name, label in asked if label and label not in OURS[name].labels] == []


def test_every_alert_leads_to_a_section_of_the_page() -> None:
    sections = {line[3:].lower().replace(" ", "-") for line in PAGE.splitlines() if line.startswith("## ")}

    named = re.findall(r'runbook: "docs/runbook\.md#([a-z-]+)"', ALERTS)

    assert len(named) == ALERTS.count("- alert:")
    assert set(named) <= sections
