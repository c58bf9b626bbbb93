"""Decide whether a new ensemble may go live: an offline evaluation, then a smoke test."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from recommendations.errors import TrainingLibraryError
from recommendations.ml.data import Catalogue, History
from recommendations.ml.ensemble import Ensemble
from recommendations.ml.evaluation.metrics import compute_accuracy, rank_ground_truth
from recommendations.ml.evaluation.splits import TimeSplit
from recommendations.ml.presets import POPULARITY
from recommendations.progress import Progress
from recommendations.sentences import say
from recommendations.services.training.live_model import Snapshot
from recommendations.services.training.training_sets import TrainingSet

logger = logging.getLogger(__name__)

SPLITTER = TimeSplit(include_repeatable=True)
"""The shop tunes and tests on what a list recommends: new products, and repeatable ones again."""
MAX_CASES = 2_000
MIN_CASES = 100
"""With fewer cases, NDCG is too noisy to reject a model for it."""
TOLERANCE = 0.02
"""A new model's NDCG may be below a baseline's by this share of it."""
N_SMOKE_TEST_SHOPPERS = 200


@dataclass(frozen=True, slots=True)
class GateResult:
    """The figures, and the reasons to reject the model; without a reason, it may go live."""

    metrics: dict[str, Any]
    rejection_reasons: list[str] = field(default_factory=list)


def evaluate_offline(
    training_set: TrainingSet,
    ensemble: Ensemble,
    *,
    live_parameters: Mapping[str, Any] | None,
    progress: Progress,
) -> GateResult:
    """Compare the ensemble with baselines on the split of `SPLITTER`.

    The baselines are popularity and the live model's configuration, if it differs from the
    ensemble's. This configuration is fitted anew on the training data of the split, because the
    live model itself has seen the ground truth. The ensemble stays fitted on that training
    data.
    """
    held_out = training_set.hold_out(SPLITTER, max_cases=MAX_CASES)
    if held_out is None:
        return GateResult({"cases": 0})
    split = held_out.cases
    candidates: dict[str, Ensemble] = {"ensemble": ensemble}
    live = _build_from_parameters(live_parameters) if live_parameters else None
    if live is not None and live.get_params() != ensemble.get_params():
        candidates["live"] = live
    rankings = {}
    for number, (name, candidate) in enumerate(candidates.items()):
        held_out.fit(candidate, _count_from(number, len(candidates), progress))
        rankings[name] = rank_ground_truth(candidate, split)
    progress(say("Learning from the past"), len(candidates), len(candidates))
    if POPULARITY in ensemble.members:
        rankings["popularity"] = rank_ground_truth(ensemble.members[POPULARITY], split)
    accuracy = {name: compute_accuracy(ranking) for name, ranking in rankings.items()}
    means = {
        metric: {name: round(float(values[metric].mean()), 5) for name, values in accuracy.items()}
        for metric in ("ndcg", "hit_rate")
    }
    reasons = _compare_with_baselines(means["ndcg"], cases=len(split))
    return GateResult({"cases": len(split), **means}, reasons)


def _count_from(before: int, n_ensembles: int, progress: Progress) -> Progress:
    """Return what reports the steps of one ensemble as steps of as many in all."""

    def report(_: str, done: int, total: int) -> None:
        progress(say("Learning from the past"), before * total + done, n_ensembles * total)

    return report


def get_measured(metrics: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the figures of a model's quality; none if they come from fewer than `MIN_CASES`."""
    if metrics.get("cases", 0) < MIN_CASES:
        return {}
    return {name: metrics[name] for name in ("ndcg", "hit_rate") if name in metrics}


def smoke_test(
    ensemble: Ensemble,
    histories: list[History],
    live: Snapshot | None,
    *,
    coverage_floor: float,
) -> GateResult:
    """Make lists for these histories as requests do; compare them with the live model's lists.

    Lists with fewer different products than the live model's are no worse, unless there are fewer
    than `coverage_floor` of those.
    """
    item_ids = ensemble.catalogue.item_ids
    reasons: list[str] = []
    listed: set[int] = set()
    n_empty = 0
    for history in histories:
        ranking = ensemble.recommend(history, 10, with_history=True)
        if not np.isfinite(ranking.scores).all():
            reasons.append(say("Some scores are not finite numbers."))
            break
        n_empty += not len(ranking.items)
        listed.update(item_ids[ranking.items].tolist())
    if n_empty:
        reasons.append(
            say(
                "{empty} of {count} shoppers with a history got no list.",
                empty=n_empty,
                count=len(histories),
            )
        )
    metrics: dict[str, Any] = {"listed_products": len(listed)}
    if live is not None:
        listed_live = _list_products(live.ensemble, histories, ensemble.catalogue)
        metrics |= {"listed_products_live": len(listed_live), "coverage_floor": coverage_floor}
        if len(listed) < coverage_floor * len(listed_live):
            reasons.append(
                say(
                    "The lists hold {listed} different products, those of the live model "
                    "{listed_live}; at least {floor:.0%} of these are required "
                    "(SHOP_COVERAGE_FLOOR).",
                    listed=len(listed),
                    listed_live=len(listed_live),
                    floor=coverage_floor,
                )
            )
    return GateResult(metrics, reasons)


def _compare_with_baselines(ndcg: Mapping[str, float], *, cases: int) -> list[str]:
    if cases < MIN_CASES:
        return []
    baselines = {"popularity": say("popularity"), "live": say("the live model's configuration")}
    return [
        say(
            "NDCG@10 {ensemble:.4f} is below {baseline:.4f} of {label}, over {cases} cases.",
            ensemble=ndcg["ensemble"],
            baseline=ndcg[name],
            label=label,
            cases=cases,
        )
        for name, label in baselines.items()
        if name in ndcg and ndcg["ensemble"] < (1 - TOLERANCE) * ndcg[name]
    ]


def _build_from_parameters(parameters: Mapping[str, Any]) -> Ensemble | None:
    """Return an ensemble of this configuration, None if this installation cannot fit it."""
    try:
        ensemble = Ensemble.from_params(parameters)
        ensemble.require_libraries()
    except (KeyError, TypeError, ValueError, TrainingLibraryError) as reason:
        logger.warning("The new model is not compared with the live configuration: %s", reason)
        return None
    return ensemble


def _list_products(
    ensemble: Ensemble, histories: list[History], new_catalogue: Catalogue
) -> set[int]:
    """Return the ids of the products in the ensemble's lists that the new catalogue has.

    The items of the histories are rows of the new catalogue, not of the ensemble's own.
    """
    listed: set[int] = set()
    for history in histories:
        rows = ensemble.catalogue.find_rows(new_catalogue.item_ids[history.items])
        is_known = rows >= 0
        if is_known.any():
            translated = replace(history.select(is_known), items=rows[is_known])
            best = ensemble.recommend(translated, 10, with_history=True).items
            listed.update(ensemble.catalogue.item_ids[best].tolist())
    return listed & set(new_catalogue.item_ids.tolist())
