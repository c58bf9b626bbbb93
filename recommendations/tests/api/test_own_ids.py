"""A shop's own ids in paths, queries and bodies: products, shoppers and sessions."""

import re
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.auth.models import User
from django.test import Client

from recommendations.choices import TokenScope
from recommendations.models import ShopperId, UserBehavior
from recommendations.services.lists import served_log
from recommendations.services.people.shopper_ids import ensure_shopper
from recommendations.services.people.subjects import Subject
from recommendations.services.shop.catalogue import Rating
from recommendations.services.training import live_model
from recommendations.services.training.train import train
from recommendations.tests.builders import (
    make_interactions,
    make_product,
    make_server_client,
    make_two_taste_shop,
    make_user,
    post,
    sign_in,
)
from recommendations.views.seo_head import describe_product

pytestmark = pytest.mark.django_db

ODD_IDS = [
    "9223372036854775808",
    "gid://shopify/Product/7982905098262",
    "6f1c1c1e-0000-4000-8000-000000000001",
    "日本-1",
    "a/b?c=d&e",
    "00012",
    "100%25/",
    "a b+c#d",
    "ext:x",
    "me",
    "x" * 128,
]


def make_server(source: str = "q") -> Client:
    return make_server_client(*TokenScope, source=source)


def make_event(**values: Any) -> dict[str, Any]:
    return {"user_id": "ext:7", "product_id": "ext:1", "interaction_type": "view", **values}


def get_unbought(answer: dict[str, Any]) -> list[tuple[int, str | None]]:
    """Return both ids of the products in a list, but for those that only fill it up."""
    return [
        (one["product_id"], one["external_id"])
        for one in answer["recommendations"]
        if one["source"] != "bought_before"
    ]


@pytest.mark.parametrize("own_id", ODD_IDS)
def test_an_odd_own_id_names_its_product_wherever_an_id_stands(own_id: str) -> None:
    product = make_product(source="q", external_id=own_id)
    browser = Client()
    in_path = f"ext:{quote(own_id, safe='')}"

    for path in (f"/api/products/{in_path}/", f"/api/products/?external_id={quote(own_id)}"):
        found = browser.get(path).json()
        assert found.get("results", [found])[0]["id"] == product.pk
    for rest in ("similar", "bought-together"):
        assert browser.get(f"/api/products/{in_path}/{rest}/").status_code == 200
    page = f"/api/page/?placement=product&product_id={quote('ext:' + own_id)}"
    assert browser.get(page).status_code == 200
    body = {"product_id": f"ext:{own_id}"}
    assert (
        post(browser, "/api/interaction/", body | {"interaction_type": "view"}).status_code == 201
    )
    assert post(browser, "/api/likes/", body).json()["product_id"] == product.pk
    assert browser.delete(f"/api/likes/{in_path}/").status_code == 204
    assert post(browser, "/api/not-interested/", body).json()["product_id"] == product.pk
    assert browser.delete(f"/api/not-interested/{in_path}/").status_code == 204
    assert post(browser, "/api/cart/", body).json()["items"][0]["product"]["id"] == product.pk
    line = body | {"quantity": 1, "price": "9.99"}
    order = post(browser, "/api/orders/", {"lines": [line], "from_cart": False}).json()
    assert [line["product_id"] for line in order["lines"]] == [product.pk]
    assert browser.delete(f"/api/cart/{in_path}/").json()["items"] == []


def test_a_server_names_products_and_shoppers_without_the_prefix_too() -> None:
    make_product()
    product = make_product(source="q", external_id="1")
    server = make_server()

    answer = post(
        server,
        "/api/interaction/",
        {"user_id": "q-7", "product_id": "1", "interaction_type": "view"},
    )

    assert answer.status_code == 201
    row = UserBehavior.objects.get()
    assert answer.json() == {
        "message": "Interaction recorded successfully",
        "product_id": product.pk,
        "product_external_id": "1",
        "user_id": row.user_id,
        "user_external_id": "q-7",
    }
    assert row.product_id == product.pk
    listed = server.get("/api/recommendations/q-7/?count=3").json()
    assert (listed["user_id"], listed["external_id"]) == (row.user_id, "q-7")


def test_a_number_in_a_body_is_ours_and_a_text_is_the_shops() -> None:
    ours = make_product(source="q", external_id="x").pk
    theirs = make_product(source="q", external_id=str(ours)).pk
    server = make_server()

    for product_id, expected in ((ours, ours), (str(ours), theirs), (f"ext:{ours}", theirs)):
        answer = post(server, "/api/interaction/", make_event(product_id=product_id))
        assert answer.json()["product_id"] == expected
    assert server.get(f"/api/products/{ours}/").json()["id"] == ours
    assert server.get(f"/api/products/ext:{ours}/").json()["id"] == theirs


def test_the_user_name_that_an_import_shows_names_the_same_shopper() -> None:
    make_product(source="q", external_id="1")
    imported = ensure_shopper("q", "7")
    server = make_server()

    by_name = post(server, "/api/interaction/", make_event(user_id="q-7"))
    exact = post(server, "/api/interaction/", make_event(user_id="ext:q-7"))

    assert (by_name.json()["user_id"], by_name.json()["user_external_id"]) == (imported, "7")
    assert exact.json()["user_id"] != imported


@pytest.mark.parametrize("product_id", ["1", "q-1", "", "session:1"])
def test_a_text_without_the_prefix_is_no_id_of_a_browser(product_id: str) -> None:
    make_product(source="q", external_id="1")

    body = {"product_id": product_id, "interaction_type": "view"}

    assert post(Client(), "/api/interaction/", body).status_code == 400
    assert Client().get(f"/api/products/q-{product_id or 'x'}/").status_code == 400


def test_the_first_event_makes_the_shopper_and_later_ones_find_it() -> None:
    make_product(source="q", external_id="1")
    server = make_server()

    cold = server.get("/api/recommendations/ext:7/").json()
    assert (cold["user_id"], cold["external_id"], User.objects.count()) == (None, "7", 0)
    first, second = (post(server, "/api/interaction/", make_event()).json() for _ in range(2))

    assert first == second
    account = User.objects.get()
    assert (first["user_id"], first["user_external_id"]) == (account.pk, "7")
    assert not account.has_usable_password()
    warm = server.get("/api/recommendations/ext:7/").json()
    assert (warm["user_id"], warm["external_id"]) == (account.pk, "7")
    by_number = server.get(f"/api/recommendations/{account.pk}/").json()
    assert (by_number["user_id"], by_number["external_id"]) == (account.pk, "7")


MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:]+Z")


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"product_id": "ext:unknown"}, 404),
        ({"product_id": 4_000_000_000}, 404),
        ({"timestamp": "2020-01-01T00:00:00Z"}, 400),
        ({"user_id": 99_999_999}, 400),
        ({"user_id": f"ext:{'x' * 129}"}, 400),
        ({"user_id": "ext:"}, 400),
        ({"user_id": "ext:a\nb"}, 400),
        ({"user_id": f"session:{'x' * 129}"}, 400),
    ],
)
def test_a_refused_event_makes_no_shopper(values: dict[str, Any], status: int) -> None:
    make_product(source="q", external_id="1")
    server = make_server()

    alone = post(server, "/api/interaction/", make_event(**values))
    [batched] = post(server, "/api/interactions/", {"interactions": [make_event(**values)]}).json()[
        "results"
    ]

    assert alone.status_code == batched["status"] == status
    assert batched["outcome"] == "refused"
    # Between the two requests a second may begin.
    assert MOMENT.sub("", batched["detail"]) == MOMENT.sub("", alone.json()["detail"])
    assert User.objects.count() == UserBehavior.objects.count() == 0


def test_a_batch_says_of_each_event_what_became_of_it() -> None:
    product = make_product(source="q", external_id="1")
    server = make_server()
    events = [
        make_event(event_id="e1"),
        make_event(event_id="e1"),
        make_event(product_id="ext:gone"),
        make_event(user_id="ext:6"),
        {"user_id": "ext:8"},
        make_event(user_id="session:s1"),
    ]

    answer = post(server, "/api/interactions/", {"interactions": events}).json()

    assert [one["index"] for one in answer["results"]] == [0, 1, 2, 3, 4, 5]
    outcomes = [one["outcome"] for one in answer["results"]]
    assert outcomes == ["accepted", "duplicate", "refused", "accepted", "refused", "accepted"]
    assert (answer["accepted"], answer["duplicates"], answer["refused"]) == (3, 1, 2)
    assert answer["results"][2]["detail"] == "There is no product gone in the source q."
    assert answer["results"][3]["product_id"] == product.pk
    assert answer["results"][3]["user_external_id"] == "6"
    assert set(ShopperId.objects.values_list("external_id", flat=True)) == {"6", "7"}


def test_a_session_of_the_shops_own_has_a_history_and_no_account() -> None:
    lamp, tent = make_product(source="q", external_id="1"), make_product()
    server = make_server()

    recorded = post(
        server,
        "/api/interaction/",
        make_event(user_id="session:s1", interaction_type="purchase"),
    ).json()

    assert (recorded["user_id"], recorded["user_external_id"]) == (None, None)
    assert User.objects.count() == 0
    assert UserBehavior.objects.get().session_id == "q:s1"
    listed = server.get("/api/recommendations/session:s1/").json()
    assert (listed["user_id"], listed["session_id"]) == (None, "s1")
    assert get_unbought(listed) == [(tent.pk, None)]
    assert lamp.pk in [
        one["product_id"]
        for one in server.get("/api/recommendations/session:s2/").json()["recommendations"]
    ]
    assert server.get("/api/search/?q=product&user_id=session:s1").status_code == 200
    assert server.get("/api/search/?q=product&user_id=ext:7").status_code == 200


def test_a_token_names_no_id_of_another_source() -> None:
    product = make_product(source="erp", external_id="1")
    shopper = ensure_shopper("erp", "7")
    other = make_server("pim")

    event = make_event(product_id=product.pk)
    recorded = post(other, "/api/interaction/", event).json()
    post(other, "/api/interaction/", event | {"user_id": "session:s1"})

    assert other.get("/api/products/ext:1/").status_code == 404
    assert other.get("/api/products/?external_id=1").json()["count"] == 0
    assert recorded["user_id"] != shopper
    erp = make_server("erp")
    assert erp.get("/api/recommendations/ext:7/").json()["user_id"] == shopper
    assert erp.get("/api/recommendations/session:s1/").json()["recommendations"] != []
    assert set(UserBehavior.objects.values_list("session_id", flat=True)) == {None, "pim:s1"}


def test_in_a_shop_of_several_sources_a_token_must_say_its_own() -> None:
    for source in ("erp", "pim"):
        make_product(source=source, external_id="1")
    server = make_server("")

    for answer in (
        server.get("/api/recommendations/ext:7/"),
        server.get("/api/products/ext:1/"),
        server.get("/api/products/?external_id=1"),
        post(server, "/api/interaction/", make_event()),
        Client().get("/api/products/ext:1/"),
    ):
        assert answer.status_code == 400
        assert "create_token --source" in answer.json()["detail"]
    user = make_user()
    assert server.get(f"/api/recommendations/{user.pk}/").json()["external_id"] is None


@pytest.mark.parametrize("reference", ["ext:7", "session:s1", "ext:unknown"])
def test_no_person_names_a_shopper_or_a_session_by_an_own_id(reference: str) -> None:
    make_product(source="q", external_id="1")
    shopper = User.objects.get(pk=ensure_shopper("q", "7"))
    event = {"user_id": reference, "product_id": "ext:1", "interaction_type": "view"}

    for client, status in ((Client(), 401), (sign_in(make_user()), 403), (sign_in(shopper), 403)):
        assert client.get(f"/api/recommendations/{reference}/").status_code == status
        assert client.get(f"/api/search/?q=product&user_id={reference}").status_code == status
        assert post(client, "/api/interaction/", event).status_code == status
        [result] = post(client, "/api/interactions/", {"interactions": [event]}).json()["results"]
        assert result["status"] == status
    assert UserBehavior.objects.count() == 0


def test_without_its_scope_a_token_is_refused_before_its_ids_are_looked_up() -> None:
    reader = make_server_client(TokenScope.RECOMMENDATIONS_READ, source="q")
    writer = make_server_client(TokenScope.INTERACTIONS_WRITE, source="q")

    assert post(reader, "/api/interaction/", make_event()).status_code == 403
    assert writer.get("/api/recommendations/ext:7/").status_code == 403


def test_a_session_is_merged_into_a_shopper_once() -> None:
    lamp, tent = make_product(source="q", external_id="1"), make_product()
    server = make_server()
    for product_id in ("ext:1", tent.pk):
        post(server, "/api/interaction/", make_event(user_id="session:s1", product_id=product_id))

    path, body = "/api/shoppers/ext:7/merge/", {"session_id": "session:s1"}
    first, second = (post(server, path, body).json() for _ in range(2))

    account = User.objects.get()
    merged = {"user_id": account.pk, "external_id": "7"}
    assert first == {**merged, "interactions_moved": 2}
    assert second == {**merged, "interactions_moved": 0}
    assert set(UserBehavior.objects.values_list("user_id", "product_id")) == {
        (account.pk, lamp.pk),
        (account.pk, tent.pk),
    }
    assert post(server, f"/api/shoppers/{account.pk}/merge/", body).json() == second
    described = server.get("/api/shoppers/ext:7/").json()
    assert (described["user_id"], described["interactions"]) == (account.pk, 2)
    assert described["last_interaction_at"] is not None
    assert server.get("/api/shoppers/session:s1/").json()["interactions"] == 0


def test_what_a_browser_did_is_no_session_of_a_server() -> None:
    product = make_product(source="q", external_id="1")
    browser, server = Client(), make_server()
    view = {"product_id": product.pk, "interaction_type": "view"}
    assert post(browser, "/api/interaction/", view).status_code == 201
    visitor_id = UserBehavior.objects.get().session_id

    body = {"session_id": f"session:{visitor_id}"}
    merged = post(server, "/api/shoppers/ext:7/merge/", body).json()

    assert merged["interactions_moved"] == 0
    assert server.delete(f"/api/shoppers/session:{visitor_id}/").status_code == 204
    assert UserBehavior.objects.get().session_id == visitor_id


def test_a_server_erases_its_own_shoppers_and_sessions_and_no_others() -> None:
    make_product(source="q", external_id="1")
    server = make_server()
    others = [make_user(), User.objects.get(pk=ensure_shopper("p", "7"))]
    staff = User.objects.get(pk=ensure_shopper("q", "boss"))
    User.objects.filter(pk=staff.pk).update(is_staff=True)
    for user_id in ("ext:7", "ext:8", "session:s1"):
        post(server, "/api/interaction/", make_event(user_id=user_id))

    gone = [server.delete(f"/api/shoppers/{one}/").status_code for one in ("ext:7", "session:s1")]

    assert gone == [204, 204]
    assert UserBehavior.objects.count() == 1
    assert server.delete("/api/shoppers/ext:7/").status_code == 404
    for other in others:
        assert server.delete(f"/api/shoppers/{other.pk}/").status_code == 404
        assert server.get(f"/api/shoppers/{other.pk}/").status_code == 404
    assert server.delete("/api/shoppers/ext:boss/").status_code == 403
    assert set(User.objects.values_list("username", flat=True)) == {
        *(other.username for other in others), "q-boss", "q-8",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/shoppers/session:s1/merge/", {"session_id": "s2"}),
        ("/api/shoppers/me/merge/", {"session_id": "s2"}),
        ("/api/shoppers/ext:7/merge/", {"session_id": ""}),
        ("/api/shoppers/ext:7/merge/", {"session_id": 5}),
        ("/api/shoppers/ext:7/merge/", {}),
    ],
)
def test_a_malformed_merge_is_refused_and_makes_nobody(path: str, body: dict[str, Any]) -> None:
    make_product(source="q", external_id="1")

    assert post(make_server(), path, body).status_code == 400
    assert User.objects.count() == 0


def test_both_ids_of_products_stand_in_every_answer() -> None:
    lamp = make_product(source="q", external_id="L-1", name="Lamp", sku="")
    make_product(name="Lamp")
    browser = Client()
    both = (lamp.pk, "L-1")
    post(browser, "/api/cart/", {"product_id": lamp.pk})
    post(browser, "/api/likes/", {"product_id": lamp.pk})
    wrong = {"expected_total": "1.00"}

    cart = browser.get("/api/cart/").json()["items"][0]["product"]
    changed = post(browser, "/api/orders/", wrong | {"lines": [
        {"product_id": lamp.pk, "quantity": 1, "price": "1.00"}
    ]}).json()["changes"][0]  # fmt: skip
    order = post(browser, "/api/orders/", {}).json()["lines"][0]
    suggestion = browser.get("/api/search/suggestions/?q=lamp").json()["suggestions"]
    found = browser.get("/api/search/?q=lamp").json()["products"]
    listed = browser.get("/api/popular/").json()["recommendations"]
    export = browser.get("/api/me/export/").json()

    assert (cart["id"], cart["external_id"]) == both
    assert (changed["product_id"], changed["external_id"]) == both
    assert (order["product_id"], order["external_id"]) == both
    assert both in [(one["product_id"], one["external_id"]) for one in suggestion]
    for one in found:
        assert (one["id"] == lamp.pk, one["external_id"] == "L-1") in {(True,) * 2, (False,) * 2}
        assert one["product"]["external_id"] == one["external_id"]
    assert listed
    assert {one["product"]["external_id"] for one in listed} <= {"L-1", None}
    for rows in (export["interactions"], export["likes"], export["orders"][0]["lines"]):
        assert {row["external_id"] for row in rows} == {"L-1"}
    structured = describe_product(lamp, Rating(average=None, count=0)).product
    assert structured is not None
    assert (structured["productID"], structured["sku"]) == ("L-1", "L-1")


def test_the_export_of_a_shopper_has_the_shops_own_ids() -> None:
    make_product(source="q", external_id="1")
    server = make_server()
    post(server, "/api/interaction/", make_event())
    account = User.objects.get()
    server.get("/api/recommendations/ext:7/")

    export = sign_in(account).get("/api/me/export/").json()

    assert export["own_ids"] == [{"source": "q", "external_id": "7"}]


def test_a_list_for_a_history_that_is_handed_over_stores_nothing() -> None:
    bought = make_product(source="q", external_id="bought")
    seen = make_product(source="q", external_id="seen")
    other = make_product()
    server = make_server()
    body = {
        "events": [
            {"product_id": "ext:seen", "interaction_type": "view"},
            {"product_id": bought.pk, "interaction_type": "purchase", "rating": 5},
            {"product_id": "ext:gone", "interaction_type": "view"},
            {"product_id": 4_000_000_000, "interaction_type": "view"},
        ],
        "count": 5,
        "placement": "cart",
    }

    answer = post(server, "/api/recommendations/", body).json()

    assert set(get_unbought(answer)) == {(other.pk, None), (seen.pk, "seen")}
    assert "list_id" not in answer
    assert answer["left_out"] == [
        {"index": 2, "code": "not_found", "detail": "There is no product gone in the source q."},
        {"index": 3, "code": "not_found", "detail": "There is no product 4000000000."},
    ]
    assert served_log.count_pending() == {"lists": 0, "impressions": 0}
    assert UserBehavior.objects.count() == User.objects.count() == 0


@pytest.mark.parametrize(
    "events",
    [
        [{"product_id": "ext:1"}],
        [{"product_id": "ext:1", "interaction_type": "stare"}],
        [{"product_id": "ext:1", "interaction_type": "view", "timestamp": "2999-01-01T00:00:00Z"}],
        [{"product_id": "ext:1", "interaction_type": "view"}] * 101,
    ],
)
def test_a_malformed_history_is_refused(events: list[Any]) -> None:
    make_product(source="q", external_id="1")

    assert post(make_server(), "/api/recommendations/", {"events": events}).status_code == 400


def test_a_handed_over_history_gets_the_list_of_a_shopper_who_did_the_same() -> None:
    lamps = make_two_taste_shop()["Lamps"][:4]
    train()
    live_model.refresh()
    shopper = make_user()
    make_interactions(Subject(user_id=shopper.pk), lamps)
    server = make_server()

    stored = server.get(f"/api/recommendations/{shopper.pk}/?count=5").json()
    events = [{"product_id": lamp.pk, "interaction_type": "view"} for lamp in lamps]
    given = post(server, "/api/recommendations/", {"events": events, "count": 5}).json()

    assert given["personalized"] is True
    assert [one["product_id"] for one in given["recommendations"]] == [
        one["product_id"] for one in stored["recommendations"]
    ]
