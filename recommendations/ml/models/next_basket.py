"""Next basket: what a shopper buys again, and what else, on one scale of probability."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommendations.ml.data import FloatArray, History, Interactions, RowArray
from recommendations.ml.evaluation.splits import build_histories
from recommendations.ml.models.base import Grid, State
from recommendations.ml.models.co_occurrence import find_what_goes_together
from recommendations.ml.models.reach import ReachRecommender
from recommendations.ml.models.registry import register
from recommendations.ml.numerics.choice_weights import fit_outcome_weights
from recommendations.ml.numerics.topk import top_k

N_POPULAR = 500
"""How many popular items are considered for every shopper."""
MAX_CASES = 4_000
OPTIONS_PER_CASE = 150
ENTRY_DECAY = 0.8
"""Factor on an entry's weight in what goes with it, for each of the shopper's cycles since."""
RATE_PRIOR = 20.0
"""Each item's rate of return is smoothed with this many shoppers of the average rate."""
LEAST_SHARE, LEAST_LIKENESS = 1e-6, 1e-4
"""What stands for 0 in a logarithm."""
SMALLEST = np.finfo(np.float64).tiny

FEATURES = (
    "intercept",
    "popularity",
    "recent popularity",
    "goes with",
    "new, baskets",
    "own",
    "own, times",
    "own, share of baskets",
    "own, time since",
    "own, rate of return",
    "own, popularity",
    "own, one basket",
)
GOES_WITH, BASKETS, OWN = (FEATURES.index(each) for each in ("goes with", "new, baskets", "own"))
"""Features from `OWN` on are 0 for products that the shopper does not know."""
PRIOR_WEIGHTS = np.array([2.0, 0.2, 0.6, 0.3, -0.2, -2.2, 0.8, 0.7, 0.2, 0.9, -0.7, -1.0])
"""What was learnt from a supermarket; the weights of a small shop stay near them."""
PRIOR_STRENGTH = 5.0


@dataclass(frozen=True, slots=True)
class FoldedHistory:
    """The probabilities of everything that a history leads to, items ascending.

    `base` is the probability that an item would have for a shopper who knows nothing that goes with
    it. `entry_shares` divide the rest among the entries, shape (items, entries).
    """

    items: RowArray
    scores: FloatArray
    base: FloatArray
    entry_shares: sp.csr_array


@register("next basket")
@dataclass(eq=False, kw_only=True)
class NextBasketModel(ReachRecommender):
    """Scores by P(item is in the shopper's next basket), learnt by logistic regression.

    Products that the shopper knows and new ones compete on one scale, so each shopper gets as many
    of either as the past suggests. Of a known product count: how often and in which share of the
    baskets it was bought, the time since in the shopper's own cycles, and how often others return
    to it; in the manner of TIFU-KNN (Hu et al. 2020) and UP-CF@r (Faggioli et al. 2020), but with
    weights that are learnt. Of every product count its popularity, that of the newest interactions,
    and how much it goes with the products of the history. The weights are learnt from the last
    basket of each shopper, in which each shopper counts once.

    Args:
        explore: Factor on the odds of products that the shopper does not know.
        half_life_share: Recent popularity counts an interaction half after this share of all.
        n_neighbors: How many products go with each product.
    """

    ranks_history: ClassVar[bool] = True

    explore: Annotated[float, Grid((0.5, 0.7, 1.0, 1.4, 2.0, 2.8), refit=False)] = 2.0
    half_life_share: float = 0.06
    n_neighbors: int = 100
    seed: int = 42

    def fit(self, interactions: Interactions) -> Self:
        """Learn the weights from each shopper's last basket, then count everything."""
        self.weights_: NDArray[np.float64] = PRIOR_WEIGHTS
        events = interactions.events
        last = np.full(events.n_users, -np.inf)
        first = np.full(events.n_users, np.inf)
        np.maximum.at(last, events.users, events.timestamps)
        np.minimum.at(first, events.users, events.timestamps)
        is_last = (events.timestamps == last[events.users]) & (first < last)[events.users]
        if is_last.any():
            past = events.select(~is_last).merge_repeats()
            self._count(past)
            self.weights_ = self._learn_weights(past, events.select(is_last))
        self._count(interactions)
        return self

    @property
    def n_items(self) -> int:
        """How many items the catalogue had at the last fit."""
        return len(self.log_popularity_)

    def fold_in(self, history: History) -> FoldedHistory:
        """Return the probabilities of everything that a history leads to."""
        items, features, entry_shares = self._describe(history)
        unknown = features.copy()
        unknown[:, OWN:] = 0
        unknown[:, GOES_WITH] = np.log(LEAST_LIKENESS)
        unknown[:, BASKETS] = features[:, BASKETS].max(initial=0)
        return FoldedHistory(
            items, self._compute_odds(features), self._compute_odds(unknown), entry_shares
        )

    def contributions(self, folded: FoldedHistory, items: RowArray) -> FloatArray:
        """Return what each history entry adds to the scores, shape (len(items), len(history)).

        What the history adds is divided: all of a known product goes to its own entries, a new
        one's to the entries that it goes with. It is negative for a product that is wanted less
        once it is known.
        """
        parts = np.zeros((len(items), folded.entry_shares.shape[1]), dtype=np.float32)
        if not len(folded.items):
            return parts
        places = np.minimum(np.searchsorted(folded.items, items), len(folded.items) - 1)
        gain = np.where(
            folded.items[places] == items, folded.scores[places] - folded.base[places], 0
        )
        parts[:] = folded.entry_shares[places].toarray() * gain[:, np.newaxis]
        return parts

    def state(self) -> State:
        """Return what was learnt as named arrays."""
        return {
            "log_popularity": self.log_popularity_,
            "log_recent": self.log_recent_,
            "log_return": self.log_return_,
            "popular": self.popular_,
            "indptr": self._likeness.indptr.astype(np.int64),
            "neighbors": self._likeness.indices.astype(np.int32),
            "similarities": self._likeness.data,
            "weights": self.weights_,
        }

    def set_state(self, state: State) -> None:
        """Restore what `state` returned; raises ValueError if the arrays do not fit each other."""
        n_items = len(state["log_popularity"])
        fits = (
            len(state["log_recent"]) == len(state["log_return"]) == n_items
            and state["weights"].shape == (len(FEATURES),)
            and state["popular"].max(initial=-1) < n_items
            and len(state["neighbors"]) == len(state["similarities"]) == state["indptr"][-1]
            and state["neighbors"].min(initial=0) >= 0
            and state["neighbors"].max(initial=-1) < n_items
        )
        if not fits:
            raise ValueError("The arrays of the next basket model do not fit each other.")
        self.log_popularity_ = state["log_popularity"]
        self.log_recent_ = state["log_recent"]
        self.log_return_ = state["log_return"]
        self.popular_ = state["popular"]
        self._likeness = sp.csr_array(
            (state["similarities"], state["neighbors"], state["indptr"]), shape=(n_items, n_items)
        )
        self.weights_ = state["weights"]

    def _count(self, interactions: Interactions) -> None:
        """Count popularity, rates of return and what goes with what; a shopper counts once."""
        n_items, items = interactions.n_items, interactions.items
        times = interactions.timestamps
        n_later = len(times) - np.searchsorted(times, times, side="right")
        ageing = 0.5 ** (n_later / max(len(times), 1) / self.half_life_share)
        counts = np.bincount(items, minlength=n_items)
        recent = np.bincount(items, ageing, minlength=n_items)
        again = np.bincount(items, interactions.repeats > 1, minlength=n_items)
        share = (again.sum() + 1) / (counts.sum() + RATE_PRIOR)
        rates = (again + RATE_PRIOR * share) / (counts + RATE_PRIOR) / share
        # An item without interactions has no popularity and no score.
        is_touched = counts > 0
        popularity = counts / max(counts.sum(), 1) + LEAST_SHARE
        self.log_popularity_ = np.where(is_touched, np.log(popularity), np.nan)
        self.log_recent_ = np.log(recent / max(recent.sum(), 1e-9) + LEAST_SHARE)
        self.log_return_ = np.log(rates)
        most = np.lexsort((np.arange(n_items), -recent))[:N_POPULAR]
        self.popular_ = most[is_touched[most]].astype(np.int32)
        self._likeness = find_what_goes_together(interactions, self.n_neighbors)

    def _describe(self, history: History) -> tuple[RowArray, NDArray[np.float64], sp.csr_array]:
        """Return the items that a history leads to, their features and the entries' shares."""
        n_entries = len(history)
        is_known = ~np.isnan(self.log_popularity_[history.items])
        if not is_known.any():
            empty = np.zeros((0, len(FEATURES)))
            return history.items[:0], empty, sp.csr_array((0, n_entries))
        ages = (history.ages_in_days - history.ages_in_days.min()).astype(np.float64)
        repeats = history.repeats if len(history.repeats) else np.ones(n_entries)
        own, entry_of = np.unique(history.items, return_inverse=True)
        times = np.bincount(entry_of, repeats, minlength=len(own))
        since = np.full(len(own), np.inf)
        np.minimum.at(since, entry_of, ages)
        n_baskets = max(len(np.unique(ages)), float(times.max()))
        cycle = ages.max() / (n_baskets - 1) if n_baskets > 1 and ages.max() > 0 else 1.0
        weights = ENTRY_DECAY ** (ages / cycle)
        weights /= weights.sum()
        goes_with = sp.csr_array(sp.diags_array(weights) @ self._likeness[history.items])
        likeness = np.asarray(goes_with.sum(axis=0)).ravel()
        items = np.unique(
            np.concatenate(
                [
                    own[~np.isnan(self.log_popularity_[own])],
                    self.popular_,
                    np.unique(goes_with.indices),
                ]
            )
        )
        features = np.zeros((len(items), len(FEATURES)))
        features[:, :OWN] = np.stack(
            [
                np.ones(len(items)),
                self.log_popularity_[items],
                self.log_recent_[items],
                np.log(likeness[items] + LEAST_LIKENESS),
                np.full(len(items), np.log(n_baskets)),
            ],
            axis=1,
        )
        place = np.searchsorted(own, items)
        is_own = own[np.minimum(place, len(own) - 1)] == items
        of_own = place[is_own]
        features[is_own, BASKETS] = 0
        features[is_own, OWN:] = np.stack(
            [
                np.ones(len(of_own)),
                np.log(times[of_own]),
                np.log(times[of_own] / n_baskets),
                -np.log1p(since[of_own] / cycle),
                self.log_return_[items[is_own]],
                self.log_popularity_[items[is_own]],
                np.full(len(of_own), 1 / n_baskets),
            ],
            axis=1,
        )
        shares = sp.csr_array(goes_with[:, items].T)
        totals = np.asarray(shares.sum(axis=1)).ravel()
        # In a history of thousands of baskets, the oldest ones weigh less than 1 can be divided by.
        scale = np.where(is_own | (totals < SMALLEST), 0, 1 / np.maximum(totals, SMALLEST))
        entries = np.flatnonzero(is_known)
        of_own_entries = sp.csr_array(
            (
                (repeats / times[entry_of])[entries],
                (np.searchsorted(items, history.items[entries]), entries),
            ),
            shape=(len(items), n_entries),
        )
        entry_shares = sp.csr_array(sp.diags_array(scale) @ shares + of_own_entries)
        return items.astype(np.int32), features, entry_shares

    def _compute_odds(self, features: NDArray[np.float64]) -> FloatArray:
        """Return the probabilities, with the odds of products that are new times `explore`."""
        logits = features @ self.weights_ + np.log(self.explore) * (features[:, OWN] == 0)
        probabilities: FloatArray = (1 / (1 + np.exp(-logits))).astype(np.float32)
        return probabilities

    def _learn_weights(self, past: Interactions, last: Interactions) -> NDArray[np.float64]:
        """Return the weights that explain what is in the last baskets."""
        users = np.unique(last.users)
        rng = np.random.default_rng(self.seed)
        users = np.sort(rng.permutation(users)[:MAX_CASES]).astype(np.int32)
        by_user = np.argsort(last.users, kind="stable")
        starts = np.searchsorted(last.users[by_user], np.stack([users, users + 1]))
        rows, outcomes, row_weights = [], [], []
        for start, end, history in zip(*starts, build_histories(past, users), strict=True):
            basket = np.unique(last.items[by_user[start:end]])
            items, features, _ = self._describe(history)
            best = top_k((features @ PRIOR_WEIGHTS).astype(np.float32), OPTIONS_PER_CASE).items
            rows.append(features[best])
            outcomes.append(np.isin(items[best], basket))
            row_weights.append(np.full(len(best), 1 / len(basket)))
        return fit_outcome_weights(
            np.concatenate(rows),
            np.concatenate(outcomes),
            np.concatenate(row_weights),
            prior=PRIOR_WEIGHTS,
            prior_strength=PRIOR_STRENGTH,
        )
