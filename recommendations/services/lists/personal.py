"""The personal list of a subject, and how well products suit the subject."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

import numpy as np
from django.utils import timezone

from recommendations.category_paths import LEVEL_SEPARATOR
from recommendations.choices import Placement
from recommendations.services.infra.computed_values import watch_missing
from recommendations.services.infra.single_flight import single_flight
from recommendations.services.lists.build import build
from recommendations.services.lists.cache import build_list_key, fetch, store
from recommendations.services.lists.context import ListContext
from recommendations.services.lists.history import ShopperHistory, to_model_history
from recommendations.services.lists.interleaved import build_interleaved
from recommendations.services.lists.likeness import find_kinds_in_cart
from recommendations.services.lists.list_spec import ListSpec
from recommendations.services.lists.random_slot import choose_random_slot, fill_random_slot
from recommendations.services.lists.reserved_places import find_new_products
from recommendations.services.lists.result import RecommendationList
from recommendations.services.lists.sources import (
    CandidateSource,
    ModelSource,
    find_newest,
    find_popular_in_session,
    get_demand_sources,
)
from recommendations.services.people.subjects import Subject, find_recently_active
from recommendations.services.shop.merchandising import get_condition_step

SESSION_CATEGORIES = 3
"""The session source names products of this many categories, the latest of the history.

The level above the latest one is named as well.
"""
PREPARED_COUNTS = (10, 12)
"""The lengths of prepared lists: the default of the API and that of the storefront."""
MAX_PREPARED_SHOPPERS = 2_000


def recommend(
    *, context: ListContext, placement: Placement = Placement.HOME, count: int = 10
) -> RecommendationList:
    """Return the personal list of the subject; without a subject, products in demand.

    The list leaves out products that are in the cart, that the subject dismissed, or that the
    subject bought and that are not repeatable; the last come back if next to nothing else is left.
    Viewed and liked products stay. The list is empty only if the shop has nothing else to sell. A
    valid cached list is returned as it is.
    """
    asks_query = context.query is not None and context.rules.have_conditions
    if context.client_dismissed or context.is_for_staff or asks_query:
        # All callers without a subject share one cached list; this list leaves out more products.
        return _build_served_list(context, placement, count)
    subject = context.subject
    model_version = context.model.version if context.model else "no model"
    version_key = f"{model_version}, {context.rules.list_version}"
    if context.treatment.key:
        version_key += f", arms {context.treatment.key}"
    if (slot := choose_random_slot(context, placement)) is not None:
        version_key += f", slot {slot.key}"
    wish = context.wish
    if wish is not None:
        version_key += get_condition_step()
    key = build_list_key(subject, placement, count, None if wish is None else wish.key)
    found = fetch(key, subject, version_key)
    if found is not None:
        return found
    with single_flight(key) as waited:
        found = fetch(key, subject, version_key) if waited else None
        if found is None:
            with watch_missing() as missing:
                found = _build_served_list(context, placement, count)
            is_whole = not missing and context.failure is None
            if context.history.version is not None and is_whole:
                store(key, found, context.history.version, version_key)
        return found


def prepare_lists(*, active_within: timedelta) -> int:
    """Build and cache the home lists of the most recently active shoppers; return how many lists.

    A prepared list is valid at most until the shopper's next interaction.
    """
    user_ids = find_recently_active(MAX_PREPARED_SHOPPERS, active_within=active_within)
    for user_id in user_ids:
        context = ListContext(Subject(user_id=user_id), takes_part=True)
        for count in PREPARED_COUNTS:
            recommend(context=context, count=count)
    return len(user_ids) * len(PREPARED_COUNTS)


def score_personalization(*, context: ListContext, product_ids: Sequence[int]) -> dict[int, float]:
    """Return how well each product suits the subject, in [0, 1]; 0 where that is unknown."""
    scores = dict.fromkeys(product_ids, 0.0)
    if context.subject is None or not product_ids or context.model is None:
        return scores
    ensemble, history = context.model.ensemble, context.history
    known = to_model_history(history.entries, ensemble.catalogue, now=timezone.now())
    if not len(known) or not history.personalization_enabled:
        return scores
    rows = ensemble.catalogue.find_rows(product_ids)
    ids = np.array(product_ids)[rows >= 0].tolist()
    found = ensemble.score_items(ensemble.fold_in(known), rows[rows >= 0])
    found = np.nan_to_num(found, nan=0.0).clip(0, 1)
    return scores | dict(zip(ids, found.astype(float).tolist(), strict=True))


def build_personal_list(
    context: ListContext, placement: Placement, count: int
) -> RecommendationList:
    """Build the personal list for the history of the context, without a look into the cache."""
    history, model = context.history, context.model
    sources: list[CandidateSource] = []
    explain, find_new = None, None
    is_known = history.personalization_enabled and history.entries
    if is_known and not context.treatment.only_popular:
        if model is not None:
            known = to_model_history(history.entries, model.ensemble.catalogue, now=timezone.now())
            by_model = ModelSource(model, known, narrowing=context.narrowing)
            sources.append(by_model)
            explain = partial(
                by_model.explain,
                in_cart=history.in_cart,
                own_categories={one.product_id: one.category for one in history.entries},
                products=context.products,
            )
            find_new = partial(find_new_products, by_model=by_model, context=context)
        sources.append(
            partial(find_popular_in_session, categories=_choose_session_categories(history))
        )
    spec = ListSpec(
        placement=placement,
        count=count,
        sources=[*sources, *get_demand_sources()],
        fallback=partial(find_newest, context=context),
        explain=explain,
        find_new=find_new,
        avoid=find_kinds_in_cart(context) if placement is Placement.CART else (),
        is_personal=True,
    )
    return build(spec, context)


def _build_served_list(
    context: ListContext, placement: Placement, count: int
) -> RecommendationList:
    """Build the personal list, by two models where an interleaving compares them."""
    interleaving = context.treatment.interleaving
    if interleaving is None or interleaving.placement is not placement:
        found = build_personal_list(context, placement, count)
        return fill_random_slot(found, context, placement, count)
    return build_interleaved(build_personal_list, context, placement, count, interleaving)


def _choose_session_categories(history: ShopperHistory) -> list[str]:
    """Return the latest categories, then the level above the latest one."""
    latest = dict.fromkeys([entry.category for entry in reversed(history.entries)])
    categories = [category for category in latest if category][:SESSION_CATEGORIES]
    above = categories[0].rpartition(LEVEL_SEPARATOR)[0] if categories else ""
    return [*categories, above] if above and above not in categories else categories
