"""Ties: interactions of one user at one time, whose order in a file means nothing."""

import numpy as np

from recommendations.ml.data import Interactions


def shuffle_ties(interactions: Interactions, *, seed: int) -> Interactions:
    """Return the unmerged interactions with the rows of equal time in random order."""
    rng = np.random.default_rng(seed)
    return interactions.select(np.lexsort((rng.random(len(interactions)), interactions.timestamps)))


def compute_tied_share(interactions: Interactions) -> float:
    """Return the share of consecutive interactions of a user that have equal times."""
    by_user = np.lexsort((interactions.timestamps, interactions.users))
    is_same_user = np.diff(interactions.users[by_user]) == 0
    if not is_same_user.any():
        return 0.0
    return float((np.diff(interactions.timestamps[by_user])[is_same_user] == 0).mean())
