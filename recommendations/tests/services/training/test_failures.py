"""Trainings that fail are tried again; a live model that cannot serve is replaced."""

import resource
import shutil
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from recommendations.choices import ModelState
from recommendations.errors import ArtifactError
from recommendations.management.preparation import prepare_shop
from recommendations.ml.ensemble import Ensemble
from recommendations.models import ModelVersion, UserBehavior
from recommendations.services.infra.locks import Lease
from recommendations.services.training import live_model, registry
from recommendations.services.training.failures import find_failed_training, plan_next_try
from recommendations.services.training.schedule import (
    describe_failed_training,
    describe_next_training,
    find_retraining_reason,
)
from recommendations.services.training.train import train
from recommendations.tasks import retrain_when_due
from recommendations.tests.builders import make_two_taste_shop

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture
def live() -> ModelVersion:
    make_two_taste_shop()
    return train()


def add_failures(*minutes_ago: float) -> None:
    """Add trainings that failed after the others."""
    ModelVersion.objects.update(created_at=timezone.now() - timedelta(days=9))
    newest = UserBehavior.objects.latest("id").pk
    for number, minutes in enumerate(minutes_ago):
        ModelVersion.objects.create(
            name=f"failed-{number}",
            state=ModelState.FAILED.value,
            reason="No room.",
            created_at=timezone.now() - minutes * MINUTE,
            last_interaction_id=newest,
        )


def make_due(settings: Any) -> None:
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "retrain_after_interactions": 1}
    ModelVersion.objects.update(
        last_interaction_id=0, created_at=timezone.now() - timedelta(days=9)
    )


# --- A training that failed or was killed is not a training done ----------------------------------


def test_a_failed_training_does_not_count_as_done(
    live: ModelVersion, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_due(settings)
    with monkeypatch.context() as broken:
        broken.setattr(Ensemble, "fit", raise_memory_error)
        with pytest.raises(MemoryError):
            retrain_when_due.apply(throw=True)
    assert find_retraining_reason() == "The last training failed."

    retrain_when_due.apply(throw=True)

    states = [version.state for version in ModelVersion.objects.order_by("id")]
    assert states == [ModelState.RETIRED, ModelState.FAILED, ModelState.LIVE]
    assert find_failed_training() is None


def raise_memory_error(*_: object, **__: object) -> None:
    raise MemoryError("No room for the factors.")


@pytest.mark.parametrize(
    ("failures", "pause"),
    [(1, 0), (2, 10), (3, 20), (4, 40), (5, 80), (6, 160), (7, 320), (8, 360), (30, 360)],
)
def test_the_pause_doubles_with_every_failure(
    live: ModelVersion, settings: Any, failures: int, pause: int
) -> None:
    make_due(settings)
    add_failures(*[pause + 0.5] * failures)
    assert find_retraining_reason() is not None

    ModelVersion.objects.filter(name="failed-0").update(
        created_at=timezone.now() - max(pause - 0.5, 0) * MINUTE
    )

    assert (find_retraining_reason() is None) == (failures > 1)


def test_a_killed_training_is_told_once_its_lease_has_expired(live: ModelVersion) -> None:
    lease = Lease("training").acquire()
    ModelVersion.objects.create(name="killed")
    while_it_runs = find_failed_training()

    lease.release()

    told = describe_failed_training() or ""
    assert while_it_runs is None
    assert "failed: The training was interrupted." in told
    assert told.endswith("The schedule tries again within five minutes.")


def test_the_schedule_tries_again_also_without_new_interactions(live: ModelVersion) -> None:
    ModelVersion.objects.create(name="killed")

    retrain_when_due.apply(throw=True)

    newest = ModelVersion.objects.first()
    assert newest is not None
    assert newest.name != "killed"
    assert find_failed_training() is None


def test_the_time_of_the_next_try_is_told(live: ModelVersion) -> None:
    add_failures(3, 2, 1)

    told = describe_failed_training() or ""

    again = timezone.localtime(plan_next_try())
    assert timedelta(minutes=18) < again - timezone.now() < timedelta(minutes=20)
    assert "failed: No room. " in told
    assert told.endswith(f"The schedule tries again after {again:%H:%M}.")
    assert describe_next_training() == f"No training is due before {again:%H:%M}."


def test_the_next_try_is_told_alike_while_there_is_no_model_to_serve() -> None:
    make_two_taste_shop()
    created = timezone.now() - 3 * MINUTE
    for name, state in [("first", "rejected"), ("second", "rejected"), ("third", "failed")]:
        version = ModelVersion.objects.create(name=name, state=state, reason="No room.")
        ModelVersion.objects.filter(pk=version.pk).update(created_at=created)

    told = describe_failed_training() or ""

    again = timezone.localtime(created + 20 * MINUTE)
    assert told.endswith(f"The schedule tries again after {again:%H:%M}.")
    assert describe_next_training() == f"No training is due before {again:%H:%M}."


def test_a_try_is_not_promised_while_there_is_nothing_to_learn_from() -> None:
    ModelVersion.objects.create(name="v1", state="failed", reason="No room.")

    told = describe_failed_training() or ""

    assert told.endswith(
        "The schedule tries again once it can. There are no interactions with active products, so "
        "nothing to learn from."
    )
    assert describe_next_training() == "Training is due: no."


def test_a_success_ends_the_pauses(live: ModelVersion, settings: Any) -> None:
    add_failures(3, 2, 1)

    train()

    assert describe_failed_training() is None
    assert plan_next_try() <= timezone.now()


# --- A live model that cannot serve ---------------------------------------------------------------


def lose_folder(version: ModelVersion) -> None:
    shutil.rmtree(registry.get_artifact_folder(version.name).parent)


def alter_arrays(version: ModelVersion) -> None:
    path = registry.get_artifact_folder(version.name) / "arrays.npz"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def delete_row(version: ModelVersion) -> None:
    ModelVersion.objects.filter(pk=version.pk).delete()


def retire_row(version: ModelVersion) -> None:
    ModelVersion.objects.filter(pk=version.pk).update(state=ModelState.RETIRED.value)


def reject_row(version: ModelVersion) -> None:
    registry.reject(version, "It is worse.")


LOSSES = [lose_folder, alter_arrays, delete_row, retire_row, reject_row]


@pytest.mark.parametrize("lose", LOSSES)
def test_a_shop_without_a_model_that_can_serve_trains_by_itself(
    live: ModelVersion, lose: Any
) -> None:
    assert find_retraining_reason() is None
    lose(live)
    live_model.forget()
    assert live_model.get_current() is None

    retrain_when_due.apply(throw=True)

    version = registry.get_live_version()
    assert version is not None
    assert version != live
    assert registry.find_live_damage() is None
    assert find_retraining_reason() is None


@pytest.mark.parametrize("lose", LOSSES)
def test_a_shop_without_a_model_that_can_serve_trains_at_its_start(
    live: ModelVersion, lose: Any, tmp_path: Any, settings: Any
) -> None:
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "demo_sign_in": False}
    lose(live)

    prepare_shop(folder=tmp_path, announce=lambda _: None)

    assert registry.find_live_damage() is None


def test_a_lost_model_is_no_measure_for_the_next(
    live: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    ModelVersion.objects.update(parameters={"weights": "of another release"})
    lose_folder(live)

    assert "live" not in train().metrics["ndcg"]


def test_replacing_a_lost_model_is_tried_with_pauses(live: ModelVersion) -> None:
    lose_folder(live)
    add_failures(3, 2, 1)

    assert find_retraining_reason() is None


def test_a_lost_model_is_named(live: ModelVersion) -> None:
    lose_folder(live)

    reason = find_retraining_reason() or ""

    assert reason.startswith(f"The live model {live.name} cannot be read here: ")


# --- Deleting ------------------------------------------------------------------------------------


def test_the_live_version_is_not_deleted_and_others_go_with_their_files(
    live: ModelVersion,
) -> None:
    newer = train()

    deleted = registry.delete([live.pk, newer.pk])

    assert deleted == 1
    assert list(ModelVersion.objects.all()) == [newer]
    assert not registry.get_artifact_folder(live.name).exists()
    assert registry.find_live_damage() is None


# --- A full disk ---------------------------------------------------------------------------------


def test_a_full_disk_is_a_sentence_and_leaves_nothing_behind(
    live: ModelVersion,
) -> None:
    folder = registry.get_artifact_folder(live.name).parent
    before = sorted(folder.iterdir())
    # A limit on the size of files stands in for the end of the disk.
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    try:
        with pytest.raises(ArtifactError, match=r"cannot be written to .* Make room there"):
            train()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert sorted(folder.iterdir()) == before
    assert registry.get_live_version() == live
