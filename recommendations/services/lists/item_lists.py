"""Lists about products: similar to one, what goes with one, complements of a cart."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from recommendations.category_paths import split_path
from recommendations.choices import InteractionType, Likeness, Placement
from recommendations.engine.candidates import Candidate
from recommendations.errors import NotFoundError
from recommendations.ml.data import History
from recommendations.services.lists.build import build
from recommendations.services.lists.context import ListContext
from recommendations.services.lists.likeness import (
    find_alike,
    find_alike_by,
    find_kinds_in_cart,
    find_of_its_kind,
)
from recommendations.services.lists.list_spec import ListSpec
from recommendations.services.lists.random_slot import fill_random_slot
from recommendations.services.lists.result import RecommendationList
from recommendations.services.lists.sources import (
    CandidateSource,
    ModelSource,
    find_also_chosen,
    find_bought_together,
    find_newest,
    get_demand_sources,
)
from recommendations.services.shop.product_rows import ProductCard


def recommend_similar(
    *, context: ListContext, product_id: int, count: int = 10, by: Likeness | None = None
) -> RecommendationList:
    """Return products of the same kind as this one; raises NotFoundError if it is not for sale.

    Where there are too few, products of its category follow: those that the same shoppers choose,
    then those in demand. The subject's history only excludes and demotes products. With `by`, the
    list has only what is similar in this way, so it may be empty.
    """
    product = _get_product(context, product_id)
    if by is not None:
        alike = [partial(find_alike_by, context=context, product=product, by=by)]
        return _build_about_product(
            context,
            product,
            count,
            [] if context.treatment.only_popular else alike,
            use_fallback=False,
        )
    sources = _get_category_sources(product)
    if not context.treatment.only_popular:
        sources = [
            partial(find_alike, context=context, product=product),
            partial(_find_also_chosen_in_category, context=context, product=product),
            *sources,
        ]
    found = _build_about_product(context, product, count, sources)
    return fill_random_slot(found, context, Placement.PRODUCT, count)


def recommend_bought_together(
    *, context: ListContext, product_id: int, count: int = 10, use_fallback: bool = True
) -> RecommendationList:
    """Return products that at least five shoppers bought together with this product, or next.

    None is of its kind, where one is enough. The fallback is what the same shoppers choose, then
    products in demand. Raises NotFoundError if the product is not for sale.
    """
    product = _get_product(context, product_id)
    sources: list[CandidateSource] = []
    uses_engine = not context.treatment.only_popular
    if uses_engine:
        sources.append(partial(find_bought_together, product_ids=[product_id]))
    if uses_engine and use_fallback and context.model is not None:
        sources.append(
            partial(
                find_also_chosen,
                model=context.model,
                product_id=product_id,
                narrowing=context.narrowing,
            )
        )
    if use_fallback:
        sources += _get_category_sources(product)
    return _build_about_product(
        context,
        product,
        count,
        sources,
        avoid=find_of_its_kind(context, product),
        use_fallback=use_fallback,
    )


def recommend_complements(
    *, context: ListContext, count: int = 10, use_fallback: bool = True
) -> RecommendationList:
    """Return what goes with the products in the cart, then what the model adds to the cart.

    None is of a kind that the cart holds already, where one is enough. The fallback is products in
    demand.
    """
    in_cart = sorted(context.history.in_cart)
    sources: list[CandidateSource] = []
    explain = None
    uses_engine = bool(in_cart) and not context.treatment.only_popular
    if uses_engine:
        sources.append(partial(find_bought_together, product_ids=in_cart))
    if uses_engine and context.model is not None:
        rows = context.model.ensemble.catalogue.find_rows(np.array(in_cart, dtype=np.int64))
        history = History.from_items(rows[rows >= 0])
        types = [InteractionType.CART] * len(history)
        by_model = ModelSource(context.model, history, types, narrowing=context.narrowing)
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
        avoid=find_kinds_in_cart(context),
        is_personal=True,
    )
    return fill_random_slot(build(spec, context), context, Placement.CART, count)


def _find_also_chosen_in_category(
    limit: int, *, context: ListContext, product: ProductCard
) -> list[Candidate]:
    if context.model is None:
        return []
    found = find_also_chosen(
        limit, model=context.model, product_id=product.pk, narrowing=context.narrowing
    )
    context.read_products([one.product_id for one in found])
    cards = context.products
    return [
        one
        for one in found
        if one.product_id in cards and cards[one.product_id].category == product.category
    ]


def _get_category_sources(product: ProductCard) -> list[CandidateSource]:
    """Return the demand of the product's category, then that of the level above.

    The last level may hold few products.
    """
    levels = reversed(split_path(product.category)[-2:])
    return [source for category in levels for source in get_demand_sources(category)]


def _build_about_product(
    context: ListContext,
    product: ProductCard,
    count: int,
    sources: Sequence[CandidateSource],
    *,
    avoid: frozenset[int] = frozenset(),
    use_fallback: bool = True,
) -> RecommendationList:
    spec = ListSpec(
        placement=Placement.PRODUCT,
        count=count,
        sources=[*sources, *get_demand_sources()] if use_fallback else sources,
        fallback=partial(find_newest, context=context) if use_fallback else None,
        reason_names={product.pk: product.named},
        exclude={product.pk},
        avoid=avoid,
        shows_styles_once=True,
    )
    return build(spec, context)


def _get_product(context: ListContext, product_id: int) -> ProductCard:
    context.viewed_product_id = product_id
    context.read_products([product_id])
    product = context.products.get(product_id)
    if product is None and context.failure is not None:
        raise context.failure
    if product is None or not product.is_active:
        raise NotFoundError(f"There is no product {product_id} for sale.")
    return product
