"""Finding products by words."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from recommendations.api.fields import ShopperIdField, TextField
from recommendations.api.policy import Access, Policy
from recommendations.api.products import CountQuerySerializer, ProductCardSerializer
from recommendations.api.route import Route
from recommendations.choices import TokenScope
from recommendations.services.search import FoundProduct, search_products


class SearchQuerySerializer(CountQuerySerializer):
    """The words, and for whom; left out, whoever is asking."""

    q = TextField(max_length=200)
    user_id = ShopperIdField(required=False)


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

    @extend_schema(
        operation_id="search_products",
        tags=["catalogue"],
        parameters=[SearchQuerySerializer],
        responses=SearchResultSerializer,
    )
    def get(self, request: Request) -> Response:
        """Return products that hold every word of `q`, what suits the shopper first."""
        query = self.query(SearchQuerySerializer)
        asked = query.get("user_id")
        subject = self.known_subject() if asked is None else self.subject(asked)
        found = search_products(text=query["q"], subject=subject, count=query["count"])
        return Response(SearchResultSerializer({"products": found, "count": len(found)}).data)
