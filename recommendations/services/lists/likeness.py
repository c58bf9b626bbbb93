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
    try:
        index = live_index.get_current()
    except DatabaseFailure as failure:
        context.note_failure(failure)
        return []
    if index is None:
        return []
    made_by = {term for word in split_words(product.brand) for term in index.tokenizer.stem(word)}
    weights = index.weigh_product(product.pk, exclude=made_by)
    found, likeness = find_like(
        index, product.pk, weights, limit, least=MIN_LIKENESS, by_meaning=meaning.is_on()
    )
    product_ids = found.tolist()
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
