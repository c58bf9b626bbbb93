"""Products of the same kind as one: alike in name, categories, attributes and description."""

from collections.abc import Sequence

import numpy as np
from django.db import Error as DatabaseFailure

from recommendations.choices import Source
from recommendations.engine.candidates import Candidate, Reason
from recommendations.ml.data import FloatArray, History
from recommendations.reasons import ReasonCode
from recommendations.retrieval.likeness import find_like
from recommendations.retrieval.tokens import split_words
from recommendations.services.lists.context import ListContext
from recommendations.services.search import live_index, meaning
from recommendations.services.shop.product_rows import ProductCard
from recommendations.services.training.live_model import Snapshot

MIN_LIKENESS = 0.35
"""Products that are less alike are not called similar."""
MIN_KIND_LIKENESS = 0.25
"""What has fewer words in common is of another kind; low, so as to miss few of the kind."""
MAX_OF_A_KIND = 500
"""How many products at most are of the kind of one: those most alike."""
MAX_KINDS = 20
"""Of how many products of a cart the kind is looked up: each takes about a millisecond."""
BEHAVIOUR_WEIGHT = 0.2
"""How much of the order the shoppers decide; the likeness decides the rest."""


def find_alike(limit: int, *, context: ListContext, product: ProductCard) -> list[Candidate]:
    """Return products of the same kind, best first; products that no training has seen as well.

    The likeness is how much another product has of the product's own words, weighted by field and
    by rarity, as a share of what the product itself has. The words of its brand do not count: they
    say who made it, not what it is. Where search goes by meaning and both have a vector, the cosine
    counts as well. Of products about equally alike, those come first that the model names for
    shoppers of this product. There are none while nothing is indexed yet.
    """
    product_ids, likeness = _find_like(
        limit, context, product, least=MIN_LIKENESS, by_meaning=meaning.is_on()
    )
    if not product_ids:
        return []
    scores = likeness
    if context.model is not None:
        behaviour = _score_by_behaviour(context.model, product.pk, product_ids)
        scores = (1 - BEHAVIOUR_WEIGHT) * likeness + BEHAVIOUR_WEIGHT * behaviour
    reason = Reason(ReasonCode.SIMILAR, product_id=product.pk)
    candidates = [
        Candidate(pk, score, Source.CONTENT, reason)
        for pk, score in zip(product_ids, scores.tolist(), strict=True)
    ]
    return sorted(candidates, key=lambda one: -one.score)


def find_kinds_in_cart(context: ListContext) -> frozenset[int]:
    """Return the products of a kind that the cart holds already, where one is enough.

    What is repeatable may be wanted several times, so its kind is not among them. In a cart of more
    than `MAX_KINDS` products, those added to the catalogue last count.
    """
    in_cart = context.history.in_cart
    context.read_products(in_cart)
    cards = [context.products[pk] for pk in sorted(in_cart) if pk in context.products]
    lasting = [card for card in cards if not card.is_repeatable][-MAX_KINDS:]
    found: set[int] = set()
    for card in lasting:
        of_a_kind, _ = _find_like(
            MAX_OF_A_KIND, context, card, least=MIN_KIND_LIKENESS, by_meaning=False
        )
        found.update(of_a_kind)
    return frozenset(found - in_cart)


def _find_like(
    limit: int, context: ListContext, product: ProductCard, *, least: float, by_meaning: bool
) -> tuple[list[int], FloatArray]:
    """Return the products most like one and their likeness; none while nothing is indexed yet."""
    try:
        index = live_index.get_current()
    except DatabaseFailure as failure:
        context.note_failure(failure)
        index = None
    if index is None:
        return [], np.empty(0, dtype=np.float32)
    made_by = {term for word in split_words(product.brand) for term in index.tokenizer.stem(word)}
    weights = index.weigh_product(product.pk, exclude=made_by)
    found, likeness = find_like(
        index, product.pk, weights, limit, least=least, by_meaning=by_meaning
    )
    return found.tolist(), likeness


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
