"""Recommended products: personal, similar to a product, trending, popular."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from recommendations.api.fields import (
    StrictSerializer,
    TextField,
    WholeNumberField,
    path_id,
    path_shopper,
)
from recommendations.api.parameters import PRODUCT_ID, USER_ID
from recommendations.api.policy import Access, Policy
from recommendations.api.products import CountQuerySerializer, ProductCardSerializer
from recommendations.api.route import Route
from recommendations.choices import Placement, Source, TokenScope
from recommendations.engine.lists import ReasonCode
from recommendations.errors import InvalidInputError
from recommendations.services import recommending
from recommendations.services.lists import Recommendation, RecommendationList
from recommendations.services.served_lists import note_served
from recommendations.services.subjects import Subject

EXAMPLE = OpenApiExample(
    "Two products for a shopper",
    response_only=True,
    value={
        "user_id": 1,
        "recommendations": [
            {
                "product_id": 5,
                "product_name": "Wireless headphones",
                "category": "Electronics",
                "price": 99.99,
                "confidence_score": 0.85,
                "cf_score": 0.61,
                "mf_score": 0.22,
                "source": "model",
                "reason": {
                    "code": "viewed",
                    "text": "Because you viewed Studio microphone",
                    "product": {"id": 9, "name": "Studio microphone"},
                    "category": None,
                    "count": None,
                },
                "product": {
                    "id": 5,
                    "name": "Wireless headphones",
                    "category": "Electronics",
                    "brand": "Norden",
                    "price": "99.99",
                    "currency": "USD",
                    "image": "/media/products/5.svg",
                    "in_stock": True,
                    "created_at": "2026-01-05T09:30:00Z",
                },
            }
        ],
        "count": 1,
        "list_id": "6f1c6f0e-4f6e-4e0e-9b53-0f2f4a3c7d11",
        "source": "model",
        "personalized": True,
        "model_version": "20260105-093000",
    },
)

WORDING = {
    ReasonCode.VIEWED: "Because you viewed {product}",
    ReasonCode.LIKED: "Because you liked {product}",
    ReasonCode.IN_CART: "Goes with {product} in your cart",
    ReasonCode.PURCHASED: "Because you bought {product}",
    ReasonCode.BOUGHT_TOGETHER: "Often bought with {product}",
    ReasonCode.SIMILAR: "Similar to {product}",
    ReasonCode.TRENDING_IN_CATEGORY: "Trending in {category}",
    ReasonCode.TRENDING: "Trending now",
    ReasonCode.POPULAR_IN_CATEGORY: "Popular in {category}",
    ReasonCode.POPULAR: "Popular in the shop",
    ReasonCode.NEW: "New in the shop",
}


class EvidenceSerializer(serializers.Serializer[Any]):
    """The product in the shopper's history that a recommendation rests on."""

    id = serializers.IntegerField()
    name = serializers.CharField()


class ReasonSerializer(serializers.Serializer[Any]):
    """Why a product is in the list, as a code and in words."""

    code = serializers.ChoiceField(choices=[code.value for code in ReasonCode])
    text = serializers.CharField()
    product = EvidenceSerializer(allow_null=True)
    category = serializers.CharField(allow_null=True)
    count = serializers.IntegerField(
        allow_null=True, help_text="How many shoppers bought both products, where that is why."
    )


class RecommendationSerializer(serializers.Serializer[Recommendation]):
    """One recommended product with its scores.

    `confidence_score` is in [0, 1] and falls with rank; `cf_score` and `mf_score` are the parts
    of collaborative filtering and matrix factorization in the blended score.
    """

    product_id = serializers.IntegerField(source="ranked.product_id")
    product_name = serializers.CharField(source="product.name")
    category = serializers.CharField(source="product.category")
    price = serializers.FloatField(source="product.price")
    confidence_score = serializers.FloatField(
        source="ranked.confidence_score", min_value=0, max_value=1
    )
    cf_score = serializers.FloatField(source="ranked.cf_score")
    mf_score = serializers.FloatField(source="ranked.mf_score")
    source = serializers.ChoiceField(  # type: ignore[assignment]
        source="ranked.source", choices=[source.value for source in Source]
    )
    reason = serializers.SerializerMethodField()
    product = ProductCardSerializer()

    @extend_schema_field(ReasonSerializer)
    def get_reason(self, entry: Recommendation) -> Any:
        """Return the reason in words too."""
        return ReasonSerializer(_worded(entry)).data


class ShownListSerializer(serializers.Serializer[RecommendationList]):
    """A list, who answered first in it, and whether it is personal."""

    recommendations = RecommendationSerializer(many=True, source="entries")
    count = serializers.SerializerMethodField()
    source = serializers.ChoiceField(choices=[source.value for source in Source])  # type: ignore[assignment]
    personalized = serializers.BooleanField()
    model_version = serializers.CharField(allow_null=True)

    def get_count(self, found: RecommendationList) -> int:
        """Return how many there are."""
        return len(found.entries)


class RecommendationListSerializer(ShownListSerializer):
    """A list; interactions that it leads to carry its `list_id`."""

    list_id = serializers.UUIDField()


class PersonalListSerializer(RecommendationListSerializer):
    """A list for one shopper; `user_id` is null for an anonymous visitor."""

    user_id = serializers.IntegerField(allow_null=True)


class NamedListSerializer(RecommendationListSerializer):
    """One of the lists of a page."""

    name = serializers.CharField()


class PageSerializer(serializers.Serializer[Any]):
    """The lists of a page in the order to show them; no product is in two, and none is empty."""

    placement = serializers.ChoiceField(choices=[place.value for place in recommending.PAGES])
    lists = NamedListSerializer(many=True)


class PageQuerySerializer(StrictSerializer):
    """Which page; `product_id` is for product pages alone. `count` is the length of each list."""

    placement = serializers.ChoiceField(choices=[place.value for place in recommending.PAGES])
    product_id = WholeNumberField(required=False)
    count = WholeNumberField(low=1, high=100, default=12)


class ShelfQuerySerializer(CountQuerySerializer):
    """How many products, of which category."""

    category = TextField(max_length=100, required=False)


class PersonalListRoute(Route):
    """What the shop recommends to one shopper."""

    policy = Policy(Access.NAMED, scope=TokenScope.RECOMMENDATIONS_READ)

    @extend_schema(
        operation_id="get_recommendations",
        tags=["recommendations"],
        parameters=[USER_ID, CountQuerySerializer],
        responses=PersonalListSerializer,
        examples=[EXAMPLE],
    )
    def get(self, request: Request, user_id: str) -> Response:
        """Recommend products to a shopper; one the shop does not know gets what is popular."""
        asked = path_shopper(user_id)
        count = self.query(CountQuerySerializer)["count"]
        subject = self.taste(asked)
        found = recommending.recommend(subject=subject, placement=Placement.HOME, count=count)
        whose = subject.user_id if subject else None
        return Response({"user_id": whose, **_served(found, subject, Placement.HOME, "for-you")})


class PageRoute(Route):
    """All that a page recommends."""

    policy = Policy(Access.OWN)

    @extend_schema(
        operation_id="get_page",
        tags=["recommendations"],
        parameters=[PageQuerySerializer],
        responses=PageSerializer,
    )
    def get(self, request: Request) -> Response:
        """Return the lists of a page at once."""
        query: dict[str, Any] = self.query(PageQuerySerializer)
        placement = Placement(query.pop("placement"))
        if placement is not Placement.PRODUCT and "product_id" in query:
            raise InvalidInputError("Only a product page has a product.", field="product_id")
        subject = self.taste()
        lists = recommending.page(placement=placement, subject=subject, **query)
        return Response(
            {
                "placement": placement.value,
                "lists": [
                    {"name": made.name, **_served(made.found, subject, placement, made.name)}
                    for made in lists
                ],
            }
        )


class SimilarProductsRoute(Route):
    """What is like one product."""

    policy = Policy(Access.PUBLIC)

    @extend_schema(
        operation_id="list_similar_products",
        tags=["recommendations"],
        parameters=[PRODUCT_ID, CountQuerySerializer],
        responses=RecommendationListSerializer,
    )
    def get(self, request: Request, product_id: str) -> Response:
        """List products similar to this one."""
        product = path_id(product_id, field="product_id")
        count = self.query(CountQuerySerializer)["count"]
        subject = self.known_subject()
        found = recommending.similar_products(product_id=product, subject=subject, count=count)
        return Response(_served(found, subject, Placement.PRODUCT, "similar"))


class BoughtTogetherRoute(Route):
    """What was bought with one product."""

    policy = Policy(Access.PUBLIC)

    @extend_schema(
        operation_id="list_bought_together",
        tags=["recommendations"],
        parameters=[PRODUCT_ID, CountQuerySerializer],
        responses=RecommendationListSerializer,
    )
    def get(self, request: Request, product_id: str) -> Response:
        """List what at least five shoppers bought with this product, then what is like it."""
        product = path_id(product_id, field="product_id")
        count = self.query(CountQuerySerializer)["count"]
        subject = self.known_subject()
        found = recommending.bought_together(product_id=product, subject=subject, count=count)
        return Response(_served(found, subject, Placement.PRODUCT, "bought-together"))


class ComplementsRoute(Route):
    """What goes with the cart."""

    policy = Policy(Access.OWN)

    @extend_schema(
        operation_id="list_complements",
        tags=["recommendations"],
        parameters=[CountQuerySerializer],
        responses=RecommendationListSerializer,
    )
    def get(self, request: Request) -> Response:
        """List what goes with the products in the caller's cart."""
        count = self.query(CountQuerySerializer)["count"]
        subject = self.known_subject()
        found = recommending.cart_complements(subject=subject, count=count)
        return Response(_served(found, subject, Placement.CART, "complements"))


class TrendingRoute(Route):
    """What many shoppers look at now."""

    policy = Policy(Access.PUBLIC)

    @extend_schema(
        operation_id="list_trending",
        tags=["recommendations"],
        parameters=[ShelfQuerySerializer],
        responses=RecommendationListSerializer,
    )
    def get(self, request: Request) -> Response:
        """List what is trending, in the shop or in a category."""
        query: dict[str, Any] = self.query(ShelfQuerySerializer)
        subject = self.known_subject()
        found = recommending.trending(subject=subject, **query)
        return Response(_served(found, subject, _shelf(query), "trending"))


class PopularRoute(Route):
    """What most shoppers like."""

    policy = Policy(Access.PUBLIC)

    @extend_schema(
        operation_id="list_popular",
        tags=["recommendations"],
        parameters=[ShelfQuerySerializer],
        responses=RecommendationListSerializer,
    )
    def get(self, request: Request) -> Response:
        """List what is popular, in the shop or in a category."""
        query: dict[str, Any] = self.query(ShelfQuerySerializer)
        subject = self.known_subject()
        found = recommending.popular(subject=subject, **query)
        return Response(_served(found, subject, _shelf(query), "popular"))


def _shelf(query: dict[str, Any]) -> Placement:
    return Placement.SEARCH if "category" in query else Placement.HOME


def _served(
    found: RecommendationList, subject: Subject | None, placement: Placement, name: str
) -> dict[str, Any]:
    """Note that a list is shown and return it with the id that interactions with it carry."""
    list_id = note_served(subject=subject, placement=placement, name=name, found=found)
    return {"list_id": str(list_id), **ShownListSerializer(found).data}


def _worded(entry: Recommendation) -> dict[str, Any]:
    reason = entry.ranked.reason
    name = entry.reason_product_name
    return {
        "code": reason.code.value,
        "text": WORDING[reason.code].format(
            product=name or "this product", category=reason.category
        ),
        "product": {"id": reason.product_id, "name": name} if name else None,
        "category": reason.category,
        "count": reason.count,
    }
