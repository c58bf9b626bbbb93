"""Builders of rows: a test states only the columns that matter to it."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import numpy as np
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from recommendations.choices import ExperimentState, InteractionType, RuleAction, TokenScope
from recommendations.models import (
    CartItem,
    Experiment,
    ExperimentArm,
    MerchandisingRule,
    Product,
    RandomSlot,
    UserBehavior,
    UserProfile,
    Variant,
)
from recommendations.services.experiments import definitions, random_slots
from recommendations.services.infra.layered_cache import delete_cached
from recommendations.services.people.subjects import Subject
from recommendations.services.people.tokens import issue_token
from recommendations.services.shop.attributes import derive_attributes
from recommendations.services.shop.categories import set_categories
from recommendations.services.shop.rule_versions import publish_rules
from recommendations.services.shop.variants import derive_products

PASSWORD = "correct-horse-battery"
_numbers = count(1)


def make_product(**columns: Any) -> Product:
    """Add a product that is for sale."""
    number = next(_numbers)
    defaults: dict[str, Any] = {
        "name": f"Product {number}",
        "category": "Home",
        "price": Decimal("9.99"),
        "stock": 10,
    }
    if "is_repeatable" in columns:
        defaults["is_repeatable_given"] = columns["is_repeatable"]
    product = Product.objects.create(**{**defaults, **columns})
    set_categories({product.pk: [product.category]})
    if product.attributes:
        derive_attributes([product.pk])
    return product


def make_products(how_many: int, **columns: Any) -> list[Product]:
    """Add several products that differ in name only."""
    return [make_product(**columns) for _ in range(how_many)]


def draft_rule(
    action: RuleAction, *, category: str = "", brand: str = "", **columns: Any
) -> MerchandisingRule:
    """Add a rule to those that staff work on; for a category or brand, or with a condition."""
    for field, name in (("category", category), ("brand", brand)):
        if name:
            columns["condition"] = {"field": field, "op": "in", "value": [name]}
    return MerchandisingRule.objects.create(action=action.value, **columns)


def make_rule(action: RuleAction, **columns: Any) -> MerchandisingRule:
    """Add a rule as `draft_rule` does, and let lists follow it."""
    rule = draft_rule(action, **columns)
    publish_rules(author=None)
    return rule


def make_variant(product: Product, **columns: Any) -> Variant:
    """Add a variant, with ten pieces at the product's price; the product derives its figures."""
    defaults: dict[str, Any] = {"price": product.price, "stock": 10}
    if "options" not in columns:
        defaults["options"] = {"Size": f"Size {next(_numbers)}"}
    variant = Variant.objects.create(product=product, **{**defaults, **columns})
    derive_products([product.pk])
    derive_attributes([product.pk])
    product.refresh_from_db()
    variant.refresh_from_db()
    return variant


def make_shopper(**columns: Any) -> Subject:
    """Add an account and return it as a subject."""
    columns = {"username": f"shopper{next(_numbers)}", **columns}
    return Subject(user_id=User.objects.create(**columns).pk)


def make_user(username: str = "ada", **columns: Any) -> User:
    """Add an account that can sign in with `PASSWORD`."""
    return User.objects.create_user(username, password=PASSWORD, **columns)


def sign_in(user: User) -> Client:
    """Return a browser in which this user is signed in."""
    client = Client()
    client.force_login(user)
    return client


def make_server_client(*scopes: TokenScope, source: str = "") -> Client:
    """Return a server whose token has these scopes and speaks the ids of a source."""
    _, secret = issue_token(name="server", scopes=scopes, source=source)
    return Client(headers={"Authorization": f"Bearer {secret}"})


def post(client: Client, path: str, body: Any) -> Any:
    """Send a JSON body."""
    return client.post(path, body, content_type="application/json")


def make_visitor() -> Subject:
    """Return a visitor who has done nothing yet."""
    return Subject(session_id=f"visitor-{next(_numbers)}")


def make_interactions(
    subject: Subject,
    products: Iterable[Product | int],
    *,
    interaction_type: InteractionType = InteractionType.VIEW,
    at: datetime | None = None,
    rating: float | None = None,
) -> list[UserBehavior]:
    """Append one interaction with each product, in this order, the last of them at `at` (now)."""
    ids = [product if isinstance(product, int) else product.pk for product in products]
    at = at or timezone.now()
    return UserBehavior.objects.bulk_create(
        UserBehavior(
            user_id=subject.user_id,
            session_id=subject.session_id,
            product_id=product_id,
            interaction_type=interaction_type.value,
            rating=rating,
            timestamp=at - timedelta(seconds=len(ids) - 1 - index),
        )
        for index, product_id in enumerate(ids)
    )


def switch_personalization_off(subject: Subject) -> None:
    """Keep a shopper's history out of lists."""
    assert subject.user_id is not None
    UserProfile.objects.create(user_id=subject.user_id, personalization_enabled=False)


def put_in_cart(subject: Subject, product: Product) -> CartItem:
    """Put one piece into the subject's cart."""
    return CartItem.objects.create(
        user_id=subject.user_id, session_id=subject.session_id, product=product
    )


def make_experiment(*arms: dict[str, Any], **columns: Any) -> Experiment:
    """Add a running experiment; the first arm is the control, the second one is an engine's.

    Without arms, both are served as without the experiment.
    """
    state = columns.setdefault("state", ExperimentState.RUNNING.value)
    if state != ExperimentState.DRAFT.value:
        columns = {"slice_start": 0.0, "slice_end": 1.0, "started_at": timezone.now()} | columns
    experiment = Experiment.objects.create(**{"name": f"Trial {next(_numbers)}", **columns})
    for number, arm in enumerate(arms or ({"name": "control"}, {"name": "other"})):
        ExperimentArm.objects.create(experiment=experiment, is_control=not number, **arm)
    delete_cached([definitions.KEY])
    return experiment


def make_random_slot(*, placement: str = "home", **columns: Any) -> RandomSlot:
    """Set the slot of a placement; it is on unless the columns say otherwise."""
    slot, _ = RandomSlot.objects.update_or_create(
        placement=placement, defaults={"is_active": True, **columns}
    )
    delete_cached([random_slots.KEY])
    return slot


def make_two_taste_shop(
    *, categories: Sequence[str] = ("Lamps", "Tents"), per_category: int = 15, shoppers: int = 40
) -> dict[str, list[Product]]:
    """Add a shop whose shoppers each touch products of one category only; return its products."""
    products = {category: make_products(per_category, category=category) for category in categories}
    rng = np.random.default_rng(7)
    start = timezone.now() - timedelta(hours=2)
    for number in range(shoppers):
        liked = products[categories[number % len(categories)]]
        touched = [liked[index] for index in rng.permutation(per_category)[:8]]
        make_interactions(make_shopper(), touched, at=start + timedelta(minutes=number))
    return products
