"""Lists for every place in the shop: from the subject's latest interactions, never empty-handed.

Sources stand on a ladder (model, session, trending, popular, newest); a list goes down only as far
as it must to be full with no category beyond its share. Whatever fails, model or cache, the rung
below answers.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

import numpy as np
from django.utils import timezone

from recommendations.choices import Placement, Source
from recommendations.engine import pipeline
from recommendations.engine.lists import Reason, ReasonCode
from recommendations.engine.pipeline import Candidate
from recommendations.engine.placements import ARRANGEMENTS
from recommendations.errors import NotFoundError
from recommendations.models import Product
from recommendations.services import snapshot
from recommendations.services.history import ShopperHistory, model_history, read_history
from recommendations.services.lists import (
    RecommendationList,
    facts_of,
    hydrated,
    keep_list,
    kept_list,
    list_key,
    products_by_id,
)
from recommendations.services.rungs import (
    Rung,
    everybodys_rungs,
    model_evidence,
    model_rung,
    newest_products,
    session_rung,
    similar_rung,
)
from recommendations.services.snapshot import Snapshot
from recommendations.services.subjects import Subject

SESSION_CATEGORIES = 3
"""How many of the latest categories stand in for a model."""

EvidenceOf = Callable[[Candidate], Reason | None]
"""Returns what in a history speaks for a candidate, None when nothing does."""


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
    history = read_history(subject)
    rungs: list[Rung] = []
    evidence: EvidenceOf = _no_evidence
    if history.personalization_enabled and history.entries:
        if live is not None:
            known, entries = model_history(
                history.entries, live.ensemble.catalogue, now=timezone.now()
            )
            rungs.append(partial(model_rung, live, known))
            evidence = partial(model_evidence, live, known, entries, history.in_cart)
        rungs.append(partial(session_rung, history.categories[:SESSION_CATEGORIES]))
    made = _make(
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


def similar_products(
    *, product_id: int, subject: Subject | None = None, count: int = 10
) -> RecommendationList:
    """Return what goes with a product; raises NotFoundError when it is not in the shop.

    The subject's history only says what to leave out.
    """
    product = Product.objects.filter(pk=product_id, is_active=True).only("name", "category").first()
    if product is None:
        raise NotFoundError(f"There is no product {product_id} for sale.")
    live = snapshot.current()
    rungs = everybodys_rungs(product.category)
    if live is not None:
        rungs.insert(0, partial(similar_rung, live, product_id))
    return _make(
        rungs=[*rungs, *everybodys_rungs(None)],
        history=read_history(subject),
        placement=Placement.PRODUCT,
        count=count,
        live=live,
        names={product_id: product.name},
        left_out=frozenset({product_id}),
    )


def trending(
    *, count: int = 10, category: str | None = None, subject: Subject | None = None
) -> RecommendationList:
    """Return what is in demand now, in the shop or in a category."""
    return _make(
        rungs=everybodys_rungs(category),
        history=read_history(subject),
        placement=Placement.HOME if category is None else Placement.SEARCH,
        count=count,
        category=category,
    )


def popular(
    *, count: int = 10, category: str | None = None, subject: Subject | None = None
) -> RecommendationList:
    """Return what has been in demand for weeks, in the shop or in a category."""
    return _make(
        rungs=everybodys_rungs(category)[1:],
        history=read_history(subject),
        placement=Placement.HOME if category is None else Placement.SEARCH,
        count=count,
        category=category,
    )


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


def _no_evidence(candidate: Candidate) -> Reason | None:
    return None


def _make(
    *,
    rungs: Sequence[Rung],
    history: ShopperHistory,
    placement: Placement,
    count: int,
    live: Snapshot | None = None,
    personal: bool = False,
    evidence: EvidenceOf = _no_evidence,
    names: Mapping[int, str] | None = None,
    category: str | None = None,
    left_out: frozenset[int] = frozenset(),
) -> RecommendationList:
    most_per_category = ARRANGEMENTS[placement].most_per_category(count)
    products: dict[int, Product] = {}
    usable: list[Candidate] = []
    for fresh in _down(rungs, history, count, asked_for=left_out):
        found = products_by_id([candidate.product_id for candidate in fresh])
        products |= found
        facts = facts_of(found)
        for_sale = pipeline.only_for_sale(fresh, facts)
        usable += pipeline.without_owned(
            for_sale, facts, purchased=history.purchased, in_cart=history.in_cart
        )
        share = pipeline.within_share(
            usable, facts_of(products), most_per_category=most_per_category
        )
        if share >= count:
            break
    if len(usable) < count:
        newest = newest_products(products, history, left_out, category, 4 * count)
        products |= newest
        usable += [
            Candidate(product_id, 1.0, Source.NEWEST, Reason(ReasonCode.NEW))
            for product_id in newest
        ]
    seen = history.seen if history.personalization_enabled else frozenset()
    arranged = pipeline.spread_categories(
        pipeline.seen_step_back(usable, seen),
        facts_of(products),
        count=count,
        most_per_category=most_per_category,
    )
    ranked = pipeline.ranked_list(
        pipeline.explained(arranged, evidence), model_version=live.version if live else None
    )
    return hydrated(
        ranked,
        products,
        history.names if names is None else names,
        personalized=personal and ranked.source in {Source.MODEL, Source.SESSION},
    )


def _down(
    rungs: Sequence[Rung], history: ShopperHistory, count: int, *, asked_for: frozenset[int]
) -> Iterator[list[Candidate]]:
    """Go down the ladder: each rung's candidates that no rung above has named."""
    enough = 4 * count + 20 + len(history.purchased | history.in_cart)
    named = set(asked_for)
    for rung in rungs:
        fresh = [candidate for candidate in rung(enough) if candidate.product_id not in named]
        named.update(candidate.product_id for candidate in fresh)
        if fresh:
            yield fresh
