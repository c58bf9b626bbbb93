"""Events name what was touched: a product, one of its variants, or an SKU."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from recommendations.models import UserBehavior, Variant
from recommendations.tests.api.test_own_ids import get_unbought, make_server
from recommendations.tests.builders import make_product, make_variant, post

pytestmark = pytest.mark.django_db


def make_shoe() -> Any:
    """Return a product of the source q with two variants, and a mug without variants."""
    shoe = make_product(source="q", external_id="shoe", sku="SH")
    make_variant(shoe, external_id="shoe/m", sku="SH-M")
    make_variant(shoe, external_id="shoe/l", sku="SH-L")
    make_product(source="q", external_id="mug", sku="MUG-1")
    return shoe


@pytest.mark.parametrize(
    ("named", "product", "variant"),
    [
        ({"variant_id": "ext:shoe/m"}, "shoe", "shoe/m"),
        ({"variant_id": "ext:SH-L"}, "shoe", "shoe/l"),
        ({"variant_id": "SH-L"}, "shoe", "shoe/l"),
        ({"product_id": "ext:shoe", "variant_id": "ext:shoe/l"}, "shoe", "shoe/l"),
        ({"product_id": "ext:shoe", "variant_id": "ext:SH-M"}, "shoe", "shoe/m"),
        ({"variant_id": "ext:SH"}, "shoe", None),
        ({"variant_id": "ext:MUG-1"}, "mug", None),
    ],
)
def test_an_event_names_a_variant_or_an_sku(
    named: dict[str, str], product: str, variant: str | None
) -> None:
    make_shoe()
    event = {"user_id": "ext:7", "interaction_type": "cart", **named}

    single = post(make_server(), "/api/interaction/", event)
    batch = post(make_server(), "/api/interactions/", {"interactions": [event]}).json()

    assert single.status_code == 201
    for answer in (single.json(), *batch["results"]):
        told = [answer[name] for name in ("product_external_id", "variant_external_id")]
        assert told == [product, variant]
        variant_id = Variant.objects.filter(external_id=variant or "-").values_list("pk", flat=True)
        assert answer["variant_id"] == variant_id.first()
    rows = UserBehavior.objects.values_list("product__external_id", flat=True)
    assert list(rows) == [product, product]


def test_our_id_of_a_variant_names_its_product() -> None:
    shoe = make_shoe()
    variant = shoe.variants.get(sku="SH-M")

    answer = post(
        Client(), "/api/interaction/", {"variant_id": variant.pk} | {"interaction_type": "view"}
    )

    assert answer.status_code == 201
    assert UserBehavior.objects.get().product == shoe


def test_an_event_with_a_wrong_variant_is_refused_and_says_which() -> None:
    shoe = make_shoe()
    for external_id in ("a", "b"):
        make_variant(make_product(source="q", external_id=external_id), external_id="one-size")
    make_variant(make_product(source="other", external_id="x"), external_id="x/m")
    events = [
        {"variant_id": "ext:shoe/xs", "event_id": "e-0"},
        {"product_id": "ext:mug", "variant_id": "ext:shoe/m", "event_id": "e-1"},
        {"variant_id": "ext:one-size", "event_id": "e-2"},
        {"variant_id": "ext:x/m", "event_id": "e-3"},
        {"event_id": "e-4"},
        {"product_id": "ext:mug", "variant_id": shoe.variants.first().pk, "event_id": "e-5"},
        {"variant_id": True, "event_id": "e-6"},
        {"product_id": "ext:b", "variant_id": "ext:one-size", "event_id": "e-7"},
        {"product_id": "ext:mug", "variant_id": None, "event_id": "e-8"},
    ]
    for event in events:
        event |= {"user_id": "ext:7", "interaction_type": "view"}

    answer = post(make_server(), "/api/interactions/", {"interactions": events}).json()

    assert [(one["event_id"], one["status"], one.get("detail")) for one in answer["results"]] == [
        ("e-0", 404, "There is no variant shoe/xs of the shop."),
        ("e-1", 404, "There is no variant shoe/m of this product."),
        ("e-2", 400, "Several products have a variant one-size: name the product as well."),
        ("e-3", 404, "There is no variant x/m of the shop."),
        ("e-4", 400, "Name the product by `product_id` or by `variant_id`."),
        ("e-5", 404, f"There is no variant {shoe.variants.first().pk} of this product."),
        (
            "e-6",
            400,
            "Give a whole number from 1 to 2^63 - 1, or the shop's own id as `ext:ABC-7`.",
        ),
        ("e-7", 201, None),
        ("e-8", 201, None),
    ]
    assert UserBehavior.objects.count() == 2


def test_a_batch_looks_up_its_variants_at_once() -> None:
    shoe = make_shoe()
    for number in range(30):
        make_variant(shoe, external_id=f"v{number}")
    server = make_server()
    queries = []
    for count in (1, 30):
        events = [
            {"user_id": "session:s", "variant_id": f"ext:v{number}", "interaction_type": "view"}
            for number in range(count)
        ]
        with CaptureQueriesContext(connection) as captured:
            post(server, "/api/interactions/", {"interactions": events})
        queries.append(sum('FROM "variant"' in query["sql"] for query in captured))

    assert queries == [2, 2]


def test_a_given_history_may_name_variants() -> None:
    make_shoe()
    for external_id in ("a", "b"):
        make_variant(make_product(source="q", external_id=external_id), external_id="one-size")
    events = [
        {"variant_id": name, "interaction_type": "purchase"}
        for name in ("ext:SH-M", "ext:none", "ext:one-size")
    ]

    answer = post(make_server(), "/api/recommendations/", {"events": events}).json()

    assert answer["left_out"] == [
        {"index": 1, "code": "not_found", "detail": "There is no variant none of the shop."},
        {
            "index": 2,
            "code": "invalid",
            "detail": "Several products have a variant one-size: name the product as well.",
        },
    ]
    assert "shoe" not in [external_id for _, external_id in get_unbought(answer)]
