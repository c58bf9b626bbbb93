"""Model versions: promote, roll back, reject, and prune their artifacts."""

import logging
import shutil
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations.choices import ExperimentState, ModelState
from recommendations.conf import configuration
from recommendations.errors import (
    ArtifactError,
    ArtifactFormatError,
    InvalidInputError,
    NotFoundError,
    TrainingRefusedError,
)
from recommendations.models import ExperimentArm, ModelVersion
from recommendations.sentences import get_sentence, say
from recommendations.services.infra import artifact_storage
from recommendations.services.infra.translation import tell

if TYPE_CHECKING:
    from recommendations.ml.ensemble import Ensemble

logger = logging.getLogger(__name__)

MAX_NAMES = 10
"""How many names of versions a message lists."""


@dataclass(frozen=True, slots=True)
class Overruling:
    """Who makes a rejected version live, and why."""

    by: str
    reason: str


def get_artifact_folder(name: str) -> Path:
    """Return the folder of the version's artifact; it need not exist."""
    return configuration().artifacts_dir / name


def load_artifact(name: str) -> "Ensemble":
    """Return the ensemble of a version; fetch its artifact if this host has no whole copy.

    Raises:
        ArtifactError: Neither this host nor the storage of artifacts has a readable one.
    """
    # The admin imports this module in every process; importing the compiled loops takes a second.
    from recommendations.ml import artifacts  # noqa: PLC0415

    folder = get_artifact_folder(name)
    try:
        return artifacts.load(folder)
    except ArtifactFormatError:
        # The storage has the same: fetching it changes nothing.
        raise
    except ArtifactError:
        if not artifact_storage.is_on():
            raise
    artifact_storage.fetch(folder)
    return artifacts.load(folder)


def must_fetch(name: str) -> bool:
    """Return whether another host has the artifact of a version, and this one has none."""
    return artifact_storage.is_on() and not get_artifact_folder(name).is_dir()


def find_present(names: Iterable[str]) -> set[str]:
    """Return those of these versions whose artifact can be loaded here, as far as is known.

    It lies on this host or, if hosts share artifacts, is one that the shop keeps.
    """
    kept = list_kept_names() if artifact_storage.is_on() else set()
    return {name for name in names if name in kept or get_artifact_folder(name).is_dir()}


def share_live_artifact() -> None:
    """Bring the artifact of the live version to where it is missing: this host, or the storage.

    If neither has it, or the storage does not answer, the log says so; a training is then due.
    """
    version = get_live_version()
    if version is None or not artifact_storage.is_on():
        return
    folder = get_artifact_folder(version.name)
    try:
        if find_live_damage() is None:
            if not artifact_storage.has_folder(folder):
                artifact_storage.publish(folder)
        else:
            load_artifact(version.name)
    except ArtifactError as problem:
        logger.warning("The live model is not shared: %s", problem)


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


def find_live_damage() -> str | None:
    """Return why no live version can be read here, as a sentence; None if one can be read."""
    version = get_live_version()
    if version is None:
        return "No model version is live."
    from recommendations.ml import artifacts  # noqa: PLC0415 - see `load_artifact`

    try:
        artifacts.verify(get_artifact_folder(version.name))
    except ArtifactError as damage:
        return f"The live model {version.name} cannot be read here: {damage}"
    return None


def find_name(beginning: str) -> str:
    """Return the name of the only version whose name begins like this, or is this.

    Raises:
        NotFoundError: There is no such version.
        InvalidInputError: There are several; the message names them.
    """
    names = ModelVersion.objects.filter(name__startswith=beginning).values_list("name", flat=True)
    found = [name for name in names if name.startswith(beginning)]
    if not found:
        raise NotFoundError(f"There is no model version {beginning}.")
    if len(found) > 1 and beginning not in found:
        shown = ", ".join(found[:MAX_NAMES]) + (" and others" if len(found) > MAX_NAMES else "")
        raise InvalidInputError(f"{len(found)} model versions begin with {beginning!r}: {shown}.")
    return beginning if beginning in found else found[0]


def promote(name: str, *, overruling: Overruling | None = None) -> ModelVersion:
    """Make a version live and retire the version that was live, in one transaction.

    A rejected version, and one that was taken back, needs an `overruling`, which it keeps.

    Raises:
        NotFoundError: There is no such version.
        TrainingRefusedError: The version was rejected, and nobody overrules that with a reason.
        ArtifactError: The artifact of the version is missing or damaged.
    """
    found = ModelVersion.objects.filter(name=name).first()
    if found is None:
        raise NotFoundError(_("There is no model version {}.").format(name))
    if found.state == ModelState.REJECTED.value and not (overruling and overruling.reason.strip()):
        raise TrainingRefusedError(
            _("{} was rejected. To make it live all the same, give a reason.").format(name)
            + f" {tell(found.reason)}"
        )
    load_artifact(name)
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
            version.reason = say("Succeeded by {name}.", name=name)
            version.save(update_fields=["state", "reason"])
        chosen.state = ModelState.LIVE.value
        chosen.reason = ""
        chosen.promoted_at = timezone.now()
        if overruling is not None:
            chosen.overruled_by = overruling.by
            chosen.overruled_for = overruling.reason.strip()
        chosen.save(
            update_fields=["state", "reason", "promoted_at", "overruled_by", "overruled_for"]
        )
    return chosen


def roll_back() -> ModelVersion:
    """Make the newest readable predecessor live and reject the live version.

    Only staff can make it live again, by overruling that (`promote`); no training does.

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
                    reject(was_live, say("Rolled back to {name}.", name=name))
        except ArtifactError as damage:
            failures.append(tell(get_sentence(damage)))
        else:
            return chosen
    raise TrainingRefusedError(
        " ".join([_("There is no earlier version to go back to."), *failures])
    )


def reject(version: ModelVersion, reason: str) -> None:
    """Set the state `rejected`, the time and the reason."""
    version.rejected_at = timezone.now()
    version.save(update_fields=["rejected_at"])
    _close(version, ModelState.REJECTED, reason)


def fail(version: ModelVersion, reason: str) -> None:
    """Set the state `failed` and the reason: the training did not end."""
    _close(version, ModelState.FAILED, reason)


def list_compared_names() -> set[str]:
    """Return the versions that arms of experiments name, unless the experiment is over."""
    arms = ExperimentArm.objects.exclude(experiment__state=ExperimentState.STOPPED.value)
    return set(arms.exclude(model_version="").values_list("model_version", flat=True))


def delete(version_ids: Collection[int]) -> int:
    """Delete versions with their artifacts; return how many.

    The live one and those of experiments that are not over stay.
    """
    versions = ModelVersion.objects.filter(pk__in=version_ids).exclude(state=ModelState.LIVE.value)
    versions = versions.exclude(name__in=list_compared_names())
    names = list(versions.values_list("name", flat=True))
    deleted, _ = versions.delete()
    gone = set(names) - set(ModelVersion.objects.values_list("name", flat=True))
    for name in gone:
        shutil.rmtree(get_artifact_folder(name), ignore_errors=True)
        if artifact_storage.is_on():
            artifact_storage.delete(get_artifact_folder(name))
    return deleted


def list_kept_names() -> set[str]:
    """Return the versions whose artifacts stay.

    The live version and its newest predecessors keep their artifacts: `keep_model_versions` in all.
    Rejected versions keep theirs for `keep_rejected_hours`, so that staff can look at them.
    So do versions of experiments that are not over.
    """
    settings = configuration()
    since = timezone.now() - timedelta(hours=settings.keep_rejected_hours)
    lately = ModelVersion.objects.filter(state=ModelState.REJECTED.value, rejected_at__gt=since)
    return {
        *list_serving_names()[: settings.keep_model_versions],
        *lately.values_list("name", flat=True),
        *list_compared_names(),
    }


def prune() -> list[str]:
    """Delete all artifacts but those that are kept; return the names of their versions.

    Rows stay. A process that serves a deleted version has it in memory. Only the holder of the
    training lease may call this, because it also deletes the partial artifacts of trainings.
    """
    pruned = []
    shared = _list_shared_names()
    others = ModelVersion.objects.exclude(name__in=list_kept_names())
    for name in others.values_list("name", flat=True):
        folder = get_artifact_folder(name)
        if folder.is_dir():
            shutil.rmtree(folder)
            pruned.append(name)
        for partial in folder.parent.glob(f".{name}.*.partial"):
            shutil.rmtree(partial)
        if name in shared:
            artifact_storage.delete(folder)
    return pruned


def _list_shared_names() -> set[str]:
    if not artifact_storage.is_on():
        return set()
    try:
        return set(artifact_storage.list_names(configuration().artifacts_dir))
    except ArtifactError as problem:
        logger.warning("Old models stay in the storage: %s", problem)
        return set()


def _close(version: ModelVersion, state: ModelState, reason: str) -> None:
    version.state = state.value
    version.reason = reason
    version.save(update_fields=["state", "reason"])
