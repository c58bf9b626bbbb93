"""The members of `fast` that grow with the catalogue, with random contents.

Each item has as many neighbors as said, so a request reads as much as of a trained model.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.random_pair import make_random_pair
from recommendations.ml.ensemble import Ensemble
from recommendations.ml.models.item_to_item import ItemToItemRecommender
from recommendations.ml.models.popularity import PopularityModel
from recommendations.ml.presets import POPULARITY, fast_ensemble

MEMBERS = ("transitions", "content", "item graph", "sparse ridge")


def make_random_members(item_ids: NDArray[Any], *, max_neighbors: int) -> Ensemble:
    """Return the default pair and the members above, each active; popularity is beside them."""
    ensemble = make_random_pair(item_ids)
    n_items = len(item_ids)
    rng = np.random.default_rng(1)
    popularity = PopularityModel().set_scores(np.sort(rng.random(n_items))[::-1])
    members = {**ensemble.members, POPULARITY: popularity}
    presets = fast_ensemble().members
    for name in MEMBERS:
        member = presets[name]
        assert isinstance(member, ItemToItemRecommender)
        member.n_neighbors = min(member.n_neighbors, max_neighbors, n_items)
        _fill(member, n_items, rng)
        members[name] = member
    weights = dict.fromkeys(members, 1.0) | {POPULARITY: 0.0}
    ensemble.set_members(members, weights)
    return ensemble


def _fill(member: ItemToItemRecommender, n_items: int, rng: np.random.Generator) -> None:
    """Give each item neighbors at random, low numbers more often, as popular items are."""
    size = n_items * member.n_neighbors
    neighbors = np.empty(size, dtype=np.int32)
    for start in range(0, size, 10_000_000):
        part = neighbors[start : start + 10_000_000]
        part[:] = n_items * rng.random(len(part), dtype=np.float32) ** 2
    np.minimum(neighbors, n_items - 1, out=neighbors)
    neighbors.reshape(n_items, -1).sort(axis=1)
    member.set_state(
        {
            "indptr": np.arange(0, size + 1, member.n_neighbors, dtype=np.int64),
            "neighbors": neighbors,
            "similarities": rng.random(size, dtype=np.float32),
            "is_sequential": np.array([True]),
        }
    )
