"""Candidate sources: each returns candidates for a list, best first, with a reason for each."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import repeat

import numpy as np
from django.db import Error as DatabaseFailure
from numpy.typing import NDArray

from recommendations.category_paths import split_path
from recommendations.choices import InteractionType, Source
from recommendations.engine.candidates import Candidate, Reason
from recommendations.engine.explanations import attach_reasons, find_reasons
from recommendations.engine.varied_reasons import vary_reasons
from recommendations.ml.blended import BlendedRanking, FoldedHistory
from recommendations.ml.data import INTERACTION_TYPES, FloatArray, History
from recommendations.ml.presets import COLLABORATIVE, FACTORIZATION
from recommendations.models import Product
from recommendations.reasons import ReasonCode
from recommendations.services.lists.context import ListContext
from recommendations.services.lists.demand import get_popular_products, get_trending_products
from recommendations.services.lists.wish import Narrowing
from recommendations.services.shop.co_purchases import CoPurchase, find_co_purchases
from recommendations.services.shop.product_rows import (
    CARD_FIELDS,
    ProductCard,
    parse_card,
    recall_newest_cards,
    remember_cards,
)
from recommendations.services.training.live_model import Snapshot

MIN_SCORE = 0.1
"""The model's candidates with a lower score are dropped."""
SESSION_FADE = 0.5
"""The scores of each category of a session are multiplied by this, once per later category."""

TOLD_AS_THEY_ARE = (Source.PINNED, Source.EXPLORED)
"""Of these sources, the reason says what the product is there for, however many there are."""

CandidateSource = Callable[[int], list[Candidate]]
"""Returns at most this many candidates, best first."""


@dataclass(eq=False, slots=True)
class ModelSource:
    """The products that the model recommends for a history, and the reasons for them.

    Products of the history are among them. `interaction_types` overrides the types of `history`.
    """

    model: Snapshot
    history: History
    interaction_types: Sequence[InteractionType] | None = None
    narrowing: Narrowing | None = None
    """What the candidates are among; None: all products."""
    folded: FoldedHistory | None = None
    """The history as the model has it; None before the first call, and for an empty one."""

    def __call__(self, limit: int) -> list[Candidate]:
        """Return at most this many candidates; none for an empty history."""
        if not len(self.history):
            return []
        ranking = self.model.ensemble.recommend(self.history, limit, with_history=True)
        self.folded = ranking.folded
        reason = Reason(ReasonCode.POPULAR)
        return _to_candidates(self.model, ranking, reason, self.narrowing)

    def explain(
        self,
        candidates: Sequence[Candidate],
        *,
        in_cart: frozenset[int],
        own_categories: Mapping[int, str] | None = None,
        products: Mapping[int, ProductCard] | None = None,
    ) -> list[Candidate]:
        """Give each candidate of the model the product that contributes most as its reason.

        With the categories of the history's products, and what is known of the candidates, a
        category may be the reason where one product would be named too often.
        """
        product_ids = [one.product_id for one in candidates if one.source is Source.MODEL]
        if not product_ids or self.folded is None:
            return list(candidates)
        catalogue = self.model.ensemble.catalogue
        contributions = self.model.ensemble.contributions(
            self.folded, catalogue.find_rows(product_ids)
        )
        types = self.interaction_types or [
            INTERACTION_TYPES[position] for position in self.history.interaction_types
        ]
        history_product_ids = catalogue.item_ids[self.history.items].tolist()
        reasons = find_reasons(
            product_ids, history_product_ids, types, contributions, in_cart=in_cart
        )
        explained = attach_reasons(candidates, reasons)
        if not own_categories or not products:
            return explained
        parts = dict(zip(product_ids, contributions, strict=True))
        return _vary_reasons(
            explained, parts, history_product_ids, own_categories, products, self.model
        )


def _vary_reasons(
    candidates: Sequence[Candidate],
    parts: Mapping[int, FloatArray],
    history_product_ids: Sequence[int],
    own_categories: Mapping[int, str],
    products: Mapping[int, ProductCard],
    model: Snapshot,
) -> list[Candidate]:
    """Vary the reasons but those of `TOLD_AS_THEY_ARE`; the model's candidates have parts.

    All of the history speaks for what is there because of its categories, and none of it for what
    is in demand.
    """
    whole = np.ones(len(history_product_ids), dtype=np.float32)
    varying = [one for one in candidates if one.source not in TOLD_AS_THEY_ARE]
    ids = [one.product_id for one in varying]
    of_others = {one.product_id: whole * (one.source is Source.SESSION) for one in varying}
    all_parts = of_others | {pk: parts[pk] for pk in ids if pk in parts}
    reasons = vary_reasons(
        {one.product_id: one.reason for one in varying},
        all_parts,
        history_product_ids,
        categories={pk: products[pk].category for pk in ids if pk in products},
        own_categories=own_categories,
        popular=model.find_popular_in_category(ids),
        other_reasons=[one.reason for one in candidates if one not in varying],
    )
    return attach_reasons(candidates, reasons)


def find_also_chosen(
    limit: int, *, model: Snapshot, product_id: int, narrowing: Narrowing | None = None
) -> list[Candidate]:
    """Return what the model recommends for a history of this product alone, of whatever kind."""
    row = model.ensemble.catalogue.find_rows([product_id])
    if row[0] < 0:
        return []
    ranking = model.ensemble.recommend(History.from_items(row), limit)
    reason = Reason(ReasonCode.ALSO_CHOSEN, product_id=product_id)
    return _to_candidates(model, ranking, reason, narrowing)


def find_bought_together(limit: int, *, product_ids: Sequence[int]) -> list[Candidate]:
    """Return what was bought together with these, or next, best first."""
    return merge_co_purchases({pk: find_co_purchases(pk) for pk in product_ids})[:limit]


def merge_co_purchases(found: Mapping[int, Sequence[CoPurchase]]) -> list[Candidate]:
    """Return what goes with several products, given what goes with each; the scores are added.

    The reason is the product with the most shoppers in common.
    """
    best: dict[int, tuple[CoPurchase, int]] = {}
    scores: dict[int, float] = defaultdict(float)
    for product_id, co_purchases in found.items():
        for co_purchase in co_purchases:
            scores[co_purchase.product_id] += co_purchase.score
            known = best.get(co_purchase.product_id)
            if known is None or co_purchase.shoppers > known[0].shoppers:
                best[co_purchase.product_id] = (co_purchase, product_id)
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
        for product_id, score in sorted(scores.items(), key=lambda one: (-one[1], one[0]))
    ]


def find_popular_in_session(limit: int, *, categories: Sequence[str]) -> list[Candidate]:
    """Return popular products of these categories, which stand latest first; see `SESSION_FADE`.

    A product of several of them, such as a category and the level above, is there with its best
    score.
    """
    candidates = [
        Candidate(
            product_id,
            score * SESSION_FADE**steps_back,
            Source.SESSION,
            Reason(ReasonCode.POPULAR_IN_CATEGORY, category=category),
        )
        for steps_back, category in enumerate(categories)
        for product_id, score in get_popular_products(category=category)[:limit]
    ]
    best: dict[int, Candidate] = {}
    for candidate in sorted(candidates, key=lambda candidate: -candidate.score):
        best.setdefault(candidate.product_id, candidate)
    return list(best.values())[:limit]


def find_trending(limit: int, *, category: str | None = None) -> list[Candidate]:
    """Return products in demand now, of the shop or of a category."""
    code = ReasonCode.TRENDING if category is None else ReasonCode.TRENDING_IN_CATEGORY
    reason = Reason(code, category=category)
    return [
        Candidate(product_id, score, Source.TRENDING, reason)
        for product_id, score in get_trending_products(category=category)[:limit]
    ]


def find_popular(limit: int, *, category: str | None = None) -> list[Candidate]:
    """Return products that have been in demand for weeks, of the shop or of a category."""
    code = ReasonCode.POPULAR if category is None else ReasonCode.POPULAR_IN_CATEGORY
    reason = Reason(code, category=category)
    return [
        Candidate(product_id, score, Source.POPULAR, reason)
        for product_id, score in get_popular_products(category=category)[:limit]
    ]


def find_newest(
    limit: int, *, context: ListContext, category: str | None = None
) -> list[Candidate]:
    """Return the newest products for sale, in the shop or in a category, all with score 1.

    While the database fails, they are the newest of those that this process has read before.
    """
    products = Product.objects.filter(is_active=True, stock__gt=0)
    if context.narrowing is not None:
        products = products.filter(context.narrowing.query)
    if category is not None:
        products = products.filter(category_rows__category__path=category)
    rows = products.order_by("-created_at", "-id").values_list(*CARD_FIELDS)[:limit]
    try:
        cards = remember_cards(map(parse_card, rows))
    except DatabaseFailure as failure:
        context.note_failure(failure)
        remembered = recall_newest_cards()
        cards = {
            one.pk: one
            for one in remembered
            if category is None or category in split_path(one.category)
        }
    context.add_products(cards)
    reason = Reason(ReasonCode.NEW)
    return [Candidate(product_id, 1.0, Source.NEWEST, reason) for product_id in cards][:limit]


def get_demand_sources(category: str | None = None) -> list[CandidateSource]:
    """Return the sources that are the same for every subject: trending, then popular."""
    return [partial(find_trending, category=category), partial(find_popular, category=category)]


def _to_candidates(
    model: Snapshot, ranking: BlendedRanking, reason: Reason, narrowing: Narrowing | None
) -> list[Candidate]:
    # The ranking is sorted by score, so the scores of at least `MIN_SCORE` stand first.
    count = int(np.count_nonzero(ranking.scores >= MIN_SCORE))
    zeros = np.zeros_like(ranking.scores)
    product_ids = model.ensemble.catalogue.item_ids[ranking.items[:count]]
    kept: slice | NDArray[np.bool_] = slice(count)
    if narrowing is not None:
        kept = np.isin(product_ids, np.array(list(narrowing.product_ids), dtype=np.int64))
        product_ids = product_ids[kept]
    return list(
        map(
            Candidate,
            product_ids.tolist(),
            ranking.scores[:count][kept].tolist(),
            repeat(Source.MODEL),
            repeat(reason),
            ranking.member_scores.get(COLLABORATIVE, zeros)[:count][kept].tolist(),
            ranking.member_scores.get(FACTORIZATION, zeros)[:count][kept].tolist(),
        )
    )
