"""Lists beside products: what is like one, what was bought with it, what completes a cart."""

from functools import partial

import numpy as np

from recommendations.choices import InteractionType, Placement
from recommendations.engine.explanations import Evidence
from recommendations.errors import NotFoundError
from recommendations.ml.data import History
from recommendations.services.lists.build import EvidenceOf, make_list, no_evidence
from recommendations.services.lists.context import ListContext
from recommendations.services.lists.result import RecommendationList
from recommendations.services.lists.sources import (
    ModelRung,
    Rung,
    companions_rung,
    everybodys_rungs,
    similar_rung,
)
from recommendations.services.shop.product_rows import ProductCard
from recommendations.services.training import live_model
from recommendations.services.training.live_model import Snapshot


def similar_products(
    *, context: ListContext, product_id: int, count: int = 10
) -> RecommendationList:
    """Return what is like a product; raises NotFoundError when it is not in the shop.

    The viewer's history only says what to leave out.
    """
    product = _for_sale(context, product_id)
    live = live_model.get_current()
    rungs = everybodys_rungs(product.category)
    if live is not None:
        rungs.insert(0, partial(similar_rung, live, product_id))
    return _beside(context, product, rungs, count, live)


def bought_together(
    *, context: ListContext, product_id: int, count: int = 10, is_filled: bool = True
) -> RecommendationList:
    """Return what was bought with a product, then, if it is to be filled, what is like it.

    At least five shoppers are behind what is said to be bought together. Raises NotFoundError
    when the product is not in the shop.
    """
    product = _for_sale(context, product_id)
    live = live_model.get_current()
    rungs: list[Rung] = [partial(companions_rung, [product_id])]
    if live is not None and is_filled:
        rungs.append(partial(similar_rung, live, product_id))
    if is_filled:
        rungs += everybodys_rungs(product.category)
    return _beside(context, product, rungs, count, live, is_filled=is_filled)


def cart_complements(
    *, context: ListContext, count: int = 10, is_filled: bool = True
) -> RecommendationList:
    """Return what was bought with the products in the cart, then what the model adds to them.

    If it is to be filled, what is in demand comes after that.
    """
    live = live_model.get_current()
    in_cart = sorted(context.history.in_cart)
    rungs: list[Rung] = [partial(companions_rung, in_cart)] if in_cart else []
    evidence: EvidenceOf = no_evidence
    if live is not None and in_cart:
        known, entries = _as_history(live, in_cart)
        by_model = ModelRung(live, known, entries)
        rungs.append(by_model)
        evidence = partial(by_model.evidence, in_cart=context.history.in_cart)
    return make_list(
        rungs=[*rungs, *everybodys_rungs(None)] if is_filled else rungs,
        context=context,
        placement=Placement.CART,
        count=count,
        is_filled=is_filled,
        live=live,
        personal=True,
        evidence=evidence,
        names={pk: product.name for pk, product in context.products(in_cart).items()},
    )


def _beside(
    context: ListContext,
    product: ProductCard,
    rungs: list[Rung],
    count: int,
    live: Snapshot | None,
    *,
    is_filled: bool = True,
) -> RecommendationList:
    return make_list(
        rungs=[*rungs, *everybodys_rungs(None)] if is_filled else rungs,
        context=context,
        placement=Placement.PRODUCT,
        count=count,
        is_filled=is_filled,
        live=live,
        names={product.pk: product.name},
        left_out={product.pk},
    )


def _for_sale(context: ListContext, product_id: int) -> ProductCard:
    product = context.products([product_id]).get(product_id)
    if product is None or not product.is_active:
        raise NotFoundError(f"There is no product {product_id} for sale.")
    return product


def _as_history(live: Snapshot, product_ids: list[int]) -> tuple[History, list[Evidence]]:
    """Return products in a cart as a history of equal entries, as far as the model knows them."""
    rows = live.ensemble.catalogue.find_rows(np.array(product_ids, dtype=np.int64))
    known = rows >= 0
    history = History(
        items=rows[known],
        weights=np.ones(known.sum(), np.float32),
        ages_in_days=np.zeros(known.sum(), np.float32),
    )
    kept = np.array(product_ids)[known].tolist()
    return history, [Evidence(product_id, InteractionType.CART) for product_id in kept]
