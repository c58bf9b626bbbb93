"""What the session model learns from the choices of visits: weights of its parts, and trees."""

import numpy as np
from numpy.typing import NDArray

from recommendations.ml.numerics.choice_trees import ChoiceTrees, fit_choice_trees
from recommendations.ml.numerics.choice_weights import fit_choice_weights
from recommendations.ml.numerics.session_kernels import N_PARTS
from recommendations.ml.numerics.session_signals import (
    N_SIGNALS,
    UTILITY,
    ItemDemand,
    describe_choices,
)
from recommendations.ml.numerics.session_transitions import TransitionRows, VisitIndex
from recommendations.ml.visits import Visits

MAX_ENTRIES = 20
"""How many of the latest products of a history count."""
N_CORRECTED = 60
"""How many of the best products trees correct."""
MAX_CASES = 3_000
"""How many choices the weights are learnt from."""
OPTIONS_PER_CASE = 150
PRIOR_WEIGHTS = np.array([2.4, 0.7, 4.0, 1.8, 3.0, 2.9, 1.4, 1.6, 1.5])
"""What was learnt from clicks of a large shop; a small shop's weights stay near them."""
PRIOR_STRENGTH = 5.0
MAX_TREE_CASES = 20_000
MAX_CASES_PER_USER = 20
"""So that nobody who clicks all day decides what is learnt."""
MIN_TREE_CASES = 2_000
"""From fewer choices, no trees are learnt."""


def learn_from_choices(
    visits: Visits,
    rows: TransitionRows,
    index: VisitIndex,
    *,
    max_visits: int,
    seed: int,
) -> tuple[NDArray[np.float64], ChoiceTrees]:
    """Return the weights, and the trees, that explain the choices in these visits.

    A choice is an event of a visit but its first; parts and signals come from older visits.
    """
    is_first = np.zeros(len(visits.items), dtype=bool)
    is_first[visits.starts[:-1]] = True
    choices = np.flatnonzero(~is_first)
    # In random order, because the last ones decide how many trees are kept.
    choices = np.random.default_rng(seed).permutation(choices)
    choices = keep_few_of_each_user(choices, visits)[:MAX_TREE_CASES]
    begins = visits.starts[visits.visit_of_event[choices]]
    given = (rows, index, ItemDemand.of(index), max_visits)
    few = slice(MAX_CASES)
    signals, counts, taken = describe_choices(
        visits.items,
        begins[few],
        choices[few],
        PRIOR_WEIGHTS,
        OPTIONS_PER_CASE,
        MAX_ENTRIES,
        *given,
    )
    is_found = taken >= 0
    weights = fit_choice_weights(
        np.sqrt(signals[is_found, :, :N_PARTS].astype(np.float64)),
        np.arange(OPTIONS_PER_CASE) < counts[is_found, np.newaxis],
        taken[is_found],
        prior=PRIOR_WEIGHTS,
        prior_strength=PRIOR_STRENGTH,
    )
    if len(choices) < MIN_TREE_CASES:
        return weights, ChoiceTrees.none()
    signals, counts, taken = describe_choices(
        visits.items, begins, choices, weights, N_CORRECTED, MAX_ENTRIES, *given
    )
    is_found = taken >= 0
    counts = counts[is_found]
    features = signals[is_found][np.arange(N_CORRECTED) < counts[:, np.newaxis]]
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    utilities = features.reshape(-1, N_SIGNALS)[:, UTILITY].astype(np.float64)
    return weights, fit_choice_trees(features, starts, taken[is_found], utilities)


def keep_few_of_each_user(choices: NDArray[np.int64], visits: Visits) -> NDArray[np.int64]:
    """Return the first `MAX_CASES_PER_USER` choices of each user, in their order."""
    users = visits.users[visits.visit_of_event[choices]]
    by_user = np.argsort(users, kind="stable")
    is_first = np.diff(users[by_user], prepend=-1) != 0
    lengths = np.diff([*np.flatnonzero(is_first).tolist(), len(users)])
    first = np.repeat(np.flatnonzero(is_first), lengths)
    is_kept = np.zeros(len(choices), dtype=bool)
    is_kept[by_user] = np.arange(len(users)) - first < MAX_CASES_PER_USER
    return choices[is_kept]
