"""Train a model version on all interactions; make it live unless the gate rejects it."""

import logging
import os
import secrets
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from django.db import DatabaseError, close_old_connections, connection
from django.utils import timezone
from threadpoolctl import threadpool_limits

from recommendations.choices import ModelState
from recommendations.conf import configuration
from recommendations.errors import ArtifactError, NothingToLearnError
from recommendations.ml import artifacts
from recommendations.ml.ensemble import Ensemble
from recommendations.ml.presets import DEFAULT_PRESET, PRESETS
from recommendations.ml.tuning.weights import Tuning, tune_ensemble
from recommendations.models import ModelVersion
from recommendations.progress import Progress, report_nothing
from recommendations.relational.engine import Engine
from recommendations.sentences import get_sentence, join, say
from recommendations.services.infra import artifact_storage
from recommendations.services.infra.locks import Lease, hold
from recommendations.services.infra.replica import read_from_replica
from recommendations.services.shop.learnt_repeats import learn_repeats
from recommendations.services.training import gate, registry
from recommendations.services.training.data import (
    get_newest_interaction_id,
    load_interactions,
)
from recommendations.services.training.failures import (
    INTERRUPTED,
    LEASE,
)
from recommendations.services.training.live_model import Snapshot
from recommendations.services.training.log_parts import check_library, read_manifest
from recommendations.services.training.log_reading import load_logged_interactions
from recommendations.services.training.run_log import RunLog
from recommendations.services.training.training_sets import (
    LoadedSet,
    TrainingSet,
    open_training_set,
)

logger = logging.getLogger(__name__)


def train(
    *,
    progress: Progress = report_nothing,
    seed: int = 42,
    log: Path | None = None,
    engine: Engine | None = None,
) -> ModelVersion:
    """Train a version, pass it through the gate, and promote or reject it; return the version.

    The live version stays live if the new one is rejected or the training fails. Interactions and
    products are those of the database, or of the log in Parquet in the folder `log`. An engine
    works on such a log without reading it into memory. From the database, it is learnt first which
    categories are bought again.

    Raises:
        TrainingLogError: The log is not whole, or a part of it is damaged.
        EngineError: The engine stopped.
        TrainingUnderWayError: Another training is running.
        TrainingLibraryError: The preset needs a library that is not installed.
        NothingToLearnError: There is no interaction to learn from.
        ArtifactError: The disk is full, or the storage of artifacts does not take the version.
    """
    with hold(LEASE) as lease:
        newest, load = _choose_source(log, engine)
        _fail_leftover_candidates()
        version = ModelVersion.objects.create(
            name=f"{timezone.now():%Y%m%d-%H%M%S}-{secrets.token_hex(4)}",
            last_interaction_id=newest,
        )
        run_log = RunLog(version, progress)
        run_log.begin_reading()
        try:
            # Web processes on the same machine keep a core.
            with threadpool_limits(max(1, (os.cpu_count() or 1) - 1)):
                if log is None:
                    learn_repeats()
                reasons = _train_version(version, load, lease, run_log, seed)
            if reasons:
                registry.reject(version, join(reasons))
            else:
                lease.renew()
                version = registry.promote(version.name)
        except NothingToLearnError as refused:
            registry.reject(version, get_sentence(refused))
            run_log.end(get_sentence(refused))
            raise
        except BaseException as failure:
            # The row says why the training stopped; the caller still gets the exception.
            reason = get_sentence(failure)
            _note_failure(version, reason)
            run_log.end(reason)
            raise
        run_log.end(join(reasons) if reasons else say("The version is live."))
        registry.prune()
    logger.info("Model %s is %s. %s", version.name, version.state, version.reason)
    return version


def _choose_source(
    log: Path | None, engine: Engine | None
) -> tuple[int, Callable[[Progress], TrainingSet]]:
    """Return the id of the newest interaction, and what loads all up to it."""
    if log is None:
        newest = read_from_replica(get_newest_interaction_id)
        return newest, lambda progress: LoadedSet(
            read_from_replica(partial(load_interactions, up_to_id=newest, progress=progress))
        )
    check_library()
    manifest = read_manifest(log)

    def load(progress: Progress) -> TrainingSet:
        if engine is None:
            return LoadedSet(load_logged_interactions(log, manifest, progress=progress))
        return open_training_set(engine, log, manifest, progress=progress)

    return manifest.newest_interaction_id, load


def _train_version(
    version: ModelVersion,
    load: Callable[[Progress], TrainingSet],
    lease: Lease,
    progress: Progress,
    seed: int,
) -> list[str]:
    """Evaluate, fit and save the version, then test it; return the reasons to reject it."""
    ensemble = _build_preset(seed)
    ensemble.require_libraries()
    training_set = load(progress)
    if not training_set.n_interactions:
        raise NothingToLearnError(
            say("There are no interactions with active products, so nothing to learn from.")
        )
    tuning = _tune(ensemble, training_set, progress)
    registry.share_live_artifact()
    # A live version that cannot be read serves nobody: it is no measure.
    live = registry.get_live_version() if registry.find_live_damage() is None else None
    offline = gate.evaluate_offline(
        training_set,
        ensemble,
        live_parameters=live.parameters if live else None,
        progress=progress,
    )
    training_set.fit(
        ensemble,
        progress=lambda _, done, total: progress(say("Learning from everything"), done, total),
    )
    members = len(ensemble.members)
    progress(say("Learning from everything"), members, members)
    if not connection.in_atomic_block:
        # The database may have closed a connection that was idle during the fit.
        close_old_connections()
    lease.renew()

    digest = training_set.compute_fingerprint()
    folder = registry.get_artifact_folder(version.name)
    artifacts.save(ensemble, folder, fingerprint=digest)
    smoke = gate.smoke_test(
        artifacts.load(folder),
        training_set.draw_histories(gate.N_SMOKE_TEST_SHOPPERS),
        _load_snapshot(live),
        coverage_floor=configuration().coverage_floor,
    )
    if artifact_storage.is_on():
        # Other hosts must be able to fetch a version before it is live.
        artifact_storage.publish(folder)
    metrics = offline.metrics | smoke.metrics | {"engine": training_set.engine_name}
    if sampled := training_set.list_sampled(ensemble):
        metrics["learnt_from_sample"] = sampled
    if tuning is not None:
        metrics |= {"tuning_left_out": tuning.left_out}
    _save_description(version, training_set, ensemble, digest, metrics)
    return offline.rejection_reasons + smoke.rejection_reasons


def _build_preset(seed: int) -> Ensemble:
    """Return the ensemble of the preset, as the settings have it."""
    settings = configuration()
    return PRESETS[settings.preset](
        settings.collaborative_weight,
        settings.factorization_weight,
        seed,
        decay_per_day=settings.decay_per_day,
    )


def _tune(ensemble: Ensemble, training_set: TrainingSet, progress: Progress) -> Tuning | None:
    """Tune the ensemble, and return what was found; the default preset is not tuned.

    Tuning is the one that `evaluate_models` measures, on the validation split that belongs to the
    gate's split, so the gate's ground truth stays unseen. A shop with too few interactions to tune
    on keeps the preset's parameters. A log too large for memory is tuned on a sample.
    """
    if configuration().preset == DEFAULT_PRESET:
        return None
    validation = gate.SPLITTER.split_validation(training_set.sample)
    if len(validation) < gate.MIN_CASES:
        return None
    return tune_ensemble(ensemble, validation, progress=progress)


def _load_snapshot(live: ModelVersion | None) -> Snapshot | None:
    """Return the live model to compare with, None if there is none or it cannot be read."""
    if live is None:
        return None
    try:
        return Snapshot(live.name, registry.load_artifact(live.name))
    except ArtifactError as damage:
        logger.error("The new model is not compared with the live model %s: %s", live.name, damage)
        return None


def _save_description(
    version: ModelVersion,
    training_set: TrainingSet,
    ensemble: Ensemble,
    digest: str,
    metrics: dict[str, Any],
) -> None:
    seconds = {name: round(taken, 2) for name, taken in ensemble.fit_seconds_.items()}
    version.parameters = dict(ensemble.get_params())
    version.metrics = metrics | {"fit_seconds": seconds}
    version.data_fingerprint = digest
    version.n_users = training_set.n_users
    version.n_items = training_set.n_items
    version.n_interactions = training_set.n_interactions
    version.save(
        update_fields=[
            *("parameters", "metrics", "data_fingerprint", "n_users", "n_items", "n_interactions")
        ]
    )


def _note_failure(version: ModelVersion, reason: str) -> None:
    """Store why the training failed; if the database cannot store it, the log has it."""
    logger.error("The training of model %s failed: %s", version.name, reason)
    try:
        registry.fail(version, reason)
    except DatabaseError as problem:
        logger.error("The failure could not be stored: %s", problem)


def _fail_leftover_candidates() -> None:
    """Close the candidates of killed trainings; the holder of the lease is the only trainer."""
    leftover = ModelVersion.objects.filter(state=ModelState.CANDIDATE.value)
    if leftover.update(state=ModelState.FAILED.value, reason=INTERRUPTED):
        logger.error("An earlier training was interrupted; this one takes its place.")
