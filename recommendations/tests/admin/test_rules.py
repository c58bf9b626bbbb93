"""The draft of the rules: published, previewed, taken back; and the pages of categories."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from recommendations.choices import CategoryOrder, Placement, RuleAction
from recommendations.engine.fatigue import Rest
from recommendations.engine.reserved_places import Reservation
from recommendations.engine.rules import NO_RULES
from recommendations.models import Category, CategoryPin, MerchandisingRule, RuleVersion
from recommendations.services.shop.merchandising import clear_rules_cache, get_current_rules
from recommendations.services.shop.rule_checks import Problem, find_problems
from recommendations.services.shop.rule_versions import publish_rules, read_draft
from recommendations.tests.builders import (
    draft_rule,
    make_product,
    make_products,
    make_rule,
    make_user,
    sign_in,
)

pytestmark = pytest.mark.django_db

PAGES = "/admin/recommendations/merchandisingrule/"


@pytest.fixture
def staff() -> Client:
    return sign_in(User.objects.create_superuser("root"))


def test_staff_publish_with_a_note_and_go_back(staff: Client) -> None:
    make_product(brand="Acme")
    make_rule(RuleAction.HIDE, brand="Acme")
    draft_rule(RuleAction.BOOST, brand="Acme")
    page = staff.get(f"{PAGES}publish/")

    staff.post(f"{PAGES}publish/", {"digest": page.context["digest"], "note": "For spring"})
    newest, first = RuleVersion.objects.all()
    shown = staff.get(f"{PAGES}history/").content.decode()
    staff.post(f"{PAGES}history/", {"version": first.pk})

    assert (newest.author, newest.note, len(newest.rules)) == (User.objects.get(), "For spring", 2)
    assert "root: For spring" in shown
    assert [rule.action for rule in MerchandisingRule.objects.all()] == ["hide"]
    assert RuleVersion.objects.all()[0].reverted_to == first


def test_what_others_changed_meanwhile_is_not_published(staff: Client) -> None:
    draft_rule(RuleAction.HIDE, brand="Acme")
    page = staff.get(f"{PAGES}publish/")
    draft_rule(RuleAction.HIDE, brand="Other")

    staff.post(f"{PAGES}publish/", {"digest": page.context["digest"]})

    assert not RuleVersion.objects.exists()


def test_who_may_not_publish_gets_403_and_no_button() -> None:
    draft_rule(RuleAction.HIDE, brand="Acme")
    user = make_user("mia", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_merchandisingrule"))
    client = sign_in(user)
    page = client.get(f"{PAGES}publish/")

    answers = [
        client.post(f"{PAGES}publish/", {"digest": page.context["digest"]}),
        client.post(f"{PAGES}publish/", {"discard": "1"}),
        client.post(f"{PAGES}history/", {"version": 1}),
    ]

    assert 'class="rules-main"' not in page.content.decode()
    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert not RuleVersion.objects.exists()


def test_a_draft_is_given_up(staff: Client) -> None:
    kept = make_rule(RuleAction.HIDE, brand="Acme")
    draft_rule(RuleAction.HIDE, brand="Other")
    MerchandisingRule.objects.filter(pk=kept.pk).update(is_active=False)

    staff.post(f"{PAGES}publish/", {"discard": "1"})

    rule = MerchandisingRule.objects.get()
    assert (rule.pk, rule.is_active) == (kept.pk, True)


@pytest.mark.parametrize("placement", ["home", "product", "cart", "search"])
def test_a_preview_shows_lists_before_and_after(staff: Client, placement: str) -> None:
    shown, hidden = make_product(name="Shown"), make_product(name="Gone", brand="Acme")
    draft_rule(RuleAction.HIDE, brand="Acme")

    page = staff.get(f"{PAGES}preview/", {"placement": placement, "product": str(shown.pk)})

    [visitor] = page.context["lists"]
    names = [[product["name"] for product in side] for side in visitor["sides"]]
    expected = [hidden.name] if placement == "product" else [hidden.name, shown.name]
    assert names[0] == expected
    assert names[1] == [name for name in expected if name != hidden.name]


def test_conflicts_and_rules_without_effect_are_told() -> None:
    first, second = make_products(2, brand="Acme")
    sold_out = make_product(stock=0)
    pin = draft_rule(RuleAction.PIN, product=first)
    same = draft_rule(RuleAction.PIN, product=second)
    hide_one = draft_rule(RuleAction.HIDE, product=first)
    hide_all = draft_rule(RuleAction.HIDE, brand="Acme", placement="search")
    nothing = draft_rule(RuleAction.BOOST, product=sold_out)
    off = draft_rule(RuleAction.BURY, brand="Acme", is_active=False)
    viewed = draft_rule(
        RuleAction.BURY, placement="home", condition={"field": "brand", "op": "same_as_viewed"}
    )

    found = find_problems(read_draft())

    told = {rule_id: {one.problem for one in each} for rule_id, each in found.items()}
    assert told == {
        pin.pk: {Problem.SAME_PLACE, Problem.PINNED_AND_HIDDEN},
        same.pk: {Problem.SAME_PLACE},
        hide_one.pk: {Problem.PINNED_AND_HIDDEN},
        hide_all.pk: {Problem.HIDES_ALL},
        nothing.pk: {Problem.NO_PRODUCT},
        off.pk: {Problem.SWITCHED_OFF},
        viewed.pk: {Problem.NO_VIEWED_PRODUCT},
    }


def test_a_rule_opens_in_its_form_and_saves_as_it_was(staff: Client) -> None:
    make_product(brand="Acme", attributes={"Colour": "Red"})
    data = {
        "all": [
            {"field": "price", "op": "between", "value": [10.0, 50.5]},
            {"any": [
                {"field": "attribute:colour", "op": "in", "value": ["red"]},
                {"field": "on_sale", "op": "is", "value": True},
            ]},
        ]
    }  # fmt: skip
    rule = draft_rule(RuleAction.BOOST, condition=data)
    page = staff.get(f"{PAGES}{rule.pk}/change/")
    widget = page.context["adminform"].form["condition"]
    sent = widget.field.widget.render("condition", widget.value())

    assert 'name="condition-all-0-field"' in sent
    assert 'name="condition-any-1-op"' in sent
    form: dict[str, Any] = {
        "action": "boost", "is_active": "on", "product": "", "placement": "", "position": "0",
        "starts_at_0": "", "starts_at_1": "", "ends_at_0": "", "ends_at_1": "",
        "condition-all-0-field": "price", "condition-all-0-op": "between",
        "condition-all-0-value": "10\n50.5",
        "condition-any-0-field": "attribute:colour", "condition-any-0-op": "in",
        "condition-any-0-value": "Red",
        "condition-any-1-field": "on_sale", "condition-any-1-op": "is",
        "condition-any-1-value": "true",
    }  # fmt: skip
    staff.post(f"{PAGES}{rule.pk}/change/", form)
    rule.refresh_from_db()
    assert rule.condition == data
    assert publish_rules(author=None) is not None


def test_staff_reserve_places_and_let_products_rest(staff: Client) -> None:
    make_product()
    form = {
        "is_active": "on", "product": "", "placement": "home", "position": "0",
        "starts_at_0": "", "starts_at_1": "", "ends_at_0": "", "ends_at_1": "",
    }  # fmt: skip

    for numbers in (
        {"action": "reserve", "one_in": "10", "days": "30", "times": "5", "percent": ""},
        {"action": "rest", "one_in": "", "days": "14", "times": "3", "percent": "50"},
    ):
        assert staff.post(f"{PAGES}add/", {**form, **numbers}).status_code == 302
    shown = staff.get(f"{PAGES}publish/").content.decode()
    publish_rules(author=None)

    rules = get_current_rules().by_placement
    assert rules[Placement.HOME].reservations == (Reservation(10, 30, 5),)
    assert rules[Placement.HOME].rests == (Rest(14, 3, 0.5),)
    assert rules[Placement.CART] == NO_RULES
    assert "one place in 10 for what was first touched within 30 days or has fewer" in shown
    assert "up to 50 % less for what was seen within 14 days without a click" in shown


@pytest.mark.parametrize(
    "numbers",
    [
        {"action": "reserve", "one_in": "3", "days": "30", "times": "5"},
        {"action": "reserve", "one_in": "10", "times": "5"},
        {"action": "reserve", "days": "30", "times": "5"},
        {"action": "rest", "times": "3", "percent": "50"},
        {"action": "rest", "days": "30", "percent": "50"},
        {"action": "rest", "days": "30", "times": "3"},
        {"action": "rest", "days": "14", "times": "3", "percent": "91"},
        {"action": "rest", "days": "14", "times": "0", "percent": "50"},
        {"action": "rest", "days": "14", "times": "3", "percent": "50", "one_in": "10"},
        {"action": "hide", "days": "14"},
    ],
    ids=[
        "too many places",
        "no days",
        "no number of places",
        "rest without days",
        "rest without times",
        "rest without a loss",
        "too large a loss",
        "no times",
        "both",
        "of another action",
    ],
)
def test_numbers_that_make_no_sense_are_refused(staff: Client, numbers: dict[str, str]) -> None:
    form = {
        "is_active": "on", "product": "", "placement": "", "position": "0",
        "starts_at_0": "", "starts_at_1": "", "ends_at_0": "", "ends_at_1": "",
        "condition-all-0-field": "price", "condition-all-0-op": "at_least",
        "condition-all-0-value": "1",
    }  # fmt: skip

    answer = staff.post(f"{PAGES}add/", {**form, **numbers})

    assert answer.status_code == 200
    assert answer.context["errors"]
    assert not MerchandisingRule.objects.exists()


def test_staff_are_told_that_product_pages_have_no_list_of_the_shopper(staff: Client) -> None:
    make_product()
    rule = draft_rule(
        RuleAction.RESERVE, one_in=10, days=30, times=5, placement=Placement.PRODUCT.value
    )

    found = find_problems(read_draft())

    assert [finding.problem for finding in found[rule.pk]] == [Problem.NO_LIST_OF_THEIR_OWN]


def test_a_version_from_before_rules_had_numbers_is_read_compared_and_published_again(
    staff: Client,
) -> None:
    rule = make_rule(RuleAction.HIDE, product=make_product())
    version = RuleVersion.objects.get()
    numbers = ("one_in", "days", "times", "percent")
    old = [
        {key: value for key, value in row.items() if key not in numbers} for row in version.rules
    ]
    RuleVersion.objects.update(rules=old)
    clear_rules_cache()

    hidden = get_current_rules().by_placement[Placement.HOME].hidden
    published = publish_rules(author=None)
    shown = staff.get(f"{PAGES}history/")

    assert hidden == {rule.product_id}
    assert published is None
    assert shown.status_code == 200


def test_choices_are_those_of_the_shop(staff: Client) -> None:
    lamp = make_product(name="Desk lamp", brand="Norden", category="Home > Lamps")

    found = {
        field: staff.get(f"{PAGES}choices/", {"field": field, "q": text}).json()["choices"]
        for field, text in (("product", "lamp"), ("brand", "nor"), ("category", "lamps"))
    }

    assert found == {
        "product": [[str(lamp.pk), "Desk lamp"]],
        "brand": [["Norden", "Norden"]],
        "category": [["Home > Lamps", "Home > Lamps"]],
    }


def test_staff_pin_products_to_a_category_and_choose_its_order(staff: Client) -> None:
    lamp = make_product(category="Lamps")
    category = Category.objects.get(path="Lamps")
    address = f"/admin/recommendations/categorypage/{category.pk}/"
    form = {
        "default_order": "popularity",
        "pins-TOTAL_FORMS": "1", "pins-INITIAL_FORMS": "0",
        "pins-0-product": lamp.pk, "pins-0-position": "3", "pins-0-category": category.pk,
    }  # fmt: skip

    staff.post(f"{address}change/", form)
    preview = staff.get(f"{address}preview/")

    category.refresh_from_db()
    pin = CategoryPin.objects.get()
    assert category.default_order == CategoryOrder.POPULARITY
    assert (pin.product, pin.position) == (lamp, 3)
    assert preview.context["lists"] == [("A new visitor", [lamp.name])]


def test_a_product_is_not_pinned_to_a_category_that_it_is_not_in(staff: Client) -> None:
    make_product(category="Lamps")
    tent = make_product(category="Tents")
    category = Category.objects.get(path="Lamps")
    form = {
        "default_order": "popularity",
        "pins-TOTAL_FORMS": "1", "pins-INITIAL_FORMS": "0",
        "pins-0-product": tent.pk, "pins-0-position": "1", "pins-0-category": category.pk,
    }  # fmt: skip

    page = staff.post(f"/admin/recommendations/categorypage/{category.pk}/change/", form)

    assert "This product is not in the category." in page.content.decode()
    assert not CategoryPin.objects.exists()
