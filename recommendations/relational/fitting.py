"""Fit members and ensembles on a log of an engine, to the same arrays as in memory."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from recommendations.ml.data import Interactions
from recommendations.ml.ensemble import Ensemble
from recommendations.ml.item_facts import ItemFacts
from recommendations.ml.item_kinds import ItemKinds
from recommendations.ml.models.base import Recommender
from recommendations.ml.models.content import ContentModel
from recommendations.ml.models.ease import EaseModel
from recommendations.ml.models.item_graph import ItemGraphModel
from recommendations.ml.models.next_item_ridge import NextItemRidge
from recommendations.ml.models.own_items import OwnLatestModel, OwnMostFrequentModel
from recommendations.ml.models.popularity import PopularityModel, RecentPopularityModel
from recommendations.ml.models.repurchase import BuyAgainModel
from recommendations.ml.models.session import SessionModel
from recommendations.ml.models.sparse_ridge import SparseRidge
from recommendations.ml.models.svd import MAX_GRAM_ITEMS, CollaborativeFilteringModel
from recommendations.ml.models.transitions import TransitionModel
from recommendations.progress import Progress, report_nothing
from recommendations.relational import extracts, gram, neighbors, popularity
from recommendations.relational.log import RelationalLog

Step = Callable[[RelationalLog, Any], None]

STEPS: Mapping[type[Recommender], Step] = {
    PopularityModel: popularity.fit_popularity,
    RecentPopularityModel: popularity.fit_recent_popularity,
    BuyAgainModel: popularity.fit_buy_again,
    OwnLatestModel: popularity.fit_own_items,
    OwnMostFrequentModel: popularity.fit_own_items,
    TransitionModel: neighbors.fit_transitions,
    ItemGraphModel: neighbors.fit_item_graph,
    ContentModel: neighbors.fit_content,
    CollaborativeFilteringModel: gram.fit_collaborative,
    EaseModel: gram.fit_ease,
    NextItemRidge: gram.fit_ridge,
    SessionModel: extracts.fit_session,
    SparseRidge: extracts.fit_sparse_ridge,
}
"""How each member learns from all shoppers; members without a step learn from a sample."""


def fit_ensemble(
    log: RelationalLog,
    ensemble: Ensemble,
    get_sample: Callable[[], Interactions],
    *,
    progress: Progress = report_nothing,
) -> Ensemble:
    """Fit every member; those without a step learn from the sample, which is not merged."""

    def fit_member(member: Recommender, report: Progress) -> None:
        if learns_from_sample(log, member):
            sample = get_sample()
            past = sample.select(sample.timestamps < end).merge_repeats()
            member.fit_in_steps(past, report)
        else:
            STEPS[type(member)](log, member)

    end = np.nextafter(log.newest_seconds, np.inf)
    return ensemble.fit_by(
        fit_member,
        log.catalogue,
        lambda: ItemFacts(
            popularity.compute_priors(log),
            popularity.compute_debuts(log),
            ItemKinds.of(log.catalogue),
        ),
        progress=progress,
    )


def learns_from_sample(log: RelationalLog, member: Recommender) -> bool:
    """Return whether a member has no step for this log, and so learns from a sample."""
    if isinstance(member, CollaborativeFilteringModel):
        return not log.is_sequential and log.n_items > MAX_GRAM_ITEMS
    return type(member) not in STEPS
