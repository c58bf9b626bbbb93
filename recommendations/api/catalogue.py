"""The catalogue as a shop's own systems write it: by their own ids, in batches."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from recommendations.api.caller import Caller
from recommendations.api.catalogue_answers import (
    Answers,
    CataloguePageSerializer,
    CatalogueProductSerializer,
    ResultsSerializer,
)
from recommendations.api.catalogue_fields import ExternalIdField, MessageTimeField
from recommendations.api.catalogue_inputs import (
    OfferInputSerializer,
    ProductInputSerializer,
    to_product_input,
)
from recommendations.api.fields import (
    StrictCharField,
    StrictIntegerField,
    StrictSerializer,
)
from recommendations.api.parsers import CatalogueParser
from recommendations.api.policy import Access, Policy
from recommendations.api.route import Route
from recommendations.choices import TokenScope
from recommendations.errors import InvalidInputError, NotFoundError
from recommendations.models import Product
from recommendations.models.product import LONGEST_ID, SAMPLE_SOURCE
from recommendations.services.shop.catalogue_inputs import ProductInput
from recommendations.services.shop.catalogue_reading import (
    list_given_categories,
    read_product,
    read_products,
)
from recommendations.services.shop.own_ids import choose_source

MOST_PRODUCTS = 500
MOST_VARIANTS_OF_A_CALL = 5_000
MOST_OFFERS = 5_000
DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE = 100, 500


class ProductsInputSerializer(StrictSerializer):
    """Up to 500 products with up to 5,000 variants; each product is checked on its own."""

    products = serializers.ListField(
        child=serializers.JSONField(allow_null=True), min_length=1, max_length=MOST_PRODUCTS
    )


class ProductsInputSchemaSerializer(StrictSerializer):
    """Up to 500 products with up to 5,000 variants; a body has at most 8 MB."""

    products = serializers.ListField(
        child=ProductInputSerializer(), min_length=1, max_length=MOST_PRODUCTS
    )


class OffersInputSerializer(StrictSerializer):
    """Up to 5,000 prices and stocks; each is checked on its own."""

    products = serializers.ListField(
        child=serializers.JSONField(allow_null=True), min_length=1, max_length=MOST_OFFERS
    )


class OffersInputSchemaSerializer(StrictSerializer):
    """Up to 5,000 prices and stocks of products and variants."""

    products = serializers.ListField(
        child=OfferInputSerializer(), min_length=1, max_length=MOST_OFFERS
    )


class TakeDownSerializer(StrictSerializer):
    """One product or many, by their own ids; each id is checked on its own."""

    external_ids = serializers.ListField(
        child=serializers.JSONField(allow_null=True), min_length=1, max_length=MOST_OFFERS
    )
    updated_at = MessageTimeField(required=False)


class TakeDownSchemaSerializer(StrictSerializer):
    """One product or many, by their own ids."""

    external_ids = serializers.ListField(
        child=ExternalIdField(), min_length=1, max_length=MOST_OFFERS
    )
    updated_at = MessageTimeField(required=False)


class ExternalIdSerializer(StrictSerializer):
    """A product by its own id."""

    external_id = ExternalIdField()


class CatalogueQuerySerializer(StrictSerializer):
    """One product by its own id, or a page of products after an id."""

    external_id = StrictCharField(max_length=LONGEST_ID, required=False)
    after = StrictCharField(max_length=LONGEST_ID, required=False, allow_blank=True)
    count = StrictIntegerField(min_value=1, max_value=MAX_PAGE_SIZE, default=DEFAULT_PAGE_SIZE)


PRODUCT_EXAMPLE: dict[str, Any] = {
    "products": [
        {
            "external_id": "HOODIE-7",
            "name": "Hoodie Nord",
            "description": "<p>Heavy cotton, brushed inside.</p>",
            "brand": "Nord",
            "categories": ["Clothing > Hoodies", ["Sale", "Winter"]],
            "price": "59.00",
            "sale_price": "45.00",
            "sale_ends_at": "2027-01-06T22:59:59Z",
            "attributes": {"Material": "Cotton"},
            "pictures": ["https://cdn.example.com/hoodie-7.jpg"],
            "variants": [
                {"external_id": "HOODIE-7-M", "options": {"Size": "M"}, "stock": 12},
                {"external_id": "HOODIE-7-L", "options": {"Size": "L"}, "stock": 0},
            ],
            "updated_at": "2026-11-28T21:00:00Z",
        },
        {"external_id": "MUG/1", "name": "Mug", "price": 8.5, "stock": 40},
    ]
}
OFFER_EXAMPLE: dict[str, Any] = {
    "products": [
        {"external_id": "MUG/1", "price": "7.90", "stock": 38},
        {"external_id": "HOODIE-7", "variant_external_id": "HOODIE-7-M", "stock": 11},
    ]
}


class CatalogueRoute(Route):
    """The products of the token's source: read back, written, priced."""

    policy = Policy(Access.SERVER, scope=TokenScope.CATALOGUE_WRITE)
    query_serializer = CatalogueQuerySerializer
    parser_classes = (CatalogueParser,)

    @extend_schema(
        operation_id="read_catalogue",
        tags=["catalogue by server"],
        responses=CataloguePageSerializer,
    )
    def get(self, request: Request) -> Response:
        """Read products back as they were written, those off sale too.

        By default, 100 products after the id `after`; `count` may be up to 500. With `external_id`,
        that product alone, or 404.
        """
        source = get_source(self.caller)
        external_id = self.query.get("external_id")
        count = self.query["count"]
        if external_id is not None:
            product = read_product(source=source, external_id=external_id)
            if product is None:
                raise NotFoundError(f"The source {source} has no product {external_id}.")
            found: Sequence[Product] = [product]
        else:
            found = read_products(source=source, after=self.query.get("after", ""), count=count + 1)
        page = found[:count]
        context = {"categories": list_given_categories(page)}
        return Response(
            {
                "products": CatalogueProductSerializer(page, many=True, context=context).data,
                "next_after": page[-1].external_id if len(found) > count else None,
            }
        )

    @extend_schema(
        operation_id="write_catalogue",
        tags=["catalogue by server"],
        request=ProductsInputSchemaSerializer,
        responses=ResultsSerializer,
        examples=[
            OpenApiExample("A product with variants", request_only=True, value=PRODUCT_EXAMPLE)
        ],
    )
    def post(self, request: Request) -> Response:
        """Add new products and change known ones; what is left out stays as it is.

        The answer is 200, with a status for each product: one that is refused costs no other
        anything. The same call again changes nothing.
        """
        source = get_source(self.caller)
        items = self.validate_body(ProductsInputSerializer)["products"]
        variants = sum(
            len(item["variants"])
            for item in items
            if isinstance(item, dict) and isinstance(item.get("variants"), list)
        )
        if variants > MOST_VARIANTS_OF_A_CALL:
            raise InvalidInputError(
                f"A call may have {MOST_VARIANTS_OF_A_CALL:,} variants; this one has {variants:,}.",
                field="products",
            )
        answers = Answers(items)
        for index, values in answers.check(ProductInputSerializer(), ("external_id",)):
            answers.inputs[index] = to_product_input(values)
        answers.write(source=source)
        return answers.respond()

    @extend_schema(
        operation_id="write_offers",
        tags=["catalogue by server"],
        request=OffersInputSchemaSerializer,
        responses=ResultsSerializer,
        examples=[OpenApiExample("Prices and stock", request_only=True, value=OFFER_EXAMPLE)],
    )
    def patch(self, request: Request) -> Response:
        """Change prices, stock and whether something is for sale; nothing is added.

        A price of a product with variants is that of all its variants, if they do not differ.
        """
        source = get_source(self.caller)
        answers = Answers(self.validate_body(OffersInputSerializer)["products"])
        names = ("external_id", "variant_external_id")
        of_variants: dict[str, list[tuple[int, dict[str, Any]]]] = {}
        for index, values in answers.check(OfferInputSerializer(), names):
            if "variant_external_id" in values:
                of_variants.setdefault(values["external_id"], []).append((index, values))
            else:
                answers.inputs[index] = to_product_input(values)
        answers.write(source=source, creates=False)
        answers.write_variants(of_variants, source=source)
        return answers.respond()


class TakeDownRoute(Route):
    """Taking products off sale."""

    policy = Policy(Access.SERVER, scope=TokenScope.CATALOGUE_WRITE)
    parser_classes = (CatalogueParser,)

    @extend_schema(
        operation_id="take_down",
        tags=["catalogue by server"],
        request=TakeDownSchemaSerializer,
        responses=ResultsSerializer,
        examples=[
            OpenApiExample("Two products", request_only=True, value={"external_ids": ["A", "B"]})
        ],
    )
    def post(self, request: Request) -> Response:
        """Take up to 5,000 products off sale; their orders and interactions stay.

        Sent with `is_active: true`, a product is for sale again.
        """
        source = get_source(self.caller)
        values = self.validate_body(TakeDownSerializer)
        answers = Answers([{"external_id": each} for each in values["external_ids"]])
        for index, item in answers.check(ExternalIdSerializer(), ("external_id",)):
            answers.inputs[index] = ProductInput(
                item["external_id"], {"is_active": False}, updated_at=values.get("updated_at")
            )
        answers.write(source=source, creates=False)
        return answers.respond()


def get_source(caller: Caller) -> str:
    """Return the source whose ids a server speaks; InvalidInputError says what to do."""
    source = choose_source(caller.token.source if caller.token else "")
    if source in {"", SAMPLE_SOURCE}:
        raise InvalidInputError(
            "The token does not say whose ids these are. Give it a source: "
            "create_token --source NAME, or its page in the admin."
        )
    return source
