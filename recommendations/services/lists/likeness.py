"""Products of the same kind as one: alike in words, in meaning, in looks, and to shoppers."""

from collections.abc import Mapping, Sequence

import numpy as np

from recommendations.choices import Likeness, Source
from recommendations.engine.candidates import Candidate, Reason
from recommendations.ml.data import FloatArray, History
from recommendations.reasons import ReasonCode
from recommendations.retrieval.likeness import find_like
from recommendations.retrieval.picture_vectors import PictureVectors
from recommendations.retrieval.segments import SegmentedIndex
from recommendations.retrieval.tokens import split_words
from recommendations.services.infra.degradation import ignore_database_errors
from recommendations.services.lists.context import ListContext
from recommendations.services.looks import live_vectors
from recommendations.services.search import meaning
from recommendations.services.shop.co_purchases import find_co_purchases
from recommendations.services.shop.co_views import CoView, find_co_views
from recommendations.services.shop.product_rows import ProductCard
from recommendations.services.training.live_model import Snapshot

MIN_LIKENESS = 0.35
"""Products that are less alike are not called similar."""
MIN_KIND_LIKENESS = 0.15
"""What has fewer words in common is of another kind; low, so as to miss few of the kind."""
MIN_KIND_LIKENESS_OF_OWN_WORDS = 0.05
"""Nor is it of the kind if fewer words are in common beside those of the category.

A spade and a rake may share nothing but their category.
"""
MIN_KIND_LIKENESS_OF_BOUGHT = 0.25
"""The same for what is bought together with it, which mostly is of another kind."""
MAX_OF_A_KIND = 500
"""How many products at most are of the kind of one: those most alike."""
MAX_ALIKE_IN_OWN_WORDS = 5_000
"""How many products at most are compared by their own words; most of them are of other kinds."""
MAX_KINDS = 20
"""Of how many products of a cart the kind is looked up: each takes about a millisecond."""
BEHAVIOUR_WEIGHT = 0.2
"""How much of the order the shoppers decide; the likeness decides the rest."""
CO_VIEW_WEIGHT = 0.2
"""How much of the order decides what shoppers look at in the same session, where that is known."""
PRICE_WEIGHT = 0.1
"""How much of the likeness a price that is near decides, among those that are alike."""


def find_alike(limit: int, *, context: ListContext, product: ProductCard) -> list[Candidate]:
    """Return products of the same kind, best first; products that no training has seen as well.

    The likeness is how much another product has of the product's own words, weighted by field and
    by rarity, as a share of what the product itself has. The words of its brand do not count: they
    say who made it, not what it is. Where search goes by meaning and both have a vector, the cosine
    counts as well, and so do their pictures, if the shop compares pictures. Of products about
    equally alike, those come first whose price is near, those that the model names for shoppers of
    this product, and those that shoppers look at in the same session. There are none while nothing
    is indexed yet.
    """
    product_ids, likeness = _find_like(
        limit,
        context,
        product,
        least=MIN_LIKENESS,
        by_meaning=meaning.is_on(),
        pictures=live_vectors.get_current(),
    )
    if not product_ids:
        return []
    prices = _compare_prices(context, product, product_ids)
    scores = (1 - PRICE_WEIGHT) * likeness + PRICE_WEIGHT * prices
    if context.model is not None:
        behaviour = _score_by_behaviour(context.model, product.pk, product_ids)
        scores = (1 - BEHAVIOUR_WEIGHT) * scores + BEHAVIOUR_WEIGHT * behaviour
    co_views = {one.product_id: one.score for one in _read_co_views(product.pk)}
    if co_views:
        scores = (1 - CO_VIEW_WEIGHT) * scores + CO_VIEW_WEIGHT * scale_co_views(
            co_views, product_ids
        )
    reason = Reason(ReasonCode.SIMILAR, product_id=product.pk)
    return _to_candidates(product_ids, scores, reason)


def find_alike_by(
    limit: int, *, context: ListContext, product: ProductCard, by: Likeness
) -> list[Candidate]:
    """Return the products that are similar to one in one way alone, best first."""
    if by is Likeness.TEXT:
        found, likeness = _find_like(
            limit, context, product, least=MIN_LIKENESS, by_meaning=meaning.is_on()
        )
        reason = Reason(ReasonCode.SIMILAR, product_id=product.pk)
        return _to_candidates(found, likeness, reason)
    if by is Likeness.PICTURE:
        vectors = live_vectors.get_current()
        if vectors is None:
            return []
        nearest, cosines = vectors.find_nearest(product.pk, limit)
        reason = Reason(ReasonCode.LOOKS_LIKE, product_id=product.pk)
        return _to_candidates(nearest.tolist(), cosines, reason)
    return _find_viewed_together(limit, product)


def find_of_its_kind(context: ListContext, product: ProductCard) -> frozenset[int]:
    """Return the products of the kind of one, itself among them; none if it is repeatable.

    What is repeatable may be wanted several times. What is bought together with the product is of
    its kind only in the same main category, and if its own words are much alike: the case has all
    words of the phone, and is none.
    """
    if product.is_repeatable:
        return frozenset()
    alike, _ = _find_like(
        MAX_OF_A_KIND, context, product, least=MIN_KIND_LIKENESS, by_meaning=False
    )
    own_ids, own_likenesses = _find_like(
        MAX_ALIKE_IN_OWN_WORDS,
        context,
        product,
        least=MIN_KIND_LIKENESS_OF_OWN_WORDS,
        by_meaning=False,
        by_category=False,
    )
    own_likeness = dict(zip(own_ids, own_likenesses.tolist(), strict=True))
    of_its_kind = {pk for pk in alike if pk in own_likeness}
    bought_together: set[int] = set()
    with ignore_database_errors("candidates"):
        bought_together.update(one.product_id for one in find_co_purchases(product.pk))
    bought_together &= of_its_kind
    context.read_products(bought_together)
    of_another = {
        pk
        for pk in bought_together
        if own_likeness[pk] < MIN_KIND_LIKENESS_OF_BOUGHT
        or pk not in context.products
        or context.products[pk].category != product.category
    }
    return frozenset({product.pk} | of_its_kind - of_another)


def find_kinds_in_cart(context: ListContext) -> frozenset[int]:
    """Return the products of a kind that the cart holds already, where one is enough.

    In a cart of more than `MAX_KINDS` products that are not repeatable, those added to the
    catalogue last count.
    """
    in_cart = context.history.in_cart
    context.read_products(in_cart)
    cards = [context.products[pk] for pk in sorted(in_cart) if pk in context.products]
    lasting = [card for card in cards if not card.is_repeatable][-MAX_KINDS:]
    found: set[int] = set()
    for card in lasting:
        found.update(find_of_its_kind(context, card))
    return frozenset(found - in_cart)


def scale_co_views(co_views: Mapping[int, float], product_ids: Sequence[int]) -> FloatArray:
    """Return the scores of products as a share of the best score of all; 0 for the others."""
    best = max(co_views.values())
    shares = [co_views.get(product_id, 0.0) / best for product_id in product_ids]
    return np.array(shares, dtype=np.float32)


def _read_co_views(product_id: int, limit: int | None = None) -> list[CoView]:
    found: list[CoView] = []
    with ignore_database_errors("candidates"):
        found = find_co_views(product_id)
    return found[:limit]


def _find_viewed_together(limit: int, product: ProductCard) -> list[Candidate]:
    return [
        Candidate(
            one.product_id,
            one.score,
            Source.CONTENT,
            Reason(ReasonCode.VIEWED_TOGETHER, product_id=product.pk, count=one.shoppers),
        )
        for one in _read_co_views(product.pk, limit)
    ]


def _find_like(
    limit: int,
    context: ListContext,
    product: ProductCard,
    *,
    least: float,
    by_meaning: bool,
    by_category: bool = True,
    pictures: PictureVectors | None = None,
) -> tuple[list[int], FloatArray]:
    """Return the products most like one and their likeness; none while nothing is indexed yet.

    Unless `by_category`, the words of its category count only if they are in its name as well.
    """
    index = context.index
    if index is None:
        return [], np.empty(0, dtype=np.float32)
    excluded = _find_terms(index, product.brand)
    if not by_category:
        excluded |= _find_terms(index, product.category) - _find_terms(index, product.name)
    weights = index.weigh_product(product.pk, exclude=excluded)
    found, likeness = find_like(
        index,
        product.pk,
        weights,
        limit,
        least=least,
        by_meaning=by_meaning,
        pictures=pictures,
    )
    return found.tolist(), likeness


def _find_terms(index: SegmentedIndex, text: str) -> set[str]:
    return {term for word in split_words(text) for term in index.tokenizer.stem(word)}


def _to_candidates(
    product_ids: Sequence[int], scores: FloatArray, reason: Reason
) -> list[Candidate]:
    """Return candidates in the order of their scores; equal ones keep their order."""
    candidates = [
        Candidate(pk, score, Source.CONTENT, reason)
        for pk, score in zip(product_ids, scores.tolist(), strict=True)
    ]
    return sorted(candidates, key=lambda one: -one.score)


def _compare_prices(
    context: ListContext, product: ProductCard, product_ids: Sequence[int]
) -> FloatArray:
    """Return how near each price is to the product's: the lower one as a share of the higher."""
    context.read_products(product_ids)
    cards = [context.products.get(pk) for pk in product_ids]
    own = float(product.price)
    nearness = [
        min(own, float(card.price)) / max(own, float(card.price), 0.01) if card else 0.0
        for card in cards
    ]
    return np.array(nearness, dtype=np.float32)


def _score_by_behaviour(model: Snapshot, product_id: int, product_ids: Sequence[int]) -> FloatArray:
    """Return the model's scores of products for a history of this one alone, in [0, 1]."""
    scores: FloatArray = np.zeros(len(product_ids), dtype=np.float32)
    ensemble = model.ensemble
    own = ensemble.catalogue.find_rows([product_id])
    rows = ensemble.catalogue.find_rows(product_ids)
    is_known = rows >= 0
    if own[0] >= 0 and is_known.any():
        found = ensemble.score_items(ensemble.fold_in(History.from_items(own)), rows[is_known])
        scores[is_known] = np.nan_to_num(found).clip(0, 1)
    return scores
