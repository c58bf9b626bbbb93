"""Lists for every place in the shop: from the subject's latest interactions, never empty-handed.

Sources stand on a ladder (model, session, trending, popular, newest); a list goes down only as far
as it must to be full with no category beyond its share. Whatever fails, model or cache, the rung
below answers. `left_out` names products that must not come, because another list of the same page
shows them.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import numpy as np
from django.utils import timezone

from recommendations.choices import InteractionType, Placement, Source
from recommendations.engine import pipeline
from recommendations.engine.explanation import Evidence
from recommendations.engine.lists import Reason, ReasonCode
from recommendations.engine.pipeline import Candidate
from recommendations.errors import InvalidInputError, NotFoundError
from recommendations.ml.interactions import History
from recommendations.models import Product, UserBehavior
from recommendations.services import snapshot
from recommendations.services.caching import single_flight
from recommendations.services.history import model_history, read_history
from recommendations.services.lists import (
    RecommendationList,
    facts_of,
    hydrated,
    keep_list,
    kept_list,
    list_key,
    products_by_id,
)
from recommendations.services.making import EvidenceOf, make_list, no_evidence
from recommendations.services.rungs import (
    Rung,
    companions_rung,
    everybodys_rungs,
    model_evidence,
    model_rung,
    session_rung,
    similar_rung,
)
from recommendations.services.snapshot import Snapshot
from recommendations.services.subjects import Subject

SESSION_CATEGORIES = 3
"""How many of the latest categories stand in for a model."""
PREPARED_COUNTS = (10, 12)
"""Lengths of lists that are made ready: the API's default and the storefront's."""
MOST_PREPARED = 2_000


PAGES = {
    Placement.HOME: ("for-you", "recently-viewed", "buy-again", "trending", "new-arrivals"),
    Placement.PRODUCT: ("bought-together", "similar", "recently-viewed"),
    Placement.CART: ("complements", "recently-viewed"),
}
"""The lists of each page, in the order shown."""

ListMaker = Callable[..., RecommendationList]


@dataclass(frozen=True, slots=True)
class NamedList:
    """One of the lists of a page."""

    name: str
    found: RecommendationList


def page(
    *,
    placement: Placement,
    subject: Subject | None,
    product_id: int | None = None,
    count: int = 10,
) -> list[NamedList]:
    """Return the lists of a page in the order shown; no product is in two, and no list is empty.

    Raises:
        NotFoundError: The product of a product page is not in the shop.
        InvalidInputError: A product page without a product, or a place without a page.
    """
    names = PAGES.get(placement)
    if names is None:
        raise InvalidInputError(f"There is no page {placement.value}.", field="placement")
    makers: dict[str, ListMaker] = {
        "trending": trending,
        "new-arrivals": new_arrivals,
        "recently-viewed": recently_viewed,
        "buy-again": buy_again,
        "complements": cart_complements,
    }
    shown: set[int] = set()
    if placement is Placement.PRODUCT:
        if product_id is None:
            raise InvalidInputError("A product page needs its product.", field="product_id")
        shown.add(product_id)
        makers["similar"] = partial(similar_products, product_id=product_id)
        makers["bought-together"] = partial(bought_together, product_id=product_id)
    lists = []
    for name in names:
        # Only the first list of the home page is kept, so it is made before anything is shown.
        found = (
            recommend(subject=subject, placement=placement, count=count)
            if name == "for-you"
            else makers[name](subject=subject, count=count, left_out=shown)
        )
        if found.entries:
            lists.append(NamedList(name, found))
        shown.update(entry.product.pk for entry in found.entries)
    return lists


def recommend(
    *, subject: Subject | None, placement: Placement = Placement.HOME, count: int = 10
) -> RecommendationList:
    """Return the list for this subject at this place; nobody's is what is in demand.

    What was bought (unless people buy it again) or lies in the cart is left out; what was viewed
    or liked stays. It is empty only when the shop has nothing else to sell.
    """
    live = snapshot.current()
    key = list_key(subject, placement, count, live.version if live else None)
    kept = kept_list(key, subject)
    if kept is not None:
        return kept
    with single_flight(key) as waited:
        kept = kept_list(key, subject) if waited else None
        return kept or _made_and_kept(key, subject, placement, count, live)


def prepare_lists(*, active_within: timedelta) -> int:
    """Make the next home lists of shoppers who did something lately; returns how many.

    They lie in the shared cache when they are asked for, unless the shopper does something else
    first.
    """
    since = timezone.now() - active_within
    active = (
        UserBehavior.objects.filter(timestamp__gte=since, user_id__isnull=False)
        .order_by("user_id")
        .values_list("user_id", flat=True)
        .distinct()[:MOST_PREPARED]
    )
    prepared = 0
    for user_id in list(active):
        for count in PREPARED_COUNTS:
            recommend(subject=Subject(user_id=user_id), count=count)
            prepared += 1
    return prepared


def similar_products(
    *,
    product_id: int,
    subject: Subject | None = None,
    count: int = 10,
    left_out: Collection[int] = (),
) -> RecommendationList:
    """Return what is like a product; raises NotFoundError when it is not in the shop.

    The subject's history only says what to leave out.
    """
    product = _for_sale(product_id)
    live = snapshot.current()
    rungs = everybodys_rungs(product.category)
    if live is not None:
        rungs.insert(0, partial(similar_rung, live, product_id))
    return make_list(
        rungs=[*rungs, *everybodys_rungs(None)],
        history=read_history(subject),
        placement=Placement.PRODUCT,
        count=count,
        live=live,
        names={product_id: product.name},
        left_out={product_id, *left_out},
    )


def bought_together(
    *,
    product_id: int,
    subject: Subject | None = None,
    count: int = 10,
    left_out: Collection[int] = (),
) -> RecommendationList:
    """Return what was bought with a product, then what is like it.

    At least five shoppers are behind what is said to be bought together. Raises NotFoundError
    when the product is not in the shop.
    """
    product = _for_sale(product_id)
    live = snapshot.current()
    rungs: list[Rung] = [partial(companions_rung, [product_id])]
    if live is not None:
        rungs.append(partial(similar_rung, live, product_id))
    return make_list(
        rungs=[*rungs, *everybodys_rungs(product.category), *everybodys_rungs(None)],
        history=read_history(subject),
        placement=Placement.PRODUCT,
        count=count,
        live=live,
        names={product_id: product.name},
        left_out={product_id, *left_out},
    )


def cart_complements(
    *, subject: Subject | None, count: int = 10, left_out: Collection[int] = ()
) -> RecommendationList:
    """Return what was bought with the products in the cart, then what the model adds to them."""
    live = snapshot.current()
    history = read_history(subject)
    in_cart = sorted(history.in_cart)
    rungs: list[Rung] = [partial(companions_rung, in_cart)] if in_cart else []
    evidence: EvidenceOf = no_evidence
    if live is not None and in_cart:
        known, entries = _as_history(live, in_cart)
        rungs.append(partial(model_rung, live, known))
        evidence = partial(model_evidence, live, known, entries, history.in_cart)
    return make_list(
        rungs=[*rungs, *everybodys_rungs(None)],
        history=history,
        placement=Placement.CART,
        count=count,
        live=live,
        personal=True,
        evidence=evidence,
        names={pk: product.name for pk, product in products_by_id(in_cart).items()},
        left_out=left_out,
    )


def trending(
    *,
    count: int = 10,
    category: str | None = None,
    subject: Subject | None = None,
    left_out: Collection[int] = (),
) -> RecommendationList:
    """Return what is in demand now, in the shop or in a category."""
    return make_list(
        rungs=everybodys_rungs(category),
        history=read_history(subject),
        placement=Placement.HOME if category is None else Placement.SEARCH,
        count=count,
        category=category,
        left_out=left_out,
    )


def popular(
    *, count: int = 10, category: str | None = None, subject: Subject | None = None
) -> RecommendationList:
    """Return what has been in demand for weeks, in the shop or in a category."""
    return make_list(
        rungs=everybodys_rungs(category)[1:],
        history=read_history(subject),
        placement=Placement.HOME if category is None else Placement.SEARCH,
        count=count,
        category=category,
    )


def new_arrivals(
    *, subject: Subject | None = None, count: int = 10, left_out: Collection[int] = ()
) -> RecommendationList:
    """Return the newest products; those beyond their category's half of the list come last."""
    return make_list(
        rungs=[],
        history=read_history(subject),
        placement=Placement.HOME,
        count=count,
        left_out=left_out,
    )


def recently_viewed(
    *, subject: Subject | None, count: int = 10, left_out: Collection[int] = ()
) -> RecommendationList:
    """Return the products for sale that the subject touched, latest first; empty for who is new.

    Nothing stands in for what was not viewed.
    """
    history = read_history(subject)
    latest = dict.fromkeys(entry.product_id for entry in reversed(history.entries))
    away = history.in_cart | history.dismissed | set(left_out)
    return _own_list(
        [product_id for product_id in latest if product_id not in away], ReasonCode.VIEWED, count
    )


def buy_again(
    *, subject: Subject | None, count: int = 10, left_out: Collection[int] = ()
) -> RecommendationList:
    """Return what the subject bought and people buy again, latest first; else empty."""
    history = read_history(subject)
    away = history.in_cart | history.dismissed | set(left_out)
    bought = [product_id for product_id in history.purchases if product_id not in away]
    return _own_list(bought, ReasonCode.PURCHASED, count, repeatable_only=True)


def personalization_scores(
    *, subject: Subject | None, product_ids: Sequence[int]
) -> dict[int, float]:
    """Return how well each product fits the subject's taste, in [0, 1]; 0 where that is unknown."""
    scores = dict.fromkeys(product_ids, 0.0)
    live = snapshot.current()
    if live is None or subject is None or not product_ids:
        return scores
    history = read_history(subject)
    catalogue = live.ensemble.catalogue
    known, _ = model_history(history.entries, catalogue, now=timezone.now())
    if not len(known) or not history.personalization_enabled:
        return scores
    rows = catalogue.rows(np.array(product_ids, dtype=np.int64))
    found = rows >= 0
    fits = np.nan_to_num(live.ensemble.score_items(known, rows[found]), nan=0.0).clip(0, 1)
    ids = np.array(product_ids)[found]
    return scores | dict(zip(ids.tolist(), fits.astype(float).tolist(), strict=True))


def _own_list(
    product_ids: Sequence[int], code: ReasonCode, count: int, *, repeatable_only: bool = False
) -> RecommendationList:
    """Return the products of a subject's own past, in this order, each its own reason."""
    products = products_by_id(product_ids)
    candidates = [
        Candidate(product_id, 1.0, Source.SESSION, Reason(code, product_id=product_id))
        for product_id in product_ids
        if not repeatable_only or (product_id in products and products[product_id].is_repeatable)
    ]
    for_sale = pipeline.only_for_sale(candidates, facts_of(products))[:count]
    names = {product_id: product.name for product_id, product in products.items()}
    ranked = pipeline.ranked_list(for_sale, model_version=None)
    return hydrated(ranked, products, names, personalized=bool(for_sale))


def _for_sale(product_id: int) -> Product:
    product = Product.objects.filter(pk=product_id, is_active=True).only("name", "category").first()
    if product is None:
        raise NotFoundError(f"There is no product {product_id} for sale.")
    return product


def _as_history(live: Snapshot, product_ids: Sequence[int]) -> tuple[History, list[Evidence]]:
    """Return products in a cart as a history of equal entries, as far as the model knows them."""
    rows = live.ensemble.catalogue.rows(np.array(product_ids, dtype=np.int64))
    known = rows >= 0
    history = History(
        items=rows[known],
        weights=np.ones(known.sum(), np.float32),
        ages_in_days=np.zeros(known.sum(), np.float32),
    )
    kept = np.array(product_ids)[known].tolist()
    return history, [Evidence(product_id, InteractionType.CART) for product_id in kept]


def _made_and_kept(
    key: str, subject: Subject | None, placement: Placement, count: int, live: Snapshot | None
) -> RecommendationList:
    history = read_history(subject)
    rungs: list[Rung] = []
    evidence: EvidenceOf = no_evidence
    if history.personalization_enabled and history.entries:
        if live is not None:
            known, entries = model_history(
                history.entries, live.ensemble.catalogue, now=timezone.now()
            )
            rungs.append(partial(model_rung, live, known))
            evidence = partial(model_evidence, live, known, entries, history.in_cart)
        rungs.append(partial(session_rung, history.categories[:SESSION_CATEGORIES]))
    made = make_list(
        rungs=[*rungs, *everybodys_rungs(None)],
        history=history,
        placement=placement,
        count=count,
        live=live,
        personal=True,
        evidence=evidence,
    )
    keep_list(key, made, history.state)
    return made
