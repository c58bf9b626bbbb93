"""The filters that listings, searches and facets share, as parameters of the query string."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from recommendations.api.fields import (
    PriceField,
    StrictCharField,
    StrictIntegerField,
    StrictSerializer,
)
from recommendations.models.product import LONGEST_CATEGORY
from recommendations.services.shop.attributes import NAME_SEPARATOR, AttributeKey, build_key
from recommendations.services.shop.product_filters import ProductFilter

MAX_CHOSEN = 20
"""How many values of one parameter a request may name."""
LONGEST_ATTRIBUTE_TEXT = 200
_CONTROL = r"\x00-\x1f\x7f-\x9f"
ATTRIBUTE_PATTERN = (
    rf"^[^\s:{_CONTROL}][^:{_CONTROL}]{{0,59}}:[^\s{_CONTROL}][^{_CONTROL}]{{0,99}}$"
)
"""What every request may ask for; longer texts and spaces at an end are taken as well."""


@extend_schema_field({"type": "string", "pattern": ATTRIBUTE_PATTERN})
class AttributeValueField(serializers.Field[AttributeKey, str, AttributeKey, Any]):
    """A value of an attribute, with the name before it: `Colour:Blue`."""

    default_error_messages = {
        "invalid": "Give the name and the value of an attribute, such as Colour:Blue."
    }

    def to_internal_value(self, data: Any) -> AttributeKey:
        """Return the key of the attribute and its value."""
        name, _, value = str(data).partition(NAME_SEPARATOR)
        key = build_key(name, value)
        if not all(key) or len(str(data)) > LONGEST_ATTRIBUTE_TEXT or "\0" in data:
            self.fail("invalid")
        return key


class ProductFilterSerializer(StrictSerializer):
    """What products have to match: any of the values of a parameter, and every parameter.

    `category` is where to look; `subcategory` narrows that down. `min_rating` is the lowest average
    rating. `attribute` is a name and a value, as in `Colour:Blue`. `subcategory`, `brand` and
    `attribute` may be repeated.
    """

    category = StrictCharField(max_length=LONGEST_CATEGORY, required=False)
    subcategory = serializers.ListField(
        child=StrictCharField(max_length=LONGEST_CATEGORY), max_length=MAX_CHOSEN, required=False
    )
    brand = serializers.ListField(
        child=StrictCharField(max_length=100), max_length=MAX_CHOSEN, required=False
    )
    min_price = PriceField(required=False)
    max_price = PriceField(required=False)
    in_stock = serializers.ChoiceField(choices=["true", "false"], required=False)
    min_rating = StrictIntegerField(min_value=1, max_value=5, required=False)
    attribute = serializers.ListField(
        child=AttributeValueField(), max_length=MAX_CHOSEN, required=False
    )


def read_filter(query: Mapping[str, Any]) -> ProductFilter:
    """Return the filter of a validated query string; its category is not a part of it."""
    return ProductFilter(
        categories=tuple(query.get("subcategory", ())),
        brands=tuple(query.get("brand", ())),
        min_price=query.get("min_price"),
        max_price=query.get("max_price"),
        in_stock=query["in_stock"] == "true" if "in_stock" in query else None,
        min_rating=query.get("min_rating"),
        attributes=tuple(query.get("attribute", ())),
    )
