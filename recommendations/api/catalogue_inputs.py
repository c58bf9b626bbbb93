"""What a server may say of a product: one strict serializer for each kind of message."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError as FormatError
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from recommendations.api.fields import (
    PRICE,
    StrictBooleanField,
    StrictCharField,
    StrictDateTimeField,
    StrictIntegerField,
    StrictSerializer,
)
from recommendations.category_paths import LEVEL_SEPARATOR
from recommendations.models.picture_address import LONGEST_ADDRESS
from recommendations.models.product import LONGEST_CATEGORY, LONGEST_ID
from recommendations.money import HIGHEST_AMOUNT, check_decimals
from recommendations.services.data_import.texts import to_plain_text, to_safe_html
from recommendations.services.shop.catalogue_inputs import (
    PRODUCT_FIELDS,
    VARIANT_FIELDS,
    ProductInput,
    VariantInput,
)

MAX_STOCK = 2**31 - 1
LONGEST_DESCRIPTION = 50_000
MOST_CATEGORIES, MOST_LEVELS = 20, 10
MOST_PICTURES = 20
MOST_VARIANTS = 250
MOST_OPTIONS = 10
LONGEST_OPTION = 100
LONGEST_ATTRIBUTES = 20_000
DEEPEST_ATTRIBUTES = 8
MAX_AHEAD = timedelta(minutes=5)
"""How far a server's clock may be ahead: a later time would keep out all messages until then."""

CATEGORY_SCHEMA = {
    "oneOf": [
        {"type": "string", "maxLength": LONGEST_CATEGORY},
        {
            "type": "array",
            "items": {"type": "string"},
            "minItems": 1,
            "maxItems": MOST_LEVELS,
        },
    ]
}


@extend_schema_field(
    {
        "oneOf": [
            {"type": "string", "format": "decimal", "pattern": r"^[0-9]{1,12}(\.[0-9]{1,3})?$"},
            {"type": "number", "minimum": 0},
        ]
    }
)
class PriceInputField(serializers.Field[Decimal, Any, str, Decimal]):
    """A price in the shop's currency: a text such as "19.99", or a number."""

    default_error_messages = {
        "invalid": 'Give a price as text, such as "19.99", or as a number.',
        "range": f"Give a price from 0 to {HIGHEST_AMOUNT:,}.",
    }

    def to_internal_value(self, data: Any) -> Decimal:
        """Return the price; one with more decimals than the currency has is refused."""
        if isinstance(data, bool) or not isinstance(data, str | int | float):
            self.fail("invalid")
        if isinstance(data, str) and PRICE.fullmatch(data) is None:
            self.fail("invalid")
        try:
            price = Decimal(str(data))
        except (ArithmeticError, ValueError):
            self.fail("invalid")
        if not 0 <= price <= HIGHEST_AMOUNT:
            self.fail("range")
        try:
            check_decimals(price)
        except FormatError as problem:
            raise serializers.ValidationError(problem.messages[0], "too_many_decimals") from None
        return price


class LineField(StrictCharField):
    """A text of one line: line breaks and repeated spaces become one space."""

    def to_internal_value(self, data: Any) -> str:
        """Return the line."""
        return " ".join(super().to_internal_value(data).split())


@extend_schema_field({"type": "string", "format": "uri", "maxLength": LONGEST_ADDRESS})
class AddressField(StrictCharField):
    """The address of a picture, http or https; the shop fetches it in the background."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=LONGEST_ADDRESS, **options)

    def to_internal_value(self, data: Any) -> str:
        """Return the address."""
        address = super().to_internal_value(data)
        try:
            parts = urlsplit(address)
            is_web = parts.scheme in {"http", "https"} and bool(parts.hostname)
        except ValueError:
            is_web = False
        if not is_web or not address.isprintable() or " " in address:
            raise serializers.ValidationError("Give an address with http:// or https://.")
        return address


@extend_schema_field(CATEGORY_SCHEMA)
class CategoryField(serializers.Field[str, Any, str, str]):
    """A category as a path, “Clothing > Hoodies”, or as the list of its levels."""

    def to_internal_value(self, data: Any) -> str:
        """Return the path."""
        levels = data.split(">") if isinstance(data, str) else data
        if not isinstance(levels, list) or not all(isinstance(level, str) for level in levels):
            raise serializers.ValidationError(
                "Give a path, such as “Clothing > Hoodies”, or the list of its levels."
            )
        clean = [" ".join(level.split()) for level in levels]
        if not clean or not all(clean) or len(clean) > MOST_LEVELS:
            raise serializers.ValidationError(
                f"A category has 1 to {MOST_LEVELS} levels, none of them empty."
            )
        if any(LEVEL_SEPARATOR in level for level in clean):
            raise serializers.ValidationError("A level cannot hold “ > ”, which divides levels.")
        path = LEVEL_SEPARATOR.join(clean)
        if len(path) > LONGEST_CATEGORY:
            raise serializers.ValidationError(
                f"A path has at most {LONGEST_CATEGORY} characters; this one has {len(path)}."
            )
        return path


@extend_schema_field({"type": "object", "additionalProperties": True})
class AttributesField(serializers.Field[Any, Any, Any, Any]):
    """Any further facts: a JSON object, with up to 20,000 characters and eight levels."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Return the object."""
        if not isinstance(data, dict):
            raise serializers.ValidationError("Give an object, such as {“Material”: “Wool”}.")
        if _measure_depth(data) > DEEPEST_ATTRIBUTES:
            raise serializers.ValidationError(
                f"Attributes may be nested in {DEEPEST_ATTRIBUTES} levels."
            )
        if len(json.dumps(data, ensure_ascii=False)) > LONGEST_ATTRIBUTES:
            raise serializers.ValidationError(
                f"Attributes may have {LONGEST_ATTRIBUTES:,} characters as JSON."
            )
        return data


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": {"type": "string", "maxLength": LONGEST_OPTION},
        "maxProperties": MOST_OPTIONS,
    }
)
class OptionsField(serializers.Field[Any, Any, Any, Any]):
    """What tells a variant from the others: {"Size": "M", "Colour": "Blue"}."""

    def to_internal_value(self, data: Any) -> dict[str, str]:
        """Return the options, without space around names and values."""
        if not isinstance(data, dict) or not all(isinstance(v, str) for v in data.values()):
            raise serializers.ValidationError("Give an object of texts, such as {“Size”: “M”}.")
        clean = {" ".join(name.split()): " ".join(text.split()) for name, text in data.items()}
        if len(clean) > MOST_OPTIONS or len(clean) < len(data):
            raise serializers.ValidationError(
                f"A variant has at most {MOST_OPTIONS} options, each named once."
            )
        if not all(0 < len(text) <= LONGEST_OPTION for part in clean.items() for text in part):
            raise serializers.ValidationError(
                f"Names and values of options have 1 to {LONGEST_OPTION} characters."
            )
        return clean


class MessageTimeField(StrictDateTimeField):
    """The time of a message by the server's clock, at most five minutes ahead of the shop's."""

    def to_internal_value(self, value: Any) -> datetime:
        """Return the time."""
        when = super().to_internal_value(value)
        if when > timezone.now() + MAX_AHEAD:
            raise serializers.ValidationError(
                "This time is in the future: it would keep out every message until then."
            )
        return when


class SoldSerializer(StrictSerializer):
    """What products and variants have in common."""

    external_id = StrictCharField(max_length=LONGEST_ID)
    price = PriceInputField(required=False, help_text="Outside a sale.")
    sale_price = PriceInputField(
        required=False, allow_null=True, help_text="Below the price; null ends the sale."
    )
    sale_starts_at = StrictDateTimeField(required=False, allow_null=True)
    sale_ends_at = StrictDateTimeField(required=False, allow_null=True)
    stock = StrictIntegerField(min_value=0, max_value=MAX_STOCK, required=False)
    is_active = StrictBooleanField(required=False, help_text="Hidden from shoppers when false.")
    updated_at = MessageTimeField(
        required=False,
        help_text="When this was true, by your clock. A message older than the newest one is "
        "`stale` and changes nothing.",
    )


class VariantInputSerializer(SoldSerializer):
    """One variant. Without a price, that of the product holds; without a stock, it is sold out."""

    sku = LineField(max_length=100, required=False, allow_blank=True)
    options = OptionsField(required=False)
    picture = AddressField(required=False, allow_blank=True)


class ProductInputSerializer(SoldSerializer):
    """One product; what is left out stays as it is.

    A new product needs a name and a price, or variants with prices. `variants` are all variants of
    the product: the others are deleted. HTML in the description is cleaned.
    """

    name = LineField(max_length=200, required=False)
    description = StrictCharField(max_length=LONGEST_DESCRIPTION, required=False, allow_blank=True)
    brand = LineField(max_length=100, required=False, allow_blank=True)
    sku = LineField(max_length=100, required=False, allow_blank=True)
    categories = serializers.ListField(
        child=CategoryField(),
        required=False,
        max_length=MOST_CATEGORIES,
        help_text="The first one is the main category.",
    )
    attributes = AttributesField(required=False)
    is_repeatable = StrictBooleanField(
        required=False,
        allow_null=True,
        help_text="May be recommended again to those who bought it; null: as its category says.",
    )
    pictures = serializers.ListField(child=AddressField(), required=False, max_length=MOST_PICTURES)
    variants = serializers.ListField(
        child=VariantInputSerializer(), required=False, max_length=MOST_VARIANTS
    )


class OfferInputSerializer(SoldSerializer):
    """The price and the stock of a product, or of one of its variants."""

    variant_external_id = StrictCharField(
        max_length=LONGEST_ID, required=False, help_text="A variant of the product."
    )


def to_product_input(values: Mapping[str, Any]) -> ProductInput:
    """Return the input of valid values of `ProductInputSerializer` or `OfferInputSerializer`."""
    given = {name: values[name] for name in PRODUCT_FIELDS & values.keys()}
    if "description" in given:
        text = given["description"]
        given |= {"description": to_plain_text(text), "description_html": to_safe_html(text)}
    variants = values.get("variants")
    return ProductInput(
        external_id=values["external_id"],
        given=given,
        categories=values.get("categories"),
        variants=None if variants is None else [to_variant_input(each) for each in variants],
        pictures=values.get("pictures"),
        updated_at=values.get("updated_at"),
    )


def to_variant_input(values: Mapping[str, Any]) -> VariantInput:
    """Return the input of valid values of a variant."""
    return VariantInput(
        external_id=values.get("variant_external_id") or values["external_id"],
        given={name: values[name] for name in VARIANT_FIELDS & values.keys()},
        updated_at=values.get("updated_at"),
        picture=values.get("picture"),
    )


def _measure_depth(value: Any) -> int:
    depth, layer = 0, [value]
    while layer:
        depth += 1
        layer = [
            part
            for each in layer
            for part in (each.values() if isinstance(each, dict) else each)
            if isinstance(part, dict | list)
        ]
    return depth
