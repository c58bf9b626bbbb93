"""Lists of a subject's own past: what was viewed, what was bought and is used up.

Nothing stands in for what was not viewed or bought: they may be empty.
"""

from collections.abc import Sequence

from recommendations.choices import Source
from recommendations.engine import pipeline
from recommendations.engine.pipeline import Candidate
from recommendations.engine.result import Reason, ReasonCode
from recommendations.services.lists.context import ListContext
from recommendations.services.lists.result import RecommendationList, attach_products


def recently_viewed(*, context: ListContext, count: int = 10) -> RecommendationList:
    """Return the products for sale that the subject touched, latest first.

    What was bought is left out with the rest that no list may hold, unless people buy it again.
    """
    latest = dict.fromkeys(entry.product_id for entry in reversed(context.history.entries))
    return _own_list(context, list(latest), ReasonCode.VIEWED, count)


def buy_again(*, context: ListContext, count: int = 10) -> RecommendationList:
    """Return what the subject bought and people buy again, latest first."""
    return _own_list(context, context.history.purchases, ReasonCode.PURCHASED, count)


def _own_list(
    context: ListContext, product_ids: Sequence[int], code: ReasonCode, count: int
) -> RecommendationList:
    """Return those of these products that may be shown, in this order, each its own reason.

    Who switched personalization off has no past here.
    """
    history = context.history
    if not history.personalization_enabled:
        product_ids = ()
    products = context.products([pk for pk in product_ids if pk not in context.already_shown])
    facts = {pk: product.facts for pk, product in products.items()}
    candidates = [
        Candidate(product_id, 1.0, Source.SESSION, Reason(code, product_id=product_id))
        for product_id in product_ids
        if product_id in products
    ]
    excluded = history.in_cart | history.dismissed
    wanted = pipeline.filter_candidates(
        candidates, facts, purchased=history.purchased, excluded=excluded
    )
    wanted = wanted[:count]
    names = {product_id: product.name for product_id, product in products.items()}
    ranked = pipeline.build_ranked_list(wanted, model_version=None)
    return attach_products(ranked, products, names, personalized=bool(wanted))
