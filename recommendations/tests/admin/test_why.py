"""The page on which staff ask why: who may ask, what is noted, what it shows and what it costs."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from recommendations.choices import InteractionType, ModelState, RuleAction
from recommendations.conf import configuration
from recommendations.models import ListInspection, ModelVersion, Product, RuleVersion
from recommendations.services.insight import inspections
from recommendations.services.insight.inspections import note_inspection
from recommendations.services.people.privacy import erase, export_data
from recommendations.services.people.roles import Role
from recommendations.services.people.shoppers import merge_visitor
from recommendations.services.people.subjects import Subject
from recommendations.services.shop.rule_versions import publish_rules
from recommendations.services.training import live_model
from recommendations.services.training.train import train
from recommendations.tests.builders import (
    draft_rule,
    make_interactions,
    make_rule,
    make_shopper,
    make_two_taste_shop,
    make_user,
    make_visitor,
    sign_in,
)

pytestmark = pytest.mark.django_db

PAGE = "/admin/recommendations/listinspection/why/"
MOST_QUERIES = 30


@pytest.fixture
def shop() -> dict[str, list[Product]]:
    products = make_two_taste_shop()
    train()
    live_model.refresh()
    return products


def make_staff(*rights: str) -> User:
    account = make_user("kim", is_staff=True)
    account.user_permissions.add(*Permission.objects.filter(codename__in=rights))
    return account


def ask(browser: Client, **fields: Any) -> Any:
    given = {"page": "home", "count": "6", "history_of": "typed", **fields}
    return browser.post(PAGE, given)


def test_staff_without_the_permission_get_403_and_see_no_link(shop: Any) -> None:
    browser = sign_in(make_staff("view_listinspection", "view_product"))
    product = shop["Tents"][0]

    asked, shown = ask(browser), browser.get(PAGE)
    log = browser.get(reverse("admin:recommendations_listinspection_changelist"))
    of_product = browser.get(reverse("admin:recommendations_product_change", args=[product.pk]))

    assert (asked.status_code, shown.status_code) == (403, 403)
    assert PAGE not in log.content.decode()
    assert PAGE not in of_product.content.decode()
    assert not ListInspection.objects.exists()


def test_a_look_is_noted_with_who_when_about_whom_and_where(shop: Any) -> None:
    staff, shopper, missed = make_staff("explain_lists"), make_shopper(), shop["Lamps"][3]
    make_interactions(shopper, shop["Tents"][:3])

    answer = ask(
        sign_in(staff), history_of="shopper", who=str(shopper.user_id), why_not=str(missed.pk)
    )

    noted = ListInspection.objects.get()
    assert answer.status_code == 200
    assert (noted.staff, noted.history, noted.user_id) == (staff, "shopper", shopper.user_id)
    assert (noted.placement, noted.product) == ("home", missed)
    assert noted.created_at <= timezone.now()


def test_the_page_shows_no_name_and_no_address_of_the_shopper(shop: Any) -> None:
    account = make_user("maria.secret", email="maria@example.com", first_name="Maria")
    make_interactions(Subject(user_id=account.pk), shop["Tents"][:3])

    page = ask(
        sign_in(make_staff("explain_lists")), history_of="shopper", who=str(account.pk)
    ).content.decode()

    assert shop["Tents"][0].name in page
    assert "maria" not in page.lower()


def test_the_page_tells_the_list_and_why_a_product_is_not_in_it(shop: Any) -> None:
    missed = shop["Tents"][9]
    Product.objects.filter(pk=missed.pk).update(stock=0)
    browser = sign_in(make_staff("explain_lists"))
    history = f"view {shop['Tents'][0].pk}\ncart: {shop['Tents'][1].name}"

    page = ask(browser, history=history, why_not=missed.name)

    answers = page.context["answers"]
    assert len(answers["rows"]) == 6
    assert answers["missed"]["answer"].stage == "Sold out"
    assert [one["kind"] for one in answers["history"]] == ["put into the cart", "viewed"]
    assert "At least one piece in stock." in page.content.decode()


def test_the_shares_of_a_score_add_up_with_what_lowers_it(shop: dict[str, list[Product]]) -> None:
    history = "\n".join(
        f"view {product.pk}" for product in [*shop["Tents"][:6], *shop["Lamps"][:2]]
    )

    page = ask(sign_in(make_staff("explain_lists")), history=history)

    rows = [row for row in page.context["answers"]["rows"] if row["entries"]]
    assert rows
    for row in rows:
        for parts in (row["members"], row["entries"]):
            # Each share is rounded by itself.
            assert abs(sum(part["share"] for part in parts) - 100) <= len(parts)


def test_a_hiding_rule_is_named_and_no_rules_are_the_other_side(shop: Any) -> None:
    hidden = shop["Tents"][4]
    Product.objects.filter(pk=hidden.pk).update(brand="Acme")
    rule = make_rule(RuleAction.HIDE, brand="Acme")
    browser = sign_in(make_staff("explain_lists", "view_merchandisingrule"))
    history = "\n".join(str(product.pk) for product in shop["Tents"][:3])

    page = ask(browser, history=history, why_not=str(hidden.pk), rules="none", count="40")

    answers = page.context["answers"]
    assert answers["missed"]["answer"].stage == "Hidden by a rule"
    assert [one["text"] for one in answers["missed"]["rules"]] == [str(rule)]
    assert f"/admin/recommendations/merchandisingrule/{rule.pk}/change/" in page.content.decode()
    new = [row["name"] for row in answers["compared"]["rows"] if row["is_new"]]
    assert new == [hidden.name]


def test_the_draft_and_earlier_rules_are_other_sides(shop: Any) -> None:
    hidden = shop["Tents"][4]
    rule = make_rule(RuleAction.HIDE, product=hidden)
    first = RuleVersion.objects.get()
    rule.delete()
    publish_rules(author=None)
    draft_rule(RuleAction.PIN, product=shop["Lamps"][2])
    browser = sign_in(make_staff("explain_lists", "view_merchandisingrule"))
    history = "\n".join(str(product.pk) for product in shop["Tents"][:3])

    draft = ask(browser, history=history, rules="draft").context["answers"]["compared"]
    earlier = ask(browser, history=history, rules=str(first.pk), count="40")

    assert draft["rows"][0]["name"] == shop["Lamps"][2].name
    gone = earlier.context["answers"]["compared"]["gone"]
    assert [(row["name"], row["answer"].stage) for row in gone] == [
        (hidden.name, "Hidden by a rule")
    ]


def test_who_may_not_see_rules_can_choose_no_draft(shop: Any) -> None:
    page = ask(sign_in(make_staff("explain_lists")), rules="draft")

    assert "rules" in page.context["form"].errors
    assert not ListInspection.objects.exists()


@pytest.mark.parametrize("role", [Role.MERCHANDISER, Role.SUPPORT, Role.ADMINISTRATOR])
def test_each_role_that_asks_why_puts_two_model_versions_side_by_side(
    shop: dict[str, list[Product]], role: Role
) -> None:
    earlier = ModelVersion.objects.get(state=ModelState.LIVE.value)
    make_interactions(make_shopper(), [shop["Lamps"][0], *shop["Tents"][:5]])
    train()
    live_model.refresh()
    staff = make_user("robin", is_staff=True)
    staff.groups.add(Group.objects.get(name=role.value))
    browser = sign_in(staff)

    offered = [name for name, _ in browser.get(PAGE).context["form"].fields["model"].choices]
    page = ask(browser, history=f"view {shop['Tents'][0].pk}", model=earlier.name)
    gone = ask(browser, history=f"view {shop['Tents'][0].pk}", model="no-such-version")

    assert offered == ["", earlier.name]
    assert page.context["answers"]["model"] != earlier.name
    assert len(page.context["answers"]["compared"]["rows"]) == 6
    assert "model" in gone.context["form"].errors


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"history_of": "shopper", "who": "999999"}, "who"),
        ({"history_of": "shopper", "who": ""}, "who"),
        ({"history_of": "visitor", "who": "nobody"}, "who"),
        ({"history": "view no such product"}, "history"),
        ({"history": "\n".join(["1"] * 31)}, "history"),
        ({"cart": "no such product"}, "cart"),
        ({"page": "product"}, "product"),
        ({"page": "category"}, "category"),
        ({"why_not": "no such product"}, "why_not"),
        ({"count": "51"}, "count"),
        ({"page": "email"}, "page"),
    ],
)
def test_a_wrong_question_is_told_at_its_field_and_not_noted(
    shop: Any, fields: dict[str, str], field: str
) -> None:
    page = ask(sign_in(make_staff("explain_lists")), **fields)

    assert field in page.context["form"].errors
    assert "answers" not in page.context
    assert not ListInspection.objects.exists()


def test_the_page_needs_few_queries(shop: Any, django_assert_max_num_queries: Any) -> None:
    shopper = make_shopper()
    make_interactions(shopper, shop["Tents"], interaction_type=InteractionType.CART)
    for number in range(5):
        make_rule(RuleAction.BOOST, category=f"Tents {number}")
    browser = sign_in(User.objects.create_superuser("root"))
    asked = {
        "history_of": "shopper",
        "who": str(shopper.user_id),
        "why_not": str(shop["Lamps"][0].pk),
        "rules": "none",
        "page": "product",
        "product": str(shop["Lamps"][1].pk),
    }

    with django_assert_max_num_queries(MOST_QUERIES):
        page = ask(browser, **asked)

    assert page.context["answers"]["compared"] is not None


def test_an_erased_shopper_leaves_the_log_without_whose_list_it_was(shop: Any) -> None:
    shopper, visitor = make_shopper(), make_visitor()
    for subject in (shopper, visitor):
        make_interactions(subject, shop["Tents"][:1])
        note_inspection(staff_id=None, subject=subject, placement="home")

    exported = export_data(shopper)["looked_into_by_staff"]
    erase(shopper)
    erase(visitor)

    assert [one["placement"] for one in exported] == ["home"]
    kept = [*ListInspection.objects.order_by("pk")]
    assert [one.history for one in kept] == ["shopper", "visitor"]
    assert {(one.user_id, one.session_id) for one in kept} == {(None, None)}


def test_a_look_into_a_visitor_follows_the_account_that_signs_in(shop: Any) -> None:
    shopper, visitor = make_shopper(), make_visitor()
    note_inspection(staff_id=None, subject=visitor, placement="home")

    merge_visitor(user_id=shopper.user_id or 0, session_id=visitor.session_id or "")

    assert len(export_data(shopper)["looked_into_by_staff"]) == 1


def test_the_log_ends_with_the_log_of_served_lists(settings: Any) -> None:
    old = note_inspection(staff_id=None, subject=None, placement="home")
    new = note_inspection(staff_id=None, subject=None, placement="home")
    days = configuration().served_log_keep_days
    ListInspection.objects.filter(pk=old.pk).update(
        created_at=timezone.now() - timedelta(days=days, seconds=1)
    )

    assert inspections.prune() == 1
    assert ListInspection.objects.get() == new


def test_the_command_tells_the_same(shop: Any, capsys: pytest.CaptureFixture[str]) -> None:
    shopper, hidden = make_shopper(), shop["Tents"][5]
    make_interactions(shopper, shop["Tents"][:3])
    Product.objects.filter(pk=hidden.pk).update(is_active=False)

    call_command("explain_list", "home", "--shopper", str(shopper.user_id), "--list", "for-you",
                 "--why-not", str(hidden.pk))  # fmt: skip

    said = capsys.readouterr().out
    assert f"{hidden.pk}: Not active. The product is not active. Switch it on." in said
    assert "collaborative" in said
    assert ListInspection.objects.get().product == hidden
    with pytest.raises(CommandError, match="There is no shopper with the id 987654"):
        call_command("explain_list", "home", "--shopper", "987654")
    with pytest.raises(CommandError, match="It has: for-you, recently-viewed"):
        call_command("explain_list", "home", "--list", "similar")
