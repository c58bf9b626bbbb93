from datetime import timedelta

import pytest
from django.utils import timezone

from recommendations.choices import ModelState
from recommendations.errors import ArtifactError, NotFoundError, TrainingRefusedError
from recommendations.models import ModelVersion
from recommendations.services.training import registry
from recommendations.services.training.registry import Overruling
from recommendations.services.training.train import train
from recommendations.services.training.verdict import describe_verdict
from recommendations.tests.builders import make_two_taste_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def versions() -> list[ModelVersion]:
    """Return three versions of a small shop, the last of them live."""
    make_two_taste_shop()
    return [train() for _ in range(3)]


def list_states() -> list[str]:
    return [version.state for version in ModelVersion.objects.order_by("id")]


def test_a_promoted_version_is_the_only_live_one(versions: list[ModelVersion]) -> None:
    registry.promote(versions[0].name)

    assert list_states() == [ModelState.LIVE, ModelState.RETIRED, ModelState.RETIRED]
    assert registry.get_live_version() == versions[0]


def test_a_damaged_version_is_not_promoted(versions: list[ModelVersion]) -> None:
    (registry.get_artifact_folder(versions[0].name) / "manifest.json").write_text("{}")

    with pytest.raises(ArtifactError, match=r"manifest\.json"):
        registry.promote(versions[0].name)

    assert registry.get_live_version() == versions[2]


def test_an_unknown_version_is_not_promoted(versions: list[ModelVersion]) -> None:
    with pytest.raises(NotFoundError, match="no model version 2001"):
        registry.promote("2001")

    assert registry.get_live_version() == versions[2]


def test_rolling_back_rejects_the_live_version_for_its_predecessor(
    versions: list[ModelVersion],
) -> None:
    chosen = registry.roll_back()

    assert chosen == versions[1]
    assert list_states() == [ModelState.RETIRED, ModelState.LIVE, ModelState.REJECTED]


def test_rolling_back_twice_goes_two_versions_back(versions: list[ModelVersion]) -> None:
    registry.roll_back()

    chosen = registry.roll_back()

    assert chosen == versions[0]


def test_rolling_back_passes_over_a_damaged_predecessor(versions: list[ModelVersion]) -> None:
    (registry.get_artifact_folder(versions[1].name) / "arrays.npz").write_bytes(b"cut off")

    chosen = registry.roll_back()

    assert chosen == versions[0]


def test_without_a_predecessor_the_live_version_stays(versions: list[ModelVersion]) -> None:
    registry.roll_back()
    registry.roll_back()

    with pytest.raises(TrainingRefusedError, match="no earlier version"):
        registry.roll_back()

    assert registry.get_live_version() == versions[0]


def test_the_live_version_and_two_predecessors_stay_on_disk(versions: list[ModelVersion]) -> None:
    newest = train()

    on_disk = [
        registry.get_artifact_folder(version.name).is_dir() for version in [*versions, newest]
    ]
    assert on_disk == [False, True, True, True]
    assert ModelVersion.objects.count() == 4


def test_a_rejected_version_is_live_again_only_with_a_reason(versions: list[ModelVersion]) -> None:
    registry.roll_back()
    refused = ("", "  ")

    for reason in refused:
        with pytest.raises(TrainingRefusedError, match="give a reason"):
            registry.promote(versions[2].name, overruling=Overruling("ada", reason))
    with pytest.raises(TrainingRefusedError, match=f"Rolled back to {versions[1].name}"):
        registry.promote(versions[2].name)
    assert registry.get_live_version() == versions[1]

    chosen = registry.promote(
        versions[2].name, overruling=Overruling("ada", " The test was wrong.")
    )

    assert registry.get_live_version() == chosen == versions[2]
    assert (chosen.overruled_by, chosen.overruled_for) == ("ada", "The test was wrong.")
    assert describe_verdict(chosen) == (
        "ada made it live although it was rejected: The test was wrong."
    )


def test_a_rejected_version_keeps_its_artifact_for_a_day(versions: list[ModelVersion]) -> None:
    registry.roll_back()
    rejected = registry.get_artifact_folder(versions[2].name)

    registry.prune()
    was_kept = rejected.is_dir()
    ModelVersion.objects.filter(pk=versions[2].pk).update(
        rejected_at=timezone.now() - timedelta(hours=25)
    )
    pruned = registry.prune()

    assert was_kept
    assert pruned == [versions[2].name]
    assert not rejected.is_dir()


def test_no_training_makes_a_version_live_that_was_taken_back(
    versions: list[ModelVersion],
) -> None:
    registry.roll_back()

    train()

    versions[2].refresh_from_db()
    assert versions[2].state == ModelState.REJECTED
