"""What clients say of interactions, and what they are answered."""

from datetime import timedelta
from enum import StrEnum
from typing import Any

from rest_framework import serializers

from recommendations.api.fields import (
    StrictCharField,
    StrictDateTimeField,
    StrictFloatField,
    StrictIntegerField,
    StrictSerializer,
    UuidField,
)
from recommendations.api.ids import ME, ShopperIdField
from recommendations.api.touched_products import TouchedProductSerializer
from recommendations.choices import InteractionType
from recommendations.models.behavior import HIGHEST_RATING, LOWEST_RATING
from recommendations.services.shop.interactions import CLOCK_SKEW

MAX_POSITION = 999
MAX_BATCH_SIZE = 100
LONGEST_EVENT_ID = 64


class InteractionSerializer(TouchedProductSerializer):
    """One interaction. The client chooses the `event_id`; a retry with the same id is safe.

    It counts for the product; a variant says which product, and has no interactions of its own.
    `list_id` and `position` (from 0) name the served list or the search, and the entry in it, that
    led to the interaction. A client whose clock may be wrong sends `age_seconds`, how long ago it
    was, instead of `timestamp`.
    """

    user_id = ShopperIdField(default=ME)
    interaction_type = serializers.ChoiceField(choices=[member.value for member in InteractionType])
    rating = StrictFloatField(
        min_value=LOWEST_RATING, max_value=HIGHEST_RATING, allow_null=True, default=None
    )
    event_id = StrictCharField(max_length=LONGEST_EVENT_ID, allow_null=True, default=None)
    timestamp = StrictDateTimeField(allow_null=True, default=None)
    age_seconds = StrictFloatField(
        min_value=0, max_value=CLOCK_SKEW.total_seconds(), allow_null=True, default=None
    )
    list_id = UuidField(allow_null=True, default=None)
    position = StrictIntegerField(
        min_value=0, max_value=MAX_POSITION, allow_null=True, default=None
    )

    def validate_interaction_type(self, value: str) -> InteractionType:
        """Return the interaction type as a member of the enumeration."""
        return InteractionType(value)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a time and an age together, and return the age as an interval."""
        attrs = super().validate(attrs)
        age = attrs.pop("age_seconds")
        if age is not None and attrs["timestamp"] is not None:
            raise serializers.ValidationError(
                {"age_seconds": "Send either a timestamp or an age, not both."}
            )
        return {**attrs, "age": None if age is None else timedelta(seconds=age)}


class RecordedIdsSerializer(serializers.Serializer[Any]):
    """Both ids of product and shopper, in answers to servers; null where there is none.

    Those of the variant are there if the event named one by its id, or something by its SKU.
    """

    product_id = serializers.IntegerField(required=False)
    product_external_id = serializers.CharField(required=False, allow_null=True)
    variant_id = serializers.IntegerField(required=False, allow_null=True)
    variant_external_id = serializers.CharField(required=False, allow_null=True)
    user_id = serializers.IntegerField(required=False, allow_null=True)
    user_external_id = serializers.CharField(required=False, allow_null=True)


class InteractionRecordedSerializer(RecordedIdsSerializer):
    """The interaction is committed."""

    message = serializers.CharField()


class BatchSerializer(StrictSerializer):
    """Up to 100 interactions; each is validated on its own."""

    interactions = serializers.ListField(
        child=serializers.JSONField(), min_length=1, max_length=MAX_BATCH_SIZE
    )


class BatchSchemaSerializer(StrictSerializer):
    """Up to 100 interactions, each as in `POST /api/interaction/`."""

    interactions = serializers.ListField(
        child=InteractionSerializer(), min_length=1, max_length=MAX_BATCH_SIZE
    )


class PointedErrorSerializer(serializers.Serializer[Any]):
    """A refused value and its place in the interaction."""

    pointer = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class Outcome(StrEnum):
    """What became of one interaction of a batch."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REFUSED = "refused"


class BatchResultSerializer(RecordedIdsSerializer):
    """The result of one interaction: 201, 200 for a duplicate, or the members of a problem.

    `event_id` is there if the interaction has a valid one.
    """

    index = serializers.IntegerField()
    event_id = serializers.CharField(required=False)
    outcome = serializers.ChoiceField(choices=[outcome.value for outcome in Outcome])
    status = serializers.IntegerField()
    code = serializers.CharField(required=False)
    detail = serializers.CharField(required=False)
    errors = PointedErrorSerializer(many=True, required=False)  # type: ignore[assignment]


class BatchResultsSerializer(serializers.Serializer[Any]):
    """The result of each interaction, in the order of the request, and how many had which."""

    results = BatchResultSerializer(many=True)
    accepted = serializers.IntegerField()
    duplicates = serializers.IntegerField()
    refused = serializers.IntegerField()
