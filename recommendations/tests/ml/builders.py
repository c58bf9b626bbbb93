"""Small data sets whose right answers are obvious."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from recommendations.choices import InteractionType
from recommendations.ml.data import TYPE_CODES, Catalogue, FloatArray, History, Interactions
from recommendations.ml.models.base import Recommender
from recommendations.ml.numerics.topk import Scored

WEIGHTS = {one: one.default_weight for one in InteractionType}
DAY = 86_400.0

Event = tuple[int, int, InteractionType, float]
"""User, item, interaction type and time in seconds."""


def build_catalogue(
    n_items: int, *, repeatable: Sequence[int] = (), **columns: Sequence[str]
) -> Catalogue:
    texts: dict[str, Any] = {
        name: np.array(columns.get(name, [""] * n_items), dtype=str)
        for name in ("names", "categories", "brands")
    }
    return Catalogue(
        item_ids=np.arange(100, 100 + n_items),
        is_repeatable=np.isin(np.arange(n_items), repeatable),
        **texts,
    )


def build_interactions(
    events: Iterable[Event],
    *,
    n_items: int,
    ratings: Sequence[float] | None = None,
    catalogue: Catalogue | None = None,
    merged: bool = True,
) -> Interactions:
    rows = list(events)
    users = np.array([user for user, _, _, _ in rows], dtype=np.int32)
    log = Interactions.from_events(
        users=users,
        items=np.array([item for _, item, _, _ in rows], dtype=np.int32),
        interaction_types=np.array([TYPE_CODES[each] for _, _, each, _ in rows], dtype=np.int8),
        ratings=np.array([np.nan] * len(rows) if ratings is None else ratings, dtype=np.float32),
        timestamps=np.array([time for _, _, _, time in rows], dtype=np.float64),
        user_ids=np.arange(1000, 1000 + (users.max() + 1 if rows else 0)),
        catalogue=build_catalogue(n_items) if catalogue is None else catalogue,
        weights=WEIGHTS,
    )
    return log.merge_repeats() if merged else log


def build_history(
    *items: int,
    ages_in_days: Sequence[float] | None = None,
    repeats: Sequence[int] = (),
    interaction_types: Sequence[InteractionType] = (),
) -> History:
    return History(
        items=np.array(items, dtype=np.int32),
        weights=np.ones(len(items), dtype=np.float32),
        ages_in_days=np.array(ages_in_days or [0.0] * len(items), dtype=np.float32),
        repeats=np.array(repeats, dtype=np.int32),
        interaction_types=np.array([TYPE_CODES[each] for each in interaction_types], dtype=np.int8),
    )


def find_candidates(recommender: Recommender, history: History, k: int) -> Scored:
    return recommender.candidates(recommender.fold_in(history), k)


def score_items(recommender: Recommender, history: History, *items: int) -> FloatArray:
    return recommender.score_items(recommender.fold_in(history), np.array(items, dtype=np.int32))


def find_contributions(recommender: Recommender, history: History, *items: int) -> FloatArray:
    return recommender.contributions(recommender.fold_in(history), np.array(items, dtype=np.int32))


TASTE_SIZE = 8
UNTOUCHED = 2 * TASTE_SIZE


def build_two_taste_catalogue(*, untouched: tuple[str, str] = ("", "")) -> Catalogue:
    """Return the catalogue of two tastes; `untouched` is the name and category of the last item."""
    described = [("Wool scarf", "Clothing")] * TASTE_SIZE + [("Steel pan", "Kitchen")] * TASTE_SIZE
    names, categories = zip(*described, untouched, strict=True)
    return build_catalogue(UNTOUCHED + 1, names=names, categories=categories)


def make_two_taste_events(*, in_order: bool = True) -> list[Event]:
    """Forty users each touch all but one item of their taste: 0 to 7, or 8 to 15.

    Item 16 is touched by nobody.
    """
    events: list[Event] = []
    for user in range(40):
        first = TASTE_SIZE * (user % 2)
        offset = user // 2 % TASTE_SIZE
        for step in range(TASTE_SIZE - 1):
            item = first + (offset + step) % TASTE_SIZE
            time = DAY * user / 100 + (60.0 * step if in_order else 0.0)
            events.append((user, item, InteractionType.VIEW, time))
    return events


def make_realistic_visits() -> list[Event]:
    """500 shoppers visit twice, a month apart, each time with one of six tastes.

    A taste has fifty items, some far more popular than others. One view in five is of a random item
    of all, and after one view in five comes the next item of the taste.
    """
    n_tastes, n_items_per_taste = 6, 50
    rng = np.random.default_rng(11)
    events: list[Event] = []
    for user in range(500):
        last_visit = DAY * (40 + 20 * rng.random())
        visits = [(last_visit - 30 * DAY, 8), (last_visit, int(rng.integers(3, 6)))]
        for start, n_views in visits:
            taste, item = int(rng.integers(n_tastes)), int(rng.integers(n_items_per_taste))
            for view in range(n_views):
                is_stray = rng.random() < 0.2
                viewed = taste * n_items_per_taste + item
                if is_stray:
                    viewed = int(rng.integers(n_tastes * n_items_per_taste))
                events.append((user, viewed, InteractionType.VIEW, start + 60.0 * view))
                follows = rng.random() < 0.2
                item = (item + 1 if follows else int(n_items_per_taste ** rng.random()) - 1) % 50
    return events
