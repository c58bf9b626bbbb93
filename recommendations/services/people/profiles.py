"""Profiles: a summary of a shopper's history, with affinities, a price band and a vector.

Lists do not read profiles; they are for shoppers, staff and other systems.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta
from math import exp
from typing import Any

import numpy as np
from django.utils import timezone

from recommendations.category_paths import LEVEL_SEPARATOR, split_path
from recommendations.conf import configuration
from recommendations.ml.data import SECONDS_PER_DAY
from recommendations.ml.models.latent_factors import LatentFactorRecommender
from recommendations.ml.presets import FACTORIZATION
from recommendations.models import UserProfile
from recommendations.services.lists.history import ShopperHistory, read_history, to_model_history
from recommendations.services.people.subjects import Subject, find_recently_active
from recommendations.services.shop.product_rows import fetch_cards
from recommendations.services.training import live_model

MAX_AFFINITIES = 10
"""How many categories and brands a profile names."""
MAX_REFRESHED = 2_000


def refresh_active(*, active_within: timedelta) -> int:
    """Refresh the profiles of the most recently active shoppers; return how many."""
    user_ids = find_recently_active(MAX_REFRESHED, active_within=active_within)
    for user_id in user_ids:
        refresh_profile(user_id)
    return len(user_ids)


def refresh_profile(user_id: int) -> UserProfile:
    """Compute and store a shopper's profile from the current history.

    The profile is empty if the shopper switched personalization off; the switch stays off.
    """
    history = read_history(Subject(user_id=user_id))
    derived: dict[str, Any] = {"preferences": {}, "embedding": None}
    if history.personalization_enabled and history.entries:
        derived = {"preferences": _summarize(history), "embedding": _embed(history)}
    profile, _ = UserProfile.objects.update_or_create(user_id=user_id, defaults=derived)
    return profile


def _summarize(history: ShopperHistory) -> dict[str, Any]:
    settings = configuration()
    products = fetch_cards(history.names.keys())
    categories: dict[str, float] = defaultdict(float)
    brands: dict[str, float] = defaultdict(float)
    prices = []
    total = 0.0
    newest = history.entries[-1].timestamp
    for entry in history.entries:
        days = (newest - entry.timestamp).total_seconds() / SECONDS_PER_DAY
        weight = settings.interaction_weights[entry.interaction_type]
        weight *= exp(-settings.decay_per_day * days)
        product = products[entry.product_id]
        for path in split_path(product.category):
            categories[path] += weight
        total += weight
        if product.brand:
            brands[product.brand] += weight
        prices.append(float(product.price))
    low, middle, high = (
        np.quantile(prices, [0.1, 0.5, 0.9]).round(settings.currency_decimals).tolist()
    )
    return {
        "categories": _normalize(_drop_repeated_levels(categories), total),
        "brands": _normalize(brands, sum(brands.values())),
        "price_band": {"low": low, "middle": middle, "high": high},
    }


def _drop_repeated_levels(weights: Mapping[str, float]) -> dict[str, float]:
    """Leave out levels all of whose weight lies in one level below, which says more."""
    said_below = {(path.rpartition(LEVEL_SEPARATOR)[0], weight) for path, weight in weights.items()}
    return {path: weight for path, weight in weights.items() if (path, weight) not in said_below}


def _normalize(weights: Mapping[str, float], total: float) -> dict[str, float]:
    """Return the `MAX_AFFINITIES` largest weights as shares of the total."""
    pairs = sorted(weights.items(), key=lambda pair: (-pair[1], pair[0]))
    return {name: round(weight / total, 3) for name, weight in pairs[:MAX_AFFINITIES]}


def _embed(history: ShopperHistory) -> dict[str, Any] | None:
    """Return the user vector of matrix factorization; None without a model or known products."""
    live = live_model.get_current()
    member = live.ensemble.members.get(FACTORIZATION) if live else None
    if live is None or not isinstance(member, LatentFactorRecommender):
        return None
    known = to_model_history(history.entries, live.ensemble.catalogue, now=timezone.now())
    if not len(known):
        return None
    vector = member.fold_in(known).history_vectors.sum(axis=0)
    return {
        "model_version": live.version,
        "vector": [round(float(value), 5) for value in vector],
    }
