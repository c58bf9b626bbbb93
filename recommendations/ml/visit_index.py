"""Build the index of visits that the session model reads."""

import numpy as np

from recommendations.ml.numerics.session_transitions import VisitIndex
from recommendations.ml.visits import Visits


def build_index(visits: Visits, n_items: int, half_life_share: float) -> VisitIndex:
    """Return the index of these visits; a visit counts half after this share of all visits."""
    visit_of_event = visits.visit_of_event
    by_item = np.argsort(visits.items, kind="stable")
    counts = np.bincount(visits.items, minlength=n_items)
    # How many visits with the same item the same user has.
    users = visits.users[visit_of_event[by_item]].astype(np.int64)
    pairs = users * max(n_items, 1) + visits.items[by_item]
    pair_visits = np.unique(
        np.stack([pairs, visit_of_event[by_item].astype(np.int64)], axis=1), axis=0
    )[:, 0]
    of_pair, per_pair = np.unique(pair_visits, return_counts=True)
    weights = 1 / per_pair[np.searchsorted(of_pair, pairs)]
    n_later = np.arange(len(visits))[::-1] / max(len(visits), 1)
    rarity = np.log(max(len(visits), 2) / np.maximum(counts, 1)) / np.log(max(len(visits), 2))
    return VisitIndex(
        starts=visits.starts,
        items=visits.items,
        moments=visits.moments,
        visit_of_event=visit_of_event,
        item_starts=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        events_of_items=by_item.astype(np.int32),
        event_weights=weights.astype(np.float32),
        recency=(0.5 ** (n_later / half_life_share)).astype(np.float32),
        rarity=np.maximum(rarity, 0).astype(np.float32),
    )
