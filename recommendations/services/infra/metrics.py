"""Metrics of this process for Prometheus, collected at each scrape."""

from collections.abc import Iterator, Mapping

from django.utils import timezone
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from recommendations.choices import Source
from recommendations.models import ModelVersion
from recommendations.services.feeds.status import FeedStatus, read_statuses
from recommendations.services.infra.degradation import count_failed_reads, ignore_database_errors
from recommendations.services.infra.layered_cache import count_reads
from recommendations.services.infra.redis_breaker import breaker
from recommendations.services.lists import served_log
from recommendations.services.lists.build import count_built_lists
from recommendations.services.search import search_log
from recommendations.services.training import live_model

CONTENT_TYPE = CONTENT_TYPE_LATEST


def render_metrics() -> bytes:
    """Return all metrics in the text format of Prometheus."""
    return generate_latest(_registry)


class _ShopCollector(Collector):
    def collect(self) -> Iterator[Metric]:
        """Yield each metric with its current values."""
        yield _collect_cache_reads()
        yield _add_samples(
            CounterMetricFamily(
                "shop_lists_made",
                "Lists made, not taken from the cache, by the source of their first product.",
                labels=["source"],
            ),
            {source.value: count_built_lists().get(source, 0) for source in Source},
        )
        yield _add_samples(
            CounterMetricFamily(
                "shop_reads_failed",
                "Database reads that failed and that lists did without.",
                labels=["read"],
            ),
            count_failed_reads(),
        )
        yield _add_samples(
            GaugeMetricFamily(
                "shop_served_notes_waiting",
                "Records of served lists, products seen and searches that are not written yet.",
                labels=["about"],
            ),
            {**served_log.count_pending(), "searches": search_log.count_pending()},
        )
        yield GaugeMetricFamily(
            "shop_cache_is_away", "1 while Redis does not answer.", value=breaker.is_open
        )
        yield _collect_model_age()
        yield from _collect_feeds()


def _collect_cache_reads() -> Metric:
    reads = CounterMetricFamily(
        "shop_cache_reads",
        "Reads of the cache, by kind of value and by what answered; a miss was computed.",
        labels=["kind", "answer"],
    )
    for kind, answers in count_reads().items():
        for answer, number in answers.items():
            reads.add_metric([kind, answer], number)
    return reads


def _collect_model_age() -> Metric:
    live = live_model.get_current()
    ages: dict[str, float] = {}
    with ignore_database_errors("model version"):
        for version in ModelVersion.objects.filter(name=live.version if live else None):
            ages[version.name] = (timezone.now() - version.created_at).total_seconds()
    return _add_samples(
        GaugeMetricFamily(
            "shop_model_age_seconds",
            "Time since the training of the model in use; absent without a model.",
            labels=["version"],
        ),
        ages,
    )


def _collect_feeds() -> Iterator[Metric]:
    statuses: list[FeedStatus] = []
    with ignore_database_errors("feeds"):
        statuses = [status for status in read_statuses() if status.feed.is_active]
    now = timezone.now()
    yield _add_samples(
        GaugeMetricFamily(
            "shop_feed_needs_staff",
            "1 while an active feed was not imported, or is overdue.",
            labels=["feed"],
        ),
        {status.feed.name: status.describe_problem() is not None for status in statuses},
    )
    yield _add_samples(
        GaugeMetricFamily(
            "shop_feed_age_seconds",
            "Time since the last fetch that left the shop as the feed has it.",
            labels=["feed"],
        ),
        {
            status.feed.name: (now - status.last_good.started_at).total_seconds()
            for status in statuses
            if status.last_good is not None
        },
    )


def _add_samples(
    metric: CounterMetricFamily | GaugeMetricFamily, values: Mapping[str, float]
) -> Metric:
    """Return the metric with one sample for each value of its only label."""
    for label, value in values.items():
        metric.add_metric([label], value)
    return metric


_registry = CollectorRegistry(auto_describe=False)
_registry.register(_ShopCollector())
ProcessCollector(registry=_registry)
