"""Hosts without a common folder share artifacts; here each has a folder of its own."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.test import override_settings

from ecommerce_rec.shared_settings.artifacts import build_artifact_storage
from recommendations.choices import ModelState
from recommendations.errors import ArtifactError
from recommendations.models import ModelVersion
from recommendations.services.infra import artifact_storage, stored_folders
from recommendations.services.search import artifacts as search_artifacts
from recommendations.services.search import building, live_index
from recommendations.services.search.live_index import LiveIndex
from recommendations.services.training import live_model, registry
from recommendations.services.training.live_model import LiveModel
from recommendations.services.training.train import train
from recommendations.tasks import rebuild_search_when_due, retrain_when_due
from recommendations.tests.builders import make_two_taste_shop
from recommendations.tests.shared_storage import serve_bucket, share_folder

pytestmark = pytest.mark.django_db

MoveTo = Callable[[str], Path]


@pytest.fixture(params=["folder", "bucket"])
def storage(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """The storage that all hosts reach."""
    place = share_folder(tmp_path / "shared") if request.param == "folder" else serve_bucket()
    with place as variables:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        with override_settings(STORAGES={**settings.STORAGES, **build_artifact_storage()}):
            yield


@pytest.fixture
def move_to(tmp_path: Path) -> Iterator[MoveTo]:
    """Continue on another host, whose folder of artifacts is empty when it is first named."""
    begun = []

    def move(host: str) -> Path:
        folder = tmp_path / host
        override = override_settings(
            RECOMMENDATIONS={**settings.RECOMMENDATIONS, "artifacts_dir": folder}
        )
        override.enable()
        begun.append(override)
        return folder

    yield move
    for override in reversed(begun):
        override.disable()


def get_version_of(process: LiveModel) -> str | None:
    current = process.get_current()
    return current.version if current else None


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def list_folders(folder: Path) -> list[str]:
    """Return what a host has, also what is half written."""
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


@pytest.mark.usefixtures("storage")
def test_a_host_without_the_live_model_fetches_it_when_it_starts(move_to: MoveTo) -> None:
    move_to("trainer")
    make_two_taste_shop()
    live = train()

    web = move_to("web")
    served = LiveModel().refresh()

    assert served is not None
    assert served.version == live.name
    assert list_folders(web) == [live.name]


@pytest.mark.usefixtures("storage")
def test_a_host_that_runs_fetches_the_version_that_goes_live_elsewhere(
    move_to: MoveTo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_model, "POLL_SECONDS", 0.0)
    move_to("trainer")
    make_two_taste_shop()
    first = train()
    move_to("web")
    process = LiveModel()
    assert process.refresh() is not None

    move_to("trainer")
    second = train()
    assert registry.get_live_version() == second
    move_to("web")

    assert get_version_of(process) == first.name
    wait_for(lambda: get_version_of(process) == second.name)


@pytest.mark.usefixtures("storage")
def test_no_request_waits_while_a_model_is_fetched(
    move_to: MoveTo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_model, "POLL_SECONDS", 0.0)
    move_to("trainer")
    make_two_taste_shop()
    live = train()
    move_to("web")
    fetch, may_go_on = artifact_storage.fetch, threading.Event()

    def fetch_slowly(folder: Path) -> None:
        assert may_go_on.wait(30)
        fetch(folder)

    monkeypatch.setattr(artifact_storage, "fetch", fetch_slowly)
    process = LiveModel()

    assert process.get_current() is None
    assert process.get_current() is None

    may_go_on.set()
    wait_for(lambda: get_version_of(process) == live.name)


@pytest.mark.usefixtures("storage")
@pytest.mark.parametrize(
    ("name", "content"), [("arrays.npz", b"altered"), ("manifest.json", b'{"format": 3}')]
)
def test_what_was_altered_in_the_storage_is_neither_served_nor_kept(
    name: str, content: bytes, move_to: MoveTo, caplog: pytest.LogCaptureFixture
) -> None:
    move_to("trainer")
    make_two_taste_shop()
    live = train()
    shared = storages["artifacts"]
    shared.delete(f"{live.name}/{name}")
    shared.save(f"{live.name}/{name}", ContentFile(content))

    web = move_to("web")

    assert LiveModel().refresh() is None
    assert list_folders(web) == []
    assert "cannot serve" in caplog.text


@pytest.mark.usefixtures("storage")
def test_a_damaged_copy_is_fetched_anew(move_to: MoveTo) -> None:
    move_to("trainer")
    make_two_taste_shop()
    live = train()
    web = move_to("web")
    registry.load_artifact(live.name)
    (web / live.name / "arrays.npz").write_bytes(b"cut off")

    served = LiveModel().refresh()

    assert served is not None
    assert served.version == live.name
    assert registry.find_live_damage() is None
    assert list_folders(web) == [live.name]


@pytest.mark.usefixtures("storage")
def test_a_worker_without_the_live_model_fetches_it_and_trains_nothing(move_to: MoveTo) -> None:
    move_to("first")
    make_two_taste_shop()
    live = train()

    move_to("second")
    retrain_when_due()

    assert registry.find_live_damage() is None
    assert list(ModelVersion.objects.all()) == [live]


@pytest.mark.usefixtures("storage")
def test_a_worker_trains_what_it_cannot_fetch_and_says_so(
    move_to: MoveTo, caplog: pytest.LogCaptureFixture
) -> None:
    move_to("first")
    make_two_taste_shop()
    lost = train()
    artifact_storage.delete(registry.get_artifact_folder(lost.name))

    move_to("second")
    retrain_when_due()

    assert "The live model is not shared" in caplog.text
    new = registry.get_live_version()
    assert new is not None
    assert new != lost
    assert artifact_storage.has_folder(registry.get_artifact_folder(new.name))


@pytest.mark.usefixtures("storage")
def test_a_live_model_from_before_the_storage_is_published(move_to: MoveTo) -> None:
    move_to("trainer")
    make_two_taste_shop()
    live = train()
    artifact_storage.delete(registry.get_artifact_folder(live.name))

    retrain_when_due()

    assert artifact_storage.has_folder(registry.get_artifact_folder(live.name))


@pytest.mark.usefixtures("storage")
def test_the_storage_keeps_as_many_versions_as_the_hosts(move_to: MoveTo) -> None:
    folder = move_to("trainer")
    make_two_taste_shop()
    versions = [train() for _ in range(4)]

    names = [version.name for version in versions]
    assert artifact_storage.list_names(folder) == sorted(names[1:])

    registry.delete([versions[1].pk])

    assert artifact_storage.list_names(folder) == sorted(names[2:])


@pytest.mark.usefixtures("storage")
def test_staff_can_choose_a_kept_version_that_another_host_has(move_to: MoveTo) -> None:
    move_to("trainer")
    make_two_taste_shop()
    first, second = train(), train()

    move_to("web")

    assert registry.find_present([first.name, second.name, "unknown"]) == {first.name, second.name}
    assert registry.promote(first.name).state == ModelState.LIVE.value


@pytest.mark.usefixtures("storage")
def test_a_search_index_reaches_other_hosts(
    move_to: MoveTo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_index, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(live_index, "FETCH_SECONDS", 0.0)
    move_to("worker")
    make_two_taste_shop()
    rebuild_search_when_due()
    first = search_artifacts.find_newest()

    move_to("web")
    process = LiveIndex()
    process.refresh()

    assert search_artifacts.find_newest() == first

    move_to("worker")
    for _ in range(3):
        building.rebuild()
        search_artifacts.publish_newest()
    last = search_artifacts.find_newest()
    move_to("web")

    wait_for(lambda: process.get_current() is not None and search_artifacts.find_newest() == last)
    assert len(artifact_storage.list_names(search_artifacts.get_folder())) == stored_folders.KEPT


def test_a_version_that_the_storage_does_not_take_is_not_live(
    move_to: MoveTo, tmp_path: Path
) -> None:
    move_to("trainer")
    make_two_taste_shop()
    live = train()
    (tmp_path / "no folder").touch()
    away = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(tmp_path / "no folder")},
    }

    with (
        override_settings(STORAGES={**settings.STORAGES, "artifacts": away}),
        pytest.raises(ArtifactError, match="cannot be copied to the storage"),
    ):
        train()

    assert registry.get_live_version() == live
    assert ModelVersion.objects.latest("pk").state == ModelState.FAILED.value
