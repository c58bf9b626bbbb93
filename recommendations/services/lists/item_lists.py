"""Lists about products: similar to one, bought together with one, complements of a cart."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from recommendations.category_paths import split_path
from recommendations.choices import InteractionType, Placement
from recommendations.errors import NotFoundError
from recommendations.ml.data import History
from recommendations.services.lists.build import ListSpec, build
from recommendations.services.lists.context import ListContext
from recommendations.services.lists.result import RecommendationList
from recommendations.services.lists.sources import (
    CandidateSource,
    ModelSource,
    find_bought_together,
    find_newest,
    find_similar,
    get_demand_sources,
)
from recommendations.services.shop.product_rows import ProductCard


def recommend_similar(
    *, context: ListContext, product_id: int, count: int = 10
) -> RecommendationList:
    """Return products similar to this one; raises NotFoundError if it is not for sale.

    The subject's history only excludes and demotes products.
    """
    product = _get_product(context, product_id)
    return _build_about_product(context, product, count, _find_similar_sources(context, product))


def recommend_bought_together(
    *, context: ListContext, product_id: int, count: int = 10, use_fallback: bool = True
) -> RecommendationList:
    """Return products that at least five shoppers bought together with this product.

    The fallback is similar products, then products in demand. Raises NotFoundError if the product
    is not for sale.
    """
    product = _get_product(context, product_id)
    sources: list[CandidateSource] = [partial(find_bought_together, product_ids=[product_id])]
    if use_fallback:
        sources += _find_similar_sources(context, product)
    return _build_about_product(context, product, count, sources, use_fallback=use_fallback)


def recommend_complements(
    *, context: ListContext, count: int = 10, use_fallback: bool = True
) -> RecommendationList:
    """Return products bought together with those in the cart, then what the model adds to the cart.

    The fallback is products in demand.
    """
    in_cart = sorted(context.history.in_cart)
    sources: list[CandidateSource] = []
    explain = None
    if in_cart:
        sources.append(partial(find_bought_together, product_ids=in_cart))
    if in_cart and context.model is not None:
        rows = context.model.ensemble.catalogue.find_rows(np.array(in_cart, dtype=np.int64))
        history = History.from_items(rows[rows >= 0])
        by_model = ModelSource(context.model, history, [InteractionType.CART] * len(history))
        sources.append(by_model)
        explain = partial(by_model.explain, in_cart=context.history.in_cart)
    context.read_products(in_cart)
    spec = ListSpec(
        placement=Placement.CART,
        count=count,
        sources=[*sources, *get_demand_sources()] if use_fallback else sources,
        fallback=partial(find_newest, context=context) if use_fallback else None,
        explain=explain,
        reason_names={pk: context.products[pk].named for pk in in_cart if pk in context.products},
        is_personal=True,
    )
    return build(spec, context)


def _find_similar_sources(context: ListContext, product: ProductCard) -> list[CandidateSource]:
    """Return the sources of similar products: the model, if any, then the category's demand.

    The demand of the level above follows, because the last level may hold few products.
    """
    sources: list[CandidateSource] = []
    for category in reversed(split_path(product.category)[-2:]):
        sources += get_demand_sources(category)
    if context.model is None:
        return sources
    return [partial(find_similar, model=context.model, product_id=product.pk), *sources]


def _build_about_product(
    context: ListContext,
    product: ProductCard,
    count: int,
    sources: Sequence[CandidateSource],
    *,
    use_fallback: bool = True,
) -> RecommendationList:
    spec = ListSpec(
        placement=Placement.PRODUCT,
        count=count,
        sources=[*sources, *get_demand_sources()] if use_fallback else sources,
        fallback=partial(find_newest, context=context) if use_fallback else None,
        reason_names={product.pk: product.named},
        exclude={product.pk},
    )
    return build(spec, context)


def _get_product(context: ListContext, product_id: int) -> ProductCard:
    context.read_products([product_id])
    product = context.products.get(product_id)
    if product is None and context.failure is not None:
        raise context.failure
    if product is None or not product.is_active:
        raise NotFoundError(f"There is no product {product_id} for sale.")
    return product
