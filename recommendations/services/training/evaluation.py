"""Evaluate recommenders on held-out interactions of the shop or of files."""

import csv
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import isnan
from pathlib import Path
from time import perf_counter

from recommendations.errors import InvalidInputError
from recommendations.ml.data import Interactions
from recommendations.ml.ensemble import Ensemble
from recommendations.ml.evaluation.held_out import NextBasketSplit, SessionSplit
from recommendations.ml.evaluation.metrics import (
    Ranking,
    bootstrap_interval,
    compute_accuracy,
    compute_by_target,
    compute_metrics,
    rank_ground_truth,
)
from recommendations.ml.evaluation.splits import LeaveLastOut, Split, Splitter, TimeSplit
from recommendations.ml.tuning.weights import TUNING_SECONDS, Tuning, tune_ensemble
from recommendations.progress import Progress, report_nothing
from recommendations.sentences import join

SPLITTERS: dict[str, type[Splitter]] = {
    "leave-last-out": LeaveLastOut,
    "time": TimeSplit,
    "sessions": SessionSplit,
    "next-basket": NextBasketSplit,
}
ENSEMBLE = Ensemble.name


@dataclass(frozen=True, slots=True)
class ModelReport:
    """The figures of one model.

    `metrics` are means by cohort: `all`, and `known` and `new` if both have cases. Next baskets
    have `repeats` and `new products` instead: how well these parts of the baskets are found.
    `ndcg_interval` is the 95 % interval of the mean NDCG, `ndcg_behind` the 95 % interval of the
    mean difference from the last model, paired by case.
    """

    model: str
    fit_seconds: float
    rank_seconds: float
    metrics: dict[str, dict[str, float]]
    ndcg_interval: tuple[float, float]
    ndcg_behind: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The reports of several models on one split of one data set."""

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
    splitter: Splitter | None = None,
    k: int = 10,
    tune: bool = False,
    tuning_seconds: float = TUNING_SECONDS,
    predictions: Path | None = None,
    progress: Progress = report_nothing,
) -> Evaluation:
    """Fit and measure the ensemble and its members, or only those in `models`, on one split.

    `interactions` must not be merged. The split is `LeaveLastOut` by default. With `tune`, weights
    and parameters are tuned on the validation split. The lists of the last model are written to
    `predictions`.

    Raises:
        InvalidInputError: A model is unknown, or there is no case to measure or to tune on.
    """
    names = _choose_models(ensemble, models)
    splitter = splitter or LeaveLastOut()
    split = splitter.split(interactions)
    protocol = next(name for name, each in SPLITTERS.items() if isinstance(splitter, each))
    _require_cases(
        split, f"{len(interactions)} interactions leave nothing to predict by {protocol}."
    )
    validation = splitter.split_validation(interactions) if tune and ENSEMBLE in names else None
    tuning, taken = None, 0.0
    if validation is not None:
        _require_cases(validation, "The training interactions leave nothing to tune on.")
        started = perf_counter()
        tuning = tune_ensemble(ensemble, validation, k=k, seconds=tuning_seconds, progress=progress)
        fit_seconds = ensemble.fit_seconds_ | {ENSEMBLE: sum(ensemble.fit_seconds_.values())}
        taken = perf_counter() - started - fit_seconds[ENSEMBLE]
    if validation is None or len(validation.training) < len(split.training):
        fit_seconds = _fit(ensemble, names, split.training, progress)
    rankings, rank_seconds = {}, {}
    for name in names:
        started = perf_counter()
        rankings[name] = _rank(ensemble, name, split, k, progress)
        rank_seconds[name] = perf_counter() - started
    if predictions is not None:
        _write_predictions(predictions, rankings[names[-1]], split)
    ndcg = {name: compute_accuracy(rankings[name], k=k)["ndcg"] for name in names}
    apart = isinstance(splitter, NextBasketSplit)
    return Evaluation(
        protocol=protocol,
        repeats=splitter.include_seen,
        k=k,
        n_users=interactions.n_users,
        n_items=interactions.n_items,
        n_interactions=len(interactions),
        n_training_interactions=len(split.training),
        n_cases=len(split),
        models=[
            ModelReport(
                model=name,
                fit_seconds=fit_seconds[name],
                rank_seconds=rank_seconds[name],
                metrics=compute_metrics(rankings[name], split, k=k)
                | (compute_by_target(rankings[name], split, k=k) if apart else {}),
                ndcg_interval=bootstrap_interval(ndcg[name]),
                ndcg_behind=bootstrap_interval(ndcg[name] - ndcg[names[-1]]),
            )
            for name in names
        ],
        tuning=tuning,
        tuning_seconds=taken,
    )


def _choose_models(ensemble: Ensemble, models: Sequence[str]) -> list[str]:
    """Return the names to measure: members by ascending weight, then the ensemble."""
    names = [*sorted(ensemble.members, key=ensemble.weights.__getitem__), ENSEMBLE]
    for name in models:
        if name not in names:
            raise InvalidInputError(f"There is no model {name}; there are {', '.join(names)}.")
    return [name for name in names if not models or name in models]


def _require_cases(split: Split, message: str) -> None:
    if not len(split) or not len(split.training):
        raise InvalidInputError(message)


def _fit(
    ensemble: Ensemble, names: Sequence[str], training: Interactions, progress: Progress
) -> dict[str, float]:
    """Fit each of these models once and return the seconds that each took."""
    if ENSEMBLE in names:
        ensemble.fit(training, progress=progress)
        return ensemble.fit_seconds_ | {ENSEMBLE: sum(ensemble.fit_seconds_.values())}
    members = {name: ensemble.members[name] for name in names}
    alone = Ensemble(members, dict.fromkeys(members, 1.0)).fit(training, progress=progress)
    return alone.fit_seconds_


def _rank(ensemble: Ensemble, name: str, split: Split, k: int, progress: Progress) -> Ranking:
    def report(stage: str, done: int, total: int) -> None:
        progress(join([stage, name]), done, total)

    model = ensemble if name == ENSEMBLE else ensemble.members[name]
    return rank_ground_truth(model, split, k=k, progress=report)


def _write_predictions(path: Path, ranking: Ranking, split: Split) -> None:
    """Write the lists by user, or by case where a user has several; cases have no scores."""
    item_ids = split.training.catalogue.item_ids
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        if split.case_ids is None:
            rows.writerow(["user_id", "item_id", "rank", "score"])
        else:
            rows.writerow(["case_id", "item_id", "rank"])
        for case, user in enumerate(split.users):
            for position, item in enumerate(ranking.items[case]):
                if item < 0:
                    continue
                if split.case_ids is not None:
                    rows.writerow([split.case_ids[case], item_ids[item], position + 1])
                else:
                    score = f"{ranking.scores[case, position]:.7g}"
                    user_id = split.training.user_ids[user]
                    rows.writerow([user_id, item_ids[item], position + 1, score])
