"""What a subject's own history brings: the list for them, and how well products suit them."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

import numpy as np
from django.utils import timezone

from recommendations.choices import Placement
from recommendations.models import UserBehavior
from recommendations.services.infra.single_flight import single_flight
from recommendations.services.lists.build import EvidenceOf, make_list, no_evidence
from recommendations.services.lists.cache import keep_list, kept_list, list_key
from recommendations.services.lists.context import ListContext
from recommendations.services.lists.history import model_history
from recommendations.services.lists.result import RecommendationList
from recommendations.services.lists.sources import (
    ModelRung,
    Rung,
    everybodys_rungs,
    session_rung,
)
from recommendations.services.people.subjects import Subject
from recommendations.services.shop.merchandising import rules_version
from recommendations.services.training import live_model
from recommendations.services.training.live_model import Snapshot

SESSION_CATEGORIES = 3
"""How many of the latest categories stand in for a model."""
PREPARED_COUNTS = (10, 12)
"""Lengths of lists that are made ready: the API's default and the storefront's."""
MOST_PREPARED = 2_000


def recommend(
    *, context: ListContext, placement: Placement = Placement.HOME, count: int = 10
) -> RecommendationList:
    """Return the list for this viewer at this place; nobody's is what is in demand.

    What was bought (unless people buy it again) or lies in the cart is left out; what was viewed
    or liked stays. It is empty only when the shop has nothing else to sell.
    """
    live = live_model.get_current()
    made_with = f"{live.version if live else 'no model'}, {rules_version()}"
    key = list_key(context.subject, placement, count)
    if context.client_dismissed:
        # Nobody's list is kept for everybody, and this one leaves something out.
        return _made(context, placement, count, live)
    kept = kept_list(key, context.subject, made_with)
    if kept is not None:
        return kept
    with single_flight(key) as waited:
        kept = kept_list(key, context.subject, made_with) if waited else None
        if kept is not None:
            return kept
        made = _made(context, placement, count, live)
        if context.history_is_known:
            keep_list(key, made, context.history.state, made_with)
        return made


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
        context = ListContext(Subject(user_id=user_id))
        for count in PREPARED_COUNTS:
            recommend(context=context, count=count)
            prepared += 1
    return prepared


def personalization_scores(
    *, subject: Subject | None, product_ids: Sequence[int]
) -> dict[int, float]:
    """Return how well each product fits the subject's taste, in [0, 1]; 0 where that is unknown."""
    scores = dict.fromkeys(product_ids, 0.0)
    live = live_model.get_current()
    if live is None or subject is None or not product_ids:
        return scores
    history = ListContext(subject).history
    catalogue = live.ensemble.catalogue
    known, _ = model_history(history.entries, catalogue, now=timezone.now())
    if not len(known) or not history.personalization_enabled:
        return scores
    rows = catalogue.find_rows(np.array(product_ids, dtype=np.int64))
    found = rows >= 0
    folded = live.ensemble.fold_in(known)
    fits = np.nan_to_num(live.ensemble.score_items(folded, rows[found]), nan=0.0).clip(0, 1)
    ids = np.array(product_ids)[found]
    return scores | dict(zip(ids.tolist(), fits.astype(float).tolist(), strict=True))


def _made(
    context: ListContext, placement: Placement, count: int, live: Snapshot | None
) -> RecommendationList:
    history = context.history
    rungs: list[Rung] = []
    evidence: EvidenceOf = no_evidence
    if history.personalization_enabled and history.entries:
        if live is not None:
            known, entries = model_history(
                history.entries, live.ensemble.catalogue, now=timezone.now()
            )
            by_model = ModelRung(live, known, entries)
            rungs.append(by_model)
            evidence = partial(by_model.evidence, in_cart=history.in_cart)
        rungs.append(partial(session_rung, history.categories[:SESSION_CATEGORIES]))
    return make_list(
        rungs=[*rungs, *everybodys_rungs(None)],
        context=context,
        placement=placement,
        count=count,
        live=live,
        personal=True,
        evidence=evidence,
    )
