"""Write lists that the sample shoppers were shown, and in which they found what they viewed."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import numpy as np
from django.db import transaction

from recommendations.choices import InteractionType, Placement, Source
from recommendations.models import ServedList, UserBehavior
from recommendations.models.product import SAMPLE_SOURCE
from recommendations.progress import Progress
from recommendations.sample_data.sampling import iter_slices
from recommendations.sample_data.shop import SampleShop
from recommendations.sentences import say

KINDS = (
    (Placement.HOME, "for-you", Source.MODEL, 0.35),
    (Placement.PRODUCT, "similar", Source.MODEL, 0.3),
    (Placement.PRODUCT, "bought-together", Source.MODEL, 0.1),
    (Placement.HOME, "trending", Source.TRENDING, 0.1),
    (Placement.SEARCH, "for-you", Source.MODEL, 0.05),
    (Placement.HOME, "new-arrivals", Source.NEWEST, 0.05),
    (Placement.CART, "complements", Source.MODEL, 0.05),
)
"""The lists, and their shares of the clicks."""
CLICKED_VIEWS = 0.05
"""Share of the views that began in a list."""
MOST_CLICKS = 10_000
LISTS_PER_CLICK = 3
"""So many lists of the same kind were shown for each that was clicked in."""
LENGTH, SEEN = 9, 6
DAYS = 80
"""The log of served lists keeps few more days."""
ROWS_PER_TRANSACTION = 2_000


def store_served_lists(shop: SampleShop, progress: Progress) -> None:
    """Add served lists around some of the views, which then name the list that led to them."""
    rng = np.random.default_rng(shop.seed)
    views = list(
        UserBehavior.objects.filter(
            product__source=SAMPLE_SOURCE,
            interaction_type=InteractionType.VIEW.value,
            timestamp__gte=shop.end_time - timedelta(days=DAYS),
        ).order_by("timestamp", "id")
    )
    n_clicks = min(int(CLICKED_VIEWS * len(views)), MOST_CLICKS)
    clicked = [views[row] for row in sorted(rng.permutation(len(views))[:n_clicks].tolist())]
    # Popular products are in more lists.
    viewed = np.array([view.product_id for view in views], dtype=np.int64)
    kinds = rng.choice(len(KINDS), size=len(clicked), p=[share for *_, share in KINDS])
    for part in iter_slices(len(clicked), ROWS_PER_TRANSACTION):
        lists: list[ServedList] = []
        for view, kind in zip(clicked[part], kinds[part].tolist(), strict=True):
            drawn = viewed[rng.integers(len(viewed), size=(LISTS_PER_CLICK, LENGTH))].tolist()
            others = [each for each in dict.fromkeys(drawn[0]) if each != view.product_id]
            position = int(rng.integers(min(SEEN, len(others) + 1)))
            drawn[0] = [*others[:position], view.product_id, *others[position:]]
            about = next((each for each in drawn[1] if each not in drawn[0]), drawn[1][0])
            shown = [_make_list(view, kind, products, about, rng) for products in drawn]
            view.list_id, view.position = shown[0].pk, position
            lists += shown
        with transaction.atomic():
            ServedList.objects.bulk_create(lists)
            UserBehavior.objects.bulk_update(clicked[part], ["list_id", "position"], batch_size=500)
        progress(say("Lists"), min(part.stop, len(clicked)), len(clicked))


def _make_list(
    view: UserBehavior, kind: int, products: Sequence[int], about: int, rng: np.random.Generator
) -> ServedList:
    placement, name, source, _ = KINDS[kind]
    listed = list(dict.fromkeys(products))
    others: dict[Placement, dict[str, Any]] = {
        Placement.PRODUCT: {"product": about},
        Placement.CART: {"cart": [about]},
    }
    return ServedList(
        id=UUID(bytes=rng.bytes(16), version=4),
        user_id=view.user_id,
        session_id=view.session_id,
        placement=placement.value,
        name=name,
        source=source.value,
        product_ids=listed,
        seen_product_ids=listed[:SEEN],
        request={"count": LENGTH, **others.get(placement, {})},
        created_at=view.timestamp - timedelta(seconds=30),
    )
