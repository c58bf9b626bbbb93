"""What shoppers choose in the filters of a listing, and the products that match it."""

from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from django.db.models import Avg, Q, QuerySet

from recommendations.models import AttributeValue, Product, ProductAttribute, UserBehavior
from recommendations.services.shop.attributes import AttributeKey

CATEGORY, BRAND, PRICE, STOCK, RATING = "category", "brand", "price", "stock", "rating"
ATTRIBUTE_PREFIX = "attribute "


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductFilter:
    """The chosen values of each facet; nothing chosen matches every product.

    Several values of one facet match products with any of them; several facets match products that
    each of them matches. Both prices are inclusive. A product matches `min_rating` if the average
    of its ratings is at least that.
    """

    categories: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    min_price: Decimal | None = None
    max_price: Decimal | None = None
    in_stock: bool | None = None
    min_rating: int | None = None
    attributes: tuple[AttributeKey, ...] = ()

    @property
    def attribute_names(self) -> list[str]:
        """The keys of the attributes with a chosen value."""
        return sorted({key.name for key in self.attributes})


Conditions = dict[str, Q]
"""The condition of each facet that has a chosen value."""


def build_conditions(chosen: ProductFilter) -> Conditions:
    """Return the conditions by facet: `CATEGORY` and the others, or `name_facet` of an attribute.

    Reads the ids of the chosen attribute values, if there are any.
    """
    conditions: Conditions = {}
    if chosen.categories:
        conditions[CATEGORY] = Q(
            pk__in=Product.objects.filter(category_rows__category__path__in=chosen.categories)
            .order_by()
            .values("pk")
        )
    if chosen.brands:
        conditions[BRAND] = Q(brand__in=chosen.brands)
    prices = Q()
    if chosen.min_price is not None:
        prices &= Q(price__gte=chosen.min_price)
    if chosen.max_price is not None:
        prices &= Q(price__lte=chosen.max_price)
    if prices:
        conditions[PRICE] = prices
    if chosen.in_stock is not None:
        conditions[STOCK] = Q(stock__gt=0) if chosen.in_stock else Q(stock=0)
    if chosen.min_rating is not None:
        rated = UserBehavior.objects.filter(rating__isnull=False).order_by().values("product_id")
        good = rated.annotate(average=Avg("rating")).filter(average__gte=chosen.min_rating)
        conditions[RATING] = Q(pk__in=good.values("product_id"))
    return conditions | _build_attribute_conditions(chosen)


def name_facet(attribute: str) -> str:
    """Return the name of an attribute's facet among the conditions."""
    return ATTRIBUTE_PREFIX + attribute


def match_products(
    products: QuerySet[Product], conditions: Conditions, *, ignored: str | None = None
) -> QuerySet[Product]:
    """Return the products that meet the conditions of all facets, but for the ignored one."""
    for facet, condition in conditions.items():
        if facet != ignored:
            products = products.filter(condition)
    return products


def _build_attribute_conditions(chosen: ProductFilter) -> Conditions:
    if not chosen.attributes:
        return {}
    wanted = Q()
    for key in chosen.attributes:
        wanted |= Q(name_key=key.name, value_key=key.value)
    rows = AttributeValue.objects.filter(wanted).order_by("name_key").values_list("name_key", "pk")
    found = {name: [pk for _, pk in each] for name, each in groupby(rows, lambda row: row[0])}
    return {
        name_facet(name): Q(
            pk__in=ProductAttribute.objects.filter(value_id__in=found.get(name, [])).values(
                "product_id"
            )
        )
        for name in chosen.attribute_names
    }
