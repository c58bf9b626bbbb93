"""What a server may say of a product: one strict serializer for each kind of message."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from recommendations.api.catalogue_fields import (
    AddressField,
    AttributesField,
    CategoryField,
    ExternalIdField,
    LineField,
    MessageTimeField,
    OptionsField,
    PriceInputField,
)
from recommendations.api.fields import (
    StrictBooleanField,
    StrictCharField,
    StrictDateTimeField,
    StrictIntegerField,
    StrictSerializer,
)
from recommendations.services.data_import.texts import to_plain_text, to_safe_html
from recommendations.services.shop.catalogue_inputs import (
    PRODUCT_FIELDS,
    VARIANT_FIELDS,
    ProductInput,
    VariantInput,
)

MAX_STOCK = 2**31 - 1
LONGEST_DESCRIPTION = 50_000
MOST_CATEGORIES = 20
MOST_PICTURES = 20
MOST_VARIANTS = 250


class SoldSerializer(StrictSerializer):
    """What products and variants have in common."""

    external_id = ExternalIdField()
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
    cost = PriceInputField(
        required=False,
        allow_null=True,
        help_text="What the shop pays for a piece; null: unknown. No shopper sees it.",
    )
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

    variant_external_id = ExternalIdField(required=False, help_text="A variant of the product.")


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
