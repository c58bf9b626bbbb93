"""Measuring recommenders on the shop's own past, or on a data set in files."""

import csv
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from math import isnan
from pathlib import Path
from time import perf_counter

from recommendations.errors import InvalidInputError
from recommendations.ml.ensemble import Ensemble
from recommendations.ml.evaluation import (
    Ranking,
    Split,
    accuracy,
    bootstrap_interval,
    leave_last_out,
    measure,
    rank_targets,
    time_split,
)
from recommendations.ml.interactions import Interactions
from recommendations.ml.tuning import Tuning, one_step_back, tune
from recommendations.services.progress import Progress, silent

PROTOCOLS: dict[str, Callable[[Interactions], Split]] = {
    "leave-last-out": leave_last_out,
    "time": time_split,
}
ENSEMBLE = Ensemble.name


@dataclass(frozen=True, slots=True)
class ModelReport:
    """What one model achieved: metrics by cohort (`all`, and `known` and `new` where both are).

    `ndcg_interval` is where the mean NDCG of all cases lies with a confidence of 95 %,
    `ndcg_behind` where its distance from the last model's does, case by case; both bootstrapped.
    """

    model: str
    fit_seconds: float
    rank_seconds: float
    metrics: dict[str, dict[str, float]]
    ndcg_interval: tuple[float, float]
    ndcg_behind: tuple[float, float]


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
    tuning: Tuning | None
    tuning_seconds: float

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
    tuned: bool = False,
    predictions: Path | None = None,
    progress: Progress = silent,
) -> Evaluation:
    """Fit and rank models on one split: the ensemble, its members, or those `models` names.

    `tuned`: the ensemble's weights are found on interactions that are neither learnt from nor
    asked for. `predictions` takes the lists of the last model. Raises InvalidInputError when a
    model or protocol is unknown, or when the data leave nothing to predict.
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
    chosen = [name for name in known if not models or name in models]
    fit_seconds: dict[str, float] = {}
    tuning, tuning_seconds = None, 0.0
    if tuned and ENSEMBLE in chosen:
        started = perf_counter()
        fit_seconds, tuning = _tuned(ensemble, split, protocol, k, progress)
        tuning_seconds = perf_counter() - started - fit_seconds.get(ENSEMBLE, 0.0)
        ensemble.weights = tuning.weights
    if not fit_seconds:
        fit_seconds = _fit(ensemble, chosen, split.training, progress)
    reports, ndcg = [], {}
    for name in chosen:
        started = perf_counter()
        ranking = rank_targets(
            ensemble if name == ENSEMBLE else ensemble.members[name],
            split,
            k=k,
            progress=partial(progress, f"Ranking {name}"),
        )
        ndcg[name] = accuracy(ranking, k=k)["ndcg"]
        reports.append(
            ModelReport(
                model=name,
                fit_seconds=fit_seconds[name],
                rank_seconds=perf_counter() - started,
                metrics=measure(ranking, split, k=k),
                ndcg_interval=bootstrap_interval(ndcg[name]),
                ndcg_behind=(0.0, 0.0),
            )
        )
        if predictions is not None and name == chosen[-1]:
            _write_predictions(predictions, ranking, split)
    last = ndcg[chosen[-1]]
    return Evaluation(
        protocol=protocol,
        k=k,
        n_users=interactions.n_users,
        n_items=interactions.n_items,
        n_interactions=len(interactions),
        n_training_interactions=len(split.training),
        n_cases=len(split),
        models=[
            replace(report, ndcg_behind=bootstrap_interval(ndcg[report.model] - last))
            for report in reports
        ],
        tuning=tuning,
        tuning_seconds=tuning_seconds,
    )


def _tuned(
    ensemble: Ensemble, split: Split, protocol: str, k: int, progress: Progress
) -> tuple[dict[str, float], Tuning]:
    """Return weights found within the training data, and the seconds of fits that still serve.

    Leave-last-out holds the last but one of each user back as well: what was fitted to be
    measured serves for tuning. A time split is split in time once more, and models fitted on its
    older part are not those that are measured.
    """
    fit_seconds = {}
    if protocol == "leave-last-out":
        fit_seconds = _fit(ensemble, [ENSEMBLE], split.training, progress)
        validation = one_step_back(split)
    else:
        validation = time_split(split.training)
        _fit(ensemble, [ENSEMBLE], validation.training, progress)
    if not len(validation):
        raise InvalidInputError("The training interactions leave nothing to find weights on.")
    tuning = tune(ensemble.members, validation, k=k, progress=partial(progress, "Finding weights"))
    return fit_seconds, tuning


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
