from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test import Client, override_settings

from recommendations.choices import ModelState
from recommendations.models import ModelVersion

pytestmark = pytest.mark.django_db


def test_a_live_process_says_so_without_asking_anything(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        response = Client().get("/api/health/live")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_a_shop_that_has_not_trained_yet_serves_all_the_same() -> None:
    response = Client().get("/api/health/ready")

    assert (response.status_code, response.json()) == (
        200,
        {
            "status": "degraded",
            "checks": {"database": "ok", "cache": "ok", "model": "missing"},
        },
    )


def test_a_cache_that_cannot_be_reached_is_told() -> None:
    broken = {"BACKEND": "recommendations.tests.services.broken_cache.BrokenCache"}

    with override_settings(CACHES={"default": broken}):
        response = Client().get("/api/health/ready")

    assert (response.status_code, response.json()["status"]) == (200, "degraded")
    assert response.json()["checks"]["cache"] == "failing"


def test_a_live_model_whose_artifact_is_gone_is_told() -> None:
    ModelVersion.objects.create(name="gone", state=ModelState.LIVE.value)

    response = Client().get("/api/health/ready")

    assert (response.status_code, response.json()["checks"]["model"]) == (200, "failing")


def test_without_a_database_nothing_can_be_served(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise DatabaseError("the server is gone")

    monkeypatch.setattr(connection, "cursor", fail)

    response = Client().get("/api/health/ready")

    assert (response.status_code, response.json()["status"]) == (503, "unavailable")
    assert response["Content-Type"] == "application/json"
