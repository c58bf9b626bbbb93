"""A shop that has data keeps its meaning when a migration changes the form of the data."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from recommendations.choices import Placement, Source
from recommendations.models import (
    Category,
    MerchandisingRule,
    Product,
    ProductAttribute,
    RuleVersion,
    ShopperId,
)
from recommendations.services.lists import ListContext, get_popular
from recommendations.services.shop.attributes import derive_attributes
from recommendations.services.shop.categories import find_members
from recommendations.services.shop.merchandising import get_current_rules
from recommendations.tests.builders import make_visitor
from recommendations.tests.services.lists.lists import ids

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stateful]

Migrate = Callable[[str], Any]
LONG_CATEGORY = " > ".join(["Shop", *(f"Level {number} of a deep tree" for number in range(17))])


@pytest.fixture
def migrate() -> Iterator[Migrate]:
    """Return what brings the database to a migration, and gives the models of then."""

    def migrate_to(name: str) -> Any:
        target = [("recommendations", name)]
        MigrationExecutor(connection).migrate(target)
        return MigrationExecutor(connection).loader.project_state(target).apps.get_model

    yield migrate_to
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def migrate_to_the_newest() -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def test_rules_of_a_category_or_brand_serve_the_same_lists_as_conditions(migrate: Migrate) -> None:
    model = migrate("0034_rules_with_conditions")
    rules, now = model("recommendations", "MerchandisingRule").objects, timezone.now()
    category = model("recommendations", "Category").objects.create(path="Lamps", name="Lamps")
    products = {}
    for name, (path, brand, views) in {
        "lamp": ("Lamps", "Norden", 6),
        "tent": ("Tents", "Fjell", 5),
        "chair": ("Chairs", "Sol", 4),
        "spot": ("Lamps", "Glow", 3),
        "stool": ("Chairs", "Grün & Sohn", 2),
        "tarp": (LONG_CATEGORY, "Norden", 1),
    }.items():
        product = model("recommendations", "Product").objects.create(
            name=name, category=path, brand=brand, price=Decimal(10), stock=5
        )
        products[name] = product.pk
        if path == category.path:
            model("recommendations", "ProductCategory").objects.create(
                product=product, category=category, is_given=True
            )
        for visitor in range(views):
            model("recommendations", "UserBehavior").objects.create(
                product=product, interaction_type="view", session_id=f"visitor-{visitor}"
            )
    rules.create(action="pin", product_id=products["stool"], position=2)
    rules.create(action="pin", product_id=products["spot"], position=1, placement="search")
    rules.create(action="hide", product_id=products["tent"], ends_at=now + timedelta(days=1))
    rules.create(action="hide", category=LONG_CATEGORY)
    rules.create(action="hide", brand="Grün & Sohn", placement="cart")
    rules.create(action="boost", category="Lamps", starts_at=now - timedelta(days=1))
    rules.create(action="boost", brand="Norden")
    rules.create(action="bury", brand="Norden", placement="search")
    rules.create(action="bury", brand="Sol")
    rules.create(action="hide", brand="Norden", is_active=False)
    rules.create(action="hide", category="Lamps", ends_at=now - timedelta(seconds=1))
    rules.create(action="hide", brand="Sol", starts_at=now + timedelta(days=1))
    before = rules.count()

    migrate_to_the_newest()

    hidden: frozenset[Any] = frozenset({products["tent"], ("category", LONG_CATEGORY)})
    boosts = {("category", "Lamps"): 1, ("brand", "Norden"): 1, ("brand", "Sol"): -1}
    served = get_current_rules().by_placement
    assert not any(rules.conditional or rules.pins for rules in served.values())
    assert {place: (one.pinned, one.hidden, one.boosts) for place, one in served.items()} == {
        Placement.HOME: ((products["stool"],), hidden, boosts),
        Placement.PRODUCT: ((), hidden, boosts),
        Placement.CART: ((products["stool"],), hidden | {("brand", "Grün & Sohn")}, boosts),
        Placement.SEARCH: (
            (products["spot"],),
            hidden,
            {("category", "Lamps"): 1, ("brand", "Sol"): -1},
        ),
    }
    found = get_popular(context=ListContext(make_visitor()), count=10)
    assert ids(found) == [products[name] for name in ("stool", "lamp", "spot", "chair")]
    assert found.entries[0].source is Source.PINNED
    assert MerchandisingRule.objects.count() == before
    assert RuleVersion.objects.get().author is None


def test_paths_of_products_become_categories_and_accounts_know_their_own_ids(
    migrate: Migrate,
) -> None:
    model = migrate("0013_catalogues_as_they_are")
    create = model("recommendations", "Product").objects.create
    lamp = create(name="Lamp", category="Home > Lamps", price=1, source="erp", external_id="L")
    tea = create(name="Tea", category="Food", price=1, source="erp-old", is_repeatable=True)
    users = model("auth", "User").objects
    for name, password in {
        "erp-7": "!unusable",
        "erp-old-8": "!unusable",
        "erp-9": "pbkdf2$of-a-person",
        "ada": "!unusable",
    }.items():
        users.create(username=name, password=password)

    migrate_to_the_newest()

    paths = Category.objects.order_by("path").values_list("path", "name", "parent__path")
    assert list(paths) == [
        ("Food", "Food", None),
        ("Home", "Home", None),
        ("Home > Lamps", "Lamps", "Home"),
    ]
    assert find_members([lamp.pk, tea.pk], {"Home", "Home > Lamps", "Food"}) == {
        lamp.pk: {"Home", "Home > Lamps"},
        tea.pk: {"Food"},
    }
    kept = Product.objects.values_list("name", "is_repeatable", "is_repeatable_given")
    assert set(kept) == {("Lamp", False, None), ("Tea", True, True)}
    own = ShopperId.objects.values_list("user__username", "source", "external_id")
    assert set(own) == {("erp-7", "erp", "7"), ("erp-old-8", "erp-old", "8")}


def test_attributes_that_a_migration_fills_are_those_that_every_later_write_derives(
    migrate: Migrate,
) -> None:
    model = migrate("0025_attributes_to_filter_by")
    lamp = model("recommendations", "Product").objects.create(
        name="Lamp",
        category="Home",
        price=1,
        has_variants=True,
        attributes={"Colour": ["Red", "red", "Blue"], "Weight : kg": 2, "Dimmable": True, "x": {}},
    )
    for size, is_active in (("M", True), ("L", False)):
        model("recommendations", "Variant").objects.create(
            product=lamp, options={"Size": size}, price=1, is_active=is_active
        )

    migrate_to_the_newest()

    def list_attributes() -> list[tuple[str, str]]:
        rows = ProductAttribute.objects.filter(product_id=lamp.pk)
        return sorted(rows.values_list("value__name_key", "value__value_key"))

    filled = list_attributes()
    derive_attributes([lamp.pk])
    assert filled == list_attributes()
    assert filled == [
        *(("colour", "blue"), ("colour", "red"), ("dimmable", "true")),
        *(("size", "m"), ("weight kg", "2")),
    ]


def test_rules_of_a_placement_that_is_gone_go_and_others_stay(migrate: Migrate) -> None:
    model = migrate("0008_help_texts")
    rules = model("recommendations", "MerchandisingRule").objects
    for placement in ("email", "home", ""):
        rules.create(action="hide", brand="Norden", placement=placement)

    migrate_to_the_newest()

    kept = MerchandisingRule.objects.order_by("pk").values_list("placement", "condition")
    condition = {"field": "brand", "op": "in", "value": ["Norden"]}
    assert list(kept) == [("home", condition), ("", condition)]
