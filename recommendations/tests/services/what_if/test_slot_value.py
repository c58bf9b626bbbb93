"""What a change would have earned in a slot that was filled at random, on clicks that are known."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from recommendations.choices import InteractionType, Placement, RuleAction
from recommendations.models import Product, ServedList, UserBehavior
from recommendations.services.lists import ListContext, recommend, served_log
from recommendations.services.lists.list_request import describe_request
from recommendations.services.people.subjects import Subject
from recommendations.services.what_if.changes import plan_change
from recommendations.services.what_if.comparison import compare_on_log
from recommendations.services.what_if.slot_value import SlotValue
from recommendations.tests.builders import (
    draft_rule,
    make_interactions,
    make_products,
    make_random_slot,
    make_visitor,
)
from recommendations.trials.off_policy import PolicyValue, Refusal

pytestmark = pytest.mark.django_db

HOME = Placement.HOME
PLAIN, LOVED = 0.1, 0.5
"""With which chance a product of either brand is clicked."""


def make_shop() -> list[Product]:
    """Add products of two brands by turns; the plain ones are ranked first, being in demand."""
    products = make_products(12)
    for number, product in enumerate(products):
        product.brand = "Loved" if number % 2 else "Plain"
        product.save()
    for number, product in enumerate(products):
        for _ in range(12 - number):
            make_interactions(make_visitor(), [product], interaction_type=InteractionType.PURCHASE)
    return products


def serve(subject: Subject, chances: Callable[[int], float], rng: np.random.Generator) -> Any:
    """Serve a list, log it, and let the subject click the product in the slot."""
    context = ListContext(subject, takes_part=True)
    found = recommend(context=context, placement=HOME)
    list_id = served_log.log_served_list(
        subject=subject,
        placement=HOME,
        name="for-you",
        found=found,
        request=describe_request(context, placement=HOME, subject=subject, count=10),
    )
    assert found.slot is not None
    drawn = found.slot.draw.product_id
    if rng.random() < chances(drawn):
        UserBehavior.objects.create(
            session_id=subject.session_id,
            product_id=drawn,
            interaction_type=InteractionType.VIEW.value,
            list_id=list_id,
        )
    return found.slot.draw


def estimate(rule_ids: list[int]) -> SlotValue | None:
    served_log.flush()
    change = plan_change(tried=rule_ids)
    return compare_on_log(placement=HOME, how_many=20_000, change=change).slot


def list_intervals(value: PolicyValue) -> list[tuple[float, float]]:
    estimates = (value.ips, value.snips, value.doubly_robust)
    return [(one.interval.low, one.interval.high) for one in estimates if one is not None]


def test_intervals_hold_what_a_rule_of_the_draft_would_have_earned() -> None:
    loved = {product.pk for product in make_shop() if product.brand == "Loved"}
    make_random_slot(place=3, n_candidates=3, salt="thyme")
    rng = np.random.default_rng(5)

    def chance(product_id: int) -> float:
        return LOVED if product_id in loved else PLAIN

    draws = [serve(make_visitor(), chance, rng) for _ in range(750)]
    found = estimate([draft_rule(RuleAction.BOOST, brand="Loved").pk])

    assert found is not None
    assert found.n_draws == 750
    # Candidates stand by rank, and the rule ranks the loved brand first where there is one.
    before = float(np.mean([chance(draw.candidates[0]) for draw in draws]))
    after = float(np.mean([LOVED if loved & {*draw.candidates} else PLAIN for draw in draws]))
    assert (before, after) == (PLAIN, LOVED)
    for side, truth in (("before", before), ("after", after), ("change", after - before)):
        intervals = list_intervals(getattr(found.clicks, side))
        assert len(intervals) == 3
        # An interval misses the truth one time in twenty; one twice as wide, one in ten thousand.
        assert all(abs(2 * truth - low - high) < 2 * (high - low) for low, high in intervals)
    assert all(high > -low for low, high in list_intervals(found.clicks.change))


def test_a_list_that_is_served_again_adds_no_draw() -> None:
    make_shop()
    make_random_slot(place=3, n_candidates=3)
    rng, visitor = np.random.default_rng(5), make_visitor()

    for _ in range(3):
        serve(visitor, lambda _: 0.0, rng)
    serve(visitor, lambda _: 1.0, rng)
    found = estimate([draft_rule(RuleAction.BOOST, brand="Loved").pk])

    assert found is not None
    assert (found.n_draws, found.n_clicks) == (1, 1)
    assert ServedList.objects.count() == 4


def test_too_small_a_log_says_so_and_estimates_nothing() -> None:
    make_shop()
    make_random_slot(place=3, n_candidates=3)
    rng = np.random.default_rng(5)
    for _ in range(30):
        serve(make_visitor(), lambda _: 0.5, rng)

    found = estimate([draft_rule(RuleAction.BOOST, brand="Loved").pk])

    assert found is not None
    assert found.clicks.change.refusal is Refusal.TOO_FEW_CHOICES
    assert list_intervals(found.clicks.after) == []


def test_without_a_slot_nothing_is_said_of_one() -> None:
    make_shop()
    visitor = make_visitor()
    context = ListContext(visitor, takes_part=True)
    served_log.log_served_list(
        subject=visitor,
        placement=HOME,
        name="for-you",
        found=recommend(context=context, placement=HOME),
        request=describe_request(context, placement=HOME, subject=visitor, count=10),
    )

    assert estimate([draft_rule(RuleAction.BOOST, brand="Loved").pk]) is None
