"""What a shopper's history says about them in short: affinities, a price band, a vector.

Lists do not read profiles: they are for the shopper and the staff to see, and for other systems.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from math import exp
from typing import Any

import numpy as np
from django.utils import timezone

from recommendations.conf import configuration
from recommendations.ml.data import SECONDS_PER_DAY
from recommendations.ml.models.latent_factors import LatentFactorRecommender
from recommendations.ml.presets import FACTORIZATION
from recommendations.models import UserBehavior, UserProfile
from recommendations.services.lists.history import ShopperHistory, model_history, read_history
from recommendations.services.people.subjects import Subject
from recommendations.services.shop.product_rows import fetch_cards
from recommendations.services.training import live_model

MOST_NAMED = 10
"""How many categories and brands a profile names."""
MOST_AT_ONCE = 2_000


def refresh_active(*, active_within: timedelta) -> int:
    """Bring the profiles of shoppers who did something lately up to date; returns how many."""
    since = timezone.now() - active_within
    active = (
        UserBehavior.objects.filter(timestamp__gte=since, user_id__isnull=False)
        .order_by("user_id")
        .values_list("user_id", flat=True)
        .distinct()[:MOST_AT_ONCE]
    )
    user_ids = [user_id for user_id in active if user_id is not None]
    for user_id in user_ids:
        refresh_profile(user_id)
    return len(user_ids)


def refresh_profile(user_id: int) -> UserProfile:
    """Derive a shopper's profile from their latest history; the switch stays as it is.

    Who switched personalization off has an empty one.
    """
    history = read_history(Subject(user_id=user_id))
    derived: dict[str, Any] = {"preferences": {}, "embedding": None}
    if history.personalization_enabled and history.entries:
        derived = {"preferences": _preferences(history), "embedding": _embedding(history)}
    profile, _ = UserProfile.objects.update_or_create(user_id=user_id, defaults=derived)
    return profile


def _preferences(history: ShopperHistory) -> dict[str, Any]:
    settings = configuration()
    products = fetch_cards(history.seen)
    categories: dict[str, float] = defaultdict(float)
    brands: dict[str, float] = defaultdict(float)
    prices = []
    newest = history.entries[-1].timestamp
    for entry in history.entries:
        days = (newest - entry.timestamp).total_seconds() / SECONDS_PER_DAY
        weight = settings.interaction_weights[entry.interaction_type]
        weight *= exp(-settings.decay_per_day * days)
        product = products[entry.product_id]
        categories[product.category] += weight
        if product.brand:
            brands[product.brand] += weight
        prices.append(float(product.price))
    low, middle, high = (
        np.quantile(prices, [0.1, 0.5, 0.9]).round(settings.currency_decimals).tolist()
    )
    return {
        "categories": _shares(categories.items()),
        "brands": _shares(brands.items()),
        "price_band": {"low": low, "middle": middle, "high": high},
    }


def _shares(weighted: Iterable[tuple[str, float]]) -> dict[str, float]:
    """Return the largest shares of the whole, largest first."""
    pairs = sorted(weighted, key=lambda pair: (-pair[1], pair[0]))
    total = sum(weight for _, weight in pairs)
    return {name: round(weight / total, 3) for name, weight in pairs[:MOST_NAMED]}


def _embedding(history: ShopperHistory) -> dict[str, Any] | None:
    """Return the shopper's vector among matrix factorization's items, None without a model."""
    live = live_model.get_current()
    member = live.ensemble.members.get(FACTORIZATION) if live else None
    if live is None or not isinstance(member, LatentFactorRecommender):
        return None
    known, _ = model_history(history.entries, live.ensemble.catalogue, now=timezone.now())
    if not len(known):
        return None
    vector = member.fold_in(known).history_vectors.sum(axis=0)
    return {
        "model_version": live.version,
        "vector": [round(float(value), 5) for value in vector],
    }
