"""What this process tells Prometheus, read off when it asks: counting costs requests nothing."""

from collections.abc import Iterator

from django.utils import timezone
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from recommendations.choices import Source
from recommendations.models import ModelVersion
from recommendations.services.infra.degradation import count_failed_reads, ignore_database_errors
from recommendations.services.infra.layered_cache import count_reads
from recommendations.services.infra.redis_breaker import breaker
from recommendations.services.lists import served_log
from recommendations.services.lists.build import lists_made
from recommendations.services.training import live_model

CONTENT_TYPE = CONTENT_TYPE_LATEST


def render_metrics() -> bytes:
    """Return all metrics in the text format of Prometheus."""
    return generate_latest(_registry)


class _Serving(Collector):
    def collect(self) -> Iterator[Metric]:
        """Yield each metric with its present values."""
        asked = CounterMetricFamily(
            "shop_cache_reads",
            "Reads of the cache, by what was asked for and who answered: a miss was computed.",
            labels=["kind", "answer"],
        )
        for kind, answers in count_reads().items():
            for answer, number in answers.items():
                asked.add_metric([kind, answer], number)
        yield asked

        made = CounterMetricFamily(
            "shop_lists_made",
            "Lists that were made and not taken from the cache, by the source of their first.",
            labels=["source"],
        )
        for source in Source:
            made.add_metric([source.value], lists_made().get(source, 0))
        yield made

        failed = CounterMetricFamily(
            "shop_reads_failed",
            "Reads of the database that lists had to go without.",
            labels=["read"],
        )
        for read, number in count_failed_reads().items():
            failed.add_metric([read], number)
        yield failed

        pending = GaugeMetricFamily(
            "shop_served_notes_waiting",
            "Notes of shown lists and of products seen that are not written yet.",
            labels=["about"],
        )
        for about, number in served_log.pending().items():
            pending.add_metric([about], number)
        yield pending

        yield GaugeMetricFamily(
            "shop_cache_is_away", "1 while Redis does not answer.", value=breaker.is_open
        )
        yield from _model()


def _model() -> Iterator[Metric]:
    live = live_model.current()
    age = GaugeMetricFamily(
        "shop_model_age_seconds",
        "Time since the model that answers here was trained; absent without a model.",
        labels=["version"],
    )
    with ignore_database_errors("model version"):
        for version in ModelVersion.objects.filter(name=live.version if live else None):
            seconds = (timezone.now() - version.created_at).total_seconds()
            age.add_metric([version.name], seconds)
    yield age


_registry = CollectorRegistry(auto_describe=False)
_registry.register(_Serving())
ProcessCollector(registry=_registry)
