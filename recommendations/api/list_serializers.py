"""Serializers of lists, for the OpenAPI document only; `list_responses` builds the answers."""

from typing import Any

from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers

from recommendations.api.products import ProductCardSerializer
from recommendations.choices import Source
from recommendations.reasons import ReasonCode
from recommendations.services import lists

EXAMPLE = OpenApiExample(
    "Two products for a shopper",
    response_only=True,
    value={
        "user_id": 1,
        "external_id": "7",
        "session_id": None,
        "recommendations": [
            {
                "product_id": 5,
                "external_id": "ABC-5",
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
                    "product": {"id": 9, "external_id": "ABC-9", "name": "Studio microphone"},
                    "category": None,
                    "count": None,
                },
                "product": {
                    "id": 5,
                    "external_id": "ABC-5",
                    "name": "Wireless headphones",
                    "category": "Electronics",
                    "brand": "Norden",
                    "price": "99.99",
                    "regular_price": "129.99",
                    "has_variants": False,
                    "has_several_prices": False,
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


class EvidenceSerializer(serializers.Serializer[Any]):
    """The product that a reason names: from the shopper's history, or the list's own."""

    id = serializers.IntegerField()
    external_id = serializers.CharField(allow_null=True)
    name = serializers.CharField()


class ReasonSerializer(serializers.Serializer[Any]):
    """Why a product is in the list, as a code and in words."""

    code = serializers.ChoiceField(choices=[code.value for code in ReasonCode])
    text = serializers.CharField()
    product = EvidenceSerializer(allow_null=True)
    category = serializers.CharField(allow_null=True)
    count = serializers.IntegerField(
        allow_null=True, help_text="How many shoppers bought both products, if that is the reason."
    )


class RecommendationSerializer(serializers.Serializer[Any]):
    """One recommended product with its scores.

    `confidence_score` is in [0, 1] and never rises with rank. It orders products and is no
    probability: do not show it to shoppers as one. `cf_score` and `mf_score` are the parts of
    collaborative filtering and matrix factorization in the blended score.
    """

    product_id = serializers.IntegerField()
    external_id = serializers.CharField(
        allow_null=True, help_text="The shop's own id of the product; null without one."
    )
    product_name = serializers.CharField()
    category = serializers.CharField()
    price = serializers.FloatField()
    confidence_score = serializers.FloatField(min_value=0, max_value=1)
    cf_score = serializers.FloatField()
    mf_score = serializers.FloatField()
    source = serializers.ChoiceField(choices=[source.value for source in Source])  # type: ignore[assignment]
    reason = ReasonSerializer()
    product = ProductCardSerializer()


class ShownListSerializer(serializers.Serializer[Any]):
    """A list, its source, and whether it is personal."""

    recommendations = RecommendationSerializer(many=True)
    count = serializers.IntegerField(help_text="The number of recommendations.")
    source = serializers.ChoiceField(choices=[source.value for source in Source])  # type: ignore[assignment]
    personalized = serializers.BooleanField()
    model_version = serializers.CharField(allow_null=True)


class RecommendationListSerializer(ShownListSerializer):
    """A list with the `list_id` to send with the interactions that it leads to."""

    list_id = serializers.UUIDField()


class PersonalListSerializer(RecommendationListSerializer):
    """A list for one shopper; `user_id` is null for an anonymous visitor.

    In answers to servers, `external_id` is the shop's own id of the shopper, and `session_id` the
    shop's own name of the visitor whose list it is.
    """

    user_id = serializers.IntegerField(allow_null=True)
    external_id = serializers.CharField(allow_null=True)
    session_id = serializers.CharField(allow_null=True)


class UnknownProductSerializer(serializers.Serializer[Any]):
    """An event that was left out, because the shop does not know its product."""

    index = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()


class GivenHistoryListSerializer(ShownListSerializer):
    """A list for a history that was handed over; it is stored nowhere and has no `list_id`."""

    left_out = UnknownProductSerializer(many=True)


class NamedListSerializer(RecommendationListSerializer):
    """One of the lists of a page."""

    name = serializers.CharField()


class PageSerializer(serializers.Serializer[Any]):
    """The lists of a page in the order to show them; none is empty, no product is in two lists."""

    placement = serializers.ChoiceField(choices=[place.value for place in lists.PAGES])
    lists = NamedListSerializer(many=True)
