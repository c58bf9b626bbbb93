"""What is popular in its category, as the model knows it: without a look into the database."""

from collections.abc import Sequence
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from recommendations.ml.ensemble import Ensemble
from recommendations.services.training.live_model import Snapshot

_remembered: WeakKeyDictionary[Ensemble, NDArray[np.bool_]] = WeakKeyDictionary()


def find_popular_in_category(model: Snapshot, product_ids: Sequence[int]) -> frozenset[int]:
    """Return those of the products that are popular among those of their main category.

    The first call for a model ranks all its products.
    """
    ensemble = model.ensemble
    is_popular = _remembered.get(ensemble)
    if is_popular is None:
        is_popular = _remembered[ensemble] = ensemble.facts_.find_popular_in_category()
    rows = ensemble.catalogue.find_rows(product_ids)
    return frozenset(
        pk
        for pk, row in zip(product_ids, rows.tolist(), strict=True)
        if row >= 0 and is_popular[row]
    )
