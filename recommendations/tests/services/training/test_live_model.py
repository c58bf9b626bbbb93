import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError

from recommendations.models import ModelVersion
from recommendations.services.training import live_model, registry
from recommendations.services.training.live_model import LiveModel
from recommendations.services.training.train import train
from recommendations.tests.builders import make_two_taste_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def first() -> ModelVersion:
    make_two_taste_shop()
    return train()


def get_version_of(process: LiveModel) -> str | None:
    current = process.get_current()
    return current.version if current else None


def wait_for(condition: Callable[[], bool], *, seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def damage(version: ModelVersion) -> None:
    (registry.get_artifact_folder(version.name) / "manifest.json").unlink()


def test_a_process_serves_the_live_version_from_its_first_request(first: ModelVersion) -> None:
    assert get_version_of(LiveModel()) == first.name


def test_a_process_loads_a_new_version_by_itself(
    first: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_model, "POLL_SECONDS", 0.0)
    process = LiveModel()
    assert get_version_of(process) == first.name

    second = train()

    wait_for(lambda: get_version_of(process) == second.name)


def test_not_every_request_polls_the_registry(
    first: ModelVersion, django_assert_num_queries: Any
) -> None:
    process = LiveModel()
    process.get_current()

    with django_assert_num_queries(0):
        for _ in range(20):
            assert get_version_of(process) == first.name


def test_the_predecessor_serves_if_the_live_artifact_is_damaged(first: ModelVersion) -> None:
    damage(train())

    assert get_version_of(LiveModel()) == first.name


def test_the_version_in_memory_stays_if_no_artifact_can_be_read(first: ModelVersion) -> None:
    process = LiveModel()
    process.get_current()
    damage(first)
    damage(train())

    process.refresh()

    assert get_version_of(process) == first.name


def test_without_a_readable_artifact_there_is_no_model(first: ModelVersion) -> None:
    damage(first)

    assert LiveModel().get_current() is None


def test_a_repaired_artifact_is_loaded(
    first: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_model, "RETRY_DAMAGED_SECONDS", 0.0)
    manifest = registry.get_artifact_folder(first.name) / "manifest.json"
    text = manifest.read_text()
    manifest.unlink()
    process = LiveModel()
    assert process.get_current() is None

    manifest.write_text(text)
    process.refresh()

    assert get_version_of(process) == first.name


def test_the_version_in_memory_stays_while_the_registry_cannot_be_read(
    first: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = LiveModel()
    process.get_current()

    def silent() -> list[str]:
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr(live_model, "list_serving_names", silent)
    process.refresh()

    assert get_version_of(process) == first.name
