"""Shared by all tests: which ones are stateful, and a clean process for each.

`DATABASE_URL` and `REDIS_URL` choose what the stateful ones run on: with both set,
`pytest -m stateful` repeats on PostgreSQL and Redis what otherwise runs on SQLite and memory.
"""

import shutil
from collections.abc import Iterator
from importlib.util import find_spec

import hypothesis
import pytest

from recommendations.services.experiments import arm_models, exposure_log, kept_arms
from recommendations.services.infra import computed_values, layered_cache, rate_limit
from recommendations.services.infra.database_limits import limits
from recommendations.services.lists import served_log
from recommendations.services.looks import live_vectors
from recommendations.services.search import artifacts, curation, live_index, search_log
from recommendations.services.shop import product_rows
from recommendations.services.training import live_model
from recommendations.tests.shared_cache import empty_shared_cache

# On a busy machine, making an example may take long: that says nothing about the code.
hypothesis.settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any machine")

DATABASE_FIXTURES = {"db", "transactional_db", "django_db_reset_sequences", "live_server"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark tests that use the database or the cache; deselect slow tests unless requested.

    Tests of networks are skipped without PyTorch.
    """
    for marker in ("load", "fuzz", "image", "large"):
        if marker not in config.option.markexpr:
            heavy = [item for item in items if item.get_closest_marker(marker)]
            config.hook.pytest_deselected(items=heavy)
            items[:] = [item for item in items if item not in heavy]
    if find_spec("torch") is None:
        skip = pytest.mark.skip(reason="PyTorch (requirements-neural.txt) is not installed.")
        for item in items:
            if item.get_closest_marker("networks"):
                item.add_marker(skip)
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if item.get_closest_marker("django_db") or fixtures & DATABASE_FIXTURES:
            item.add_marker("stateful")


@pytest.fixture(autouse=True)
def _no_wait_for_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each search look for changed products and rules, and none for an index of the worker."""
    monkeypatch.setattr(live_index, "POLL_SECONDS", 0.0)
    monkeypatch.setattr(curation, "POLL_SECONDS", 0.0)
    monkeypatch.setattr(live_index, "LOOK_SECONDS", 3600.0)


@pytest.fixture(autouse=True)
def _renew_in_the_transaction(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Count at once what a thread would count a moment later: it would not see the test's rows."""
    marker = request.node.get_closest_marker("django_db")
    if marker is not None and not marker.kwargs.get("transaction"):
        monkeypatch.setattr(computed_values, "ask_for_renewal", lambda _, renew: renew())


@pytest.fixture(autouse=True)
def _clean_process(request: pytest.FixtureRequest) -> Iterator[None]:
    """Empty the cache, and forget the loaded model and the index, after every stateful test."""
    yield
    if request.node.get_closest_marker("stateful"):
        empty_shared_cache()
        layered_cache.clear_memory()
        rate_limit.clear_memory()
        served_log.discard_pending()
        search_log.discard_pending()
        exposure_log.discard_pending()
        arm_models.forget()
        kept_arms.forget_all()
        live_model.forget()
        live_index.forget()
        live_vectors.forget()
        curation.forget()
        shutil.rmtree(artifacts.get_folder(), ignore_errors=True)
        limits.forget()
        product_rows.forget_cards()
