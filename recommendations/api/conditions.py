"""What a request may ask of its lists besides: a filter and a boost, as conditions."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from recommendations.api.fields import StrictSerializer, is_query, read_json
from recommendations.api.ids import SERVER
from recommendations.api.products import CountQuerySerializer
from recommendations.engine.conditions.parsing import Condition, ConditionError, parse_condition
from recommendations.services.lists.wish import ListWish

LONGEST_CONDITION = 2_000
"""How many characters a condition of a query string may have."""
EXAMPLE = '{"field": "price", "op": "at_most", "value": 50}'


@extend_schema_field({"type": "object", "description": f"A condition: {EXAMPLE}"})
class ConditionField(serializers.Field[Condition, Any, Any, Any]):
    """A condition: an object in a body, its JSON text in a query string."""

    default_error_messages = {
        "too_long": f"A condition of a query string has at most {LONGEST_CONDITION} characters.",
        "invalid": "Write a condition as JSON, such as {example}.",
    }

    def to_internal_value(self, data: Any) -> Condition:
        """Return the condition; only servers may ask for what answers would tell others."""
        if is_query(self):
            if len(data) > LONGEST_CONDITION:
                self.fail("too_long")
            try:
                data = read_json(data.encode(errors="replace"))
            except (ValueError, RecursionError):
                self.fail("invalid", example=EXAMPLE)
        try:
            return parse_condition(data, with_secrets=bool(self.context.get(SERVER)))
        except ConditionError as problem:
            raise serializers.ValidationError(str(problem), "invalid") from None


@extend_schema_field(
    {"type": "string", "maxLength": LONGEST_CONDITION, "description": f"As JSON: {EXAMPLE}"}
)
class ConditionTextField(ConditionField):
    """A condition of a query string."""


class WishQuerySerializer(StrictSerializer):
    """What products of a list must be (`filter`), and which stand higher (`boost`)."""

    filter = ConditionTextField(required=False)
    boost = ConditionTextField(required=False)


class ListQuerySerializer(WishQuerySerializer, CountQuerySerializer):
    """The largest number of products, the condition that each meets, and one that lifts them."""


class WishBodySerializer(StrictSerializer):
    """The same as objects of a body."""

    filter = ConditionField(required=False)
    boost = ConditionField(required=False)


def take_wish(given: dict[str, Any]) -> ListWish | None:
    """Take the wish out of valid input; None if there is none."""
    wanted, boosted = given.pop("filter", None), given.pop("boost", None)
    return None if wanted is None and boosted is None else ListWish(wanted, boosted)
