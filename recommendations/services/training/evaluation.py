"""Measuring recommenders on the shop's own past, or on a data set in files."""

import csv
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from math import isnan
from pathlib import Path
from time import perf_counter

from recommendations.errors import InvalidInputError
from recommendations.ml.data import Interactions
from recommendations.ml.ensemble import Ensemble
from recommendations.ml.evaluation.metrics import (
    Ranking,
    bootstrap_interval,
    compute_accuracy,
    compute_metrics,
    rank_ground_truth,
)
from recommendations.ml.evaluation.splits import LeaveLastOut, Split, Splitter, TimeSplit
from recommendations.ml.tuning.weights import TUNING_SECONDS, Tuning, tune_ensemble
from recommendations.progress import Progress, report_nothing

PROTOCOLS: dict[str, type[LeaveLastOut] | type[TimeSplit]] = {
    "leave-last-out": LeaveLastOut,
    "time": TimeSplit,
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
    repeats: bool
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
    protocol: Splitter | None = None,
    k: int = 10,
    tuned: bool = False,
    tuning_seconds: float = TUNING_SECONDS,
    predictions: Path | None = None,
    progress: Progress = report_nothing,
) -> Evaluation:
    """Fit and rank models on one split: the ensemble, its members, or those `models` names.

    `interactions` are the log itself, repeats not merged; the protocol is leave-last-out unless
    another is given. `tuned`: weights and parameters are found on interactions that are neither
    learnt from then nor asked for in the end. `predictions` takes the lists of the last model.
    Raises InvalidInputError when a model is unknown, or when the data leave nothing to predict.
    """
    known = [*sorted(ensemble.members, key=ensemble.weights.__getitem__), ENSEMBLE]
    unknown = [name for name in models if name not in known]
    if unknown:
        raise InvalidInputError(f"There is no model {unknown[0]}; there are {', '.join(known)}.")
    protocol = protocol or LeaveLastOut()
    split = protocol.split(interactions)
    if not len(split) or not len(split.training):
        raise InvalidInputError(
            f"{len(interactions)} interactions leave nothing to predict by {protocol}."
        )
    chosen = [name for name in known if not models or name in models]
    fit_seconds: dict[str, float] = {}
    tuning, taken = None, 0.0
    if tuned and ENSEMBLE in chosen:
        validation = protocol.validation(interactions)
        if not len(validation) or not len(validation.training):
            raise InvalidInputError("The training interactions leave nothing to tune on.")
        fit_seconds = _fit(ensemble, [ENSEMBLE], validation.training, progress)
        started = perf_counter()
        tuning = tune_ensemble(ensemble, validation, k=k, seconds=tuning_seconds, progress=progress)
        taken = perf_counter() - started
        if len(validation.training) < len(split.training):
            # What was fitted to be tuned has seen less than it may see to be measured.
            fit_seconds = {}
    if not fit_seconds:
        fit_seconds = _fit(ensemble, chosen, split.training, progress)
    reports, ndcg = [], {}
    for name in chosen:
        started = perf_counter()
        ranking = rank_ground_truth(
            ensemble if name == ENSEMBLE else ensemble.members[name],
            split,
            k=k,
            progress=partial(progress, f"Ranking {name}"),
        )
        ndcg[name] = compute_accuracy(ranking, k=k)["ndcg"]
        reports.append(
            ModelReport(
                model=name,
                fit_seconds=fit_seconds[name],
                rank_seconds=perf_counter() - started,
                metrics=compute_metrics(ranking, split, k=k),
                ndcg_interval=bootstrap_interval(ndcg[name]),
                ndcg_behind=(0.0, 0.0),
            )
        )
        if predictions is not None and name == chosen[-1]:
            _write_predictions(predictions, ranking, split)
    last = ndcg[chosen[-1]]
    return Evaluation(
        protocol=next(name for name, made in PROTOCOLS.items() if isinstance(protocol, made)),
        repeats=split.include_seen,
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
        tuning_seconds=taken,
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
