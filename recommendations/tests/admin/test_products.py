"""The list of products, where staff edit, filter and change many at once."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from recommendations.choices import InteractionType
from recommendations.models import Product, ProductImage
from recommendations.services.insight.upkeep import keep_figures
from recommendations.services.people.roles import Role
from recommendations.services.shop.categories import list_given_paths, set_categories
from recommendations.tests.admin.forms import read_form
from recommendations.tests.builders import (
    make_interactions,
    make_product,
    make_shopper,
    make_user,
    make_variant,
    sign_in,
)
from recommendations.tests.services.insight.shop import act, at, make_list, order

pytestmark = pytest.mark.django_db

LIST = "/admin/recommendations/product/"


def make_staff(role: Role) -> Client:
    member = make_user(role.name.lower(), is_staff=True)
    member.groups.add(Group.objects.get(name=role.value))
    return sign_in(member)


@pytest.fixture
def manager() -> Client:
    return make_staff(Role.CATALOGUE_MANAGER)


def open_list(client: Client) -> dict[str, Any]:
    """Return what a browser would send if nobody typed anything into the list."""
    return {**read_form(client.get(LIST), form_id="changelist-form"), "_save": "Save"}


def name_field(form: dict[str, Any], product: Product, column: str) -> str:
    """Return the name of the field of a product's column."""
    [row] = [
        name for name, value in form.items() if name.endswith("-id") and value == [str(product.pk)]
    ]
    return row.removesuffix("id") + column


def read_messages(page: Any) -> str:
    return " ".join(str(each) for each in page.context["messages"])


# --- Editing in the list --------------------------------------------------------------------------


def test_stock_price_and_switches_are_edited_in_the_list(manager: Client) -> None:
    lamp, tent = make_product(price="5.00", stock=3), make_product(price="7.00", stock=4)
    form = open_list(manager)

    manager.post(LIST, {
        **form,
        name_field(form, lamp, "price"): "6.50",
        name_field(form, lamp, "stock"): "8",
        name_field(form, lamp, "is_repeatable_given"): "true",
    })  # fmt: skip

    lamp.refresh_from_db()
    tent.refresh_from_db()
    assert (str(lamp.price), lamp.stock, lamp.is_active, lamp.is_repeatable) == (
        "6.50", 8, True, True,
    )  # fmt: skip
    assert (str(tent.price), tent.stock, tent.is_active, tent.is_repeatable) == (
        "7.00", 4, True, False,
    )  # fmt: skip


def test_fields_of_the_list_are_named_by_column_and_row(manager: Client) -> None:
    make_product(name="Tent", stock=3)

    page = manager.get(LIST).content.decode()

    assert 'aria-label="Stock: Tent"' in page
    assert 'aria-label="Price: Tent"' in page


def test_a_page_has_one_main_part_below_its_head(manager: Client) -> None:
    page = manager.get(LIST).content.decode()

    assert page.count("<main") == page.count("</main>") == 1
    assert page.index("<header") < page.index("<main")


def test_a_list_that_was_open_meanwhile_keeps_what_others_wrote(manager: Client) -> None:
    lamp, tent = make_product(price="5.00", stock=9), make_product(stock=9)
    form = open_list(manager)
    Product.objects.filter(pk=lamp.pk).update(stock=7, name="Desk lamp", brand="Acme")
    Product.objects.filter(pk=tent.pk).update(stock=2)

    page = manager.post(LIST, {**form, name_field(form, lamp, "price"): "6.00"}, follow=True)

    lamp.refresh_from_db()
    tent.refresh_from_db()
    assert (str(lamp.price), lamp.stock, lamp.name, lamp.brand) == ("6.00", 7, "Desk lamp", "Acme")
    assert tent.stock == 2
    assert "Others changed this while your form was open." in read_messages(page)


def test_pieces_sold_while_the_list_was_open_stay_sold(manager: Client) -> None:
    lamp = make_product(stock=10)
    form = open_list(manager)
    Product.objects.filter(pk=lamp.pk).update(stock=7)

    manager.post(LIST, {**form, name_field(form, lamp, "stock"): "15"})

    lamp.refresh_from_db()
    assert lamp.stock == 12


def test_a_price_that_others_changed_meanwhile_is_refused_once(manager: Client) -> None:
    lamp = make_product(price="5.00")
    form = open_list(manager)
    Product.objects.filter(pk=lamp.pk).update(price="5.50")

    page = manager.post(LIST, {**form, name_field(form, lamp, "price"): "6.00"})

    lamp.refresh_from_db()
    assert "someone else changed this to" in page.content.decode()
    assert str(lamp.price) == "5.50"


def test_the_price_during_a_sale_is_the_regular_one(manager: Client) -> None:
    lamp = make_product(price="4.00", regular_price="5.00", sale_price="4.00")
    form = open_list(manager)
    field = name_field(form, lamp, "price")

    refused = manager.post(LIST, {**form, field: "3.00"})
    manager.post(LIST, {**form, field: "6.00"})

    lamp.refresh_from_db()
    assert form[field] == ["5.00"]
    assert "The price must be above the sale price" in refused.content.decode()
    assert (str(lamp.price), str(lamp.regular_price), str(lamp.sale_price)) == (
        "4.00", "6.00", "4.00",
    )  # fmt: skip


def test_price_and_stock_that_follow_from_variants_are_not_edited(manager: Client) -> None:
    shirt = make_product(price="9.00")
    make_variant(shirt, stock=3)
    form = open_list(manager)
    prefix = name_field(form, shirt, "")

    manager.post(LIST, {**form, f"{prefix}price": "1.00", f"{prefix}stock": "99"})

    shirt.refresh_from_db()
    assert f"{prefix}price" not in form
    assert (str(shirt.price), shirt.stock) == ("9.00", 3)


def test_who_may_only_look_edits_nothing_in_the_list() -> None:
    lamp, analyst = make_product(stock=3), make_staff(Role.ANALYST)

    page = analyst.get(LIST)
    answer = analyst.post(LIST, {"_save": "Save", "form-0-id": lamp.pk, "form-0-stock": "9"})

    lamp.refresh_from_db()
    assert "form-0-stock" not in page.content.decode()
    assert (answer.status_code, lamp.stock) == (403, 3)


# --- Filters --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("in_stock=none", ["Sold out"]),
        ("in_stock=low", ["Rare"]),
        ("in_stock=some", ["Bare", "Plenty"]),
        ("price_from=10&price_to=20", ["Rare"]),
        ("price_from=50", ["Plenty"]),
        ("missing=picture", ["Bare", "Sold out"]),
        ("missing=description", ["Bare", "Rare"]),
        ("interactions=none", ["Bare", "Plenty", "Sold out"]),
        ("category=Home", ["Bare", "Plenty", "Rare"]),
        ("category=Home > Lamps", ["Rare"]),
        ("in_stock=low&missing=description&category=Home > Lamps", ["Rare"]),
    ],
)
def test_products_are_filtered(manager: Client, query: str, names: list[str]) -> None:
    full = {"image": "products/a.svg", "description": "Good."}
    make_product(name="Plenty", stock=99, price="50.00", **full)
    rare = make_product(
        name="Rare", stock=5, price="15.00", category="Home > Lamps", image="products/a.svg"
    )
    make_product(name="Sold out", stock=0, category="Garden", description="Good.")
    make_product(name="Bare", stock=6)
    make_interactions(make_shopper(), [rare])

    page = manager.get(f"{LIST}?{query}")

    assert sorted(product.name for product in page.context["cl"].result_list) == names


# --- Many at once ---------------------------------------------------------------------------------


def choose(*products: Product, **more: Any) -> dict[str, Any]:
    return {"_selected_action": [product.pk for product in products], **more}


def test_several_products_get_a_category(manager: Client) -> None:
    lamp, tent = make_product(category="Home"), make_product(category="Home")
    set_categories({tent.pk: ["Home", "Sale"]})
    form = choose(lamp, tent, action="set_category")

    asked = manager.post(LIST, form)
    done = manager.post(LIST, {**form, "apply": "1", "category": " Garden  >  Tools "}, follow=True)

    assert "Set the category" in asked.content.decode()
    assert "2 products are in Garden > Tools now." in read_messages(done)
    assert list_given_paths([lamp.pk, tent.pk]) == {
        lamp.pk: ["Garden > Tools"],
        tent.pk: ["Garden > Tools", "Sale"],
    }


@pytest.mark.parametrize("category", ["", " > ", "x" * 600])
def test_a_category_that_cannot_be_is_refused(manager: Client, category: str) -> None:
    lamp = make_product(category="Home")
    form = choose(lamp, action="set_category", apply="1", category=category)

    page = manager.post(LIST, form)

    lamp.refresh_from_db()
    assert page.context["form"].errors
    assert lamp.category == "Home"


def test_one_product_is_told_as_one(manager: Client) -> None:
    lamp = make_product()

    page = manager.post(LIST, choose(lamp, action="deactivate"), follow=True)

    assert "1 product is hidden now." in read_messages(page)


def test_several_products_are_made_repeatable_and_follow_their_category(manager: Client) -> None:
    lamp, tent = make_product(), make_product(is_repeatable=True)

    def read() -> list[tuple[bool, bool | None]]:
        rows = Product.objects.order_by("pk")
        return list(rows.values_list("is_repeatable", "is_repeatable_given"))

    manager.post(LIST, choose(lamp, tent, action="make_repeatable"))
    repeatable = read()
    manager.post(LIST, choose(lamp, action="make_unrepeatable"))
    one_not = read()
    manager.post(LIST, choose(lamp, tent, action="follow_category"))

    assert repeatable == [(True, True), (True, True)]
    assert one_not == [(False, False), (True, True)]
    assert read() == [(False, None), (False, None)]


def test_an_action_that_looks_at_each_product_takes_only_so_many(
    manager: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recommendations.admin.product_actions.MOST_AT_ONCE", 1)
    lamp, tent = make_product(), make_product()

    page = manager.post(LIST, choose(lamp, tent, action="make_repeatable"), follow=True)

    assert "Choose at most 1 products at once; these are 2." in read_messages(page)
    assert not Product.objects.filter(is_repeatable=True).exists()


# --- The page of a product ------------------------------------------------------------------------


def test_the_page_shows_what_became_of_the_product(manager: Client) -> None:
    ada, lamp = make_shopper(), make_product()
    make_list([lamp], served_at=at(2))
    act(ada, lamp, at(2))
    act(ada, lamp, at(1), kind=InteractionType.CART)
    order(ada, {lamp: "5.00"}, at(0))
    act(ada, lamp, at(40))
    keep_figures()

    figures = manager.get(f"{LIST}{lamp.pk}/change/").context["figures"]

    assert [(str(title), now, before) for title, now, before in figures["sums"]] == [
        ("Views", "1", "1"),
        ("Put into carts", "1", "0"),
        ("Pieces sold", "1", "0"),
        ("Lists with it", "1", "0"),
    ]
    assert [cells for _, cells in figures["chart"].rows][-3:] == [
        ["1", "0", "0", "1"], ["0", "1", "0", "0"], ["0", "0", "1", "0"],
    ]  # fmt: skip


def test_a_product_that_shoppers_see_is_viewed_on_the_site(manager: Client) -> None:
    shown, hidden = make_product(), make_product(is_active=False)

    pages = [manager.get(f"{LIST}{each.pk}/change/") for each in (shown, hidden)]

    assert pages[0].context["absolute_url"] == f"/product/{shown.pk}"
    assert not pages[1].context["has_absolute_url"]


def test_fields_of_rows_within_a_page_are_named_by_column(manager: Client) -> None:
    product = make_product()
    ProductImage.objects.create(product=product, image="lamp.png")

    page = manager.get(f"{LIST}{product.pk}/change/").content.decode()

    inputs = re.findall(r"<input[^>]*name=\"further_images-0-position\"[^>]*>", page)
    assert ["aria-label=" in each for each in inputs] == [True]
