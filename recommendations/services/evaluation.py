"""Measuring recommenders on the shop's own past, or on a data set in files."""

import csv
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from math import isnan
from pathlib import Path
from time import perf_counter

from recommendations.errors import InvalidInputError
from recommendations.ml.ensemble import Ensemble
from recommendations.ml.evaluation import (
    Ranking,
    Split,
    leave_last_out,
    measure,
    rank_targets,
    time_split,
)
from recommendations.ml.interactions import Interactions
from recommendations.services.progress import Progress, silent

PROTOCOLS: dict[str, Callable[[Interactions], Split]] = {
    "leave-last-out": leave_last_out,
    "time": time_split,
}
ENSEMBLE = Ensemble.name


@dataclass(frozen=True, slots=True)
class ModelReport:
    """What one model achieved: metrics by cohort (`all`, and `known` and `new` where both are)."""

    model: str
    fit_seconds: float
    rank_seconds: float
    metrics: dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The reports of several models over one split of one data set."""

    protocol: str
    k: int
    n_users: int
    n_items: int
    n_interactions: int
    n_training_interactions: int
    n_cases: int
    models: list[ModelReport]

    def write_json(self, path: Path) -> None:
        """Write everything as JSON; NaN becomes null."""
        plain = asdict(self)
        for model in plain["models"]:
            for cohort in model["metrics"].values():
                for name, value in cohort.items():
                    cohort[name] = None if isnan(value) else value
        path.write_text(json.dumps(plain, indent=2) + "\n")


def evaluate(
    *,
    interactions: Interactions,
    ensemble: Ensemble,
    models: Sequence[str] = (),
    protocol: str = "leave-last-out",
    k: int = 10,
    predictions: Path | None = None,
    progress: Progress = silent,
) -> Evaluation:
    """Fit and rank models on one split: the ensemble, its members, or those `models` names.

    `predictions` takes the lists of the last model. Raises InvalidInputError when a model or
    protocol is unknown, or when the data leave nothing to predict.
    """
    known = [*sorted(ensemble.members, key=ensemble.weights.__getitem__), ENSEMBLE]
    unknown = [name for name in models if name not in known]
    if unknown:
        raise InvalidInputError(f"There is no model {unknown[0]}; there are {', '.join(known)}.")
    if protocol not in PROTOCOLS:
        raise InvalidInputError(
            f"There is no protocol {protocol}; there are {', '.join(PROTOCOLS)}."
        )
    split = PROTOCOLS[protocol](interactions) if len(interactions) else None
    if split is None or not len(split):
        raise InvalidInputError(
            f"{len(interactions)} interactions leave nothing to predict by the protocol {protocol}."
        )
    reports = []
    chosen = [name for name in known if not models or name in models]
    fit_seconds = _fit(ensemble, chosen, split.training, progress)
    for name in chosen:
        started = perf_counter()
        ranking = rank_targets(
            ensemble if name == ENSEMBLE else ensemble.members[name],
            split,
            k=k,
            progress=partial(progress, f"Ranking {name}"),
        )
        reports.append(
            ModelReport(
                model=name,
                fit_seconds=fit_seconds[name],
                rank_seconds=perf_counter() - started,
                metrics=measure(ranking, split, k=k),
            )
        )
        if predictions is not None and name == chosen[-1]:
            _write_predictions(predictions, ranking, split)
    return Evaluation(
        protocol=protocol,
        k=k,
        n_users=interactions.n_users,
        n_items=interactions.n_items,
        n_interactions=len(interactions),
        n_training_interactions=len(split.training),
        n_cases=len(split),
        models=reports,
    )


def _fit(
    ensemble: Ensemble, chosen: Sequence[str], training: Interactions, progress: Progress
) -> dict[str, float]:
    """Fit what is chosen, each model once, and return the seconds that each took."""
    if ENSEMBLE in chosen:
        ensemble.fit(
            training, progress=lambda name, done, total: progress(f"Fitting {name}", done, total)
        )
        return ensemble.fit_seconds_ | {ENSEMBLE: sum(ensemble.fit_seconds_.values())}
    seconds = {}
    for number, name in enumerate(chosen):
        progress(f"Fitting {name}", number, len(chosen))
        started = perf_counter()
        ensemble.members[name].fit(training)
        seconds[name] = perf_counter() - started
    return seconds


def _write_predictions(path: Path, ranking: Ranking, split: Split) -> None:
    item_ids = split.training.catalogue.item_ids
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["user_id", "item_id", "rank", "score"])
        for case, user in enumerate(split.users):
            user_id = split.training.user_ids[user]
            for place, item in enumerate(ranking.items[case]):
                if item >= 0:
                    score = f"{ranking.scores[case, place]:.7g}"
                    rows.writerow([user_id, item_ids[item], place + 1, score])
