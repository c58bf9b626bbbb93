"""What weights and ageing of events are worth: the same model with them and without.

    python -m benchmarks.event_weights

Weighted: a view counts 1, a like 2, a cart 3, a purchase 5, a purchase settles what was wanted
before it, and all of it ages. Unweighted: every event is a view and nothing ages. All else is
equal. The columns between have one of the two.

Time is cut into ten equal windows. For each of the newest five, models learn from what precedes it
and are asked at every moment at which a shopper does what is asked for, from the history up to that
moment; of one window at most 500 moments, drawn at random. Each shopper counts once, with the
mean of the own moments, and the intervals are of shoppers. No parameter is tuned; `fast` has the
weights that are best on the window before, found for each side by itself: it takes half an hour,
has no columns between, and is left out unless asked for. The data sets are read from the folder
that SHOP_DATA_DIR names.
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
MOST_CASES = 500
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
    """What the models are told: types of events or none, ages or none."""

    types: bool
    ageing: bool


SIDES = {
    "unweighted": Side(types=False, ageing=False),
    "types alone": Side(types=True, ageing=False),
    "ageing alone": Side(types=False, ageing=True),
    "weighted": Side(types=True, ageing=True),
}


def own_items(side: Side) -> Ensemble:
    """Return the items of the history alone, by how often, how lately and to what end."""
    for_ever = {"half_life_days": math.inf, "interest_half_life_days": math.inf}
    model = BuyAgainModel(**({} if side.ageing else for_ever))
    return Ensemble({model.name: model}, {model.name: 1.0})


def default_pair(side: Side) -> Ensemble:
    """Return the preset `default`."""
    return default_ensemble() if side.ageing else default_ensemble(decay_per_day=0.0)


def fast(side: Side) -> Ensemble:
    """Return the preset `fast`."""
    if side.ageing:
        return fast_ensemble()
    ensemble = fast_ensemble(decay_per_day=0.0)
    ensemble.members |= own_items(side).members
    ensemble.members[RecentPopularityModel.name] = RecentPopularityModel(half_life_share=math.inf)
    return ensemble


MODELS: Mapping[str, Callable[[Side], Ensemble]] = {
    OWN_ITEMS: own_items,
    "default": default_pair,
    "fast": fast,
}


def main() -> None:
    """Print one table for both data sets."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--data", nargs="+", default=["retailrocket", "tianchi"])
    parser.add_argument("--models", nargs="+", default=[OWN_ITEMS, "default"], choices=MODELS)
    options = parser.parse_args()
    columns = ["data", "to be found", "shoppers", "moments", "model", *SIDES, "gain, 95 %"]
    print(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
    for data in options.data:
        log = DATA_SETS[data].read()
        for model in options.models:
            asked = {
                question: _newest_windows(split(log))
                for question, split in QUESTIONS.items()
                if model != OWN_ITEMS or question == "bought, seen before or not"
            }
            ndcg = {
                name: _ndcg(MODELS[model], side, asked)
                for name, side in SIDES.items()
                if model != "fast" or side.types == side.ageing
            }
            for question, splits in asked.items():
                users = np.concatenate([split.users for split in splits[1:]])
                told = {name: _of_shoppers(ndcg[name][question], users) for name in ndcg}
                without, with_both = told["unweighted"], told["weighted"]
                low, high = bootstrap_interval(with_both - without)
                gain = with_both.mean() / without.mean() - 1
                cells = [
                    *(data, question, f"{len(without):,}", f"{len(users):,}", model),
                    *(f"{told[name].mean():.4f}" if name in told else "" for name in SIDES),
                    f"{gain:+.0%}, {low:+.4f} to {high:+.4f}",
                ]
                print(f"| {' | '.join(cells)} |", flush=True)


def _newest_windows(splits: list[Split]) -> list[Split]:
    """Return the windows to measure on and, first, the one before them."""
    return [sample_cases(split, MOST_CASES, seed=42) for split in splits[-N_TEST_WINDOWS - 1 :]]


def _ndcg(
    make: Callable[[Side], Ensemble], side: Side, asked: Mapping[str, list[Split]]
) -> dict[str, NDArray[np.float64]]:
    """Return the NDCG@10 of each moment of the test windows, by question."""
    found: dict[str, list[NDArray[np.float64]]] = {question: [] for question in asked}
    weights: dict[str, dict[str, float]] = {}
    # The weights of the pair are given.
    is_tuned = len(make(side).active_members) > 2
    for window in range(0 if is_tuned else 1, N_TEST_WINDOWS + 1):
        ensemble = make(side)
        for question, splits in asked.items():
            split = splits[window] if side.types else _without_types(splits[window])
            if not hasattr(ensemble, "catalogue"):
                ensemble.fit(split.training)
            if window:
                ensemble.weights = weights.get(question, ensemble.weights)
                found[question].append(compute_accuracy(rank_ground_truth(ensemble, split))["ndcg"])
            if is_tuned and window < N_TEST_WINDOWS:
                weights[question] = tune_weights(ensemble.members, split).weights
    return {question: np.concatenate(of_windows) for question, of_windows in found.items()}


def _without_types(split: Split) -> Split:
    """Return the split with every event a view that weighs 1."""
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


def _of_shoppers(values: NDArray[np.float64], users: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return the mean of each shopper's moments."""
    _, shopper_of = np.unique(users, return_inverse=True)
    means: NDArray[np.float64] = np.bincount(shopper_of, values) / np.bincount(shopper_of)
    return means


if __name__ == "__main__":
    main()
