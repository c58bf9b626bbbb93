"""Model versions: promote, roll back, reject, and prune their artifacts."""

import shutil
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from recommendations.choices import ModelState
from recommendations.conf import configuration
from recommendations.errors import ArtifactError, NotFoundError, TrainingRefusedError
from recommendations.models import ModelVersion


def get_artifact_folder(name: str) -> Path:
    """Return the folder of the version's artifact; it need not exist."""
    return configuration().artifacts_dir / name


def get_live_version() -> ModelVersion | None:
    """Return the live version, None before the first training."""
    return ModelVersion.objects.filter(state=ModelState.LIVE.value).first()


def list_serving_names() -> list[str]:
    """Return the names of the versions that may serve: the live one, then its predecessors.

    Predecessors, newest first, serve only while the artifact of the live version cannot be read. If
    no version is live, the list is empty.
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
    """Make a version live and retire the version that was live, in one transaction.

    Raises:
        NotFoundError: There is no such version.
        ArtifactError: The artifact of the version is missing or damaged.
    """
    if not ModelVersion.objects.filter(name=name).exists():
        raise NotFoundError(f"There is no model version {name}.")
    # The admin imports this module in every process; importing the compiled loops takes a second.
    from recommendations.ml import artifacts  # noqa: PLC0415

    artifacts.load(get_artifact_folder(name))
    with transaction.atomic():
        # Concurrent promotions wait for each other, because each locks the live row.
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
    """Make the newest readable predecessor live and reject the live version.

    Only `promote` can make a rejected version live again.

    Raises:
        TrainingRefusedError: No predecessor has a readable artifact.
    """
    failures = []
    for name in list_serving_names()[1:]:
        try:
            with transaction.atomic():
                was_live = get_live_version()
                chosen = promote(name)
                if was_live is not None:
                    reject(was_live, f"Rolled back to {name}.")
        except ArtifactError as damage:
            failures.append(str(damage))
        else:
            return chosen
    raise TrainingRefusedError("There is no earlier version to go back to. " + " ".join(failures))


def reject(version: ModelVersion, reason: str) -> None:
    """Set the state `rejected` and the reason."""
    version.state = ModelState.REJECTED.value
    version.reason = reason
    version.save(update_fields=["state", "reason"])


def prune() -> list[str]:
    """Delete the artifacts of all but the newest versions; return the names of their versions.

    The live version and its newest predecessors keep their artifacts: `keep_model_versions` in all.
    Rows stay. A process that serves a deleted version has it in memory. Only the holder of the
    training lease may call this, because it also deletes the partial artifacts of trainings.
    """
    kept = set(list_serving_names()[: configuration().keep_model_versions])
    pruned = []
    for name in ModelVersion.objects.exclude(name__in=kept).values_list("name", flat=True):
        folder = get_artifact_folder(name)
        if folder.is_dir():
            shutil.rmtree(folder)
            pruned.append(name)
        for partial in folder.parent.glob(f".{name}.*.partial"):
            shutil.rmtree(partial)
    return pruned
