"""A rule of staff reserves places of a shopper's own lists for products that few know yet."""

import pytest

from recommendations.choices import InteractionType, Placement, RuleAction, Source
from recommendations.engine.trace import Stage
from recommendations.models import Product, ServedList
from recommendations.reasons import ReasonCode
from recommendations.services.insight.explain import explain_page
from recommendations.services.insight.questions import Page, Question
from recommendations.services.insight.why import explain_entries
from recommendations.services.insight.why_not import explain_absence
from recommendations.services.lists import ListContext, recommend, recommend_similar, served_log
from recommendations.services.lists.list_request import ListRequest
from recommendations.services.people.subjects import Subject
from recommendations.services.shop import merchandising
from recommendations.services.training import live_model
from recommendations.services.training.train import train
from recommendations.tests.builders import (
    make_experiment,
    make_interactions,
    make_product,
    make_rule,
    make_shopper,
    make_two_taste_shop,
    make_visitor,
)
from recommendations.tests.services.lists.lists import ids

pytestmark = pytest.mark.django_db(transaction=True)

NUMBERS = {"one_in": 4, "days": 0, "times": 4}
COUNT = 4


@pytest.fixture
def rare() -> Product:
    """Return a tent that two shoppers know, in a shop with a live model."""
    shop = make_two_taste_shop()
    tent = make_product(category="Tents")
    for first in range(2):
        make_interactions(make_shopper(), [*shop["Tents"][first : first + 6], tent])
    train()
    live_model.refresh()
    return tent


@pytest.fixture
def camper(rare: Product) -> Subject:
    visitor = make_visitor()
    make_interactions(visitor, list(Product.objects.filter(category="Tents").order_by("pk")[:3]))
    return visitor


def get_list(subject: Subject) -> list[int]:
    return ids(recommend(context=ListContext(subject), count=COUNT))


def test_an_arm_with_other_weights_has_reserved_places_too(rare: Product, camper: Subject) -> None:
    make_rule(RuleAction.RESERVE, **NUMBERS)
    arms = [{"name": name, "weights": {"collaborative": 1}} for name in ("control", "other")]
    make_experiment(*arms)

    found = recommend(context=ListContext(camper, takes_part=True), count=COUNT)

    assert rare.pk in ids(found)


def test_no_place_is_reserved_without_a_rule(rare: Product, camper: Subject) -> None:
    assert rare.pk not in get_list(camper)


def test_a_new_product_gets_the_reserved_place_and_says_why(rare: Product, camper: Subject) -> None:
    before = get_list(camper)
    make_rule(RuleAction.RESERVE, **NUMBERS)

    found = recommend(context=ListContext(camper), count=COUNT)

    assert ids(found) == [*before[:3], rare.pk]
    entry = found.entries[-1]
    assert (entry.source, entry.reason.code) == (Source.EXPLORED, ReasonCode.LITTLE_KNOWN)
    assert (found.source, found.personalized) == (Source.MODEL, True)
    assert get_list(camper) == ids(found)


def test_what_many_know_and_what_the_condition_leaves_out_get_no_reserved_place(
    rare: Product, camper: Subject
) -> None:
    before = get_list(camper)
    condition = {"field": "category", "op": "in", "value": ["Lamps"]}
    rule = make_rule(RuleAction.RESERVE, **NUMBERS, condition=condition)

    of_lamps = get_list(camper)
    rule.condition, rule.times = None, 2
    rule.save()
    merchandising.clear_rules_cache()
    make_rule(RuleAction.HIDE, product=make_product())
    of_the_rarer = get_list(camper)

    assert before == of_lamps == of_the_rarer


def test_a_product_of_which_nobody_can_tell_whether_it_suits_is_not_drawn(
    rare: Product, camper: Subject
) -> None:
    Product.objects.filter(pk=rare.pk).update(is_active=False)
    unknown = make_product(category="Tents")
    make_rule(RuleAction.RESERVE, **NUMBERS)

    assert unknown.pk not in get_list(camper)


def test_lists_beside_a_product_have_no_reserved_places(rare: Product, camper: Subject) -> None:
    tent = Product.objects.filter(category="Tents").order_by("pk")[0]
    before = ids(recommend_similar(context=ListContext(camper), product_id=tent.pk, count=8))
    make_rule(RuleAction.RESERVE, **NUMBERS)

    after = ids(recommend_similar(context=ListContext(camper), product_id=tent.pk, count=8))

    assert before == after


def test_what_the_shopper_knows_already_gets_no_reserved_place(
    rare: Product, camper: Subject
) -> None:
    make_rule(RuleAction.RESERVE, **NUMBERS)
    make_interactions(camper, [rare], interaction_type=InteractionType.VIEW)

    found = recommend(context=ListContext(camper), count=COUNT)

    assert Source.EXPLORED not in {entry.source for entry in found.entries}


def test_the_log_says_which_products_stood_in_reserved_places(
    rare: Product, camper: Subject
) -> None:
    make_rule(RuleAction.RESERVE, **NUMBERS)
    found = recommend(context=ListContext(camper), count=COUNT)

    served_log.log_served_list(
        subject=camper,
        placement=Placement.HOME,
        name="for-you",
        found=found,
        request=ListRequest(count=COUNT),
    )
    served_log.flush()

    assert ServedList.objects.get().explored_product_ids == [rare.pk]


def test_why_tells_of_the_reserved_place_and_of_what_gave_way(
    rare: Product, camper: Subject
) -> None:
    before = get_list(camper)
    make_rule(RuleAction.RESERVE, **NUMBERS)

    page = explain_page(Question(page=Page.HOME, subject=camper, count=COUNT))

    traced = page.lists["for-you"]
    assert traced.product_ids == [*before[:3], rare.pk]
    why = explain_entries(page, traced)[-1]
    assert why.entry.source is Source.EXPLORED
    assert why.parts is not None
    assert why.ruled is not None
    assert sum(member.part for member in why.parts.members) == pytest.approx(why.ruled.score, 1e-4)
    why_not = explain_absence(page, traced, before[3])
    assert why_not is not None
    assert why_not.stage is Stage.GAVE_WAY
