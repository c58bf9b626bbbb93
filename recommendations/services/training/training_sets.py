"""What a training learns from: interactions in memory, or a log as tables of an engine."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np

from recommendations.conf import configuration
from recommendations.errors import NothingToLearnError
from recommendations.ml.data import Catalogue, History, Interactions
from recommendations.ml.ensemble import Ensemble
from recommendations.ml.evaluation.splits import Split, TimeSplit, build_histories
from recommendations.ml.tuning.hyperparameters import sample_cases
from recommendations.progress import Progress, report_nothing
from recommendations.relational import extracts, held_out
from recommendations.relational.engine import Engine
from recommendations.relational.fitting import fit_ensemble, learns_from_sample
from recommendations.relational.log import RelationalLog, open_log
from recommendations.sentences import say
from recommendations.services.training import log_parts
from recommendations.services.training.data import (
    compute_fingerprint,
    find_switched_off,
    make_subject_key,
)
from recommendations.services.training.log_parts import Manifest
from recommendations.services.training.log_reading import read_catalogue


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Cases to measure, and what fits an ensemble on what was before them."""

    cases: Split
    fit: Callable[[Ensemble, Progress], object]


class TrainingSet(Protocol):
    """Interactions that an ensemble can be fitted on and measured with."""

    engine_name: str

    @property
    def n_users(self) -> int:
        """How many shoppers and visitors there are."""

    @property
    def n_items(self) -> int:
        """How many items the catalogue has."""

    @property
    def n_interactions(self) -> int:
        """How many interactions there are when repeats are merged."""

    @property
    def sample(self) -> Interactions:
        """All events of enough shoppers to tune on, not merged."""

    def hold_out(self, splitter: TimeSplit, *, max_cases: int) -> HeldOut | None:
        """Return a sample of the splitter's cases; None if there is none."""

    def fit(self, ensemble: Ensemble, *, progress: Progress) -> object:
        """Fit every member on all interactions."""

    def draw_histories(self, n: int) -> list[History]:
        """Return the histories of n shoppers, drawn at random."""

    def list_sampled(self, ensemble: Ensemble) -> list[str]:
        """Return the members that learn from the sample alone, because it is not everything."""

    def compute_fingerprint(self) -> str:
        """Return a digest of everything that is learnt from."""


class LoadedSet:
    """Interactions in memory; they are not merged."""

    engine_name = "memory"

    def __init__(self, interactions: Interactions) -> None:
        self.sample = interactions

    @cached_property
    def _learnt(self) -> Interactions:
        return self.sample.merge_repeats()

    @property
    def n_users(self) -> int:
        """How many shoppers and visitors there are."""
        return self.sample.n_users

    @property
    def n_items(self) -> int:
        """How many items the catalogue has."""
        return self.sample.n_items

    @property
    def n_interactions(self) -> int:
        """How many interactions there are when repeats are merged."""
        return len(self._learnt)

    def hold_out(self, splitter: TimeSplit, *, max_cases: int) -> HeldOut | None:
        """Return a sample of the splitter's cases; None if there is none."""
        split = sample_cases(splitter.split(self.sample), max_cases, seed=0)
        if not len(split) or not len(split.training):
            return None
        return HeldOut(
            split, lambda ensemble, progress: ensemble.fit(split.training, progress=progress)
        )

    def fit(self, ensemble: Ensemble, *, progress: Progress = report_nothing) -> object:
        """Fit every member on all interactions."""
        return ensemble.fit(self._learnt, progress=progress)

    def draw_histories(self, n: int) -> list[History]:
        """Return the histories of n shoppers, drawn at random."""
        active = np.unique(self._learnt.users)
        chosen = np.random.default_rng(0).permutation(active)[:n]
        return build_histories(self._learnt, chosen.astype(np.int32))

    def list_sampled(self, ensemble: Ensemble) -> list[str]:
        """Return nothing: every member learns from everything."""
        return []

    def compute_fingerprint(self) -> str:
        """Return a digest of everything that is learnt from."""
        return compute_fingerprint(self._learnt)


class RelationalSet:
    """A log in Parquet, as tables of an engine."""

    def __init__(self, log: RelationalLog, fingerprint: str) -> None:
        self.engine_name = log.engine.name
        self._log = log
        self._fingerprint = fingerprint
        self._past: RelationalLog | None = None

    @property
    def n_users(self) -> int:
        """How many shoppers and visitors there are."""
        return self._log.n_users

    @property
    def n_items(self) -> int:
        """How many items the catalogue has."""
        return self._log.n_items

    @property
    def n_interactions(self) -> int:
        """How many interactions there are when repeats are merged."""
        return self._log.n_interactions

    @cached_property
    def sample(self) -> Interactions:
        """All events of enough shoppers to tune on, not merged."""
        return extracts.read_sample(self._log)

    def hold_out(self, splitter: TimeSplit, *, max_cases: int) -> HeldOut | None:
        """Return a sample of the splitter's cases; None if there is none."""
        held = held_out.hold_out(self._log, splitter, max_cases=max_cases, seed=0)
        if not len(held.cases) or not held.past.n_events:
            return None
        self._past = held.past
        return HeldOut(
            held.cases,
            lambda ensemble, progress: fit_ensemble(
                held.past, ensemble, lambda: self.sample, progress=progress
            ),
        )

    def fit(self, ensemble: Ensemble, *, progress: Progress = report_nothing) -> object:
        """Fit every member on all interactions; what was held out makes room."""
        if self._past is not None:
            self._past.drop_tables()
        return fit_ensemble(self._log, ensemble, lambda: self.sample, progress=progress)

    def draw_histories(self, n: int) -> list[History]:
        """Return the histories of n shoppers, drawn at random."""
        return held_out.draw_histories(self._log, n, seed=0)

    def list_sampled(self, ensemble: Ensemble) -> list[str]:
        """Return the members that learn from the sample alone, because it is not everything."""
        if extracts.compute_sample_share(self._log) == 1:
            return []
        return [
            name
            for name, member in ensemble.members.items()
            if learns_from_sample(self._log, member)
        ]

    def compute_fingerprint(self) -> str:
        """Return a digest of everything that is learnt from."""
        return self._fingerprint


def open_training_set(
    engine: Engine, folder: Path, manifest: Manifest, *, progress: Progress = report_nothing
) -> RelationalSet:
    """Return the log of a folder as tables of the engine.

    Raises:
        TrainingLogError: A part is missing, damaged or not the one of the manifest.
        NothingToLearnError: The log has no interactions.
        EngineError: The engine cannot read the parts.
    """
    names = manifest.list_parts(log_parts.INTERACTIONS)
    if not names:
        raise NothingToLearnError(
            say("The log in {folder} has no interactions to learn from.", folder=folder)
        )
    digests = []
    # The step after the last part is the engine's.
    n_steps = len(names) + 1
    for done, name in enumerate(names):
        progress(say("Reading interactions"), done, n_steps)
        digests.append(
            log_parts.read_digest(
                folder, manifest, name, verify_pages=not engine.verifies_checksums
            )
        )
    progress(say("Reading interactions"), len(names), n_steps)
    catalogue = read_catalogue(folder, manifest)
    left_out = sorted(make_subject_key(user_id, None) for user_id in find_switched_off())
    log = open_log(
        engine,
        [str(folder / name) for name in names],
        catalogue,
        configuration().interaction_weights,
        left_out=left_out,
    )
    progress(say("Reading interactions"), n_steps, n_steps)
    return RelationalSet(log, _compute_fingerprint(catalogue, digests, left_out))


def _compute_fingerprint(catalogue: Catalogue, *lists: list[str]) -> str:
    digest = hashlib.sha256(repr((lists, configuration().interaction_weights)).encode())
    for column in (
        *(catalogue.item_ids, catalogue.names, catalogue.categories, catalogue.brands),
        catalogue.is_repeatable,
    ):
        digest.update(str((column.shape, column.dtype.str)).encode())
        digest.update(np.ascontiguousarray(column).data)
    return digest.hexdigest()
