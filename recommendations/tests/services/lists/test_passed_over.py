"""A rule of staff lowers what the shopper saw and passed over, in the shopper's own lists only."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from recommendations.choices import RuleAction
from recommendations.engine.trace import ListTrace
from recommendations.models import Product, ServedList
from recommendations.services.lists import ListContext, recommend
from recommendations.services.people.subjects import Subject
from recommendations.tests.builders import (
    make_interactions,
    make_rule,
    make_shopper,
    make_visitor,
    switch_personalization_off,
)
from recommendations.tests.services.lists.lists import ids

pytestmark = pytest.mark.django_db(transaction=True)

NUMBERS = {"days": 14, "times": 2, "percent": 80}
Shop = dict[str, list[Product]]


def show(
    subject: Subject, product_ids: list[int], *, times: int, seen: bool = True, days_ago: float = 1
) -> None:
    """Log lists that the subject was served, and in which the products came into view."""
    ServedList.objects.bulk_create(
        ServedList(
            id=uuid4(),
            user_id=subject.user_id,
            session_id=subject.session_id,
            placement="home",
            name="for-you",
            source="model",
            product_ids=product_ids,
            seen_product_ids=product_ids if seen else [],
            created_at=timezone.now() - timedelta(days=days_ago),
        )
        for _ in range(times)
    )


def get_list(subject: Subject, count: int = 6) -> list[int]:
    return ids(recommend(context=ListContext(subject), count=count))


def make_camper(shop: Shop) -> Subject:
    visitor = make_visitor()
    make_interactions(visitor, shop["Tents"][:3])
    return visitor


def test_what_was_seen_and_passed_over_falls_below_what_was_not(
    shop: Shop, camper: Subject
) -> None:
    before = get_list(camper)
    show(camper, before[:1], times=2)
    make_rule(RuleAction.REST, **NUMBERS)

    after = get_list(camper)

    assert before[0] not in after[:3]
    assert after[0] == before[1]


def test_without_a_rule_impressions_change_nothing(shop: Shop, camper: Subject) -> None:
    before = get_list(camper)
    show(camper, before[:1], times=50)
    make_interactions(camper, shop["Tents"][2:3])

    assert get_list(camper) == before


def test_only_what_came_into_view_in_the_last_days_counts(shop: Shop, camper: Subject) -> None:
    before = get_list(camper)
    show(camper, before[:1], times=9, seen=False)
    show(camper, before[1:2], times=9, days_ago=15)
    make_rule(RuleAction.REST, **NUMBERS)

    assert get_list(camper) == before


def test_what_the_shopper_clicked_was_not_passed_over(shop: Shop, camper: Subject) -> None:
    clicked = get_list(camper)[0]
    make_interactions(camper, [clicked])
    before = get_list(camper)
    show(camper, [clicked], times=9)
    make_rule(RuleAction.REST, **NUMBERS)

    assert get_list(camper) == before


def test_a_condition_says_what_may_lose(shop: Shop, camper: Subject) -> None:
    before = get_list(camper)
    show(camper, before[:1], times=2)
    lamps = {"field": "category", "op": "in", "value": ["Lamps"]}
    make_rule(RuleAction.REST, **NUMBERS, condition=lamps)

    assert get_list(camper) == before


def test_a_thousand_visitors_who_pass_a_product_over_lower_it_for_nobody_else(
    shop: Shop, camper: Subject
) -> None:
    make_rule(RuleAction.REST, **NUMBERS)
    before = get_list(make_camper(shop))
    for number in range(1_000):
        show(Subject(session_id=f"liar-{number}"), before[:1], times=1)
    show(make_shopper(), before[:1], times=200)

    assert get_list(make_camper(shop)) == before


def test_who_switched_personalization_off_gets_the_list_of_everybody(shop: Shop) -> None:
    shopper = make_shopper()
    switch_personalization_off(shopper)
    before = get_list(shopper)
    show(shopper, before[:1], times=9)
    make_rule(RuleAction.REST, **NUMBERS)

    assert get_list(shopper) == before


def test_the_trace_says_how_often_a_product_was_passed_over(shop: Shop, camper: Subject) -> None:
    first = get_list(camper)[0]
    show(camper, [first], times=3)
    make_rule(RuleAction.REST, **NUMBERS)
    traces: list[ListTrace] = []

    recommend(context=ListContext(camper, traces=traces), count=6)

    assert traces[0].passed_over == {first: 3}


def test_impressions_up_to_the_moment_of_a_list_count_when_it_is_made_again(
    shop: Shop, camper: Subject
) -> None:
    before = get_list(camper)
    show(camper, before[:1], times=2, days_ago=1)
    make_rule(RuleAction.REST, **NUMBERS)
    then = timezone.now() - timedelta(days=2)

    of_then = recommend(context=ListContext(camper, as_of=then, traces=[]), count=6)

    assert ids(of_then) == before


def count_impression_reads(subject: Subject) -> int:
    with CaptureQueriesContext(connection) as queries:
        get_list(subject)
    return sum("served_list" in query["sql"] for query in queries)


def test_impressions_are_read_in_one_query_and_not_for_a_cached_list(
    shop: Shop, camper: Subject
) -> None:
    without_a_rule = count_impression_reads(camper)
    make_rule(RuleAction.REST, **NUMBERS)

    built = count_impression_reads(camper)
    cached = count_impression_reads(camper)

    assert (without_a_rule, built, cached) == (0, 1, 0)
