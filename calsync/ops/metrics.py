"""What `/metrics` shows (docs/metrics.md): what this process has counted, and what the ledger says
of the whole installation. Nobody's name is a label."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version
from itertools import accumulate, chain

from prometheus_client.core import (
    CollectorRegistry,
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from calsync.core.account import AccountState
from calsync.errors import DatabaseError
from calsync.ops import verdict
from calsync.ops.results.finding import Finding, Severity
from calsync.ops.results.status import InstallationStatus, Liveness
from calsync.runtime.context import Context
from calsync.runtime.meter import COUNTERS, HISTOGRAMS, Instrument, Measured, Meter
from calsync.store import metrics

MEDIA_TYPE = CONTENT_TYPE_PLAIN_0_0_4
# What `store.metrics.figures` counts, in words.
COUNTED = {
    "deliveries_ahead": "Deliveries of sessions that are not over.",
    "deliveries_due": "Deliveries that could be made now.",
    "deliveries_held": "Deliveries that wait for `calsync approve`.",
    "deliveries_parked": "Deliveries that are not tried again by themselves.",
    "batches_held": "Batches of changes that wait for `calsync approve`.",
    "records_refused": "Records of sources that are set aside.",
    "webhook_dead_letters": "Calls of the webhook that were given up.",
    "webhook_facts_waiting": "Facts that the webhook has not told yet.",
    "accounts_active": "Accounts that are written.",
    "accounts_reconnect": "Accounts that their people have to connect again.",
    "accounts_unusable": "Accounts whose calendar cannot be written.",
    "heartbeat_age_seconds": "Since when no daemon has shown that it runs.",
}


def exposition(context: Context) -> bytes:
    """Everything, as Prometheus reads it. Where the database cannot be used, what the process has
    counted all the same."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Families(chain(of_process(context), of_ledger(context))))
    ProcessCollector(registry=registry)
    return generate_latest(registry)


class _Families(Collector):
    """Families that were made for this one question."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


# --- what the process has counted -----------------------------------------------------------------


def of_process(context: Context) -> Iterator[Metric]:
    """What this process is, and what it has counted since it began."""
    build = GaugeMetricFamily(
        "calsync_build_info",
        "1, labelled with the versions of calsync and Python and the kind of database.",
        labels=("version", "python", "database"),
    )
    database = context.store.engine.dialect.name
    build.add_metric((version("calsync"), platform.python_version(), database), 1)
    yield build
    yield from (_counter(context.meter, one) for one in COUNTERS)
    yield from (_histogram(context.meter, one) for one in HISTOGRAMS)


def _counter(meter: Meter, what: Instrument) -> Metric:
    family = CounterMetricFamily(what.name, what.help, labels=what.labels)
    for labels, n in sorted(meter.counted(what).items()):
        family.add_metric(labels, n)
    return family


def _histogram(meter: Meter, what: Instrument) -> Metric:
    family = HistogramMetricFamily(what.name, what.help, labels=what.labels)
    for labels, one in sorted(meter.measured(what).items(), key=lambda known: known[0]):
        family.add_metric(labels, _buckets(what, one), one.total)
    return family


def _buckets(what: Instrument, one: Measured) -> list[tuple[str, float]]:
    bounds = [*(str(float(bound)) for bound in what.buckets), "+Inf"]
    return list(zip(bounds, accumulate(one.counts), strict=True))


# --- what the ledger says -------------------------------------------------------------------------


def of_ledger(context: Context) -> Iterator[Metric]:
    """What the whole installation is like now: the same from every process."""
    text = "1 while the database answers this process."
    try:
        with context.store.read() as db:
            counted = metrics.figures(db)
        known, alive = verdict.known(context, None)
    except DatabaseError:
        yield _gauge("database_up", text, 0)
        return
    yield _gauge("database_up", text, 1)
    yield from _counts(counted)
    yield _queue_age(known, alive)
    yield from _sources(context, known)
    yield _accounts(known)
    yield _pauses(known)
    yield _findings(verdict.findings(known, alive, verdict.exposed(context)))


def _counts(counted: Mapping[str, float]) -> Iterator[Metric]:
    for name, value in counted.items():
        yield _gauge(name, COUNTED[name], value)


def _queue_age(known: InstallationStatus, alive: Liveness) -> Metric:
    since = alive.overdue_since
    age = (known.now - since).total_seconds() if since is not None else 0.0
    return _gauge("queue_age_seconds", "How long the oldest due delivery has waited.", age)


def _sources(context: Context, known: InstallationStatus) -> Iterator[Metric]:
    """Of sources that are polled: one that was removed from the configuration is nobody's concern
    any more, and the platform calls when it likes."""
    polled = set(context.settings.sources) - set(context.settings.pushed)
    failing = _labelled("source_failing", "1 while a source cannot be read.", "source")
    read = _labelled(
        "source_read_age_seconds", "How long ago a source was read to its end.", "source"
    )
    compared = _labelled(
        "source_compared_age_seconds", "How long ago a source was compared as a whole.", "source"
    )
    for one in known.sources:
        if one.source not in polled:
            continue
        failing.add_metric((one.source,), one.failing_since is not None)
        for family, at in ((read, one.last_ok), (compared, one.swept_at)):
            if at is not None:
                family.add_metric((one.source,), (known.now - at).total_seconds())
    yield from (failing, read, compared)


def _accounts(known: InstallationStatus) -> Metric:
    family = _labelled("accounts", "Connected calendars, by their state.", "provider", "state")
    counts = {(one.provider, one.state): one.count for one in known.accounts}
    for provider in sorted({one.provider for one in known.accounts}):
        for state in AccountState:
            family.add_metric((provider, state.value), counts.get((provider, state.value), 0))
    return family


def _pauses(known: InstallationStatus) -> Metric:
    family = _labelled("pauses", "What stops calls, by whose word and where.", "by", "channel")
    for labels, n in sorted(Counter((one.by, one.channel) for one in known.stopped).items()):
        family.add_metric(labels, n)
    return family


def _findings(found: Sequence[Finding]) -> Metric:
    """Every kind, those of which there is none as well: an alert ends with a 0."""
    family = _labelled("findings", "What the verdict has to say.", "kind", "severity")
    counts = Counter((one.kind, one.severity) for one in found)
    for kind in dict.fromkeys((*verdict.RULES, *(one.kind for one in found))):
        for severity in Severity:
            family.add_metric((kind, severity.value), counts[kind, severity])
    return family


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"calsync_{name}", text, value)


def _labelled(name: str, text: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"calsync_{name}", text, labels=labels)
