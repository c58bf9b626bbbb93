"""What weights and ageing of events are worth: the same model with them and without.

    python -m benchmarks.event_weights

Weighted: a view counts 1, a like 2, a cart 3, a purchase 5, and all of it ages by
exp(-0.1 × days). Unweighted: every event counts 1 and nothing ages. All else is equal, and no
parameter is tuned; the weights of `fast` are found on validation for each side by itself, which
takes minutes for each row and is left out unless asked for. The data sets are read from the
folder that SHOP_DATA_DIR names.
"""

import math
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from benchmarks.data_sets import DATA_SETS, UNWEIGHTED, WEIGHTS
from recommendations.choices import InteractionType
from recommendations.ml.buy_again import BuyAgainModel
from recommendations.ml.ensemble import Ensemble
from recommendations.ml.evaluation import accuracy, bootstrap_interval, rank_targets
from recommendations.ml.interactions import Interactions
from recommendations.ml.presets import BUY_AGAIN, default_ensemble, fast_ensemble
from recommendations.ml.splits import LeaveLastOut
from recommendations.ml.tuning import tune

DECAY_PER_DAY = 0.1
BOUGHT = frozenset([InteractionType.PURCHASE])
QUESTIONS = {
    "last touched, new": LeaveLastOut(),
    "last bought, new": LeaveLastOut(events=BOUGHT),
    "next purchase, seen before or not": LeaveLastOut(events=BOUGHT, repeats=True),
}
Make = Callable[[float], Ensemble]


def own_items(decay_per_day: float) -> Ensemble:
    """Return the items of the history alone, by how much and how lately they were touched."""
    half_life = math.log(2) / decay_per_day if decay_per_day else math.inf
    return Ensemble({BUY_AGAIN: BuyAgainModel(half_life_days=half_life)}, {BUY_AGAIN: 1.0})


def seed_pair(decay_per_day: float) -> Ensemble:
    """Return the preset `seed`."""
    return default_ensemble(decay_per_day=decay_per_day)


def fast(decay_per_day: float) -> Ensemble:
    """Return the members of the preset `fast`, popularity by share of the events left out."""
    ensemble = fast_ensemble(decay_per_day=decay_per_day)
    members = {**ensemble.members, **own_items(decay_per_day).members}
    del members["recent"]
    return Ensemble(members, {name: ensemble.weights[name] for name in members})


MODELS: Mapping[str, Make] = {"own items": own_items, "seed": seed_pair, "fast": fast}


def main() -> None:
    """Print one table for both data sets."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--data", nargs="+", default=["retailrocket", "tianchi"])
    parser.add_argument("--models", nargs="+", default=["own items", "seed"], choices=MODELS)
    options = parser.parse_args()
    print("| data | to be found | cases | model | unweighted | weighted | gain, 95 % |")
    print("|---|---|---|---|---|---|---|")
    for name in options.data:
        logs = {weighted: _log(name, weighted=weighted) for weighted in (False, True)}
        for question, protocol in QUESTIONS.items():
            for model in options.models:
                if model == "own items" and not protocol.repeats:
                    continue
                plain, weighted = (
                    _ndcg(MODELS[model](DECAY_PER_DAY if side else 0.0), protocol, logs[side])
                    for side in (False, True)
                )
                low, high = bootstrap_interval(weighted - plain)
                cells = [
                    name,
                    question,
                    f"{len(plain):,}",
                    model,
                    f"{plain.mean():.4f}",
                    f"{weighted.mean():.4f}",
                    f"{weighted.mean() / plain.mean() - 1:+.0%}, {low:+.4f} to {high:+.4f}",
                ]
                print(f"| {' | '.join(cells)} |", flush=True)


def _log(name: str, *, weighted: bool) -> Interactions:
    return DATA_SETS[name].read(WEIGHTS if weighted else UNWEIGHTED)


def _ndcg(ensemble: Ensemble, protocol: LeaveLastOut, log: Interactions) -> NDArray[np.float64]:
    split = protocol.split(log)
    ensemble.fit(split.training)
    if len(ensemble.blended) > 2:
        ensemble.weights = tune(ensemble.members, protocol.validation(log)).weights
    return accuracy(rank_targets(ensemble, split))["ndcg"]


if __name__ == "__main__":
    main()
