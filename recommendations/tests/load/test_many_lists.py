"""Every list for every sort of subject in the sample shop, compared with its tables."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from recommendations.choices import Placement
from recommendations.models import CartItem, Dismissal, Product, UserBehavior
from recommendations.sample_data import populate
from recommendations.services.lists import (
    ListContext,
    build_page,
    get_buy_again,
    get_new_arrivals,
    get_popular,
    get_recently_viewed,
    get_trending,
    recommend,
    recommend_bought_together,
    recommend_complements,
    recommend_similar,
)
from recommendations.services.lists.result import RecommendationList
from recommendations.services.people.subjects import Subject
from recommendations.services.training import live_model
from recommendations.services.training.train import train
from recommendations.tests.load.truth import FALLBACK_CHAINS, Asked, Truth

pytestmark = pytest.mark.django_db

# What is drawn follows from the time of day at which the sample ends.
END = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
COUNTS = (4, 10, 12, 30)
MAKERS: dict[str, Callable[[ListContext, Asked, str], RecommendationList]] = {
    "for-you": lambda context, asked, _: recommend(context=context, count=asked.count),
    "for-you beside a search": lambda context, asked, _: recommend(
        context=context, placement=Placement.SEARCH, count=asked.count
    ),
    "similar": lambda context, asked, _: recommend_similar(
        context=context, product_id=asked.product_id or 0, count=asked.count
    ),
    "bought-together": lambda context, asked, _: recommend_bought_together(
        context=context, product_id=asked.product_id or 0, count=asked.count
    ),
    "complements": lambda context, asked, _: recommend_complements(
        context=context, count=asked.count
    ),
    "trending": lambda context, asked, _: get_trending(context=context, count=asked.count),
    "trending in a category": lambda context, asked, category: get_trending(
        context=context, count=asked.count, category=category
    ),
    "popular": lambda context, asked, _: get_popular(context=context, count=asked.count),
    "popular in a category": lambda context, asked, category: get_popular(
        context=context, count=asked.count, category=category
    ),
    "new-arrivals": lambda context, asked, _: get_new_arrivals(context=context, count=asked.count),
    "recently-viewed": lambda context, asked, _: get_recently_viewed(
        context=context, count=asked.count
    ),
    "buy-again": lambda context, asked, _: get_buy_again(context=context, count=asked.count),
}


def test_every_list_of_a_small_sample_shop_is_right() -> None:
    populate(products=240, users=60, interactions=6_000, end_time=END)

    require_right_lists(300)


@pytest.mark.load
def test_ten_thousand_lists_of_the_sample_shop_are_right() -> None:
    populate(end_time=END)

    require_right_lists(10_000)


def test_no_product_stands_twice_on_a_page_and_no_list_is_empty() -> None:
    populate(products=240, users=60, interactions=6_000, end_time=END)
    subjects = disturb(np.random.default_rng(5))
    product_id = Product.objects.filter(is_active=True).values_list("id", flat=True)[7]

    pages = [
        build_page(placement=placement, context=ListContext(subject), product_id=about, count=6)
        for subject in subjects[::10]
        for placement, about in (
            (Placement.HOME, None),
            (Placement.PRODUCT, product_id),
            (Placement.CART, None),
        )
    ]

    shown = [
        [one.product_id for found in lists.values() for one in found.entries] for lists in pages
    ]
    assert [ids for ids in shown if len(ids) != len(set(ids))] == []
    assert [lists for lists in pages if not all(found.entries for found in lists.values())] == []


def require_right_lists(how_many: int) -> None:
    """Make this many lists for alternating subjects, and require that none has a fault."""
    rng = np.random.default_rng(11)
    subjects = disturb(rng)
    train()
    live_model.refresh()
    truth = Truth()

    wrong: list[tuple[Asked, str]] = []
    made: Counter[str] = Counter()
    for asked, category in wishes(how_many, subjects, truth, rng):
        found = MAKERS[asked.name](ListContext(asked.subject), asked, category)
        made[asked.name] += 1
        wrong += [(asked, complaint) for complaint in truth.complaints(asked, found)]

    assert wrong[:10] == []
    assert sum(made.values()) == how_many
    assert made.keys() == FALLBACK_CHAINS.keys()


def wishes(
    how_many: int, subjects: list[Subject | None], truth: Truth, rng: np.random.Generator
) -> Iterator[tuple[Asked, str]]:
    """Yield what to request, and a category for the lists of one category."""
    for_sale = [product for product in truth.products.values() if product.is_active]
    categories = sorted({product.category for product in for_sale if product.stock})
    for number in range(how_many):
        name = list(MAKERS)[number % len(MAKERS)]
        about = for_sale[rng.integers(len(for_sale))].pk
        asked = Asked(
            name=name,
            subject=subjects[rng.integers(len(subjects))],
            count=COUNTS[rng.integers(len(COUNTS))],
            product_id=about if name in {"similar", "bought-together"} else None,
        )
        yield asked, categories[rng.integers(len(categories))]


def disturb(rng: np.random.Generator) -> list[Subject | None]:
    """Sell out, hide, dismiss and put in carts; return all subjects, a new one among them."""
    ids = np.array(Product.objects.order_by("id").values_list("id", flat=True))
    Product.objects.filter(id__in=rng.choice(ids, len(ids) // 15).tolist()).update(stock=0)
    Product.objects.filter(id__in=rng.choice(ids, len(ids) // 20).tolist()).update(is_active=False)
    behaviour = UserBehavior.objects.order_by()
    users = behaviour.exclude(user=None).values_list("user_id", flat=True).distinct()
    sessions = behaviour.filter(user=None).values_list("session_id", flat=True).distinct()
    known = [Subject(user_id=user_id) for user_id in sorted(users)]
    known += [Subject(session_id=session_id) for session_id in sorted(map(str, sessions))]
    tables: tuple[tuple[Any, float], ...] = ((CartItem, 0.4), (Dismissal, 0.3))
    for table, part in tables:
        table.objects.all().delete()
        table.objects.bulk_create(
            table(
                user_id=subject.user_id, session_id=subject.session_id, product_id=int(product_id)
            )
            for subject in known
            if rng.random() < part
            for product_id in rng.choice(ids, rng.integers(1, 5), replace=False)
        )
    return [*known, *(Subject(session_id=f"new-{number}") for number in range(20)), None]
