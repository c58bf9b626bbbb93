import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from recommendations.models import (
    IgnoredWord,
    PinnedProduct,
    PinnedSearch,
    Product,
    SearchRedirect,
    SearchRule,
    SearchSynonym,
)
from recommendations.services.search.query import find_products
from recommendations.tests.admin.forms import read_form
from recommendations.tests.builders import make_product, sign_in

pytestmark = pytest.mark.django_db(transaction=True)

SYNONYM = {"phrase": "sofa", "means": "couch", "is_two_way": "on", "is_active": "on"}
REDIRECT = {"query": "returns", "path": "/products", "is_active": "on"}


@pytest.fixture
def staff() -> Client:
    return sign_in(User.objects.create_superuser("root"))


def address(model: type[SearchRule], page: str, *args: Any) -> str:
    return reverse(f"admin:recommendations_{model._meta.model_name}_{page}", args=args)


def pins_form(query: str, *product_ids: int) -> dict[str, Any]:
    form: dict[str, Any] = {"query": query, "is_active": "on"}
    form |= {"pins-TOTAL_FORMS": len(product_ids), "pins-INITIAL_FORMS": 0}
    for number, product_id in enumerate(product_ids):
        form |= {f"pins-{number}-product": product_id, f"pins-{number}-position": number}
    return form


def test_a_synonym_works_from_its_saving_to_its_deletion(staff: Client) -> None:
    couch = make_product(name="Couch")
    counts = [len(find_products(text="sofa").product_ids)]

    staff.post(address(SearchSynonym, "add"), SYNONYM)
    found = find_products(text="sofa").product_ids
    synonym = SearchSynonym.objects.get()
    chosen = {"_selected_action": [synonym.pk]}
    for action in ("switch_off", "switch_on"):
        staff.post(address(SearchSynonym, "changelist"), {**chosen, "action": action})
        counts.append(len(find_products(text="sofa").product_ids))
    staff.post(address(SearchSynonym, "delete", synonym.pk), {"post": "yes"})
    counts.append(len(find_products(text="sofa").product_ids))

    assert found == [couch.pk]
    assert counts == [0, 0, 1, 0]


def test_a_changed_synonym_works_at_once(staff: Client) -> None:
    make_product(name="Couch")
    synonym = SearchSynonym.objects.create(phrase="sofa", means="couch")
    page = address(SearchSynonym, "change", synonym.pk)

    staff.post(page, {**read_form(staff.get(page)), "phrase": "settee"})

    counts = [len(find_products(text=text).product_ids) for text in ("sofa", "settee")]
    assert counts == [0, 1]


@pytest.mark.parametrize(
    ("model", "form", "message"),
    [
        (SearchSynonym, SYNONYM | {"phrase": "Sofas"}, "There is a rule for this already"),
        (
            SearchSynonym,
            SYNONYM | {"phrase": "couch", "means": "sofa"},
            "There is a rule for this already",
        ),
        (SearchSynonym, SYNONYM | {"phrase": "?!"}, "Write at least one letter or digit."),
        (
            SearchRedirect,
            REDIRECT | {"query": "Help"},
            "already: “help → /products”, which is switched off.",
        ),
        (SearchRedirect, REDIRECT | {"path": "javascript:alert(1)"}, "of a page of this shop"),
        (SearchRedirect, REDIRECT | {"path": "//elsewhere.example"}, "of a page of this shop"),
        (SearchRedirect, REDIRECT | {"path": "/product/999999"}, "The shop has no page"),
        (SearchRedirect, REDIRECT | {"path": "/api/products/"}, "The shop has no page"),
        (IgnoredWord, {"word": "BUY"}, "There is a rule for this already"),
    ],
)
def test_a_wrong_rule_is_refused_with_a_message(
    staff: Client, model: type[SearchRule], form: dict[str, str], message: str
) -> None:
    SearchSynonym.objects.create(phrase="sofa", means="couch")
    SearchRedirect.objects.create(query="help", path="/products", is_active=False)
    IgnoredWord.objects.create(word="buy")

    page = staff.post(address(model, "add"), form)

    assert message in page.content.decode()
    assert model._default_manager.count() == 1


def test_a_category_a_product_and_a_listing_are_pages(staff: Client) -> None:
    product = make_product(category="Café > Mugs")
    paths = ["/category/Caf%C3%A9/Mugs", f"/product/{product.pk}", "/products?sort=price"]

    for number, path in enumerate(paths):
        staff.post(address(SearchRedirect, "add"), {"query": f"page {number}", "path": path})

    assert [rule.path for rule in SearchRedirect.objects.all()] == paths


def test_pins_are_saved_in_their_order_and_warn_of_what_is_sold_out(staff: Client) -> None:
    first, sold_out = make_product(), make_product(name="Rare lamp", stock=0)

    page = staff.post(
        address(PinnedSearch, "add"), pins_form("lamp", first.pk, sold_out.pk), follow=True
    )

    assert list(PinnedProduct.objects.values_list("product_id", flat=True)) == [
        first.pk,
        sold_out.pk,
    ]
    assert "Rare lamp is not for sale now" in " ".join(map(str, page.context["messages"]))
    assert find_products(text="lamp").product_ids[0] == first.pk


def test_a_product_is_not_pinned_twice_for_a_query(staff: Client) -> None:
    product = make_product()

    page = staff.post(address(PinnedSearch, "add"), pins_form("lamp", product.pk, product.pk))

    assert "This product is pinned twice." in page.content.decode()
    assert not PinnedSearch.objects.exists()


def test_a_pinned_search_needs_a_product(staff: Client) -> None:
    page = staff.post(address(PinnedSearch, "add"), pins_form("lamp"))

    assert "Please submit at least 1 form." in page.content.decode()
    assert not PinnedSearch.objects.exists()


def test_a_preview_shows_both_sides_and_saves_nothing(staff: Client) -> None:
    make_product(name="Red couch")

    page = staff.post(address(SearchSynonym, "add"), SYNONYM | {"_preview": "1"})

    (_, without), (_, with_rule) = page.context["columns"]
    assert [product.name for product in without.products] == []
    assert [product.name for product in with_rule.products] == ["Red couch"]
    assert not SearchSynonym.objects.exists()
    assert find_products(text="sofa").product_ids == []


def test_a_preview_of_a_saved_rule_compares_with_the_rule_left_out(staff: Client) -> None:
    lamp, desk = make_product(name="Lamp"), make_product(name="Desk lamp")
    staff.post(address(PinnedSearch, "add"), pins_form("lamp", desk.pk))
    form = read_form(staff.get(address(PinnedSearch, "change", PinnedSearch.objects.get().pk)))

    page = staff.post(
        address(PinnedSearch, "change", PinnedSearch.objects.get().pk),
        form | {"_preview": "1", "preview_query": "LAMP"},
    )

    (_, without), (_, with_rule) = page.context["columns"]
    assert [product.pk for product in without.products] == [lamp.pk, desk.pk]
    assert [product.pk for product in with_rule.products] == [desk.pk, lamp.pk]


def test_a_preview_of_a_wrong_rule_shows_the_form_with_its_faults(staff: Client) -> None:
    page = staff.post(address(SearchSynonym, "add"), SYNONYM | {"means": "", "_preview": "1"})

    assert "This field is required." in page.content.decode()
    assert not SearchSynonym.objects.exists()


def test_rules_need_their_permission() -> None:
    user = User.objects.create_user("viewer", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_searchsynonym"))
    synonym = SearchSynonym.objects.create(phrase="sofa", means="couch")
    viewer = sign_in(user)

    listed = viewer.get(address(SearchSynonym, "changelist"))
    answers = [
        viewer.post(address(SearchSynonym, "add"), SYNONYM | {"_preview": "1"}),
        viewer.post(address(SearchSynonym, "change", synonym.pk), SYNONYM | {"_preview": "1"}),
        viewer.get(address(SearchRedirect, "changelist")),
    ]

    assert listed.status_code == 200
    assert [answer.status_code for answer in answers] == [403, 403, 403]


def test_a_rule_of_a_deleted_product_is_no_obstacle(staff: Client) -> None:
    lamp, pinned = make_product(name="Lamp"), make_product(name="Desk")
    staff.post(address(PinnedSearch, "add"), pins_form("lamp", pinned.pk))
    before = find_products(text="lamp").product_ids

    Product.objects.filter(pk=pinned.pk).delete()

    assert before == [pinned.pk, lamp.pk]
    assert find_products(text="lamp").product_ids == [lamp.pk]


def test_the_position_of_a_pin_has_a_name_for_those_who_hear_the_page(staff: Client) -> None:
    page = staff.get(address(PinnedSearch, "add")).content.decode()

    assert re.search(r'<input[^>]*name="pins-0-position"[^>]*aria-label="Position"', page)
