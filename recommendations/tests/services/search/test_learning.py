from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from recommendations.choices import InteractionType
from recommendations.models import LearnedMatch, LoggedSearch, Product, UserBehavior
from recommendations.services.lists import ListContext
from recommendations.services.people.subjects import Subject
from recommendations.services.search.learning import learn
from recommendations.services.search.ranking import rank_matches
from recommendations.tasks import learn_from_searches
from recommendations.tests.builders import make_product, make_shopper, make_visitor

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def learns(settings: Any) -> None:
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "search_learns": True}


def log(query: str, *, days_ago: float = 0) -> UUID:
    at = timezone.now() - timedelta(days=days_ago)
    facts = {"found": 2, "is_corrected": False, "is_redirected": False, "is_first": True}
    return LoggedSearch.objects.create(query=query, answered_by="words", searched_at=at, **facts).pk


def choose(
    query: str,
    product: Product,
    *subjects: Subject,
    kind: InteractionType = InteractionType.VIEW,
    days_ago: float = 0,
) -> None:
    list_id = log(query, days_ago=days_ago)
    UserBehavior.objects.bulk_create(
        UserBehavior(
            user_id=subject.user_id,
            session_id=subject.session_id,
            product=product,
            interaction_type=kind.value,
            timestamp=timezone.now() - timedelta(days=days_ago),
            list_id=list_id,
        )
        for subject in subjects
    )


def make_visitors(count: int) -> list[Subject]:
    return [make_visitor() for _ in range(count)]


def read_strengths() -> dict[tuple[str, int], float]:
    learn()
    rows = LearnedMatch.objects.values_list("query", "product_id", "strength")
    return {(query, product): round(strength, 3) for query, product, strength in rows}


def weigh(text: str) -> dict[int, float]:
    """Return the relevance of what was found, best first."""
    found = rank_matches(text=text, context=ListContext(None)).found
    return dict(zip(found.product_ids, found.relevance, strict=True))


def rank(text: str) -> list[int]:
    return list(rank_matches(text=text, context=ListContext(None)).product_ids)


def test_a_strength_is_the_share_of_the_choices_with_a_prior_of_ten() -> None:
    chosen, other = make_product(name="Lamp"), make_product(name="Lamp")
    choose("lamp", chosen, *make_visitors(6))
    choose("lamp", other, *make_visitors(4))
    choose("desk", other, *make_visitors(10))

    assert read_strengths() == {
        ("lamp", chosen.pk): 0.3,
        ("lamp", other.pk): 0.2,
        ("desk", other.pk): 0.5,
    }


def test_what_fewer_than_three_subjects_chose_is_not_kept() -> None:
    product = make_product(name="Lamp")
    choose("lamp", product, *make_visitors(2))

    assert read_strengths() == {}


def test_a_subject_counts_once_however_often_it_chooses() -> None:
    product = make_product(name="Lamp")
    shopper, *visitors = make_shopper(), *make_visitors(2)
    for _ in range(50):
        choose("lamp", product, shopper)
    choose("lamp", product, *visitors)

    assert read_strengths() == {("lamp", product.pk): round(3 / 13, 3)}


def test_an_old_choice_counts_half_after_a_month_and_is_forgotten_with_its_search() -> None:
    product = make_product(name="Lamp")
    choose("lamp", product, *make_visitors(4), days_ago=30)
    month_old = read_strengths()

    LoggedSearch.objects.all().delete()

    assert month_old == {("lamp", product.pk): round(2 / 12, 3)}
    assert read_strengths() == {}


def test_a_purchase_within_a_day_counts_three_times() -> None:
    product = make_product(name="Lamp")
    visitors = make_visitors(3)
    choose("lamp", product, *visitors, days_ago=0.5)
    for days_ago, visitor in zip((0.25, 0.25, 0.75), visitors, strict=True):
        UserBehavior.objects.create(
            session_id=visitor.session_id,
            product=product,
            interaction_type=InteractionType.PURCHASE.value,
            timestamp=timezone.now() - timedelta(days=days_ago),
        )

    # The third one had bought it before: 3 + 3 + 1, each half a day old.
    weight = 7 * 0.5 ** (0.5 / 30)
    assert read_strengths() == {("lamp", product.pk): round(weight / (10 + weight), 3)}


def test_interactions_of_other_lists_teach_nothing() -> None:
    product = make_product(name="Lamp")
    choose("lamp", product, *make_visitors(5))
    UserBehavior.objects.update(list_id=UUID(int=7))

    assert read_strengths() == {}


def test_what_was_chosen_rises_by_a_fifth_of_the_best_relevance_at_most() -> None:
    best = make_product(name="Lamp")
    near = make_product(name="Desk lamp", description="white")
    far = make_product(name="Desk", description="for a lamp")
    before = weigh("lamp")
    choose("lamp", far, *make_visitors(2_000))
    learn()

    after = weigh("lamp")

    assert list(before) == list(after) == [best.pk, near.pk, far.pk]
    assert after[far.pk] - before[far.pk] == pytest.approx(0.2 * before[near.pk] * 2000 / 2010)
    assert (after[best.pk], after[near.pk]) == (before[best.pk], before[near.pk])


def test_two_thousand_liars_never_lift_a_product_past_one_named_exactly_or_on_sale() -> None:
    named = make_product(name="Lamp", sku="L-1")
    sold_out = make_product(name="Wall lamp", stock=0)
    other = make_product(name="Bed lamp")
    unfound = make_product(name="Kettle")
    for product in (sold_out, unfound):
        choose("lamp", product, *make_visitors(2_000))
    learn()

    assert rank("lamp") == [named.pk, other.pk, sold_out.pk]


def test_a_product_that_was_chosen_more_stands_before_its_near_equals() -> None:
    chosen, newer = (make_product(name=f"{kind} coffee mill") for kind in ("Hand", "Small"))
    before = rank("coffee mill")
    choose("coffee mill", chosen, *make_visitors(30))
    learn()

    assert (before, rank("coffee MILL")) == ([newer.pk, chosen.pk], [chosen.pk, newer.pk])


def test_without_the_setting_nothing_is_learnt_or_applied(settings: Any) -> None:
    chosen, newer = make_product(name="Hand mill"), make_product(name="Small mill")
    choose("mill", chosen, *make_visitors(30))
    learn()
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "search_learns": False}
    LearnedMatch.objects.update(strength=0.9)

    learn_from_searches()

    assert rank("mill") == [newer.pk, chosen.pk]
    assert LearnedMatch.objects.get().strength == 0.9
