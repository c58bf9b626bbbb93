"""The rungs of the ladder: what each source has to offer, and what speaks for it."""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence

import numpy as np
from django.db.models import Q

from recommendations.choices import Source
from recommendations.engine.explanation import Evidence, strongest_reason
from recommendations.engine.lists import Reason, ReasonCode
from recommendations.engine.pipeline import Candidate
from recommendations.ml.interactions import History
from recommendations.ml.presets import COLLABORATIVE, FACTORIZATION
from recommendations.models import Product
from recommendations.services.companions import Companion, companions_of
from recommendations.services.history import ShopperHistory
from recommendations.services.lists import cards
from recommendations.services.popularity import Demand, popular_products, trending_products
from recommendations.services.snapshot import Snapshot

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


def model_rung(live: Snapshot, history: History, most: int) -> list[Candidate]:
    """Name what the model finds fitting, what is in the history included."""
    if not len(history):
        return []
    return _blended(live, history, most, Reason(ReasonCode.POPULAR), with_history=True)


def similar_rung(live: Snapshot, product_id: int, most: int) -> list[Candidate]:
    """Name what a shopper who touched only this product would be shown."""
    row = live.ensemble.catalogue.rows([product_id])
    if row[0] < 0:
        return []
    only_this = History(
        items=row, weights=np.ones(1, np.float32), ages_in_days=np.zeros(1, np.float32)
    )
    return _blended(live, only_this, most, Reason(ReasonCode.SIMILAR, product_id=product_id))


def _blended(
    live: Snapshot, history: History, most: int, reason: Reason, *, with_history: bool = False
) -> list[Candidate]:
    blend = live.ensemble.rank(history, most, with_history=with_history)
    nothing = np.zeros(len(blend), dtype=np.float32)
    columns = (
        live.ensemble.catalogue.item_ids[blend.items].tolist(),
        blend.scores.tolist(),
        blend.shares.get(COLLABORATIVE, nothing).tolist(),
        blend.shares.get(FACTORIZATION, nothing).tolist(),
    )
    return [
        Candidate(product_id, score, Source.MODEL, reason, cf_score, mf_score)
        for product_id, score, cf_score, mf_score in zip(*columns, strict=True)
        if score >= LEAST_SCORE
    ]


def model_evidence(
    live: Snapshot,
    history: History,
    entries: Sequence[Evidence],
    in_cart: frozenset[int],
    candidates: Sequence[Candidate],
) -> list[Reason | None]:
    """Return the reasons that the history gives for what the model named."""
    found: list[Reason | None] = [None] * len(candidates)
    places = [
        place for place, candidate in enumerate(candidates) if candidate.source is Source.MODEL
    ]
    items = live.ensemble.catalogue.rows([candidates[place].product_id for place in places])
    contributions = live.ensemble.all_contributions(history, items)
    for place, of_item in zip(places, contributions, strict=True):
        found[place] = strongest_reason(
            candidates[place].product_id, entries, of_item, in_cart=in_cart
        )
    return found


def companions_rung(product_ids: Sequence[int], most: int) -> list[Candidate]:
    """Name what was bought together with these products, each for the one it goes with best."""
    best: dict[int, tuple[Companion, int]] = {}
    scores: dict[int, float] = defaultdict(float)
    for product_id in product_ids:
        for companion in companions_of(product_id):
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


def newest_products(
    history: ShopperHistory, left_out: Collection[int], category: str | None, most: int
) -> dict[int, Product]:
    """Return the newest products that the subject may be shown, in that order."""
    products = (
        cards()
        .filter(is_active=True, stock__gt=0)
        .filter(Q(is_repeatable=True) | ~Q(id__in=history.purchased))
        .exclude(id__in=history.in_cart | history.dismissed | set(left_out))
        .order_by("-created_at", "-id")
    )
    if category is not None:
        products = products.filter(category=category)
    return {product.pk: product for product in products[:most]}
