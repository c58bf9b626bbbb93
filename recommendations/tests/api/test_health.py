from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test import Client, override_settings

from recommendations.choices import ModelState
from recommendations.models import Feed, FeedRun, ModelVersion

pytestmark = pytest.mark.django_db


def test_the_liveness_check_makes_no_query(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        response = Client().get("/api/health/live")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_a_shop_without_a_model_is_ready_but_degraded() -> None:
    response = Client().get("/api/health/ready")

    assert (response.status_code, response.json()) == (
        200,
        {
            "status": "degraded",
            "checks": {"database": "ok", "cache": "ok", "model": "missing"},
            "search_by": "words",
            "picture_share": None,
        },
    )


def test_an_unreachable_cache_degrades_readiness() -> None:
    broken = {"BACKEND": "recommendations.tests.services.broken_cache.BrokenCache"}

    with override_settings(CACHES={"default": broken}):
        response = Client().get("/api/health/ready")

    assert (response.status_code, response.json()["status"]) == (200, "degraded")
    assert response.json()["checks"]["cache"] == "failing"


def test_a_missing_artifact_degrades_readiness() -> None:
    ModelVersion.objects.create(name="gone", state=ModelState.LIVE.value)

    response = Client().get("/api/health/ready")

    assert (response.status_code, response.json()["checks"]["model"]) == (200, "failing")


def test_a_failed_training_degrades_readiness() -> None:
    ModelVersion.objects.create(name="failed", state=ModelState.FAILED.value)

    body = Client().get("/api/health/ready").json()

    assert (body["status"], body["checks"]["training"]) == ("degraded", "failing")


def test_a_failed_feed_is_told_and_the_shop_stays_healthy() -> None:
    before = Client().get("/api/health/ready").json()["status"]
    feed = Feed.objects.create(name="own", source="own", address="https://shop.example/p.csv")
    FeedRun.objects.create(feed=feed, state="failed", problem="It took too long.")

    response = Client().get("/api/health/ready")

    assert (response.status_code, response.json()["status"]) == (200, before)
    assert response.json()["checks"]["feeds"] == "failing"


def test_without_a_database_the_process_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise DatabaseError("the server is gone")

    monkeypatch.setattr(connection, "cursor", fail)

    response = Client().get("/api/health/ready")

    assert (response.status_code, response.json()["status"]) == (503, "unavailable")
    assert response["Content-Type"] == "application/json"
