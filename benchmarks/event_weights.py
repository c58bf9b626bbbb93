"""Measure what weights and decay of events are worth: each model with them and without.

    python -m benchmarks.event_weights

Weighted: a view counts 1, a like 2, a cart 3, a purchase 5; a purchase supersedes earlier interest
in the product; weights decay. Unweighted: every event is a view, and nothing decays. All else is
equal. The two columns between have types without decay, and decay without types.

Time is cut into ten equal windows. For each of the newest five, models learn from everything before
it. A case is a moment at which a shopper does what the column "to be found" says; its history is
everything before the moment. At most 500 moments of a window are drawn at random. The figures are
means over shoppers of each shopper's mean NDCG@10; intervals are over shoppers. No parameter is
tuned. The weights of `fast` are tuned on the window before, separately for each column. `fast`
takes half an hour, has no columns between, and is left out by default. SHOP_DATA_DIR names the
folder of the data sets.
"""

import math
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from benchmarks.data_sets import DATA_SETS
from recommendations.choices import InteractionType
from recommendations.ml.data import Interactions, compute_repeat_factors
from recommendations.ml.ensemble import Ensemble
from recommendations.ml.evaluation.metrics import (
    bootstrap_interval,
    compute_accuracy,
    rank_ground_truth,
)
from recommendations.ml.evaluation.rolling import split_rolling
from recommendations.ml.evaluation.splits import Split
from recommendations.ml.models.popularity import RecentPopularityModel
from recommendations.ml.models.repurchase import BuyAgainModel
from recommendations.ml.presets import (
    default_ensemble,
    fast_ensemble,
)
from recommendations.ml.tuning.hyperparameters import sample_cases
from recommendations.ml.tuning.weights import tune_weights

N_TEST_WINDOWS = 5
MAX_CASES = 500
BOUGHT = frozenset([InteractionType.PURCHASE])
QUESTIONS: Mapping[str, Callable[[Interactions], list[Split]]] = {
    "touched, new": split_rolling,
    "bought, new": partial(split_rolling, interaction_types=BOUGHT),
    "bought, seen before or not": partial(
        split_rolling, interaction_types=BOUGHT, include_seen=True
    ),
}
OWN_ITEMS = "own items"


@dataclass(frozen=True, slots=True)
class Side:
    """Whether the models know the types and the ages of events."""

    types: bool
    ageing: bool


SIDES = {
    "unweighted": Side(types=False, ageing=False),
    "types alone": Side(types=True, ageing=False),
    "ageing alone": Side(types=False, ageing=True),
    "weighted": Side(types=True, ageing=True),
}


def make_own_items(side: Side) -> Ensemble:
    """Return a model that ranks the items of the history by the number, age and types of events."""
    no_decay = {"half_life_days": math.inf, "interest_half_life_days": math.inf}
    model = BuyAgainModel(**({} if side.ageing else no_decay))
    return Ensemble({model.name: model}, {model.name: 1.0})


def make_default(side: Side) -> Ensemble:
    """Return the preset `default`."""
    return default_ensemble() if side.ageing else default_ensemble(decay_per_day=0.0)


def make_fast(side: Side) -> Ensemble:
    """Return the preset `fast`."""
    if side.ageing:
        return fast_ensemble()
    ensemble = fast_ensemble(decay_per_day=0.0)
    ensemble.members |= make_own_items(side).members
    everlasting = RecentPopularityModel(half_life_share=math.inf)
    ensemble.set_members({**ensemble.members, everlasting.name: everlasting}, ensemble.weights)
    return ensemble


MODELS: Mapping[str, Callable[[Side], Ensemble]] = {
    OWN_ITEMS: make_own_items,
    "default": make_default,
    "fast": make_fast,
}


def main() -> None:
    """Print one table for all data sets."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--data", nargs="+", default=["retailrocket", "tianchi"])
    parser.add_argument("--models", nargs="+", default=[OWN_ITEMS, "default"], choices=MODELS)
    options = parser.parse_args()
    columns = ["data", "to be found", "shoppers", "moments", "model", *SIDES, "gain, 95 %"]
    print(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
    for data in options.data:
        log = DATA_SETS[data].read()
        for model in options.models:
            splits_by_question = {
                question: _take_newest_windows(split(log))
                for question, split in QUESTIONS.items()
                if model != OWN_ITEMS or question == "bought, seen before or not"
            }
            ndcg = {
                name: _measure_ndcg(MODELS[model], side, splits_by_question)
                for name, side in SIDES.items()
                if model != "fast" or side.types == side.ageing
            }
            for question, splits in splits_by_question.items():
                users = np.concatenate([split.users for split in splits[1:]])
                means = {name: _average_by_shopper(ndcg[name][question], users) for name in ndcg}
                without, with_both = means["unweighted"], means["weighted"]
                low, high = bootstrap_interval(with_both - without)
                gain = with_both.mean() / without.mean() - 1
                cells = [
                    *(data, question, f"{len(without):,}", f"{len(users):,}", model),
                    *(f"{means[name].mean():.4f}" if name in means else "" for name in SIDES),
                    f"{gain:+.0%}, {low:+.4f} to {high:+.4f}",
                ]
                print(f"| {' | '.join(cells)} |", flush=True)


def _take_newest_windows(splits: list[Split]) -> list[Split]:
    """Return the windows to measure on, and before them the window to tune the first of them on."""
    return [sample_cases(split, MAX_CASES, seed=42) for split in splits[-N_TEST_WINDOWS - 1 :]]


def _measure_ndcg(
    make: Callable[[Side], Ensemble], side: Side, splits_by_question: Mapping[str, list[Split]]
) -> dict[str, NDArray[np.float64]]:
    """Return the NDCG@10 of each case of the test windows, by question."""
    found: dict[str, list[NDArray[np.float64]]] = {question: [] for question in splits_by_question}
    weights: dict[str, dict[str, float]] = {}
    # The preset fixes the weights of its pair.
    is_tuned = len(make(side).active_members) > 2
    for window in range(0 if is_tuned else 1, N_TEST_WINDOWS + 1):
        ensemble = make(side)
        for question, splits in splits_by_question.items():
            split = splits[window] if side.types else _remove_types(splits[window])
            if not hasattr(ensemble, "catalogue"):
                ensemble.fit(split.training)
            if window:
                ensemble.set_members(ensemble.members, weights.get(question, ensemble.weights))
                found[question].append(compute_accuracy(rank_ground_truth(ensemble, split))["ndcg"])
            if is_tuned and window < N_TEST_WINDOWS:
                weights[question] = tune_weights(ensemble.members, split).weights
    return {question: np.concatenate(parts) for question, parts in found.items()}


def _remove_types(split: Split) -> Split:
    """Return the split as if every event were a view of weight 1."""
    training = split.training.with_uniform_type_weights()
    return replace(
        split,
        training=replace(training, interaction_types=np.zeros_like(training.interaction_types)),
        histories=[
            replace(
                history,
                weights=compute_repeat_factors(history.repeats),
                interaction_types=np.zeros_like(history.interaction_types),
            )
            for history in split.histories
        ],
    )


def _average_by_shopper(
    values: NDArray[np.float64], users: NDArray[np.int32]
) -> NDArray[np.float64]:
    """Return the mean of each shopper's cases."""
    _, shopper_of = np.unique(users, return_inverse=True)
    means: NDArray[np.float64] = np.bincount(shopper_of, values) / np.bincount(shopper_of)
    return means


if __name__ == "__main__":
    main()
