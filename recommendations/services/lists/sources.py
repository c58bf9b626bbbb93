"""The rungs of the ladder: what each source has to offer, and what speaks for it."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import repeat

import numpy as np

from recommendations.choices import Source
from recommendations.engine.explanations import Evidence, strongest_reasons
from recommendations.engine.pipeline import Candidate
from recommendations.engine.result import Reason, ReasonCode
from recommendations.ml.data import History
from recommendations.ml.ensemble import BlendedRanking, FoldedHistory
from recommendations.ml.presets import COLLABORATIVE, FACTORIZATION
from recommendations.services.lists.popularity import Demand, popular_products, trending_products
from recommendations.services.shop.co_purchases import CoPurchase, find_co_purchases
from recommendations.services.training.live_model import Snapshot

LEAST_SCORE = 0.1
"""What the model finds less than this fitting, it has no opinion on that a list should show."""
Rung = Callable[[int], list[Candidate]]
"""Returns up to so many candidates of one source, best first."""


def everybodys_rungs(category: str | None) -> list[Rung]:
    """Return trending and popular, in the shop or in a category."""
    in_category = category is not None
    return [
        lambda most: _demand_rung(
            trending_products(category=category)[:most],
            Source.TRENDING,
            Reason(
                ReasonCode.TRENDING_IN_CATEGORY if in_category else ReasonCode.TRENDING,
                category=category,
            ),
        ),
        lambda most: _demand_rung(
            popular_products(category=category)[:most],
            Source.POPULAR,
            Reason(
                ReasonCode.POPULAR_IN_CATEGORY if in_category else ReasonCode.POPULAR,
                category=category,
            ),
        ),
    ]


def _demand_rung(demand: Demand, source: Source, reason: Reason) -> list[Candidate]:
    return [Candidate(product_id, score, source, reason) for product_id, score in demand]


def session_rung(categories: Sequence[str], most: int) -> list[Candidate]:
    """Name what is popular in the categories touched last, half as strongly for each step back."""
    candidates = [
        Candidate(
            product_id,
            score * 0.5**steps_back,
            Source.SESSION,
            Reason(ReasonCode.POPULAR_IN_CATEGORY, category=category),
        )
        for steps_back, category in enumerate(categories)
        for product_id, score in popular_products(category=category)[:most]
    ]
    return sorted(candidates, key=lambda candidate: -candidate.score)[:most]


class ModelRung:
    """What the model finds fitting a history, the history included, and why it does."""

    def __init__(self, live: Snapshot, history: History, entries: Sequence[Evidence]) -> None:
        self.live = live
        self.history = history
        self.entries = entries
        self._folded: FoldedHistory | None = None

    def __call__(self, most: int) -> list[Candidate]:
        """Name what fits."""
        if not len(self.history):
            return []
        blend = self.live.ensemble.recommend(self.history, most, with_history=True)
        self._folded = blend.folded
        return _candidates(self.live, blend, Reason(ReasonCode.POPULAR))

    def evidence(
        self, candidates: Sequence[Candidate], *, in_cart: frozenset[int]
    ) -> list[Reason | None]:
        """Return the reasons that the history gives for what the model named."""
        found: list[Reason | None] = [None] * len(candidates)
        places = [
            place for place, candidate in enumerate(candidates) if candidate.source is Source.MODEL
        ]
        if self._folded is None or not places:
            return found
        named = [candidates[place].product_id for place in places]
        items = self.live.ensemble.catalogue.find_rows(named)
        parts = self.live.ensemble.contributions(self._folded, items)
        reasons = strongest_reasons(named, self.entries, parts, in_cart=in_cart)
        for place, reason in zip(places, reasons, strict=True):
            found[place] = reason
        return found


def similar_rung(live: Snapshot, product_id: int, most: int) -> list[Candidate]:
    """Name what a shopper who touched only this product would be shown."""
    row = live.ensemble.catalogue.find_rows([product_id])
    if row[0] < 0:
        return []
    blend = live.ensemble.recommend(History.from_items(row), most)
    return _candidates(live, blend, Reason(ReasonCode.SIMILAR, product_id=product_id))


def _candidates(live: Snapshot, blend: BlendedRanking, reason: Reason) -> list[Candidate]:
    # Scores fall.
    fitting = int(np.count_nonzero(blend.scores >= LEAST_SCORE))
    nothing = np.zeros(len(blend), dtype=np.float32)
    return list(
        map(
            Candidate,
            live.ensemble.catalogue.item_ids[blend.items[:fitting]].tolist(),
            blend.scores[:fitting].tolist(),
            repeat(Source.MODEL),
            repeat(reason),
            blend.member_scores.get(COLLABORATIVE, nothing)[:fitting].tolist(),
            blend.member_scores.get(FACTORIZATION, nothing)[:fitting].tolist(),
        )
    )


def companions_rung(product_ids: Sequence[int], most: int) -> list[Candidate]:
    """Name what was bought together with these products, each for the one it goes with best."""
    best: dict[int, tuple[CoPurchase, int]] = {}
    scores: dict[int, float] = defaultdict(float)
    for product_id in product_ids:
        for companion in find_co_purchases(product_id):
            scores[companion.product_id] += companion.score
            known = best.get(companion.product_id)
            if known is None or companion.shoppers > known[0].shoppers:
                best[companion.product_id] = (companion, product_id)
    highest = max(scores.values(), default=1.0)
    return [
        Candidate(
            product_id,
            score / highest,
            Source.SESSION,
            Reason(
                ReasonCode.BOUGHT_TOGETHER,
                product_id=best[product_id][1],
                count=best[product_id][0].shoppers,
            ),
        )
        for product_id, score in sorted(scores.items(), key=lambda one: (-one[1], one[0]))[:most]
    ]
