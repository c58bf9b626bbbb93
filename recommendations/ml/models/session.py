"""Sessions: what a visit holds, what follows its products, and what similar visits held."""

from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from recommendations.ml.data import FloatArray, History, Interactions, RowArray
from recommendations.ml.models.base import Grid, State
from recommendations.ml.models.reach import ReachRecommender
from recommendations.ml.models.registry import register
from recommendations.ml.models.session_choices import (
    MAX_ENTRIES,
    N_CORRECTED,
    PRIOR_WEIGHTS,
    learn_from_choices,
)
from recommendations.ml.numerics.choice_trees import DEPTH, ChoiceTrees, correct_utilities
from recommendations.ml.numerics.scoring_kernels import AFTER_PURCHASE_FACTOR, mark_superseded
from recommendations.ml.numerics.session_kernels import N_PARTS, compute_parts, share_parts
from recommendations.ml.numerics.session_signals import (
    N_SIGNALS,
    ItemDemand,
    compute_utilities,
    describe_options,
    find_options,
)
from recommendations.ml.numerics.session_transitions import (
    N_ROW_VALUES,
    TransitionRows,
    VisitIndex,
    count_rows,
)
from recommendations.ml.visit_index import build_index
from recommendations.ml.visits import Visits, build_visits

MAX_EVENTS = 3_000_000
"""How many of the newest events are learnt from; the index of them takes 60 MB."""
HELD_OUT_SHARE = 0.1
"""The newest visits, from whose choices weights and trees are learnt."""


@dataclass(frozen=True, slots=True)
class FoldedHistory:
    """The latest distinct products of a history, and the scores of what they lead to.

    `entries` and what belongs to them stand newest first; `positions` are the entries' places in
    the history.
    """

    n_history: int
    positions: NDArray[np.int64]
    entries: RowArray
    own_factors: NDArray[np.float64]
    repeats: NDArray[np.float64]
    items: RowArray
    parts: NDArray[np.float64]
    scores: FloatArray
    score_factors: NDArray[np.float64]
    """The score of each item over the weighted sum of its parts, 1 without trees."""


@register("session")
@dataclass(eq=False, kw_only=True)
class SessionModel(ReachRecommender):
    """Scores by the latest products of a history, as of a visitor nobody knows.

    A visit is what a user does without a pause of `pause_hours`. The score of an item is
    `Σ w √(its share of a part)`, and the parts are: the visit's own products by recency and by
    repeats; what comes next after the last product, itself included; what comes within a window
    after and before the last product and the others; and what similar visits hold near a product in
    common, similar in the manner of VS-kNN (Ludewig and Jannach 2018) and STAN (Garg et al. 2019):
    the more the common products are the latest and rare ones, the more a visit counts.

    The weights w are learnt: parts are computed from the older visits for the choices in the newest
    ones, and a conditional logit model explains these choices. From two thousand choices on,
    boosted trees correct the best sums by what sums cannot say, such as that a popular product
    follows otherwise than a rare one, or that a product clicked twice is done with; as many trees
    count as help on choices that they have not seen. A user's visits with an item weigh 1 together,
    so nobody can steer the lists of others.

    Args:
        pause_hours: How long a pause ends a visit.
        half_life_share: A visit counts half after this share of all visits.
        max_visits: In how many of the newest visits with a product similar ones are sought.
        max_row: How many transitions each product keeps.
    """

    ranks_history: ClassVar[bool] = True

    pause_hours: Annotated[float, Grid((0.5, 24.0, 24.0 * 365 * 100))] = 0.5
    half_life_share: float = 0.35
    max_visits: int = 1_000
    max_row: int = 300
    seed: int = 42
    _rows: TransitionRows = field(init=False, repr=False)
    _index: VisitIndex = field(init=False, repr=False)
    _demand: ItemDemand = field(init=False, repr=False)
    weights_: NDArray[np.float64] = field(init=False, repr=False)
    trees_: ChoiceTrees = field(init=False, repr=False)

    def fit(self, interactions: Interactions) -> Self:
        """Learn weights and trees from the newest visits, then index all of them."""
        visits = build_visits(interactions, pause_hours=self.pause_hours, max_events=MAX_EVENTS)
        n_learnt = len(visits) - int(HELD_OUT_SHARE * len(visits))
        self.weights_, self.trees_ = PRIOR_WEIGHTS, ChoiceTrees.none()
        if n_learnt < len(visits):
            self._learn(visits.select(0, n_learnt), interactions.n_items)
            self.weights_, self.trees_ = learn_from_choices(
                visits.select(n_learnt, len(visits)),
                self._rows,
                self._index,
                max_visits=self.max_visits,
                seed=self.seed,
            )
        self._learn(visits, interactions.n_items)
        return self

    @property
    def n_items(self) -> int:
        """How many items the catalogue had at the last fit."""
        return len(self._index.rarity)

    def fold_in(self, history: History) -> FoldedHistory:
        """Return the scores of everything that the latest products lead to."""
        is_superseded = mark_superseded(
            history.items, history.ages_in_days, history.interaction_types
        )
        repeats = history.repeats if len(history.repeats) else np.ones(len(history))
        newest_first = np.arange(len(history))[::-1]
        entries, first, index_of = np.unique(
            history.items[newest_first], return_index=True, return_inverse=True
        )
        totals = np.bincount(index_of, repeats[newest_first], minlength=len(entries))
        is_known = self._index.item_starts[entries + 1] > self._index.item_starts[entries]
        order = np.argsort(first)
        order = order[is_known[order]][:MAX_ENTRIES]
        positions = newest_first[first[order]]
        return self._score(
            len(history),
            positions,
            entries[order].astype(np.int32),
            np.where(is_superseded[positions], AFTER_PURCHASE_FACTOR, 1.0),
            totals[order].astype(np.float64),
        )

    def contributions(self, folded: FoldedHistory, items: RowArray) -> FloatArray:
        """Return what each history entry adds to the scores, shape (len(items), len(history)).

        Each part of a sum is divided among the entries in proportion to what they add to it. A
        corrected score is divided as its sum is.
        """
        total = np.zeros((len(items), folded.n_history), dtype=np.float32)
        wanted, rows_of_items = np.unique(items, return_inverse=True)
        is_reached = np.isin(wanted, folded.items)
        reached = wanted[is_reached].astype(np.int32)
        # Even if nothing is reached: the first request of a process compiles the loop.
        shares = share_parts(
            folded.entries,
            folded.own_factors,
            folded.repeats,
            self._rows,
            self._index,
            self.max_visits,
            reached,
        )
        parts = folded.parts[np.searchsorted(folded.items, reached)]
        sums = shares.sum(axis=1)
        scale = self.weights_ * np.sqrt(parts) / np.where(sums > 0, sums, 1)
        by_entry = np.einsum("iep,ip->ie", shares, scale)
        by_entry *= folded.score_factors[np.searchsorted(folded.items, reached)][:, np.newaxis]
        of_wanted = np.zeros((len(wanted), folded.n_history), dtype=np.float32)
        of_wanted[np.ix_(is_reached, folded.positions)] = by_entry
        total[:] = of_wanted[rows_of_items]
        return total

    def state(self) -> State:
        """Return what was learnt as named arrays."""
        rows = {f"row_{name}": array for name, array in self._rows._asdict().items()}
        visits = {f"visit_{name}": array for name, array in self._index._asdict().items()}
        trees = {f"tree_{name}": array for name, array in self.trees_._asdict().items()}
        return {**rows, **visits, **trees, "weights": self.weights_}

    def set_state(self, state: State) -> None:
        """Restore what `state` returned.

        Raises ValueError if the arrays do not fit each other: compiled loops do not check bounds.
        """
        rows = TransitionRows(*(state[f"row_{name}"] for name in TransitionRows._fields))
        index = VisitIndex(*(state[f"visit_{name}"] for name in VisitIndex._fields))
        # A version of an older release has no trees.
        trees = (
            ChoiceTrees(*(state[f"tree_{name}"] for name in ChoiceTrees._fields))
            if "tree_values" in state
            else ChoiceTrees.none()
        )
        _check(rows, index, trees, state["weights"])
        self._rows, self._index, self._demand = rows, index, ItemDemand.of(index)
        self.weights_, self.trees_ = state["weights"], trees

    def _learn(self, visits: Visits, n_items: int) -> None:
        """Index the visits and count the transitions."""
        raw = build_index(visits, n_items, self.half_life_share)
        self._index = build_index(visits.keep_last_of_each_item(), n_items, self.half_life_share)
        self._rows = TransitionRows(*count_rows(n_items, raw, self._index, self.max_row))
        self._demand = ItemDemand.of(self._index)

    def _score(
        self,
        n_history: int,
        positions: NDArray[np.int64],
        entries: RowArray,
        own_factors: NDArray[np.float64],
        repeats: NDArray[np.float64],
    ) -> FoldedHistory:
        items, parts = compute_parts(
            entries,
            own_factors,
            repeats,
            self._rows,
            self._index,
            self.max_visits,
            len(self._index.rarity),
        )
        utilities = compute_utilities(parts, self.weights_)
        scores = utilities
        if len(self.trees_):
            # Even if nothing is reached: the first request of a process compiles the loops.
            options = find_options(utilities, N_CORRECTED)
            signals = describe_options(
                options, items, parts, utilities, entries, own_factors, repeats, self._demand
            )
            scores = _correct(utilities, options, correct_utilities(signals, *self.trees_))
        return FoldedHistory(
            n_history,
            positions,
            entries,
            own_factors,
            repeats,
            items,
            parts,
            scores.astype(np.float32),
            np.divide(scores, utilities, out=np.ones_like(utilities), where=utilities > 0),
        )


def _correct(
    utilities: NDArray[np.float64], options: NDArray[np.int64], corrections: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the scores log(1 + exp(utility + correction)), in the order of the corrected sums.

    Trees were learnt on the options only; everything else gets the least of their corrections. What
    no entry leads to keeps the score 0.
    """
    corrected = utilities + corrections.min(initial=np.inf)
    corrected[options] = utilities[options] + corrections
    return np.where(utilities > 0, np.logaddexp(0, corrected), 0)


def _check(
    rows: TransitionRows, index: VisitIndex, trees: ChoiceTrees, weights: NDArray[np.float64]
) -> None:
    n_items, n_visits, n_events = len(index.rarity), len(index.recency), len(index.items)
    fits = (
        _are_starts(rows.starts, n_items, len(rows.items))
        and rows.values.shape == (len(rows.items), N_ROW_VALUES)
        and _are_starts(index.starts, n_visits, n_events)
        and _are_starts(index.item_starts, n_items, n_events)
        and len(index.moments) == len(index.visit_of_event) == n_events
        and len(index.events_of_items) == len(index.event_weights) == n_events
        and _are_rows(rows.items, n_items)
        and _are_rows(index.items, n_items)
        and _are_rows(index.visit_of_event, n_visits)
        and _are_rows(index.events_of_items, n_events)
        and weights.shape == (N_PARTS,)
        and trees.signals.shape == trees.thresholds.shape == (len(trees), DEPTH)
        and trees.values.shape == (len(trees), 2**DEPTH)
        and _are_rows(trees.signals, N_SIGNALS)
    )
    if not fits:
        raise ValueError("The arrays of the session model do not fit each other.")


def _are_starts(starts: NDArray[np.int64], n: int, end: int) -> bool:
    """Return whether these are the starts of n slices that end with `end`."""
    is_rising = len(starts) == n + 1 and starts[0] == 0 and (np.diff(starts) >= 0).all()
    return bool(is_rising and starts[-1] == end)


def _are_rows(rows: RowArray, n: int) -> bool:
    return bool(rows.min(initial=0) >= 0 and rows.max(initial=-1) < n)
