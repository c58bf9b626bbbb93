"""The catalogue: products, their details, categories, recently viewed products."""

from datetime import UTC
from functools import partial
from typing import Any

from django.db.models.fields.files import FieldFile
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from recommendations.api.fields import (
    MoneyField,
    StrictCharField,
    StrictIntegerField,
    StrictSerializer,
)
from recommendations.api.ids import OwnIdField
from recommendations.api.list_responses import render_card
from recommendations.api.pagination import MAX_PAGE_SIZE, ProductPagination
from recommendations.api.policy import Access, Policy
from recommendations.api.product_filters import ProductFilterSerializer, read_filter
from recommendations.api.route import Route
from recommendations.conf import configuration
from recommendations.models import Product, Variant
from recommendations.models.product import LONGEST_CATEGORY, LONGEST_ID
from recommendations.services.infra.replica import read_from_replica
from recommendations.services.lists import get_recently_viewed
from recommendations.services.looks import live_vectors
from recommendations.services.people.subjects import Subject
from recommendations.services.search import browsing
from recommendations.services.shop import catalogue, pictures
from recommendations.services.shop.categories import list_given_paths
from recommendations.services.shop.variants import list_options


class ProductCardSerializer(serializers.Serializer[Product]):
    """A product as a list shows it.

    `external_id` is the shop's own id, null without one. `price` is what is charged now: the lowest
    price if `has_several_prices`. `regular_price` is what is charged after a sale; null outside a
    sale. With `has_variants`, one of the variants must be chosen.
    """

    id = serializers.IntegerField()
    external_id = OwnIdField()
    name = serializers.CharField()
    category = serializers.CharField()
    brand = serializers.CharField()
    price = MoneyField()
    regular_price = MoneyField(allow_null=True, source="struck_price")
    has_variants = serializers.BooleanField()
    has_several_prices = serializers.BooleanField()
    currency = serializers.SerializerMethodField()
    image = serializers.SerializerMethodField()
    image_srcset = serializers.SerializerMethodField()
    in_stock = serializers.BooleanField()
    created_at = serializers.DateTimeField(default_timezone=UTC)

    def get_currency(self, product: Product) -> str:
        """Return the currency of the shop."""
        return configuration().currency

    @extend_schema_field({"type": ["string", "null"], "format": "uri-reference"})
    def get_image(self, product: Product) -> str | None:
        """Return the address of the picture on this host."""
        return product.image.url if product.image else None

    def get_image_srcset(self, product: Product) -> str:
        """Return the addresses of the picture by width; empty for a picture of one width."""
        return pictures.build_srcset(product.image)


class PictureSerializer(serializers.Serializer[FieldFile]):
    """One picture of a product."""

    url = serializers.SerializerMethodField()
    srcset = serializers.SerializerMethodField()

    @extend_schema_field({"type": "string", "format": "uri-reference"})
    def get_url(self, image: FieldFile) -> str:
        """Return the address of the picture on this host."""
        return str(image.url)

    def get_srcset(self, image: FieldFile) -> str:
        """Return the addresses of the picture by width; empty for a picture of one width."""
        return pictures.build_srcset(image)


class VariantSerializer(serializers.Serializer[Variant]):
    """A variant of a product; `image` is null where it looks like the product.

    `options` says which variant it is: `{"Size": "M", "Colour": "Blue"}`.
    """

    id = serializers.IntegerField()
    external_id = serializers.SerializerMethodField()
    sku = serializers.CharField()
    name = serializers.CharField(source="title")
    options = serializers.DictField(child=serializers.CharField())
    price = MoneyField()
    regular_price = MoneyField(allow_null=True, source="struck_price")
    stock = serializers.IntegerField()
    in_stock = serializers.SerializerMethodField()
    is_buyable = serializers.SerializerMethodField()
    image = serializers.SerializerMethodField()
    image_srcset = serializers.SerializerMethodField()

    @extend_schema_field({"type": ["string", "null"]})
    def get_external_id(self, variant: Variant) -> str | None:
        """Return the shop's own id; None without one."""
        return variant.external_id or None

    def get_in_stock(self, variant: Variant) -> bool:
        """Return whether at least one piece is left."""
        return variant.stock > 0

    def get_is_buyable(self, variant: Variant) -> bool:
        """Return whether the variant can be put into the cart now."""
        return variant.is_active and variant.stock > 0

    @extend_schema_field({"type": ["string", "null"], "format": "uri-reference"})
    def get_image(self, variant: Variant) -> str | None:
        """Return the address of the variant's own picture on this host."""
        return variant.image.url if variant.image else None

    def get_image_srcset(self, variant: Variant) -> str:
        """Return the addresses of the picture by width; empty for a picture of one width."""
        return pictures.build_srcset(variant.image)


class OptionSerializer(serializers.Serializer[Any]):
    """What is chosen of a product, with its values in the order to show them."""

    name = serializers.CharField()
    values = serializers.ListField(child=serializers.CharField())


class RatingSerializer(serializers.Serializer[catalogue.Rating]):
    """The ratings of a product: their average, null without a rating, and their number."""

    average = serializers.FloatField(allow_null=True)
    count = serializers.IntegerField()


class ProductSerializer(ProductCardSerializer):
    """A product as its page shows it."""

    categories = serializers.SerializerMethodField()
    images = serializers.SerializerMethodField()
    description = serializers.CharField()
    stock = serializers.IntegerField()
    attributes = serializers.DictField(child=serializers.JSONField())
    rating = serializers.SerializerMethodField()
    options = serializers.SerializerMethodField()
    variants = VariantSerializer(many=True, source="variants_for_sale")
    has_lookalikes = serializers.SerializerMethodField()

    def get_has_lookalikes(self, product: Product) -> bool:
        """Return whether products are known whose pictures look like this one's."""
        return live_vectors.has_lookalikes(product.pk)

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_categories(self, product: Product) -> list[str]:
        """Return the paths that the product was put into, the main one first."""
        return list_given_paths([product.pk])[product.pk]

    @extend_schema_field(PictureSerializer(many=True))
    def get_images(self, product: Product) -> Any:
        """Return all pictures of the product; the first one is the picture in lists."""
        return [PictureSerializer(image).data for image in pictures.get_pictures(product)]

    @extend_schema_field(RatingSerializer)
    def get_rating(self, product: Product) -> Any:
        """Return the average and the number of the ratings."""
        return RatingSerializer(catalogue.get_rating(product.pk)).data

    @extend_schema_field(OptionSerializer(many=True))
    def get_options(self, product: Product) -> Any:
        """Return what has to be chosen, in the order of the variants; empty without variants."""
        options = list_options(product.variants_for_sale)
        return [{"name": name, "values": values} for name, values in options.items()]


class ProductListSerializer(serializers.Serializer[Any]):
    """One page of products, and the addresses of the pages before and after it."""

    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ProductCardSerializer(many=True)


class ProductCardsSerializer(serializers.Serializer[Any]):
    """Products in the order that the operation states."""

    products = ProductCardSerializer(many=True)
    count = serializers.IntegerField()


class CategorySerializer(serializers.Serializer[catalogue.Category]):
    """A category, with the number of its products at this level and below.

    `path` names it wherever a category is asked for: the names of all levels, joined by " > ".
    `parent` is the path of the level above, null at the top, where `depth` is 1. `child_count` is
    the number of categories directly below.
    """

    path = serializers.CharField()
    name = serializers.CharField()
    parent = serializers.CharField(allow_null=True)  # type: ignore[assignment]
    depth = serializers.IntegerField()
    product_count = serializers.IntegerField()
    child_count = serializers.IntegerField()


class CategoriesSerializer(serializers.Serializer[Any]):
    """Categories: each stands before those below it, and sisters by name."""

    categories = CategorySerializer(many=True)


class CategoriesQuerySerializer(StrictSerializer):
    """The category whose levels directly below are wanted; empty for the top level."""

    parent = StrictCharField(  # type: ignore[assignment]
        max_length=LONGEST_CATEGORY, required=False, allow_blank=True
    )


class CountQuerySerializer(StrictSerializer):
    """The largest number of products to return."""

    count = StrictIntegerField(min_value=1, max_value=100, default=10)


class ProductsQuerySerializer(ProductFilterSerializer):
    """The filters, the ordering and the page of a list of products.

    The ordering `shop` is what staff chose for the category: pinned products, then the newest, the
    most popular, or by the caller's taste. Without a category, it is the newest first.
    `external_id` is the shop's own id of one product, without `ext:`.
    """

    external_id = StrictCharField(max_length=LONGEST_ID, required=False)

    ordering = serializers.ChoiceField(
        choices=list(browsing.LISTING_ORDERINGS), default=browsing.BY_SHOP
    )
    page = StrictIntegerField(min_value=1, max_value=1_000_000, default=1)
    page_size = StrictIntegerField(min_value=1, max_value=MAX_PAGE_SIZE, required=False)


class ProductsRoute(Route):
    """Active products: filtered, ordered, paginated."""

    policy = Policy(Access.PUBLIC)
    query_serializer = ProductsQuerySerializer

    @extend_schema(
        operation_id="list_products",
        tags=["catalogue"],
        responses=ProductListSerializer,
    )
    def get(self, request: Request) -> Response:
        """List the active products."""
        subject = self.caller.get_history_subject()
        return read_from_replica(partial(self._list, request, subject))

    def _list(self, request: Request, subject: Subject | None) -> Response:
        query = self.query
        category, external_id = query.get("category"), query.get("external_id")
        products = catalogue.list_products(
            category=category,
            chosen=read_filter(query),
            source=self.own_ids.source if external_id is not None else "",
            external_id=external_id,
        )
        pages = ProductPagination()
        in_order = browsing.sort_products(
            products,
            query["ordering"],
            category=category,
            subject=subject,
        )
        page = pages.paginate_queryset(in_order, request, self)
        return pages.get_paginated_response(ProductCardSerializer(page, many=True).data)


class ProductRoute(Route):
    """One product."""

    policy = Policy(Access.PUBLIC)

    @extend_schema(
        operation_id="get_product",
        tags=["catalogue"],
        responses=ProductSerializer,
    )
    def get(self, request: Request, product_id: str) -> Response:
        """Return a product as its page shows it."""
        product = catalogue.get_active_product(self.find_product(product_id))
        return Response(ProductSerializer(product).data)


class CategoriesRoute(Route):
    """The categories of the shop."""

    policy = Policy(Access.PUBLIC)
    query_serializer = CategoriesQuerySerializer

    @extend_schema(
        operation_id="list_categories", tags=["catalogue"], responses=CategoriesSerializer
    )
    def get(self, request: Request) -> Response:
        """List the categories that have active products: the whole tree, or one level of it."""
        found = catalogue.list_categories(**self.query)
        return Response(CategoriesSerializer({"categories": found}).data)


class RecentlyViewedRoute(Route):
    """The products that the caller viewed."""

    policy = Policy(Access.OWN)
    query_serializer = CountQuerySerializer

    @extend_schema(
        operation_id="list_recently_viewed",
        tags=["catalogue"],
        responses=ProductCardsSerializer,
    )
    def get(self, request: Request) -> Response:
        """List the products that the caller viewed: each once, last viewed first."""
        context = self.caller.build_list_context(self.caller.get_history_subject())
        found = get_recently_viewed(context=context, count=self.query["count"])
        products = [render_card(found.products[entry.product_id]) for entry in found.entries]
        return Response({"products": products, "count": len(products)})
