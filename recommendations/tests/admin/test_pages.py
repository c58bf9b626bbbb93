"""Every page of the admin opens, and needs as many queries for many rows as for one."""

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db.models import FileField, Model, URLField
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from recommendations.choices import ModelState, TokenScope
from recommendations.models import (
    ApiToken,
    ArmHealth,
    AttributeValue,
    Category,
    CategoryPage,
    CategoryPin,
    DailyFigure,
    DailyProductCounts,
    Dismissal,
    ExperimentArm,
    ExperimentEvent,
    ExperimentReport,
    Exposure,
    FeedRun,
    ImportJob,
    InsightMark,
    LearnedMatch,
    Like,
    ListInspection,
    LoggedSearch,
    MerchandisingRule,
    ModelVersion,
    Order,
    OrderChange,
    OrderLine,
    PictureAddress,
    PinnedProduct,
    Product,
    ProductAttribute,
    ProductCategory,
    QueryDay,
    RoleRight,
    RuleVersion,
    SearchRulesVersion,
    ServedList,
    ShopperId,
    ShownProducts,
    SubjectDay,
    TouchedDay,
    TrainingLease,
    UserBehavior,
    Variant,
    WhatIf,
)
from recommendations.services.people.tokens import issue_token
from recommendations.tests.admin.rows import make_a_row_of_everything
from recommendations.tests.builders import make_product, make_user, sign_in

pytestmark = pytest.mark.django_db

OF_THE_WORKER: set[type[Model]] = {
    DailyFigure,
    DailyProductCounts,
    ShownProducts,
    InsightMark,
    LearnedMatch,
    TouchedDay,
    LoggedSearch,
    QueryDay,
    Exposure,
    SubjectDay,
    ArmHealth,
}
"""Tables whose rows are for programs; staff see their sums on the first page."""
OF_OTHER_PAGES: set[type[Model]] = {
    *(
        CategoryPin,
        ExperimentArm,
        ExperimentEvent,
        ExperimentReport,
        ImportJob,
        OrderChange,
        PinnedProduct,
        RoleRight,
        RuleVersion,
        SearchRulesVersion,
        WhatIf,
    ),
}
"""Tables whose rows are edited on the page of another, noted when one is, or shown otherwise."""
TABLES = [
    model
    for model in apps.get_app_config("recommendations").get_models()
    if model not in OF_THE_WORKER | OF_OTHER_PAGES
]
READ_ONLY: set[type[Model]] = {
    AttributeValue,
    ProductAttribute,
    ProductCategory,
    ShopperId,
    Variant,
    PictureAddress,
    UserBehavior,
    Like,
    Dismissal,
    ServedList,
    ListInspection,
    Order,
    OrderLine,
    ModelVersion,
    TrainingLease,
    FeedRun,
}


@pytest.fixture
def staff() -> Client:
    return sign_in(User.objects.create_superuser("root"))


def address(model: type[Model], page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def test_every_table_has_its_pages() -> None:
    assert set(TABLES) <= set(admin.site._registry)
    assert set(TABLES) == set(make_a_row_of_everything(1))


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model.__name__)
def test_the_pages_of_a_table_open(staff: Client, model: type[Model]) -> None:
    row = make_a_row_of_everything(1)[model]

    listed = staff.get(address(model, "changelist"), {"q": "1"})
    added = staff.get(address(model, "add"))
    changed = staff.get(address(model, "change", row.pk))

    assert (listed.status_code, changed.status_code) == (200, 200)
    assert added.status_code == (403 if model in READ_ONLY | {Category, CategoryPage} else 200)


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model.__name__)
def test_a_list_of_many_rows_costs_no_more_queries(
    staff: Client, django_assert_max_num_queries: Any, model: type[Model]
) -> None:
    for number in range(15):
        make_a_row_of_everything(number)

    with django_assert_max_num_queries(11):
        response = staff.get(address(model, "changelist"))

    assert response.status_code == 200


@pytest.mark.parametrize("model", [*admin.site._registry], ids=lambda model: model.__name__)
def test_no_registered_page_is_broken(staff: Client, model: type[Model]) -> None:
    assert staff.get(address(model, "changelist")).status_code == 200
    assert staff.get(address(model, "add")).status_code in {200, 403}


@pytest.mark.parametrize("model", sorted(READ_ONLY, key=str))
def test_rows_written_by_the_program_are_read_only(staff: Client, model: type[Model]) -> None:
    row = make_a_row_of_everything(1)[model]

    response = staff.post(address(model, "change", row.pk), {})

    assert response.status_code == 403


def test_products_are_hidden_and_shown(staff: Client) -> None:
    product = make_product()
    chosen = {"_selected_action": [product.pk]}

    staff.post(address(Product, "changelist"), {**chosen, "action": "deactivate"})
    hidden = Product.objects.get().is_active
    staff.post(address(Product, "changelist"), {**chosen, "action": "activate"})

    assert (hidden, Product.objects.get().is_active) == (False, True)


def test_a_category_is_not_renamed_to_a_name_that_is_taken(staff: Client) -> None:
    make_product(category="Home")
    garden = Category.objects.get(path=make_product(category="Garden").category)
    form = {"name": "home", "parent": "", "is_repeatable": "unknown", "confirms_move": "on"}

    page = staff.post(address(Category, "change", garden.pk), form)

    shown = page.context["adminform"].form
    assert shown.errors == {"name": ["There is a category “home” already."]}
    assert shown["name"].value() == "home"
    assert not LogEntry.objects.exists()
    garden.refresh_from_db()
    assert (garden.name, garden.path) == ("Garden", "Garden")


def test_a_category_is_renamed_once_staff_have_confirmed_it(staff: Client) -> None:
    product = make_product(category="Garden")
    garden = Category.objects.get(path="Garden")
    form = {"name": "Outside", "parent": "", "is_repeatable": "unknown"}

    asked = staff.post(address(Category, "change", garden.pk), form)
    product.refresh_from_db()
    before = product.category
    staff.post(address(Category, "change", garden.pk), form | {"confirms_move": "on"})

    product.refresh_from_db()
    assert "Yes, move it" in asked.content.decode()
    assert (before, product.category) == ("Garden", "Outside")


RULE = {
    "action": "hide", "is_active": "on", "product": "",
    "condition-all-0-field": "category", "condition-all-0-op": "in",
    "condition-all-0-value": "Home", "placement": "", "position": "0",
    "starts_at_0": "", "starts_at_1": "", "ends_at_0": "", "ends_at_1": "",
}  # fmt: skip
WITHOUT_CONDITION = {"condition-all-0-field": "", "condition-all-0-value": ""}


@pytest.mark.django_db(transaction=True)
def test_a_rule_takes_effect_once_it_is_published(staff: Client) -> None:
    shown, hidden = make_product(category="Garden"), make_product(category="Home")

    before = names_in_popular(staff)
    staff.post(address(MerchandisingRule, "add"), RULE)
    drafted = names_in_popular(staff)
    publish(staff)
    with_rule = names_in_popular(staff)
    chosen = {"_selected_action": [MerchandisingRule.objects.get().pk]}
    staff.post(address(MerchandisingRule, "changelist"), {**chosen, "action": "switch_off"})
    still_there = names_in_popular(staff)
    publish(staff)

    everything = {shown.name, hidden.name}
    assert set(before) == set(drafted) == set(names_in_popular(staff)) == everything
    assert with_rule == still_there == [shown.name]


def test_pinning_a_sold_out_product_warns_staff(staff: Client) -> None:
    product = make_product(stock=0)
    form = RULE | WITHOUT_CONDITION | {"action": "pin", "product": product.pk}

    page = staff.post(address(MerchandisingRule, "add"), form, follow=True)

    told = " ".join(str(each) for each in page.context["messages"])
    assert "No product on sale is one that it is about." in told


def publish(client: Client) -> None:
    page = client.get("/admin/recommendations/merchandisingrule/publish/")
    client.post(page.request["PATH_INFO"], {"digest": page.context["digest"], "note": "for a test"})


def names_in_popular(client: Client) -> list[str]:
    answer = client.get("/api/popular/").json()
    return [entry["product_name"] for entry in answer["recommendations"]]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (WITHOUT_CONDITION, "Choose a product, or add a condition."),
        ({"condition-all-0-value": "Hoem"}, "The shop has no Category “Hoem”."),
        ({"condition-all-0-op": "at_most"}, "“Category” cannot be compared so."),
        ({"condition-all-0-value": " "}, "Give a value."),
        ({"condition-all-0-field": "mood"}, "Choose a field."),
        (
            {"condition-all-0-field": "price", "condition-all-0-op": "between"}
            | {"condition-all-0-value": "9\n5"},
            "The first number may not be larger than the second.",
        ),
        (
            {"condition-any-0-field": "price", "condition-any-0-op": "at_most"}
            | {"condition-any-0-value": "cheap"},
            "And at least one of these holds, row 1: “cheap” is not a number.",
        ),
        ({"action": "pin"}, "Only a product can be pinned."),
        (
            {"starts_at_0": "2026-05-02", "starts_at_1": "12:00:00"}
            | {"ends_at_0": "2026-05-01", "ends_at_1": "12:00:00"},
            "A rule ends after it starts.",
        ),
    ],
)
def test_an_invalid_rule_is_refused_with_a_message(
    staff: Client, change: dict[str, str], message: str
) -> None:
    make_product(category="Home", brand="Acme")

    page = staff.post(address(MerchandisingRule, "add"), {**RULE, **change})

    assert message in page.content.decode()
    assert not MerchandisingRule.objects.exists()


def test_a_new_token_is_shown_once_and_works(staff: Client) -> None:
    form = {"name": "warehouse", "scopes": ["recommendations:read"], "expires_at_0": ""}

    page = staff.post(address(ApiToken, "add"), {**form, "expires_at_1": ""}, follow=True)

    messages = " ".join(str(each) for each in page.context["messages"])
    [secret] = [word for word in messages.split() if word.startswith("shop_")]
    token = ApiToken.objects.get()
    assert (token.name, token.scopes) == ("warehouse", ["recommendations:read"])
    assert secret not in token.token_hash
    server = Client(headers={"Authorization": f"Bearer {secret}"})
    assert server.get("/api/recommendations/1/").status_code == 200
    assert secret not in staff.get(address(ApiToken, "change", token.pk)).content.decode()


def test_a_new_token_that_has_expired_is_refused_with_a_message(staff: Client) -> None:
    form = {"name": "warehouse", "scopes": ["recommendations:read"]}
    past = {"expires_at_0": "2020-01-01", "expires_at_1": "00:00:00"}

    page = staff.post(address(ApiToken, "add"), {**form, **past})

    assert "The expiry must be in the future." in page.content.decode()
    assert not ApiToken.objects.exists()


def test_a_token_is_revoked(staff: Client) -> None:
    token, secret = issue_token(name="server", scopes=[TokenScope.RECOMMENDATIONS_READ])

    staff.post(
        address(ApiToken, "changelist"), {"_selected_action": [token.pk], "action": "revoke"}
    )

    server = Client(headers={"Authorization": f"Bearer {secret}"})
    assert server.get("/api/recommendations/1/").status_code == 401


def test_a_version_without_an_artifact_cannot_be_promoted(staff: Client) -> None:
    version = ModelVersion.objects.create(name="v1", created_at=timezone.now() - timedelta(days=1))

    page = staff.post(
        address(ModelVersion, "changelist"),
        {"_selected_action": [version.pk], "action": "promote"},
        follow=True,
    )

    assert [message.level_tag for message in page.context["messages"]] == ["error"]
    assert ModelVersion.objects.get().state == ModelState.CANDIDATE.value


def test_only_admin_pages_allow_inline_scripts(staff: Client) -> None:
    assert "'unsafe-inline' 'unsafe-eval'" in staff.get("/admin/")["Content-Security-Policy"]
    assert "script-src" not in staff.get("/")["Content-Security-Policy"]


def test_a_shopper_cannot_open_the_admin() -> None:
    response = sign_in(make_user()).get("/admin/")

    assert response.status_code == 302
    assert "/admin/login/" in response["Location"]


def test_the_admin_shows_the_name_of_the_shop(staff: Client) -> None:
    assert "Magpie admin" in staff.get("/admin/").content.decode()


def test_amounts_have_the_decimals_of_the_currency_on_every_page(
    staff: Client, settings: Any
) -> None:
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "currency": "JPY"}
    product = make_product(price="12345")
    order = Order.objects.create(session_id="v")
    line = OrderLine.objects.create(order=order, product_name="Lamp", price=12345, quantity=2)

    pages = [
        staff.get(address(Product, "changelist")),
        staff.get(address(Product, "change", product.pk)),
        staff.get(address(Order, "changelist")),
        staff.get(address(Order, "change", order.pk)),
        staff.get(address(OrderLine, "changelist")),
        staff.get(address(OrderLine, "change", line.pk)),
    ]

    for page in pages:
        html = page.content.decode().replace("¥", "").replace(",", "")
        assert "12345" in html or "24690" in html
        assert "12345." not in html
        assert "24690." not in html


def test_a_price_with_too_many_decimals_is_refused_with_a_message(staff: Client) -> None:
    product = make_product(price="19.99")
    form = {
        "name": product.name,
        "category": product.category,
        "price": "19.995",
        "stock": "1",
        "attributes": "{}",
        "created_at_0": "2026-01-05",
        "created_at_1": "09:30:00",
        "further_images-TOTAL_FORMS": "0",
        "further_images-INITIAL_FORMS": "0",
    }

    answer = staff.post(address(Product, "change", product.pk), form)

    assert "19.995 has 3 decimals; an amount in USD has at most 2." in answer.content.decode()
    product.refresh_from_db()
    assert str(product.price) == "19.99"


def test_an_order_shows_what_where_to_and_when(staff: Client) -> None:
    order = Order.objects.create(
        session_id="v",
        email="mara@shop.example",
        name="Mara <b>Ode</b>",
        street="Elm Row 4",
        postcode="10115",
        city="Berlin",
        country="DE",
        delivery_method="home",
        arrives_on="2026-12-05",
    )
    OrderLine.objects.create(order=order, product_name="Lamp", price="19.99", quantity=2)

    listed = staff.get(address(Order, "changelist"), {"q": "Mara"}).content.decode()
    shown = staff.get(address(Order, "change", order.pk)).content.decode()

    assert "Berlin" in listed
    assert "39.98" in listed
    escaped = "Mara &lt;b&gt;Ode&lt;/b&gt;<br>Elm Row 4<br>10115 Berlin<br>DE"
    for fact in (escaped, "Lamp", "39.98", "mara@shop.example", "Dec. 5, 2026", "Home"):
        assert fact in shown


# --- Model versions and their training ------------------------------------------------------------


def test_the_live_version_is_not_deleted_and_the_page_says_why(staff: Client) -> None:
    version = ModelVersion.objects.create(name="v1", state=ModelState.LIVE.value)
    button = address(ModelVersion, "delete", version.pk)
    action = {"_selected_action": [version.pk], "action": "delete_selected"}

    pages = [
        staff.get(button),
        staff.post(button, {"post": "yes"}),
        staff.post(address(ModelVersion, "changelist"), action),
        staff.post(address(ModelVersion, "changelist"), {**action, "post": "yes"}),
    ]

    assert all("Make another version live first" in page.content.decode() for page in pages)
    assert ModelVersion.objects.get() == version


def test_another_version_is_deleted(staff: Client) -> None:
    version = ModelVersion.objects.create(name="v1", state=ModelState.RETIRED.value)

    staff.post(address(ModelVersion, "delete", version.pk), {"post": "yes"})

    assert not ModelVersion.objects.exists()


@pytest.mark.parametrize("page", ["/admin/", "/admin/recommendations/modelversion/"])
def test_a_failed_training_is_told_to_staff(staff: Client, page: str) -> None:
    ModelVersion.objects.create(name="v1", state=ModelState.FAILED.value, reason="No room.")

    assert "failed: No room. The schedule tries again" in staff.get(page).content.decode()


def test_the_search_of_the_admin_answers_twice(staff: Client) -> None:
    address = "/admin/search/?s=product&extended=1"

    first, second = (staff.get(address).content.decode() for _ in range(2))

    assert "/admin/recommendations/product/" in first
    assert "/admin/recommendations/product/" in second


def test_no_list_leads_to_its_rows_by_a_column_that_is_a_link_to_a_file() -> None:
    """A link within a link is two links, of which the first has no text."""
    files = []
    for model, page in admin.site._registry.items():
        [first, *_] = page.list_display
        fields = {field.name: field for field in model._meta.get_fields()}
        if isinstance(fields.get(str(first)), FileField | URLField):
            files.append((model.__name__, first))

    assert files == []
