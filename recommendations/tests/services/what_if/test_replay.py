"""What a what-if predicts is what is served once the change is made."""

from collections import Counter
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db.models import Count
from django.test import Client
from django.utils import timezone

from recommendations.choices import Placement, RuleAction
from recommendations.models import CartItem, Product, ServedList, UserBehavior
from recommendations.services.lists import served_log
from recommendations.services.people.subjects import Subject
from recommendations.services.search import live_index
from recommendations.services.shop import merchandising
from recommendations.services.shop.rule_versions import publish_rules
from recommendations.services.training import live_model, registry
from recommendations.services.training.train import train
from recommendations.services.what_if.changes import TriedChange, plan_change
from recommendations.services.what_if.comparison import compare_on_log, replay_log
from recommendations.tests.builders import (
    draft_rule,
    make_interactions,
    make_rule,
    make_two_taste_shop,
    make_visitor,
    put_in_cart,
    sign_in,
)

pytestmark = pytest.mark.django_db

N_SHOPPERS = 12
COUNT = 8

Lists = dict[tuple[int, str, str], list[int]]
"""The products of each list, by shopper, place and name."""


class Asked(NamedTuple):
    """A request of a shopper."""

    place: str
    address: str
    query: dict[str, Any]


@pytest.fixture(autouse=True)
def _no_look_for_a_new_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_model, "POLL_SECONDS", 3600.0)


@pytest.fixture
def shoppers() -> list[User]:
    """Return shoppers of a small sample shop with a live model, carts and a rule."""
    call_command(
        "populate_sample_data",
        *("--products", "240", "--users", "60", "--interactions", "4000"),
        verbosity=0,
    )
    ServedList.objects.all().delete()
    train()
    live_model.refresh()
    live_index.get_current()
    busy = (
        UserBehavior.objects.filter(user__isnull=False, user__is_staff=False)
        .values_list("user_id")
        .annotate(n=Count("id"))
        .order_by("-n", "user_id")[:N_SHOPPERS]
    )
    accounts = [User.objects.get(pk=pk) for pk, _ in busy]
    products = [*Product.objects.filter(is_active=True, stock__gt=0).order_by("pk")]
    make_rule(RuleAction.PIN, product=products[7], placement="home")
    for number, account in enumerate(accounts):
        CartItem.objects.filter(user=account).delete()
        put_in_cart(Subject(user_id=account.pk), products[number])
    return accounts


def find_commonest_brand() -> str:
    brands = Product.objects.exclude(brand="").values_list("brand", flat=True)
    return Counter(brands).most_common(1)[0][0]


def list_requests(shopper: User) -> list[Asked]:
    latest = UserBehavior.objects.filter(user=shopper, product__is_active=True)
    product_id = latest.order_by("-timestamp", "-id").values_list("product_id", flat=True)[0]
    category = Product.objects.get(pk=product_id).category
    pages = [
        Asked(
            f"page {placement.value}",
            "/api/page/",
            {"placement": placement.value, "count": COUNT}
            | ({"product_id": product_id} if placement is Placement.PRODUCT else {}),
        )
        for placement in Placement
    ]
    cheap = '{"field": "price", "op": "at_most", "value": 60}'
    return [
        *pages,
        Asked("alone", f"/api/products/{product_id}/similar/", {"count": 5}),
        Asked("alone", f"/api/products/{product_id}/bought-together/", {"count": 5}),
        Asked("alone", "/api/recommendations/me/", {"count": 6, "filter": cheap}),
        Asked("alone", "/api/cart/recommendations/", {}),
        Asked("alone", "/api/trending/", {"category": category}),
        Asked("alone", "/api/popular/", {"boost": cheap}),
    ]


def serve(shoppers: list[User]) -> tuple[Lists, dict[str, tuple[int, str, str]]]:
    """Return all lists of the shoppers as the API serves them, and the key of each list id."""
    lists: Lists = {}
    keys = {}
    for shopper in shoppers:
        browser = sign_in(shopper)
        for asked in list_requests(shopper):
            answer = browser.get(asked.address, asked.query)
            assert answer.status_code == 200
            body = answer.json()
            for one in body.get("lists", [body]):
                key = (shopper.pk, asked.place, one.get("name", asked.address))
                lists[key] = [entry["product_id"] for entry in one["recommendations"]]
                keys[one["list_id"]] = key
    served_log.flush()
    return lists, keys


def predict(change: TriedChange, keys: dict[str, tuple[int, str, str]]) -> tuple[Lists, Lists]:
    """Return all lists as the what-if makes them, without the change and with it."""
    before, after = {}, {}
    for placement in Placement:
        for one in replay_log(placement=placement, how_many=20_000, change=change).lists:
            before[keys[str(one.list_id)]] = list(one.before)
            after[keys[str(one.list_id)]] = list(one.after)
    return before, after


def test_hiding_a_brand_does_what_was_predicted_and_a_what_if_of_nothing_changes_nothing(
    shoppers: list[User], django_capture_on_commit_callbacks: Any
) -> None:
    served, keys = serve(shoppers)
    brand = find_commonest_brand()
    hiding = draft_rule(RuleAction.HIDE, brand=brand)

    same, untouched = predict(plan_change(), keys)
    before, after = predict(plan_change(tried=[hiding.pk]), keys)
    with django_capture_on_commit_callbacks(execute=True):
        publish_rules(author=None)
    served_then, _ = serve(shoppers)

    assert same == untouched == before == served
    assert {key: after[key] for key in served} == {key: served_then.get(key, []) for key in served}
    assert len(served) > 8 * N_SHOPPERS
    changed = [key for key in served if after[key] != served[key]]
    assert len(changed) > N_SHOPPERS
    hidden = set(Product.objects.filter(brand=brand).values_list("pk", flat=True))
    assert not hidden & {product_id for listed in after.values() for product_id in listed}


def test_withdrawing_a_rule_does_what_was_predicted(
    shoppers: list[User], django_capture_on_commit_callbacks: Any
) -> None:
    hiding = make_rule(RuleAction.HIDE, brand=find_commonest_brand())
    some = shoppers[:4]
    served, keys = serve(some)

    before, after = predict(plan_change(withdrawn=[hiding.pk]), keys)
    hiding.delete()
    with django_capture_on_commit_callbacks(execute=True):
        publish_rules(author=None)
    served_then, _ = serve(some)

    assert before == served
    assert {key: after[key] for key in served} == {key: served_then[key] for key in served}
    assert after != before


def test_reserved_places_and_rest_do_what_was_predicted(
    shoppers: list[User], django_capture_on_commit_callbacks: Any
) -> None:
    some = shoppers[:6]
    served, _ = serve(some)
    for one in ServedList.objects.all():
        one.seen_product_ids = one.product_ids[:3]
        one.created_at -= timedelta(days=1)
        one.save()
    earlier = {one.pk for one in ServedList.objects.all()}
    _, keys = serve(some)
    tried = [
        draft_rule(RuleAction.RESERVE, one_in=4, days=0, times=8),
        draft_rule(RuleAction.REST, days=7, times=1, percent=90),
    ]

    ServedList.objects.filter(pk__in=earlier).update(request=None)
    before, after = predict(plan_change(tried=[rule.pk for rule in tried]), keys)
    with django_capture_on_commit_callbacks(execute=True):
        publish_rules(author=None)
    served_then, _ = serve(some)

    assert before == served
    own = {key for key in served if key[2] in {"for-you", "/api/recommendations/me/"}}
    assert {key for key in served if after[key] != served[key]} & own
    assert {key: after[key] for key in own} == {key: served_then[key] for key in own}
    assert ServedList.objects.filter(explored_product_ids__isnull=False).exists()


# --- In a shop with two tastes --------------------------------------------------------------------


def serve_home(client: Client) -> list[int]:
    answer = client.get("/api/recommendations/me/", {"count": 5}).json()
    served_log.flush()
    return [entry["product_id"] for entry in answer["recommendations"]]


def test_another_model_version_predicts_what_is_served_after_the_rollback() -> None:
    products = make_two_taste_shop()
    earlier = train()
    # Everybody's taste turns, so the next version has other lists.
    for number in range(30):
        turned = [products["Lamps"][number % 5], products["Tents"][number % 7]]
        make_interactions(make_visitor(), turned * 3)
    train()
    live_model.refresh()
    ada = User.objects.create_user("ada")
    make_interactions(Subject(user_id=ada.pk), products["Lamps"][:2])
    client = sign_in(ada)
    served = serve_home(client)

    (one,) = replay_log(
        placement=Placement.HOME, how_many=10, change=plan_change(model=earlier.name)
    ).lists
    registry.roll_back()
    live_model.refresh()

    assert [*one.before] == served
    assert [*one.after] == serve_home(client)
    assert one.before != one.after


def test_a_history_is_that_of_the_moment_when_the_list_was_served() -> None:
    products = make_two_taste_shop()
    train()
    live_model.refresh()
    ada = User.objects.create_user("ada")
    make_interactions(Subject(user_id=ada.pk), products["Lamps"][:2])
    client = sign_in(ada)
    served = serve_home(client)
    later = timezone.now() + timedelta(minutes=1)
    make_interactions(Subject(user_id=ada.pk), products["Tents"][:6], at=later)

    (one,) = replay_log(placement=Placement.HOME, how_many=10, change=plan_change()).lists

    assert [*one.before] == served
    assert serve_home(client) != served


def test_what_cannot_be_made_again_is_told() -> None:
    products = make_two_taste_shop()
    client = Client()
    for product in products["Lamps"][:2]:
        client.get(f"/api/products/{product.pk}/similar/")
    served_log.flush()
    ServedList.objects.create(placement="product", name="similar", product_ids=[1, 2])
    Product.objects.filter(pk=products["Lamps"][0].pk).update(is_active=False)

    result = compare_on_log(placement=Placement.PRODUCT, how_many=10, change=plan_change())

    counts = (result.n_asked, result.n_left_out, result.n_without_request, result.n_in_time)
    assert counts == (2, 1, 1, 2)
    assert result.effects.n_lists == 1


def test_only_the_latest_lists_of_the_placement_are_replayed() -> None:
    make_two_taste_shop()
    client = Client()
    for address in ("/api/trending/", "/api/popular/", "/api/trending/?category=Lamps"):
        client.get(address)
        served_log.flush()

    replayed = replay_log(placement=Placement.HOME, how_many=1, change=plan_change())

    assert [one.name for one in replayed.lists] == ["popular"]


def test_a_rule_that_has_not_begun_is_tried_as_if_it_had() -> None:
    lamp = make_two_taste_shop()["Lamps"][0]
    Client().get("/api/popular/", {"count": 30})
    served_log.flush()
    later = draft_rule(RuleAction.HIDE, product=lamp, starts_at=timezone.now() + timedelta(days=3))

    (one,) = replay_log(
        placement=Placement.HOME, how_many=1, change=plan_change(tried=[later.pk])
    ).lists

    assert set(one.before) - set(one.after) == {lamp.pk}
    assert merchandising.get_current_rules().by_placement[Placement.HOME].hidden == frozenset()
