"""Finding products by words."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from recommendations.api.fields import ShopperIdField, StrictCharField, StrictSerializer
from recommendations.api.policy import Access, Policy
from recommendations.api.products import (
    CountQuerySerializer,
    FacetsSerializer,
    ProductCardSerializer,
)
from recommendations.api.route import Route
from recommendations.choices import TokenScope
from recommendations.services.search.query import (
    FoundProduct,
    Suggestion,
    SuggestionKind,
    get_facets,
    search_products,
    suggest,
)


class SearchQuerySerializer(CountQuerySerializer):
    """Query string of a search; `user_id` defaults to the caller."""

    q = StrictCharField(max_length=200)
    user_id = ShopperIdField(required=False)


class FacetsQuerySerializer(StrictSerializer):
    """Of which products: a category's, those a search finds, or both."""

    category = StrictCharField(max_length=100, required=False)
    q = StrictCharField(max_length=200, required=False)


class SuggestionsQuerySerializer(StrictSerializer):
    """What was typed so far."""

    q = StrictCharField(max_length=200)


class SuggestionSerializer(serializers.Serializer[Suggestion]):
    """A way to go on; `product_id` is null but for products."""

    text = serializers.CharField()
    kind = serializers.ChoiceField(choices=[kind.value for kind in SuggestionKind])
    product_id = serializers.IntegerField(allow_null=True)


class SuggestionsSerializer(serializers.Serializer[Any]):
    """Up to eight ways to go on: categories, brands, products."""

    suggestions = SuggestionSerializer(many=True)


class FoundProductSerializer(serializers.Serializer[FoundProduct]):
    """A product that matches and how much it is to the shopper's taste, in [0, 1]."""

    id = serializers.IntegerField(source="product.id")
    name = serializers.CharField(source="product.name")
    category = serializers.CharField(source="product.category")
    price = serializers.FloatField(source="product.price")
    description = serializers.CharField(source="product.description")
    personalization_score = serializers.FloatField(min_value=0, max_value=1)
    product = ProductCardSerializer()


class SearchResultSerializer(serializers.Serializer[Any]):
    """The best matches first."""

    products = FoundProductSerializer(many=True)
    count = serializers.IntegerField()


class SearchRoute(Route):
    """Search, ordered by match and then by taste."""

    policy = Policy(Access.NAMED, scope=TokenScope.RECOMMENDATIONS_READ)
    query_serializer = SearchQuerySerializer

    @extend_schema(
        operation_id="search_products",
        tags=["catalogue"],
        responses=SearchResultSerializer,
    )
    def get(self, request: Request) -> Response:
        """Return products that hold every word of `q`, what suits the shopper first."""
        query = self.query
        subject = self.caller.history_subject(query.get("user_id"))
        found = search_products(text=query["q"], subject=subject, count=query["count"])
        return Response(SearchResultSerializer({"products": found, "count": len(found)}).data)


class SuggestionsRoute(Route):
    """What a few letters may become."""

    policy = Policy(Access.PUBLIC)
    query_serializer = SuggestionsQuerySerializer

    @extend_schema(
        operation_id="suggest",
        tags=["catalogue"],
        responses=SuggestionsSerializer,
    )
    def get(self, request: Request) -> Response:
        """Suggest categories, brands and products with a word that begins with `q`."""
        found = suggest(text=self.query["q"])
        return Response(SuggestionsSerializer({"suggestions": found}).data)


class FacetsRoute(Route):
    """What products can be narrowed down by."""

    policy = Policy(Access.PUBLIC)
    query_serializer = FacetsQuerySerializer

    @extend_schema(
        operation_id="get_facets",
        tags=["catalogue"],
        responses=FacetsSerializer,
    )
    def get(self, request: Request) -> Response:
        """Return brands, range of prices and number in stock of the products meant."""
        query = self.query
        found = get_facets(text=query.get("q"), category=query.get("category"))
        return Response(FacetsSerializer(found).data)
