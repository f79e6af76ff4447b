"""How are the metrics read? Counts of this process, numbers of the store, and one look at what waits."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from threading import Lock

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from gateway import __version__
from gateway.app.metrics.families import Kind, Shown, counter_of, histogram_of
from gateway.app.metrics.measured import Measured
from gateway.app.pressure import Intake
from gateway.errors import GatewayError, TransientError
from gateway.flows.store.figures import StoreFigures
from gateway.flows.store.overview import Overview
from gateway.flows.tally import Counted, Tally, Timed

Sample = tuple[tuple[str, ...], float]


class Metrics:
    """Everything that is measured, as text. One reading at a time: whoever asks too often waits."""

    def __init__(self, measured: Measured) -> None:
        self._one_at_a_time = Lock()
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(_Reading(measured))
        ProcessCollector(registry=self._registry)

    def text(self) -> bytes:
        """Return every metric in Prometheus' text format."""
        with self._one_at_a_time:
            return generate_latest(self._registry)


class _Reading(Collector):
    """Reads when asked; between two questions it costs nothing."""

    def __init__(self, measured: Measured) -> None:
        self._measured = measured

    def describe(self) -> Iterable[Metric]:
        """Return nothing, so that registering reads nothing."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Yield every metric."""
        measured, now = self._measured, self._measured.desk.clock.now()
        yield from _counts(measured.desk.tally)
        yield from _durations(measured.desk.tally)
        yield _metric(Shown.INFO, [((__version__,), 1)])
        intake = measured.pressure.intake
        yield _metric(Shown.INTAKE, [((one.value,), one is intake) for one in Intake])
        yield _one(Shown.HALTED, measured.sequencer.halted is not None)
        yield from _of_store(measured)
        try:
            found = measured.store.read(lambda uow: uow.overview.read(at=now))
        except GatewayError:
            yield _one(Shown.READABLE, 0)
            return
        yield _one(Shown.READABLE, 1)
        yield from _of_overview(found, now)
        yield from _of_broker(measured)


def _counts(tally: Tally) -> Iterator[Metric]:
    for one in Counted:
        family = counter_of(one)
        metric = CounterMetricFamily(family.name, family.tells, labels=family.labels)
        for labels, number in tally.counts(one).items():
            metric.add_metric(labels, number)
        yield metric


def _durations(tally: Tally) -> Iterator[Metric]:
    for one in Timed:
        family = histogram_of(one)
        metric = HistogramMetricFamily(family.name, family.tells, labels=family.labels)
        bounds = (*(str(bound) for bound in one.bounds), "+Inf")
        for labels, (under, total_seconds) in tally.times(one).items():
            metric.add_metric(labels, list(zip(bounds, map(float, under), strict=True)), total_seconds)
        yield metric


def _of_store(measured: Measured) -> Iterator[Metric]:
    figures, limits = measured.store.figures(), measured.pressure.limits
    yield from _of_figures(figures)
    if figures.free_bytes is not None and figures.total_bytes is not None:
        yield _one(Shown.FREE, figures.free_bytes)
        yield _one(Shown.TOTAL, figures.total_bytes)
        needed = [(("any",), limits.room_needed(figures.total_bytes)), (("urgent",), limits.urgent_bytes)]
        yield _metric(Shown.NEEDED, needed)


def _of_figures(figures: StoreFigures) -> Iterator[Metric]:
    yield _one(Shown.COMMITS, figures.commits)
    yield _one(Shown.COMMIT_SECONDS, figures.commit_seconds)
    yield _one(Shown.WORKS, figures.works)
    yield _one(Shown.FAILURES, figures.failures)
    yield _one(Shown.QUEUE, figures.waiting)
    yield _one(Shown.RECENT, figures.recent_seconds)
    if figures.file_bytes is not None and figures.log_bytes is not None:
        yield _one(Shown.FILE, figures.file_bytes)
        yield _one(Shown.LOG, figures.log_bytes)


def _of_overview(found: Overview, now: datetime) -> Iterator[Metric]:
    messages = {(lane.name.lower(),): waiting for lane, waiting in found.messages.items()}
    due = {(lane.name.lower(),): waiting for lane, waiting in found.deliveries.items()}
    partners = {(partner, state.value): waiting for (partner, state), waiting in found.partners.items()}
    timers = {(kind,): waiting for kind, waiting in found.timers.items()}
    for waits, number, age in (
        (messages, Shown.MESSAGES, Shown.MESSAGES_AGE),
        (due, Shown.DUE, Shown.DUE_AGE),
        (partners, Shown.PARTNER, Shown.PARTNER_AGE),
        (timers, Shown.TIMERS, Shown.TIMERS_AGE),
        ({(): found.events}, Shown.EVENTS, Shown.EVENTS_AGE),
        ({(): found.held}, Shown.HELD, Shown.HELD_AGE),
    ):
        yield _metric(number, [(labels, waiting.number) for labels, waiting in waits.items()])
        yield _metric(age, [(labels, _seconds(waiting.since, now)) for labels, waiting in waits.items()])
    yield _metric(Shown.QUESTIONS, [((role,), questions.number) for role, questions in found.questions.items()])
    yield _metric(Shown.OVERDUE, [((role,), questions.overdue) for role, questions in found.questions.items()])
    yield _metric(Shown.DUTIES, [((role,), duties.number) for role, duties in found.duties.items()])
    yield _metric(Shown.LATE_DUTIES, [((role,), duties.overdue) for role, duties in found.duties.items()])
    yield _one(Shown.UNTOLD, found.untold)
    yield _one(Shown.MESSAGES_DEAD, found.dead_messages)
    yield _one(Shown.LABELS, found.labels)
    yield _one(Shown.BEHIND, found.behind)
    yield _one(Shown.UNSCANNED, found.attachments.number)
    yield _one(Shown.UNSCANNED_AGE, _seconds(found.attachments.since, now))
    yield _one(Shown.INFECTED, found.infected)
    yield _one(Shown.TREE, found.tree_size)
    yield _one(Shown.CHECKPOINT_AGE, _seconds(found.signed_at, now))


def _of_broker(measured: Measured) -> Iterator[Metric]:
    """Yield what lies in the broker's queues; a broker known to be away is not waited for."""
    queues = measured.queues
    if queues is None:
        return
    try:
        if queues.trouble is not None:
            raise TransientError("the broker is away", code=queues.trouble)
        found = queues.depths(measured.store.read(lambda uow: uow.directory.organisations()))
    except GatewayError:
        yield _one(Shown.BROKER, 0)
        return
    yield _one(Shown.BROKER, 1)
    held = {queue: depth for queue, depth in found.items() if depth is not None}
    yield _metric(Shown.BROKER_MESSAGES, [((queue,), depth.messages) for queue, depth in held.items()])
    yield _metric(Shown.BROKER_CONSUMERS, [((queue,), depth.consumers) for queue, depth in held.items()])


def _one(shown: Shown, value: float) -> Metric:
    return _metric(shown, [((), value)])


def _metric(shown: Shown, samples: Iterable[Sample]) -> Metric:
    """Return one metric with its values."""
    family = shown.family
    make = CounterMetricFamily if family.kind is Kind.COUNTER else GaugeMetricFamily
    metric = make(family.name, family.tells, labels=family.labels)
    for labels, value in samples:
        metric.add_metric(labels, float(value))
    return metric


def _seconds(since: datetime | None, now: datetime) -> float:
    return max((now - since).total_seconds(), 0.0) if since else 0.0
