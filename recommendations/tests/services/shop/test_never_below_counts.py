"""What goes with a product is in later baskets at least as often as plain counts would be."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pytest
from django.utils import timezone

from recommendations.choices import InteractionType
from recommendations.models import Product, UserBehavior
from recommendations.services.lists.sources import merge_co_purchases
from recommendations.services.shop.co_purchases import count_co_purchases
from recommendations.tests.builders import make_products

pytestmark = pytest.mark.django_db

THEMES, OF_A_THEME, SHOPPERS = 6, 8, 120
BOUGHT, BOUGHT_AT_ONCE, BULK_SHARE = 3, 16, 0.2
LISTED = 4
Lister = Callable[[Sequence[int]], Sequence[int]]


@dataclass(frozen=True)
class Basket:
    shopper: int
    days_ago: int
    product_ids: frozenset[int]


@pytest.fixture
def products() -> list[Product]:
    return make_products(THEMES * OF_A_THEME)


@pytest.fixture
def baskets(products: list[Product]) -> list[Basket]:
    """Three baskets of each shopper: of one theme, few of whose products are popular.

    One in five baskets is a bulk order of anything.
    """
    rng = np.random.default_rng(0)
    popularity = 1 / np.arange(1, OF_A_THEME + 1)
    made = []
    for shopper in range(SHOPPERS):
        for days_ago in (20, 10, 0):
            first = OF_A_THEME * int(rng.integers(THEMES))
            if rng.random() < BULK_SHARE:
                rows = rng.choice(len(products), size=BOUGHT_AT_ONCE, replace=False)
            else:
                shares = popularity / popularity.sum()
                rows = first + rng.choice(OF_A_THEME, size=BOUGHT, replace=False, p=shares)
            made.append(Basket(shopper, days_ago, frozenset(products[row].pk for row in rows)))
    return made


def store(baskets: Sequence[Basket]) -> None:
    now = timezone.now()
    UserBehavior.objects.bulk_create(
        UserBehavior(
            session_id=f"visitor-{basket.shopper}",
            product_id=product_id,
            interaction_type=InteractionType.PURCHASE.value,
            timestamp=now - timedelta(days=basket.days_ago),
        )
        for basket in baskets
        for product_id in sorted(basket.product_ids)
    )


def count_together(baskets: Sequence[Basket]) -> dict[int, Counter[int]]:
    together: dict[int, Counter[int]] = defaultdict(Counter)
    for basket in baskets:
        for product_id in sorted(basket.product_ids):
            together[product_id].update(sorted(basket.product_ids - {product_id}))
    return together


def count_hits(lister: Lister, later: Sequence[Basket], *, in_cart: int) -> int:
    """Return how many products of the later baskets are in the lists for their first ones."""
    hits = 0
    for basket in later:
        for skipped in range(len(basket.product_ids)):
            turned = [*sorted(basket.product_ids)[skipped:], *sorted(basket.product_ids)[:skipped]]
            hits += len(set(lister(turned[:in_cart])[:LISTED]) & set(turned[in_cart:]))
    return hits


@pytest.mark.parametrize("in_cart", [1, 2])
def test_what_goes_with_products_is_bought_with_them_as_often_as_plain_counts_say(
    baskets: list[Basket], in_cart: int
) -> None:
    before = [basket for basket in baskets if basket.days_ago > 0]
    later = [one for one in baskets if one.days_ago == 0 and len(one.product_ids) == BOUGHT]
    store(before)
    together = count_together(before)
    counted = {pk: count_co_purchases(pk) for pk in together}

    def list_most_often(products: Sequence[int]) -> list[int]:
        summed = sum((together[pk] for pk in products), Counter[int]())
        return [pk for pk, _ in summed.most_common() if pk not in products]

    def list_goes_with(products: Sequence[int]) -> list[int]:
        merged = merge_co_purchases({pk: counted.get(pk, []) for pk in products})
        return [one.product_id for one in merged if one.product_id not in products]

    plain = count_hits(list_most_often, later, in_cart=in_cart)
    ours = count_hits(list_goes_with, later, in_cart=in_cart)

    assert ours >= plain > 0
