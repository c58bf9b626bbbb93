"""From the log to a live model: one training at a time, and only what is no worse goes live."""

import logging
import secrets
from datetime import timedelta
from typing import Any

from django.db import close_old_connections, connection
from django.utils import timezone

from recommendations.choices import ModelState
from recommendations.conf import configuration
from recommendations.errors import ArtifactError, TrainingRefusedError
from recommendations.ml import artifacts
from recommendations.ml.data import Interactions
from recommendations.ml.ensemble import Ensemble
from recommendations.ml.evaluation.splits import TimeSplit
from recommendations.ml.presets import PRESETS
from recommendations.ml.tuning.weights import tune_on_past
from recommendations.models import ModelVersion, Product, UserBehavior
from recommendations.progress import Progress, report_nothing
from recommendations.services.infra.locks import Lease, hold
from recommendations.services.training import gate, registry
from recommendations.services.training.data import (
    fingerprint,
    get_newest_interaction_id,
    load_interactions,
)
from recommendations.services.training.live_model import Snapshot

logger = logging.getLogger(__name__)

LEASE = "training"
DEFAULT_PRESET = "default"


def train(*, progress: Progress | None = None, seed: int = 42) -> ModelVersion:
    """Learn from the whole log and go live, unless the result is worse than what is there.

    Returns the new version: live, or rejected with the reasons. The live version stays whatever
    happens.

    Raises:
        TrainingUnderWayError: Somebody else is training.
        TrainingRefusedError: There is nothing to learn from.
    """
    with hold(LEASE) as lease:
        _reject_interrupted()
        version = ModelVersion.objects.create(
            name=f"{timezone.now():%Y%m%d-%H%M%S}-{secrets.token_hex(4)}",
            last_interaction_id=get_newest_interaction_id(),
        )
        try:
            objections = _learn(version, lease, progress or report_nothing, seed)
            if objections:
                registry.reject(version, " ".join(objections))
            else:
                lease.renew()
                version = registry.promote(version.name)
        except BaseException as failure:
            # Whatever stopped it, the row says so; the failure itself goes on its way.
            registry.reject(version, f"{failure}" or type(failure).__name__)
            raise
        registry.prune()
    logger.info("Model %s is %s. %s", version.name, version.state, version.reason)
    return version


def find_retraining_reason() -> str | None:
    """Return why a training is due, None while it is not.

    Counted from the last training that came to an end, so that one whose result was rejected is
    not repeated on the same data every few minutes.
    """
    settings = configuration()
    last = ModelVersion.objects.exclude(state=ModelState.CANDIDATE.value).first()
    since = last.last_interaction_id if last else 0
    newer = UserBehavior.objects.filter(id__gt=since).order_by("id")
    enough = settings.retrain_after_interactions
    # Counting a whole log would take long; whether there are enough does not.
    count = len(newer.values_list("id")[:enough])
    if last is None:
        return "There is no model yet." if count else None
    if count >= enough:
        return f"At least {enough} interactions are new."
    age = timezone.now() - last.created_at
    if age < timedelta(hours=settings.retrain_after_hours):
        return None
    anything_new = count or Product.objects.filter(created_at__gt=last.created_at).exists()
    return f"The last training is {age.days} days old." if anything_new else None


def _learn(version: ModelVersion, lease: Lease, progress: Progress, seed: int) -> list[str]:
    interactions = load_interactions(up_to_id=version.last_interaction_id, progress=progress)
    if not len(interactions):
        raise TrainingRefusedError(
            "There are no interactions with active products, so nothing to learn from."
        )
    ensemble = _recipe(interactions, seed, progress)
    live = registry.get_live_version()
    measured = gate.evaluate_offline(
        interactions,
        ensemble,
        live_parameters=live.parameters if live else None,
        progress=progress,
    )
    ensemble.fit(
        interactions,
        progress=lambda _, done, total: progress("Learning from everything", done, total),
    )
    members = len(ensemble.members)
    progress("Learning from everything", members, members)
    if not connection.in_atomic_block:
        # The server may have hung up on a connection that was silent for so long.
        close_old_connections()
    lease.renew()

    digest = fingerprint(interactions)
    folder = registry.get_artifact_folder(version.name)
    artifacts.save(ensemble, folder, fingerprint=digest)
    tried = gate.smoke_test(artifacts.load(folder), interactions, _snapshot_of(live))
    _describe(version, interactions, ensemble, digest, measured.metrics | tried.metrics)
    return measured.objections + tried.objections


def _recipe(interactions: Interactions, seed: int, progress: Progress) -> Ensemble:
    """Return the preset's ensemble; of every preset but `default`, tuned on the data.

    They are found within what the gate learns from, so what the gate asks for stays unseen. A shop
    with too little for that keeps the preset's own.
    """
    settings = configuration()
    ensemble = PRESETS[settings.preset](
        settings.collaborative_weight,
        settings.factorization_weight,
        seed,
        decay_per_day=settings.decay_per_day,
    )
    if settings.preset == DEFAULT_PRESET:
        return ensemble
    past = TimeSplit().split(interactions).training
    held_out = TimeSplit().split(past) if len(past) else None
    if held_out is not None and len(held_out) >= gate.FEWEST_CASES:
        tune_on_past(ensemble, past, progress=progress)
    return ensemble


def _snapshot_of(live: ModelVersion | None) -> Snapshot | None:
    """Return the live model to compare with, None when there is none that can be read."""
    if live is None:
        return None
    try:
        return Snapshot(live.name, artifacts.load(registry.get_artifact_folder(live.name)))
    except ArtifactError as damage:
        logger.error("The live model %s cannot be compared with: %s", live.name, damage)
        return None


def _describe(
    version: ModelVersion,
    interactions: Interactions,
    ensemble: Ensemble,
    digest: str,
    metrics: dict[str, Any],
) -> None:
    seconds = {name: round(taken, 2) for name, taken in ensemble.fit_seconds_.items()}
    version.parameters = dict(ensemble.get_params())
    version.metrics = metrics | {"fit_seconds": seconds}
    version.data_fingerprint = digest
    version.n_users = interactions.n_users
    version.n_items = interactions.n_items
    version.n_interactions = len(interactions)
    version.save()


def _reject_interrupted() -> None:
    """Close what a killed trainer left open; whoever holds the lease is the only one training."""
    ModelVersion.objects.filter(state=ModelState.CANDIDATE.value).update(
        state=ModelState.REJECTED.value, reason="The training was interrupted."
    )
