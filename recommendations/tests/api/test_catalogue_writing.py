"""A shop's own systems write its catalogue."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from recommendations.choices import TokenScope
from recommendations.models import Product, Variant
from recommendations.services.people.tokens import issue_token
from recommendations.tests.builders import make_product, make_server_client, make_user, sign_in

pytestmark = pytest.mark.django_db

PRODUCTS = "/api/catalogue/products/"
TAKE_DOWN = "/api/catalogue/take-down/"
MUG = {"external_id": "MUG/1", "name": "Mug", "price": "8.50", "stock": 40}
SHIRT: dict[str, Any] = {
    "external_id": "Hemd ÄÖ",
    "name": "Shirt",
    "price": 20,
    "categories": ["Clothing > Shirts", ["Sale", "Summer"]],
    "variants": [
        {"external_id": "S-m", "options": {"Size": "M"}, "stock": 2},
        {"external_id": "S-l", "options": {"Size": "L"}, "stock": 0, "price": "22.00"},
    ],
    "pictures": ["https://cdn.example.com/shirt.jpg"],
}


@pytest.fixture
def erp() -> Client:
    return make_erp()


def make_erp(source: str = "erp") -> Client:
    _, secret = issue_token(name="erp", scopes=[TokenScope.CATALOGUE_WRITE], source=source)
    return Client(headers={"Authorization": f"Bearer {secret}"})


def send(client: Client, method: str, body: Any, path: str = PRODUCTS) -> Any:
    return client.generic(method, path, json.dumps(body), content_type="application/json")


def upsert(client: Client, *items: Any) -> list[dict[str, Any]]:
    answer = send(client, "POST", {"products": items})
    assert answer.status_code == 200, answer.content
    return list(answer.json()["results"])


def patch(client: Client, *items: Any) -> list[dict[str, Any]]:
    answer = send(client, "PATCH", {"products": items})
    assert answer.status_code == 200, answer.content
    return list(answer.json()["results"])


def read(client: Client, external_id: str) -> dict[str, Any]:
    answer = client.get(PRODUCTS, {"external_id": external_id})
    assert answer.status_code == 200, answer.content
    return dict(answer.json()["products"][0])


def test_products_are_written_and_read_back(erp: Client) -> None:
    answer = send(erp, "POST", {"products": [MUG, SHIRT]})

    shirt, mug = Product.objects.order_by("external_id")
    assert answer.json() == {
        "counts": {"created": 2, "updated": 0, "unchanged": 0, "stale": 0, "refused": 0},
        "results": [
            {"index": 0, "external_id": "MUG/1", "status": "created", "id": mug.pk},
            {"index": 1, "external_id": "Hemd ÄÖ", "status": "created", "id": shirt.pk},
        ],
    }
    assert read(erp, "Hemd ÄÖ") == {
        "external_id": "Hemd ÄÖ",
        "sku": "",
        "price": "20.00",
        "sale_price": None,
        "sale_starts_at": None,
        "sale_ends_at": None,
        "current_price": "20.00",
        "stock": 2,
        "is_active": True,
        "updated_at": None,
        "id": shirt.pk,
        "name": "Shirt",
        "description": "",
        "brand": "",
        "categories": ["Clothing > Shirts", "Sale > Summer"],
        "cost": None,
        "attributes": {},
        "is_repeatable": None,
        "pictures": ["https://cdn.example.com/shirt.jpg"],
        "variants": [
            {
                "external_id": external_id,
                "sku": "",
                "price": price,
                "sale_price": None,
                "sale_starts_at": None,
                "sale_ends_at": None,
                "current_price": price,
                "stock": stock,
                "is_active": True,
                "updated_at": None,
                "options": {"Size": size},
                "picture": "",
            }
            for external_id, price, stock, size in (
                ("S-m", "20.00", 2, "M"),
                ("S-l", "22.00", 0, "L"),
            )
        ],
    }


def test_a_cost_is_written_read_back_and_forgotten(erp: Client) -> None:
    [written] = upsert(erp, {**MUG, "cost": "3.25"})
    assert (written["status"], read(erp, "MUG/1")["cost"]) == ("created", "3.25")

    [kept] = upsert(erp, {"external_id": "MUG/1", "price": 9})
    assert (kept["status"], read(erp, "MUG/1")["cost"]) == ("updated", "3.25")

    [refused] = upsert(erp, {"external_id": "MUG/1", "cost": "-1"})
    assert (refused["status"], refused["errors"][0]["pointer"]) == ("refused", "/cost")
    assert read(erp, "MUG/1")["cost"] == "3.25"

    [forgotten] = upsert(erp, {"external_id": "MUG/1", "cost": None})
    assert (forgotten["status"], read(erp, "MUG/1")["cost"]) == ("updated", None)


def test_the_same_call_again_changes_nothing(erp: Client) -> None:
    upsert(erp, MUG, SHIRT)
    before = list(Product.objects.order_by("pk").values())
    assert [result["status"] for result in upsert(erp, MUG, SHIRT)] == ["unchanged"] * 2
    assert list(Product.objects.order_by("pk").values()) == before


def test_an_older_message_is_stale(erp: Client) -> None:
    upsert(erp, {**MUG, "updated_at": "2026-03-02T10:00:00+01:00"})
    [late] = upsert(erp, {**MUG, "name": "Old", "updated_at": "2026-03-02T08:59:59Z"})
    [patched] = patch(erp, {"external_id": "MUG/1", "stock": 1, "updated_at": "2026-01-01T00:00Z"})
    assert (late["status"], patched["status"]) == ("stale", "stale")
    mug = Product.objects.get()
    assert (mug.name, mug.stock) == ("Mug", 40)
    assert mug.source_updated_at == datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_prices_and_stock_are_patched(erp: Client) -> None:
    upsert(erp, MUG, SHIRT)
    results = patch(
        erp,
        {"external_id": "MUG/1", "price": "7.90", "stock": 38},
        {"external_id": "Hemd ÄÖ", "variant_external_id": "S-l", "stock": 5},
        {"external_id": "Hemd ÄÖ", "variant_external_id": "S-m", "stock": 0},
        {"external_id": "Hemd ÄÖ", "variant_external_id": "S-x", "stock": 1},
        {"external_id": "gone", "stock": 1},
        {"external_id": "gone", "variant_external_id": "S-m", "stock": 1},
        {"external_id": "Hemd ÄÖ", "stock": 1},
        {"external_id": "MUG/1", "stock": 37},
    )
    shirt, mug = Product.objects.order_by("external_id")
    assert [(result["status"], result.get("detail")) for result in results] == [
        ("updated", None),
        ("updated", None),
        ("updated", None),
        ("refused", "The product has no such variant."),
        ("refused", "There is no such product."),
        ("refused", "There is no such product."),
        ("refused", "The stock is that of the product's variants: name them."),
        ("refused", "This call named it before."),
    ]
    assert (mug.price, mug.stock) == (Decimal("7.90"), 38)
    assert (shirt.price, shirt.stock) == (Decimal("22.00"), 5)


def test_products_are_taken_down_and_put_back(erp: Client) -> None:
    upsert(erp, MUG)
    product = Product.objects.get()
    page = f"/api/products/{product.pk}/"
    assert Client().get(page).status_code == 200

    answer = send(erp, "POST", {"external_ids": ["MUG/1", "nothing"]}, TAKE_DOWN).json()
    assert [result["status"] for result in answer["results"]] == ["updated", "refused"]
    assert Client().get(page).status_code == 404
    assert read(erp, "MUG/1")["is_active"] is False

    assert patch(erp, {"external_id": "MUG/1", "is_active": True})[0]["status"] == "updated"
    assert Client().get(page).status_code == 200


def test_the_catalogue_is_read_by_key(erp: Client) -> None:
    upsert(erp, *({**MUG, "external_id": f"{number:02}"} for number in range(7)))
    make_product(name="Not from outside")
    found: list[str] = []
    after: Any = ""
    for _ in range(3):
        page = erp.get(PRODUCTS, {"count": 3, "after": after}).json()
        found += [product["external_id"] for product in page["products"]]
        after = page["next_after"]
    assert found == [f"{number:02}" for number in range(7)]
    assert after is None
    assert erp.get(PRODUCTS, {"external_id": "none"}).status_code == 404


def test_reading_takes_as_many_queries_for_many_products_as_for_one(
    erp: Client, django_assert_num_queries: Any
) -> None:
    for number in range(6):
        upsert(erp, {**SHIRT, "external_id": f"S{number}"})
    for count in (1, 6):
        # The token, the products, their variants, addresses and categories.
        with django_assert_num_queries(5):
            assert len(erp.get(PRODUCTS, {"count": count}).json()["products"]) == count


def test_a_source_sees_and_writes_its_own_products_only(erp: Client) -> None:
    upsert(erp, MUG)
    other = make_erp("pim")
    assert other.get(PRODUCTS, {"external_id": "MUG/1"}).status_code == 404
    assert upsert(other, {**MUG, "name": "Another mug"})[0]["status"] == "created"
    assert list(Product.objects.order_by("pk").values_list("source", "name")) == [
        ("erp", "Mug"),
        ("pim", "Another mug"),
    ]


def test_a_token_without_a_source_speaks_the_shops_only_one() -> None:
    client = make_server_client(TokenScope.CATALOGUE_WRITE)
    refused = send(client, "POST", {"products": [MUG]})
    assert refused.status_code == 400
    assert "create_token --source" in refused.json()["detail"]
    make_product(source="csv", external_id="1")
    assert upsert(client, MUG)[0]["status"] == "created"
    assert Product.objects.filter(source="csv").count() == 2
    make_product(source="erp", external_id="1")
    assert send(client, "POST", {"products": [MUG]}).status_code == 400


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH"])
def test_only_servers_with_the_scope_may_call(method: str) -> None:
    staff = sign_in(make_user(is_staff=True, is_superuser=True))
    reader = make_server_client(TokenScope.RECOMMENDATIONS_READ)
    statuses = [
        send(client, method, {"products": [MUG]}).status_code
        for client in (Client(), staff, reader)
    ]
    assert statuses == [401, 403, 403]
    assert not Product.objects.exists()


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"external_id": ""}, "/external_id"),
        ({"external_id": "x" * 129}, "/external_id"),
        ({"external_id": 7}, "/external_id"),
        ({"name": ""}, "/name"),
        ({"name": "x" * 201}, "/name"),
        ({"name": None}, "/name"),
        ({"price": "-1"}, "/price"),
        ({"price": -1}, "/price"),
        ({"price": "19,99"}, "/price"),
        ({"price": "1e3"}, "/price"),
        ({"price": "٣"}, "/price"),
        ({"price": "²"}, "/price"),
        ({"price": 1e300}, "/price"),
        ({"price": 10**40}, "/price"),
        ({"price": "1.999"}, "/price"),
        ({"price": True}, "/price"),
        ({"price": None}, "/price"),
        ({"price": {}}, "/price"),
        ({"stock": -1}, "/stock"),
        ({"stock": 2**31}, "/stock"),
        ({"stock": 1.5}, "/stock"),
        ({"stock": "4"}, "/stock"),
        ({"is_active": "yes"}, "/is_active"),
        ({"is_repeatable": 1}, "/is_repeatable"),
        ({"colour": "red"}, "/colour"),
        ({"categories": "Clothing"}, "/categories"),
        ({"categories": ["A >  > B"]}, "/categories/0"),
        ({"categories": [[]]}, "/categories/0"),
        ({"categories": [["A", 1]]}, "/categories/0"),
        ({"categories": [["A > B"]]}, "/categories/0"),
        ({"categories": [["A"] * 11]}, "/categories/0"),
        ({"categories": ["x" * 501]}, "/categories/0"),
        ({"categories": ["A"] * 21}, "/categories"),
        ({"attributes": []}, "/attributes"),
        ({"attributes": {"a": "x" * 20_001}}, "/attributes"),
        ({"attributes": {"a": [[[[[[[[[]]]]]]]]]}}, "/attributes"),
        ({"pictures": ["ftp://example.com/1.png"]}, "/pictures/0"),
        ({"pictures": ["https://"]}, "/pictures/0"),
        ({"pictures": ["https://[::1/x"]}, "/pictures/0"),
        ({"pictures": ["file:///etc/passwd"]}, "/pictures/0"),
        ({"pictures": ["https://example.com/" + "x" * 2000]}, "/pictures/0"),
        ({"variants": {}}, "/variants"),
        ({"variants": [{"stock": 1}]}, "/variants/0/external_id"),
        ({"variants": [{"external_id": "a", "size": 1}]}, "/variants/0/size"),
        ({"variants": [{"external_id": "a", "options": {"S": 1}}]}, "/variants/0/options"),
        ({"variants": [{"external_id": "a", "options": {"": "M"}}]}, "/variants/0/options"),
        ({"variants": [{"external_id": "a"}] * 251}, "/variants"),
        ({"updated_at": "2026-01-01T00:00:00"}, "/updated_at"),
        ({"updated_at": "yesterday"}, "/updated_at"),
        ({"updated_at": 5}, "/updated_at"),
        ({"updated_at": "9999-12-31T23:59:59-14:00"}, "/updated_at"),
        ({"updated_at": "0001-01-01T00:00:00+14:00"}, "/updated_at"),
        ({"sale_ends_at": "0001-01-01T00:00:00+14:00"}, "/sale_ends_at"),
    ],
)
def test_a_wrong_value_refuses_its_product_alone(
    erp: Client, given: dict[str, Any], pointer: str
) -> None:
    refused, written = upsert(erp, {**MUG, "external_id": "bad", **given}, MUG)
    assert refused["status"] == "refused"
    assert [error["pointer"] for error in refused["errors"]] == [pointer]
    assert refused["detail"]
    assert written["status"] == "created"
    assert Product.objects.count() == 1


@pytest.mark.parametrize("item", [None, 7, "MUG", [], [MUG], {}])
def test_what_is_no_product_is_refused(erp: Client, item: Any) -> None:
    refused, written = upsert(erp, item, MUG)
    assert (refused["status"], written["status"]) == ("refused", "created")


def test_a_time_in_the_future_is_refused(erp: Client) -> None:
    ahead = (timezone.now() + timedelta(hours=1)).isoformat()
    [refused] = upsert(erp, {**MUG, "updated_at": ahead})
    assert refused["errors"][0]["pointer"] == "/updated_at"


def test_the_limits_of_a_call(erp: Client) -> None:
    answers = [
        send(erp, "POST", {"products": []}),
        send(erp, "POST", {"products": [MUG] * 501}),
        send(erp, "PATCH", {"products": [MUG] * 5001}),
        send(erp, "POST", {"external_ids": ["x"] * 5001}, TAKE_DOWN),
        send(
            erp,
            "POST",
            {"products": [{**MUG, "variants": [{"external_id": "v"}] * 250}] * 21},
        ),
        send(erp, "POST", {"products": [MUG], "mode": "x"}),
    ]
    assert [answer.status_code for answer in answers] == [400] * 6
    large = {"products": [{**MUG, "description": "x" * 8_400_000}]}
    assert send(erp, "POST", large).status_code == 413
    assert not Product.objects.exists()


def test_five_hundred_long_descriptions_fit(erp: Client) -> None:
    items = [
        {**MUG, "external_id": str(number), "description": "Ä" * 2_600} for number in range(500)
    ]
    assert {result["status"] for result in upsert(erp, *items)} == {"created"}


def test_html_of_a_description_is_cleaned(erp: Client) -> None:
    upsert(erp, {**MUG, "description": "<p>Good &amp; <b>warm</b></p><script>alert(1)</script>"})
    mug = Product.objects.get()
    assert mug.description == "Good & warm"
    assert mug.description_html == "<p>Good &amp; <b>warm</b></p>"


def test_a_sale_is_written_and_taken_away(erp: Client) -> None:
    ends_at = (timezone.now() + timedelta(days=1)).isoformat()
    upsert(erp, {**MUG, "sale_price": "5.00", "sale_ends_at": ends_at})
    found = read(erp, "MUG/1")
    assert (found["price"], found["current_price"]) == ("8.50", "5.00")
    patch(erp, {"external_id": "MUG/1", "sale_price": None})
    found = read(erp, "MUG/1")
    assert (found["current_price"], found["sale_ends_at"]) == ("8.50", None)


def test_variants_left_out_of_the_product_go(erp: Client) -> None:
    upsert(erp, SHIRT)
    upsert(erp, {**SHIRT, "variants": SHIRT["variants"][:1]})
    assert list(Variant.objects.values_list("external_id", flat=True)) == ["S-m"]


def test_an_item_that_is_refused_says_which_it_was(erp: Client) -> None:
    wanted = 'An own id is text: write it in quotes, as in "5".'
    upsert(erp, {**MUG, "external_id": "5"})

    written = upsert(erp, {**MUG, "external_id": 5}, {**MUG, "external_id": 1.5}, 7)
    patched = patch(erp, {"external_id": "5", "variant_external_id": 12, "stock": 1})
    taken = send(erp, "POST", {"external_ids": ["5", 5, "x" * 129, "5", None]}, TAKE_DOWN)

    named = [(one["index"], one.get("external_id"), one["detail"]) for one in written]
    assert named == [
        (0, "5", wanted),
        (1, "1.5", wanted),
        (2, None, "Invalid data. Expected a dictionary, but got int."),
    ]
    assert [one["errors"][0]["pointer"] for one in written] == ["/external_id"] * 2 + [""]
    assert (patched[0]["external_id"], patched[0]["variant_external_id"]) == ("5", "12")
    assert patched[0]["detail"] == wanted
    assert [
        (one.get("external_id"), one["status"], one.get("detail"))
        for one in taken.json()["results"]
    ] == [
        ("5", "updated", None),
        ("5", "refused", wanted),
        ("x" * 129, "refused", "An own id has 1 to 128 characters."),
        ("5", "refused", "This call named it before."),
        (None, "refused", "This field may not be null."),
    ]
    assert Product.objects.get().is_active is False


@pytest.mark.parametrize(
    ("item", "pointer"),
    [
        ({**MUG, "sale_price": "9.00"}, "/sale_price"),
        ({**MUG, "sale_ends_at": "2030-01-01T00:00:00Z"}, "/sale_ends_at"),
        ({**SHIRT, "stock": 1}, "/stock"),
        ({"external_id": "new", "price": 1}, "/name"),
        ({"external_id": "new", "name": "New"}, "/price"),
        ({**SHIRT, "variants": [{"external_id": "a"}] * 2}, "/variants/1/external_id"),
        ({**SHIRT, "variants": [{"external_id": "a", "sale_price": 30}]}, "/variants/0/sale_price"),
        ({**MUG, "external_id": "a\nb"}, "/external_id"),
        ({**SHIRT, "variants": [{"external_id": "a\x85b"}]}, "/variants/0/external_id"),
    ],
)
def test_a_refusal_points_to_the_field_that_is_wrong(
    erp: Client, item: dict[str, Any], pointer: str
) -> None:
    [refused] = upsert(erp, item)
    assert refused["status"] == "refused"
    assert [one["pointer"] for one in refused["errors"]] == [pointer]
    assert refused["errors"][0]["detail"] == refused["detail"]
    assert not Product.objects.exists()


def test_a_refused_offer_points_to_the_field_that_is_wrong(erp: Client) -> None:
    upsert(erp, MUG, SHIRT)
    results = patch(
        erp,
        {"external_id": "Hemd ÄÖ", "variant_external_id": "S-x", "stock": 1},
        {"external_id": "Hemd ÄÖ", "variant_external_id": "S-m", "sale_price": 20},
        {"external_id": "Hemd ÄÖ", "price": 9},
        {"external_id": "gone", "stock": 1},
        {"external_id": "gone too", "variant_external_id": "S-m", "stock": 1},
    )
    assert [[one["pointer"] for one in result["errors"]] for result in results] == [
        ["/variant_external_id"],
        ["/sale_price"],
        ["/price"],
        ["/external_id"],
        ["/external_id"],
    ]


def test_a_product_and_its_variants_are_hidden_apart(erp: Client) -> None:
    upsert(erp, {**SHIRT, "is_active": False})
    patch(erp, {"external_id": "Hemd ÄÖ", "variant_external_id": "S-l", "is_active": False})
    for write, is_active in ((patch, True), (upsert, False), (upsert, True), (patch, False)):
        [result] = write(erp, {"external_id": "Hemd ÄÖ", "is_active": is_active})
        assert result["status"] == "updated"
        product = read(erp, "Hemd ÄÖ")
        switches = {one["external_id"]: one["is_active"] for one in product["variants"]}
        assert (product["is_active"], switches) == (is_active, {"S-m": True, "S-l": False})
