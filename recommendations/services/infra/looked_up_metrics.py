"""Metrics that are the same whichever process answers: they are read from database and queue."""

from collections.abc import Iterator, Mapping

from django.db.models import Count, Max
from django.utils import timezone
from django_celery_beat.models import PeriodicTask
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from recommendations.choices import ModelState
from recommendations.models import ModelVersion, Order
from recommendations.services.feeds.status import FeedStatus, read_statuses
from recommendations.services.infra.degradation import ignore_database_errors
from recommendations.services.infra.queue_state import count_waiting_tasks, find_longest_wait
from recommendations.services.training import gate, live_model
from recommendations.services.training.failures import find_failed_training


class LookedUpCollector(Collector):
    """Reads each metric at a scrape; what cannot be read is absent from it."""

    def collect(self) -> Iterator[Metric]:
        """Yield each metric with its current values."""
        yield _collect_model_age()
        yield from _collect_trainings()
        yield from _collect_background_work()
        yield from _collect_feeds()


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


def _collect_trainings() -> Iterator[Metric]:
    states: dict[str, float] = {}
    quality: dict[str, float] = {}
    failed: dict[str, float] = {}
    taken: dict[str, float] = {}
    with ignore_database_errors("model versions"):
        states = {state.value: 0.0 for state in ModelState}
        counted = ModelVersion.objects.order_by().values_list("state").annotate(Count("pk"))
        states |= {state: float(number) for state, number in counted}
        live = ModelVersion.objects.filter(state=ModelState.LIVE.value).first()
        quality = dict(gate.get_measured(live.metrics).get("ndcg", {})) if live else {}
        failed = {"": float(find_failed_training() is not None)}
        ended = ModelVersion.objects.filter(ended_at__isnull=False).order_by("-ended_at")
        taken = {
            version.state: (version.ended_at - version.created_at).total_seconds()
            for version in ended.only("state", "created_at", "ended_at")[:1]
            if version.ended_at is not None
        }
    yield _add_samples(
        GaugeMetricFamily(
            "shop_model_versions", "Model versions that are kept, by state.", labels=["state"]
        ),
        states,
    )
    yield _add_samples(
        GaugeMetricFamily(
            "shop_model_ndcg",
            "NDCG@10 of the live model and of what it was compared with, when it was trained.",
            labels=["recommender"],
        ),
        quality,
    )
    yield _add_samples(
        GaugeMetricFamily(
            "shop_training_seconds",
            "How long the last training took that ended, with what became of its version.",
            labels=["state"],
        ),
        taken,
    )
    yield _add_samples(
        GaugeMetricFamily("shop_training_failed", "1 while the last training failed."), failed
    )


def _collect_background_work() -> Iterator[Metric]:
    mails: dict[str, float] = {}
    beat: dict[str, float] = {}
    now = timezone.now()
    with ignore_database_errors("background work"):
        overdue = Order.objects.filter(confirmation_due_at__lte=now)
        mails = {"": float(overdue.count())}
        last = PeriodicTask.objects.aggregate(at=Max("last_run_at"))["at"]
        beat = {"": (now - last).total_seconds()} if last else {}
    yield _add_samples(
        GaugeMetricFamily("shop_mails_overdue", "Confirmations of orders that are not sent yet."),
        mails,
    )
    yield _add_samples(
        GaugeMetricFamily(
            "shop_beat_age_seconds",
            "Time since beat last queued a task, as it says in the database, every few minutes.",
        ),
        beat,
    )
    waiting = count_waiting_tasks()
    # A queue that does not answer is asked once.
    longest = None if waiting is None else find_longest_wait()
    yield _add_samples(
        GaugeMetricFamily("shop_queue_tasks", "Tasks that wait for a worker."),
        {} if waiting is None else {"": float(waiting)},
    )
    yield _add_samples(
        GaugeMetricFamily(
            "shop_queue_age_seconds", "How long the task at the head of the queue has waited."
        ),
        {} if longest is None else {"": longest},
    )


def _add_samples(metric: GaugeMetricFamily, values: Mapping[str, float]) -> Metric:
    """Return the metric with one sample for each value of its only label, "" where it has none."""
    for label, value in values.items():
        metric.add_metric([label] if label else [], value)
    return metric
