"""Sessions: what a visit holds, what follows its products, and what similar visits held."""

from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from recommendations.ml.data import FloatArray, History, Interactions, RowArray
from recommendations.ml.models.base import Grid, State
from recommendations.ml.models.reach import ReachRecommender
from recommendations.ml.models.registry import register
from recommendations.ml.numerics.choice_weights import fit_choice_weights
from recommendations.ml.numerics.scoring_kernels import AFTER_PURCHASE_FACTOR, mark_superseded
from recommendations.ml.numerics.session_kernels import N_PARTS, compute_parts, share_parts
from recommendations.ml.numerics.session_transitions import (
    N_ROW_VALUES,
    TransitionRows,
    VisitIndex,
    count_rows,
)
from recommendations.ml.numerics.topk import top_k
from recommendations.ml.visits import Visits, build_visits

MAX_ENTRIES = 20
"""How many of the latest products of a history count."""
MAX_EVENTS = 3_000_000
"""How many of the newest events are learnt from; the index of them takes 60 MB."""
HELD_OUT_SHARE = 0.05
"""The newest visits, whose choices the weights are learnt from."""
MAX_CASES = 3_000
OPTIONS_PER_CASE = 150
PRIOR_WEIGHTS = np.array([2.4, 0.7, 4.0, 1.8, 3.0, 2.9, 1.4, 1.6, 1.5])
"""What was learnt from clicks of a large shop; a small shop's weights stay near them."""
PRIOR_STRENGTH = 5.0


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
    ones, and a conditional logit model explains these choices. A user's visits with an item weigh 1
    together, so nobody can steer the lists of others.

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
    weights_: NDArray[np.float64] = field(init=False, repr=False)

    def fit(self, interactions: Interactions) -> Self:
        """Learn the weights from the newest visits, then index all of them."""
        visits = build_visits(interactions, pause_hours=self.pause_hours, max_events=MAX_EVENTS)
        n_learnt = len(visits) - int(HELD_OUT_SHARE * len(visits))
        self.weights_ = PRIOR_WEIGHTS
        if n_learnt < len(visits):
            self._learn(visits.select(0, n_learnt), interactions.n_items)
            self.weights_ = self._learn_weights(visits.select(n_learnt, len(visits)))
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

        Each part of a score is divided among the entries in proportion to what they add to it.
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
        of_wanted = np.zeros((len(wanted), folded.n_history), dtype=np.float32)
        of_wanted[np.ix_(is_reached, folded.positions)] = by_entry
        total[:] = of_wanted[rows_of_items]
        return total

    def state(self) -> State:
        """Return what was learnt as named arrays."""
        rows = {f"row_{name}": array for name, array in self._rows._asdict().items()}
        visits = {f"visit_{name}": array for name, array in self._index._asdict().items()}
        return {**rows, **visits, "weights": self.weights_}

    def set_state(self, state: State) -> None:
        """Restore what `state` returned.

        Raises ValueError if the arrays do not fit each other: compiled loops do not check bounds.
        """
        rows = TransitionRows(*(state[f"row_{name}"] for name in TransitionRows._fields))
        index = VisitIndex(*(state[f"visit_{name}"] for name in VisitIndex._fields))
        _check(rows, index, state["weights"])
        self._rows, self._index, self.weights_ = rows, index, state["weights"]

    def _learn(self, visits: Visits, n_items: int) -> None:
        """Index the visits and count the transitions."""
        raw = _build_index(visits, n_items, self.half_life_share)
        self._index = _build_index(visits.keep_last_of_each_item(), n_items, self.half_life_share)
        self._rows = TransitionRows(*count_rows(n_items, raw, self._index, self.max_row))

    def _learn_weights(self, visits: Visits) -> NDArray[np.float64]:
        """Return the weights that explain the choices in these visits."""
        is_first = np.zeros(len(visits.items), dtype=bool)
        is_first[visits.starts[:-1]] = True
        choices = np.flatnonzero(~is_first)
        rng = np.random.default_rng(self.seed)
        choices = np.sort(rng.permutation(choices)[:MAX_CASES])
        starts = visits.starts[visits.visit_of_event[choices]]
        features = np.zeros((len(choices), OPTIONS_PER_CASE, N_PARTS))
        is_option = np.zeros((len(choices), OPTIONS_PER_CASE), dtype=bool)
        chosen = np.full(len(choices), -1)
        for case, (start, choice) in enumerate(zip(starts, choices, strict=True)):
            folded = self.fold_in(History.from_items(visits.items[start:choice]))
            best = top_k(folded.scores, OPTIONS_PER_CASE).items
            features[case, : len(best)] = np.sqrt(folded.parts[best])
            is_option[case, : len(best)] = True
            hit = np.flatnonzero(folded.items[best] == visits.items[choice])
            if len(hit):
                chosen[case] = hit[0]
        is_found = chosen >= 0
        return fit_choice_weights(
            features[is_found],
            is_option[is_found],
            chosen[is_found],
            prior=PRIOR_WEIGHTS,
            prior_strength=PRIOR_STRENGTH,
        )

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
        scores = (np.sqrt(parts) @ self.weights_).astype(np.float32)
        return FoldedHistory(
            n_history, positions, entries, own_factors, repeats, items, parts, scores
        )


def _check(rows: TransitionRows, index: VisitIndex, weights: NDArray[np.float64]) -> None:
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
    )
    if not fits:
        raise ValueError("The arrays of the session model do not fit each other.")


def _are_starts(starts: NDArray[np.int64], n: int, end: int) -> bool:
    """Return whether these are the starts of n slices that end with `end`."""
    is_rising = len(starts) == n + 1 and starts[0] == 0 and (np.diff(starts) >= 0).all()
    return bool(is_rising and starts[-1] == end)


def _are_rows(rows: RowArray, n: int) -> bool:
    return bool(rows.min(initial=0) >= 0 and rows.max(initial=-1) < n)


def _build_index(visits: Visits, n_items: int, half_life_share: float) -> VisitIndex:
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
