"""Categories of which nobody says whether they are bought again: the log says it."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.utils import timezone

from recommendations.choices import InteractionType
from recommendations.models import Category, Product, UserBehavior
from recommendations.services.shop.categories import say_repeatable, set_categories
from recommendations.services.shop.category_changes import set_repeatable
from recommendations.services.shop.learnt_repeats import learn_repeats
from recommendations.services.training.train import train
from recommendations.tests.builders import make_interactions, make_product, make_visitor

pytestmark = [pytest.mark.django_db, pytest.mark.stateful]


def sell(product: Product, *, buyers: int = 20, again: int = 0) -> None:
    """Let visitors buy a product, and some of them once more a month later."""
    now = timezone.now()
    for number in range(buyers):
        visitor = make_visitor()
        for days in (40, 10) if number < again else (40,):
            make_interactions(
                visitor,
                [product],
                interaction_type=InteractionType.PURCHASE,
                at=now - timedelta(days=days),
            )


def list_repeatable(products: Sequence[Product]) -> list[bool]:
    for product in products:
        product.refresh_from_db()
    return [product.is_repeatable for product in products]


def test_what_buyers_buy_again_is_repeatable_where_nobody_says_otherwise() -> None:
    tea, lamp = make_product(category="Food > Tea"), make_product(category="Lamps")
    coffee, said = make_product(category="Food > Coffee"), make_product(category="Food > Tea")
    say_repeatable([said.pk], repeatable=False)
    sell(tea, again=10)
    sell(lamp)

    assert learn_repeats() == 2

    # Nobody buys coffee, so it follows the level above.
    assert list_repeatable([tea, lamp, coffee, said]) == [True, False, True, False]
    assert learn_repeats() == 0
    new = make_product(category="Food > Tea")
    set_categories({new.pk: ["Food > Tea"]})
    assert list_repeatable([new]) == [True]


def test_what_is_said_of_a_level_above_counts_before_what_was_learnt() -> None:
    tea = make_product(category="Food > Tea")
    sell(tea, again=20)
    food = Category.objects.get(path="Food").pk
    set_repeatable(food, repeatable=False)

    assert learn_repeats() == 0
    assert list_repeatable([tea]) == [False]
    assert set_repeatable(food, repeatable=None) == 1
    assert list_repeatable([tea]) == [True]


def test_too_few_buyers_say_nothing() -> None:
    tea = make_product(category="Tea")
    sell(tea, buyers=19, again=19)

    assert learn_repeats() == 0
    assert Category.objects.get(path="Tea").repeats_learnt is None


def test_a_share_between_the_limits_changes_nothing() -> None:
    tea = make_product(category="Tea")
    sell(tea, buyers=40, again=10)
    assert learn_repeats() == 1
    # 10 of 45 buyers bought again: less than a quarter, more than a fifth.
    sell(tea, buyers=5)
    assert learn_repeats() == 0
    # 10 of 60.
    sell(tea, buyers=15)
    assert learn_repeats() == 1
    assert list_repeatable([tea]) == [False]
    # 15 of 65: as above, but from the other side.
    sell(tea, buyers=5, again=5)
    assert learn_repeats() == 0


def test_without_buyers_nothing_is_known_any_longer() -> None:
    tea = make_product(category="Tea")
    sell(tea, again=20)
    learn_repeats()
    UserBehavior.objects.all().delete()

    assert learn_repeats() == 1
    assert list_repeatable([tea]) == [False]


def test_a_training_learns_it() -> None:
    tea, lamp = make_product(category="Tea"), make_product(category="Lamps")
    sell(tea, again=20)
    sell(lamp)

    train()

    assert list_repeatable([tea, lamp]) == [True, False]
