"""The metrics for Prometheus, and who may read them."""

from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask
from prometheus_client.parser import text_string_to_metric_families

from recommendations.choices import InteractionType, TokenScope
from recommendations.models import Feed, FeedRun, ModelVersion, Order
from recommendations.services.infra import layered_cache
from recommendations.services.infra.database_limits import limits
from recommendations.services.people.subjects import Subject
from recommendations.services.shop.interactions import record_interaction
from recommendations.services.training import live_model
from recommendations.services.training.train import train
from recommendations.tests.builders import (
    make_product,
    make_server_client,
    make_two_taste_shop,
    make_user,
    sign_in,
)

pytestmark = pytest.mark.django_db


def read_metrics() -> dict[str, float]:
    """Return every sample by its name and labels."""
    response = make_server_client(TokenScope.METRICS_READ).get("/api/metrics/")
    assert response["Content-Type"].startswith("text/plain; version=")
    return {
        f"{sample.name}{sorted(sample.labels.values())}": sample.value
        for family in text_string_to_metric_families(response.content.decode())
        for sample in family.samples
    }


def test_hits_and_misses_are_counted_for_each_layer_of_the_cache() -> None:
    layered_cache.set_cached("odd:x", [7], seconds=60)
    for _ in range(3):
        layered_cache.get_decoded("odd:x", tuple)
    layered_cache.get_decoded("odd:y", tuple)

    metrics = read_metrics()

    assert metrics["shop_cache_reads_total['memory', 'odd']"] == 3
    assert metrics["shop_cache_reads_total['miss', 'odd']"] == 1


def test_readiness_checks_add_no_metrics() -> None:
    Client().get("/api/health/ready")
    before = read_metrics()

    Client().get("/api/health/ready")

    assert read_metrics().keys() == before.keys()


def test_a_built_list_is_counted_by_source_and_a_cached_one_is_not() -> None:
    make_product()
    before = read_metrics()["shop_lists_made_total['newest']"]
    shopper = sign_in(make_user())

    for _ in range(2):
        shopper.get("/api/recommendations/me/")
    after = read_metrics()

    assert after["shop_lists_made_total['newest']"] == before + 1


def test_an_accepted_event_is_counted_once_by_its_type(
    django_capture_on_commit_callbacks: Any,
) -> None:
    product, shopper = make_product(), sign_in(make_user())
    event = {"product_id": product.pk, "interaction_type": "like", "event_id": str(uuid4())}
    before = read_metrics()["shop_events_accepted_total['like']"]

    with django_capture_on_commit_callbacks(execute=True):
        answers = [
            shopper.post("/api/interaction/", event, content_type="application/json")
            for _ in range(2)
        ]

    assert [answer.status_code for answer in answers] == [201, 200]

    assert read_metrics()["shop_events_accepted_total['like']"] == before + 1


def test_an_event_that_is_rolled_back_is_not_counted(
    django_capture_on_commit_callbacks: Any,
) -> None:
    product, subject = make_product(), Subject(user_id=make_user().pk)
    before = read_metrics()["shop_events_accepted_total['like']"]

    capture = django_capture_on_commit_callbacks(execute=True)
    with capture, suppress(ZeroDivisionError), transaction.atomic():
        record_interaction(
            subject=subject, product_id=product.pk, interaction_type=InteractionType.LIKE
        )
        raise ZeroDivisionError

    assert read_metrics()["shop_events_accepted_total['like']"] == before


def test_the_metrics_tell_of_trainings_and_of_what_waits_for_workers() -> None:
    make_two_taste_shop()
    train()
    Order.objects.create(confirmation_due_at=timezone.now() - timedelta(minutes=9))
    Order.objects.create(confirmation_due_at=timezone.now() + timedelta(minutes=9))
    queued = timezone.now() - timedelta(minutes=4)
    every = IntervalSchedule.objects.create(every=1, period="minutes")
    PeriodicTask.objects.create(name="one", task="one", interval=every, last_run_at=queued)

    metrics = read_metrics()

    assert metrics["shop_model_versions['live']"] == 1
    assert metrics["shop_model_versions['failed']"] == 0
    assert metrics["shop_training_failed[]"] == 0
    assert metrics["shop_mails_overdue[]"] == 1
    assert 240 <= metrics["shop_beat_age_seconds[]"] < 840
    assert metrics["shop_queue_tasks[]"] == 0
    assert 0 <= metrics["shop_training_seconds['live']"] < 600


def test_the_time_of_the_last_training_says_what_became_of_it() -> None:
    now = timezone.now()
    for name, state, hours, minutes in (("a", "live", 9, 4), ("b", "failed", 5, 2)):
        began = now - timedelta(hours=hours)
        ModelVersion.objects.create(
            name=name, state=state, created_at=began, ended_at=began + timedelta(minutes=minutes)
        )
    ModelVersion.objects.create(name="c", state="candidate")

    told = {name: value for name, value in read_metrics().items() if "training_seconds" in name}

    assert told == {"shop_training_seconds['failed']": 120.0}


def test_a_search_is_counted_once_by_what_answered_and_whether_it_found_anything() -> None:
    make_product(name="Blue Kettle")
    before = read_metrics()

    for query in ("?q=kettle", "?q=kettle&page=1", "?q=kettle&ordering=price", "?q=anvil"):
        assert Client().get(f"/api/search/{query}").status_code == 200
    after = read_metrics()

    grown = {
        name: value - before[name]
        for name, value in after.items()
        if name.startswith("shop_searches_total") and value != before[name]
    }
    assert grown == {
        "shop_searches_total['words', 'yes']": 2,
        "shop_searches_total['no', 'words']": 1,
    }


def test_the_metrics_say_what_a_process_leaves_alone_because_it_failed() -> None:
    name = "shop_breaker_is_open['locked tables']"
    before = read_metrics()[name]

    limits.record_blocked("SELECT 1")
    while_locked = read_metrics()[name]
    limits.record_unblocked()

    assert (before, while_locked, read_metrics()[name]) == (0, 1, 0)


@pytest.mark.parametrize("host", ["10.0.0.7:8000", "[::1]", "other.example"])
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/metrics/", 401),
        ("/api/metrics", 401),
        ("/api/health/ready", 200),
        ("/api/cart/", 400),
    ],
)
def test_prometheus_and_probes_may_name_a_process_by_its_address(
    host: str, path: str, status: int, settings: Any
) -> None:
    settings.ALLOWED_HOSTS = [".shop.example"]

    assert Client().get(path, headers={"Host": host}).status_code == status


def test_the_metrics_have_the_version_and_age_of_the_live_model() -> None:
    make_two_taste_shop()
    assert not [name for name in read_metrics() if name.startswith("shop_model_age")]

    version = train()
    live_model.refresh()

    assert 0 <= read_metrics()[f"shop_model_age_seconds['{version.name}']"] < 600


def test_the_metrics_say_which_feed_needs_staff_and_how_old_each_one_is() -> None:
    address, now = "https://shop.example/p.csv", timezone.now()
    good = Feed.objects.create(name="good", source="own", address=address)
    bad = Feed.objects.create(name="bad", source="own", address=address)
    Feed.objects.create(name="off", source="own", address=address, is_active=False)
    FeedRun.objects.create(feed=good, state="imported", started_at=now - timedelta(minutes=2))
    FeedRun.objects.create(feed=bad, state="failed", started_at=now)

    metrics = read_metrics()

    told = {name: value for name, value in metrics.items() if name.startswith("shop_feed_needs")}
    assert told == {"shop_feed_needs_staff['good']": 0.0, "shop_feed_needs_staff['bad']": 1.0}
    assert 120 <= metrics["shop_feed_age_seconds['good']"] < 720
    assert "shop_feed_age_seconds['bad']" not in metrics


@pytest.mark.parametrize("scope", sorted(set(TokenScope) - {TokenScope.METRICS_READ}))
def test_a_token_with_another_scope_cannot_read_the_metrics(scope: TokenScope) -> None:
    assert make_server_client(scope).get("/api/metrics/").status_code == 403


@pytest.mark.parametrize(
    ("columns", "status"), [({}, 403), ({"is_staff": True}, 200), ({"is_superuser": True}, 403)]
)
def test_only_staff_among_signed_in_users_may_read_the_metrics(
    columns: dict[str, Any], status: int
) -> None:
    assert sign_in(make_user(**columns)).get("/api/metrics/").status_code == status


def test_a_visitor_cannot_read_the_metrics() -> None:
    response = Client().get("/api/metrics/")

    assert (response.status_code, response.json()["code"]) == (401, "not_authenticated")
