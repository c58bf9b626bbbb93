"""The metrics for Prometheus, and who may read them."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from recommendations.choices import TokenScope
from recommendations.models import Feed, FeedRun
from recommendations.services.infra import layered_cache
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
    layered_cache.clear_memory()
    layered_cache.set_cached("list:x", [7], seconds=60)
    for _ in range(3):
        layered_cache.get_decoded("list:x", tuple)
    layered_cache.get_decoded("list:y", tuple)

    metrics = read_metrics()

    assert metrics["shop_cache_reads_total['list', 'memory']"] == 3
    assert metrics["shop_cache_reads_total['cache', 'list']"] == 0
    assert metrics["shop_cache_reads_total['list', 'miss']"] == 1


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
    assert after["shop_served_notes_waiting['lists']"] == 2


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
