"""Whether a freshly trained ensemble may answer shoppers: measured first, then tried out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from recommendations.ml.data import History, Interactions
from recommendations.ml.ensemble import Ensemble
from recommendations.ml.evaluation.metrics import compute_accuracy, rank_ground_truth
from recommendations.ml.evaluation.splits import Split, TimeSplit, build_histories
from recommendations.ml.presets import POPULARITY
from recommendations.progress import Progress
from recommendations.services.training.live_model import Snapshot

MEASURED_CASES = 2_000
FEWEST_CASES = 100
"""Fewer cases than this are measured, but too noisy to refuse a model for."""
TOLERANCE = 0.02
"""How much worse than what it is compared with a model's NDCG may be."""
TRIED_SHOPPERS = 200
LEAST_COVERAGE = 0.8
"""Share of the distinct products in the live model's lists that the new lists must reach."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was measured, and why the model may not go live; no objections, it may."""

    metrics: dict[str, Any]
    objections: list[str] = field(default_factory=list)


def evaluate_offline(
    interactions: Interactions,
    ensemble: Ensemble,
    *,
    live_parameters: Mapping[str, Any] | None,
    progress: Progress,
) -> Verdict:
    """Fit the ensemble on the past and let it find what came next, beside its rivals.

    The rivals are popularity and, where the live model was made by another recipe, that recipe
    fitted on the same past. The live model itself has seen what came next, so its own figures
    would say nothing. The ensemble given is left fitted on the past.
    """
    split = _sample_cases(TimeSplit().split(interactions))
    if not len(split) or not len(split.training):
        return Verdict({"cases": 0})
    rivals: dict[str, Ensemble] = {"ensemble": ensemble}
    live = _unfitted(live_parameters) if live_parameters else None
    if live is not None and live.get_params() != ensemble.get_params():
        rivals["live"] = live
    found = {}
    for number, (name, rival) in enumerate(rivals.items()):
        progress("Learning from the past", number, len(rivals))
        rival.fit(split.training)
        found[name] = rank_ground_truth(rival, split)
    progress("Learning from the past", len(rivals), len(rivals))
    if POPULARITY in ensemble.members:
        found["popularity"] = rank_ground_truth(ensemble.members[POPULARITY], split)
    figures = {name: compute_accuracy(ranking) for name, ranking in found.items()}
    metrics = {
        "cases": len(split),
        **{
            metric: {
                name: round(float(values[metric].mean()), 5) for name, values in figures.items()
            }
            for metric in ("ndcg", "hit_rate")
        },
    }
    return Verdict(metrics, _objections(metrics["ndcg"], cases=len(split)))  # type: ignore[arg-type]


def smoke_test(ensemble: Ensemble, interactions: Interactions, live: Snapshot | None) -> Verdict:
    """Make lists for some shoppers as a request would, and compare them with the live model's."""
    active = np.unique(interactions.users)
    chosen = np.random.default_rng(0).permutation(active)[:TRIED_SHOPPERS].astype(np.int32)
    histories = build_histories(interactions, chosen)
    item_ids = interactions.catalogue.item_ids
    objections = []
    listed: set[int] = set()
    empty = 0
    for history in histories:
        blend = ensemble.recommend(history, 10, with_history=True)
        if not np.isfinite(blend.scores).all():
            objections.append("Some of its scores are not numbers.")
            break
        empty += not len(blend)
        listed.update(item_ids[blend.items].tolist())
    if empty:
        objections.append(f"{empty} of {len(histories)} shoppers with a history got no list.")
    metrics: dict[str, Any] = {"listed_products": len(listed)}
    if live is not None:
        by_live = _listed_by(live.ensemble, histories, interactions)
        metrics["listed_products_live"] = len(by_live)
        if len(listed) < LEAST_COVERAGE * len(by_live):
            objections.append(
                f"Its lists hold {len(listed)} different products, the live model's {len(by_live)}."
            )
    return Verdict(metrics, objections)


def _objections(ndcg: Mapping[str, float], *, cases: int) -> list[str]:
    if cases < FEWEST_CASES:
        return []
    rivals = {"popularity": "popularity", "live": "the live model's recipe"}
    return [
        f"NDCG@10 {ndcg['ensemble']:.4f} is below {ndcg[name]:.4f} of {words}, over {cases} cases."
        for name, words in rivals.items()
        if name in ndcg and ndcg["ensemble"] < (1 - TOLERANCE) * ndcg[name]
    ]


def _sample_cases(split: Split) -> Split:
    if len(split) <= MEASURED_CASES:
        return split
    chosen = np.sort(np.random.default_rng(0).permutation(len(split))[:MEASURED_CASES])
    return Split(
        training=split.training,
        users=split.users[chosen],
        histories=[split.histories[case] for case in chosen],
        ground_truth=[split.ground_truth[case] for case in chosen],
        is_warm=split.is_warm[chosen],
    )


def _unfitted(parameters: Mapping[str, Any]) -> Ensemble | None:
    """Return the ensemble of a recipe, None when this release no longer knows how to make it."""
    try:
        return Ensemble.from_params(parameters)
    except (KeyError, TypeError, ValueError):
        return None


def _listed_by(
    ensemble: Ensemble, histories: list[History], interactions: Interactions
) -> set[int]:
    """Return the products in another ensemble's lists that the new catalogue still has."""
    theirs, ours = ensemble.catalogue, interactions.catalogue
    listed: set[int] = set()
    for history in histories:
        rows = theirs.find_rows(ours.item_ids[history.items])
        known = rows >= 0
        if known.any():
            seen = History(
                rows[known],
                history.weights[known],
                history.ages_in_days[known],
                history.repeats[known],
                history.interaction_types[known],
            )
            best = ensemble.recommend(seen, 10, with_history=True).items
            listed.update(theirs.item_ids[best].tolist())
    return listed & set(ours.item_ids.tolist())
