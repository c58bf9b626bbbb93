"""Search by words, suggestions and facets."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from recommendations.api.fields import StrictCharField, StrictSerializer
from recommendations.api.ids import OwnIdField, ShopperIdField
from recommendations.api.policy import Access, Policy
from recommendations.api.products import (
    CountQuerySerializer,
    FacetsSerializer,
    ProductCardSerializer,
)
from recommendations.api.route import Route
from recommendations.choices import TokenScope
from recommendations.models.product import LONGEST_CATEGORY
from recommendations.services.infra.costly_work import SEARCH
from recommendations.services.search.facets import get_facets
from recommendations.services.search.query import FoundProduct, search_products
from recommendations.services.search.suggestions import Suggestion, SuggestionKind, suggest


class SearchQuerySerializer(CountQuerySerializer):
    """The words of a search, and the shopper to rank for; `user_id` defaults to the caller."""

    q = StrictCharField(max_length=200)
    user_id = ShopperIdField(required=False)


class FacetsQuerySerializer(StrictSerializer):
    """The products to count: of a category, of a search, or of both at once."""

    category = StrictCharField(max_length=LONGEST_CATEGORY, required=False)
    q = StrictCharField(max_length=200, required=False)


class SuggestionsQuerySerializer(StrictSerializer):
    """The text that was typed so far."""

    q = StrictCharField(max_length=200)


class SuggestionSerializer(serializers.Serializer[Suggestion]):
    """A suggestion; `product_id` and `external_id` are null except for products."""

    text = serializers.CharField()
    kind = serializers.ChoiceField(choices=[kind.value for kind in SuggestionKind])
    product_id = serializers.IntegerField(allow_null=True)
    external_id = OwnIdField()


class SuggestionsSerializer(serializers.Serializer[Any]):
    """Up to eight suggestions: categories, brands, products."""

    suggestions = SuggestionSerializer(many=True)


class FoundProductSerializer(serializers.Serializer[FoundProduct]):
    """A product that matches, and how well it suits the shopper, in [0, 1]."""

    id = serializers.IntegerField(source="product.id")
    external_id = OwnIdField(source="product.external_id")
    name = serializers.CharField(source="product.name")
    category = serializers.CharField(source="product.category")
    price = serializers.FloatField(source="product.price")
    description = serializers.CharField(source="product.description")
    personalization_score = serializers.FloatField(min_value=0, max_value=1)
    product = ProductCardSerializer()


class SearchResultSerializer(serializers.Serializer[Any]):
    """The products that match, best match first."""

    products = FoundProductSerializer(many=True)
    count = serializers.IntegerField()


class SearchRoute(Route):
    """Search, ordered by relevance and then by taste."""

    policy = Policy(Access.NAMED, scope=TokenScope.RECOMMENDATIONS_READ)
    query_serializer = SearchQuerySerializer

    @extend_schema(
        operation_id="search_products",
        tags=["catalogue"],
        responses=SearchResultSerializer,
    )
    def get(self, request: Request) -> Response:
        """Return products that match `q`: best matches first, equal matches by taste."""
        query = self.query
        subject = self.find_history_subject(query.get("user_id"))
        with SEARCH.perform(is_limited=not self.caller.is_server):
            found = search_products(text=query["q"], subject=subject, count=query["count"])
            answer = {"products": found, "count": len(found)}
            return Response(SearchResultSerializer(answer).data)


class SuggestionsRoute(Route):
    """Suggestions for a search."""

    policy = Policy(Access.PUBLIC)
    query_serializer = SuggestionsQuerySerializer

    @extend_schema(
        operation_id="suggest",
        tags=["catalogue"],
        responses=SuggestionsSerializer,
    )
    def get(self, request: Request) -> Response:
        """Suggest categories, brands and products with a word that begins with `q`."""
        with SEARCH.perform(is_limited=not self.caller.is_server):
            found = suggest(text=self.query["q"])
            return Response(SuggestionsSerializer({"suggestions": found}).data)


class FacetsRoute(Route):
    """The facets of products."""

    policy = Policy(Access.PUBLIC)
    query_serializer = FacetsQuerySerializer

    @extend_schema(
        operation_id="get_facets",
        tags=["catalogue"],
        responses=FacetsSerializer,
    )
    def get(self, request: Request) -> Response:
        """Return the brands, the price range and the number in stock of these products."""
        query = self.query
        with SEARCH.perform(is_limited=not self.caller.is_server):
            found = get_facets(text=query.get("q"), category=query.get("category"))
            return Response(FacetsSerializer(found).data)
