"""Model versions: which one is live, how one becomes so, which ones stay on disk."""

import shutil
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from recommendations.choices import ModelState
from recommendations.conf import configuration
from recommendations.errors import ArtifactError, NotFoundError, TrainingRefusedError
from recommendations.models import ModelVersion


def get_artifact_folder(name: str) -> Path:
    """Return where the version's artifact lies, or would."""
    return configuration().artifacts_dir / name


def get_live_version() -> ModelVersion | None:
    """Return the version that answers, None before the first training."""
    return ModelVersion.objects.filter(state=ModelState.LIVE.value).first()


def list_serving_names() -> list[str]:
    """Return the names of the versions that may answer: the live one, then its predecessors.

    The predecessors, newest first, stand in while the live one's artifact cannot be read. Nobody
    stands in where no version is live.
    """
    promoted = list(
        ModelVersion.objects.filter(state__in=[ModelState.LIVE.value, ModelState.RETIRED.value])
        .exclude(promoted_at=None)
        .order_by("-promoted_at", "-id")
        .values_list("name", "state")[: configuration().keep_model_versions + 1]
    )
    live = [name for name, state in promoted if state == ModelState.LIVE.value]
    return live and live + [name for name, state in promoted if state != ModelState.LIVE.value]


def promote(name: str) -> ModelVersion:
    """Make a version the live one; the one that was live retires. Both or neither.

    Raises:
        NotFoundError: There is no such version.
        ArtifactError: Its artifact is gone or damaged.
    """
    if not ModelVersion.objects.filter(name=name).exists():
        raise NotFoundError(f"There is no model version {name}.")
    # The admin loads this module in every process; the compiled loops take more than a second.
    from recommendations.ml import artifacts  # noqa: PLC0415

    artifacts.load(get_artifact_folder(name))
    with transaction.atomic():
        # Locking every live or to-be-live row makes two promotions queue.
        versions = {
            version.name: version
            for version in ModelVersion.objects.select_for_update().order_by("id")
            if version.name == name or version.state == ModelState.LIVE.value
        }
        chosen = versions.pop(name)
        for version in versions.values():
            version.state = ModelState.RETIRED.value
            version.reason = f"Succeeded by {name}."
            version.save(update_fields=["state", "reason"])
        chosen.state = ModelState.LIVE.value
        chosen.reason = ""
        chosen.promoted_at = timezone.now()
        chosen.save(update_fields=["state", "reason", "promoted_at"])
    return chosen


def roll_back() -> ModelVersion:
    """Make the live version's predecessor live again; the live one is rejected.

    A rejected version comes back only by being promoted by name.

    Raises:
        TrainingRefusedError: No predecessor has an artifact that can be read.
    """
    failures = []
    for name in list_serving_names()[1:]:
        try:
            with transaction.atomic():
                was_live = get_live_version()
                chosen = promote(name)
                if was_live is not None:
                    reject(was_live, f"Rolled back to {name}.")
        except ArtifactError as damaged:
            failures.append(str(damaged))
        else:
            return chosen
    raise TrainingRefusedError("There is no earlier version to go back to. " + " ".join(failures))


def reject(version: ModelVersion, reason: str) -> None:
    """Keep a version from going live, with the reason."""
    version.state = ModelState.REJECTED.value
    version.reason = reason
    version.save(update_fields=["state", "reason"])


def prune() -> list[str]:
    """Delete the artifacts of all but the live version and its latest predecessors.

    Returns the names of those deleted. Their rows stay. Processes that still serve one of them
    hold it in memory until they follow. Only the holder of the training lease may call this:
    it also deletes what an interrupted training left.
    """
    kept = set(list_serving_names()[: configuration().keep_model_versions])
    pruned = []
    for name in ModelVersion.objects.exclude(name__in=kept).values_list("name", flat=True):
        folder = get_artifact_folder(name)
        if folder.is_dir():
            shutil.rmtree(folder)
            pruned.append(name)
        for aside in folder.parent.glob(f".{name}.*.partial"):
            shutil.rmtree(aside)
    return pruned
