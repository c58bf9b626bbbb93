"""Lists for every place in the shop: from the subject's latest interactions, never empty-handed.

Sources stand on a ladder (model, session, trending, popular, newest); a list goes down only as far
as it must to be full with no category beyond its share. Whatever fails, model or cache, the rung
below answers.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

import numpy as np
from django.db.models import Q
from django.utils import timezone

from recommendations.choices import Placement, Source
from recommendations.engine import pipeline
from recommendations.engine.explanation import Evidence, strongest_reason
from recommendations.engine.lists import Reason, ReasonCode
from recommendations.engine.pipeline import Candidate
from recommendations.engine.placements import ARRANGEMENTS
from recommendations.errors import NotFoundError
from recommendations.ml.interactions import History
from recommendations.ml.presets import COLLABORATIVE, FACTORIZATION
from recommendations.models import Product
from recommendations.services import snapshot
from recommendations.services.history import ShopperHistory, model_history, read_history
from recommendations.services.lists import (
    RecommendationList,
    cards,
    facts_of,
    hydrated,
    keep_list,
    kept_list,
    list_key,
    products_by_id,
)
from recommendations.services.popularity import Demand, popular_products, trending_products
from recommendations.services.snapshot import Snapshot
from recommendations.services.subjects import Subject

LEAST_SCORE = 0.1
"""What the model finds less than this fitting, it has no opinion on that a list should show."""
SESSION_CATEGORIES = 3
"""How many of the latest categories stand in for a model."""

Rung = Callable[[int], list[Candidate]]
"""Returns up to so many candidates of one source, best first."""

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
            rungs.append(partial(_model_rung, live, known))
            evidence = partial(_evidence, live, known, entries, history.in_cart)
        rungs.append(partial(_session_rung, history.categories[:SESSION_CATEGORIES]))
    made = _make(
        rungs=[*rungs, *_everybodys(None)],
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
    rungs = _everybodys(product.category)
    if live is not None:
        rungs.insert(0, partial(_similar_rung, live, product_id))
    return _make(
        rungs=[*rungs, *_everybodys(None)],
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
        rungs=_everybodys(category),
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
        rungs=_everybodys(category)[1:],
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
        newest = _newest(products, history, left_out, category, 4 * count)
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


def _everybodys(category: str | None) -> list[Rung]:
    in_category = category is not None
    return [
        lambda most: _demand_rung(
            trending_products(category=category)[:most],
            Source.TRENDING,
            Reason(
                ReasonCode.TRENDING_IN_CATEGORY if in_category else ReasonCode.TRENDING,
                category=category,
            ),
        ),
        lambda most: _demand_rung(
            popular_products(category=category)[:most],
            Source.POPULAR,
            Reason(
                ReasonCode.POPULAR_IN_CATEGORY if in_category else ReasonCode.POPULAR,
                category=category,
            ),
        ),
    ]


def _demand_rung(demand: Demand, source: Source, reason: Reason) -> list[Candidate]:
    return [Candidate(product_id, score, source, reason) for product_id, score in demand]


def _session_rung(categories: Sequence[str], most: int) -> list[Candidate]:
    """Name what is popular in the categories touched last, half as strongly for each step back."""
    candidates = [
        Candidate(
            product_id,
            score * 0.5**steps_back,
            Source.SESSION,
            Reason(ReasonCode.POPULAR_IN_CATEGORY, category=category),
        )
        for steps_back, category in enumerate(categories)
        for product_id, score in popular_products(category=category)[:most]
    ]
    return sorted(candidates, key=lambda candidate: -candidate.score)[:most]


def _model_rung(live: Snapshot, history: History, most: int) -> list[Candidate]:
    if not len(history):
        return []
    return _blended(live, history, most, Reason(ReasonCode.POPULAR), with_history=True)


def _similar_rung(live: Snapshot, product_id: int, most: int) -> list[Candidate]:
    row = live.ensemble.catalogue.rows([product_id])
    if row[0] < 0:
        return []
    only_this = History(
        items=row, weights=np.ones(1, np.float32), ages_in_days=np.zeros(1, np.float32)
    )
    return _blended(live, only_this, most, Reason(ReasonCode.SIMILAR, product_id=product_id))


def _blended(
    live: Snapshot, history: History, most: int, reason: Reason, *, with_history: bool = False
) -> list[Candidate]:
    blend = live.ensemble.rank(history, most, with_history=with_history)
    nothing = np.zeros(len(blend), dtype=np.float32)
    columns = (
        live.ensemble.catalogue.item_ids[blend.items].tolist(),
        blend.scores.tolist(),
        blend.shares.get(COLLABORATIVE, nothing).tolist(),
        blend.shares.get(FACTORIZATION, nothing).tolist(),
    )
    return [
        Candidate(product_id, score, Source.MODEL, reason, cf_score, mf_score)
        for product_id, score, cf_score, mf_score in zip(*columns, strict=True)
        if score >= LEAST_SCORE
    ]


def _evidence(
    live: Snapshot,
    history: History,
    entries: Sequence[Evidence],
    in_cart: frozenset[int],
    candidate: Candidate,
) -> Reason | None:
    if candidate.source is not Source.MODEL:
        return None
    item = int(live.ensemble.catalogue.rows([candidate.product_id])[0])
    contributions = live.ensemble.contributions(history, item)
    return strongest_reason(candidate.product_id, entries, contributions, in_cart=in_cart)


def _newest(
    known: Mapping[int, Product],
    history: ShopperHistory,
    left_out: frozenset[int],
    category: str | None,
    most: int,
) -> dict[int, Product]:
    """Return the newest products for sale that the ladder has not named, in that order."""
    products = (
        cards()
        .filter(is_active=True, stock__gt=0)
        .filter(Q(is_repeatable=True) | ~Q(id__in=history.purchased))
        .exclude(id__in=history.in_cart | left_out | set(known))
        .order_by("-created_at", "-id")
    )
    if category is not None:
        products = products.filter(category=category)
    return {product.pk: product for product in products[:most]}
