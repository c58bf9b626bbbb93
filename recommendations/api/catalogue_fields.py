"""Fields of what a server says of a product."""

import json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError as FormatError
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from recommendations.api.fields import (
    PRICE,
    StrictCharField,
    StrictDateTimeField,
)
from recommendations.api.ids import OWN_PATTERN, check_own_id
from recommendations.category_paths import LEVEL_SEPARATOR
from recommendations.models.picture_address import LONGEST_ADDRESS
from recommendations.models.product import LONGEST_CATEGORY, LONGEST_ID
from recommendations.money import HIGHEST_AMOUNT, check_decimals

MOST_LEVELS = 10
MOST_OPTIONS = 10
LONGEST_OPTION = 100
LONGEST_ATTRIBUTES = 20_000
DEEPEST_ATTRIBUTES = 8
MAX_AHEAD = timedelta(minutes=5)
"""How far a server's clock may be ahead: a later time would keep out all messages until then."""

CATEGORY_SCHEMA = {
    "oneOf": [
        {"type": "string", "maxLength": LONGEST_CATEGORY},
        {
            "type": "array",
            "items": {"type": "string"},
            "minItems": 1,
            "maxItems": MOST_LEVELS,
        },
    ]
}


@extend_schema_field(
    {
        "oneOf": [
            {"type": "string", "format": "decimal", "pattern": r"^[0-9]{1,12}(\.[0-9]{1,3})?$"},
            {"type": "number", "minimum": 0},
        ]
    }
)
class PriceInputField(serializers.Field[Decimal, Any, str, Decimal]):
    """A price in the shop's currency: a text such as "19.99", or a number."""

    default_error_messages = {
        "invalid": 'Give a price as text, such as "19.99", or as a number.',
        "range": f"Give a price from 0 to {HIGHEST_AMOUNT:,}.",
    }

    def to_internal_value(self, data: Any) -> Decimal:
        """Return the price; one with more decimals than the currency has is refused."""
        if isinstance(data, bool) or not isinstance(data, str | int | float):
            self.fail("invalid")
        if isinstance(data, str) and PRICE.fullmatch(data) is None:
            self.fail("invalid")
        try:
            price = Decimal(str(data))
        except (ArithmeticError, ValueError):
            self.fail("invalid")
        if not 0 <= price <= HIGHEST_AMOUNT:
            self.fail("range")
        try:
            check_decimals(price)
        except FormatError as problem:
            raise serializers.ValidationError(problem.messages[0], "too_many_decimals") from None
        return price


@extend_schema_field(
    {"type": "string", "minLength": 1, "maxLength": LONGEST_ID, "pattern": f"^{OWN_PATTERN}$"}
)
class ExternalIdField(serializers.Field[str, Any, str, str]):
    """A shop's own id, which is text even if it is a number."""

    default_error_messages = {"invalid": 'An own id is text: write it in quotes, as in "5".'}

    def to_internal_value(self, data: Any) -> str:
        """Return the id without space around it."""
        if not isinstance(data, str):
            self.fail("invalid")
        try:
            return check_own_id(data)
        except ValueError as problem:
            raise serializers.ValidationError(str(problem)) from None


class LineField(StrictCharField):
    """A text of one line: line breaks and repeated spaces become one space."""

    def to_internal_value(self, data: Any) -> str:
        """Return the line."""
        return " ".join(super().to_internal_value(data).split())


@extend_schema_field({"type": "string", "format": "uri", "maxLength": LONGEST_ADDRESS})
class AddressField(StrictCharField):
    """The address of a picture, http or https; the shop fetches it in the background."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=LONGEST_ADDRESS, **options)

    def to_internal_value(self, data: Any) -> str:
        """Return the address."""
        address = super().to_internal_value(data)
        try:
            parts = urlsplit(address)
            is_web = parts.scheme in {"http", "https"} and bool(parts.hostname)
        except ValueError:
            is_web = False
        if not is_web or not address.isprintable() or " " in address:
            raise serializers.ValidationError("Give an address with http:// or https://.")
        return address


@extend_schema_field(CATEGORY_SCHEMA)
class CategoryField(serializers.Field[str, Any, str, str]):
    """A category as a path, “Clothing > Hoodies”, or as the list of its levels."""

    def to_internal_value(self, data: Any) -> str:
        """Return the path."""
        levels = data.split(">") if isinstance(data, str) else data
        if not isinstance(levels, list) or not all(isinstance(level, str) for level in levels):
            raise serializers.ValidationError(
                "Give a path, such as “Clothing > Hoodies”, or the list of its levels."
            )
        clean = [" ".join(level.split()) for level in levels]
        if not clean or not all(clean) or len(clean) > MOST_LEVELS:
            raise serializers.ValidationError(
                f"A category has 1 to {MOST_LEVELS} levels, none of them empty."
            )
        if any(LEVEL_SEPARATOR in level for level in clean):
            raise serializers.ValidationError("A level cannot hold “ > ”, which divides levels.")
        path = LEVEL_SEPARATOR.join(clean)
        if len(path) > LONGEST_CATEGORY:
            raise serializers.ValidationError(
                f"A path has at most {LONGEST_CATEGORY} characters; this one has {len(path)}."
            )
        return path


@extend_schema_field({"type": "object", "additionalProperties": True})
class AttributesField(serializers.Field[Any, Any, Any, Any]):
    """Any further facts: a JSON object, with up to 20,000 characters and eight levels."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Return the object."""
        if not isinstance(data, dict):
            raise serializers.ValidationError("Give an object, such as {“Material”: “Wool”}.")
        if _measure_depth(data) > DEEPEST_ATTRIBUTES:
            raise serializers.ValidationError(
                f"Attributes may be nested in {DEEPEST_ATTRIBUTES} levels."
            )
        if len(json.dumps(data, ensure_ascii=False)) > LONGEST_ATTRIBUTES:
            raise serializers.ValidationError(
                f"Attributes may have {LONGEST_ATTRIBUTES:,} characters as JSON."
            )
        return data


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": {"type": "string", "maxLength": LONGEST_OPTION},
        "maxProperties": MOST_OPTIONS,
    }
)
class OptionsField(serializers.Field[Any, Any, Any, Any]):
    """What tells a variant from the others: {"Size": "M", "Colour": "Blue"}."""

    def to_internal_value(self, data: Any) -> dict[str, str]:
        """Return the options, without space around names and values."""
        if not isinstance(data, dict) or not all(isinstance(v, str) for v in data.values()):
            raise serializers.ValidationError("Give an object of texts, such as {“Size”: “M”}.")
        clean = {" ".join(name.split()): " ".join(text.split()) for name, text in data.items()}
        if len(clean) > MOST_OPTIONS or len(clean) < len(data):
            raise serializers.ValidationError(
                f"A variant has at most {MOST_OPTIONS} options, each named once."
            )
        if not all(0 < len(text) <= LONGEST_OPTION for part in clean.items() for text in part):
            raise serializers.ValidationError(
                f"Names and values of options have 1 to {LONGEST_OPTION} characters."
            )
        return clean


class MessageTimeField(StrictDateTimeField):
    """The time of a message by the server's clock, at most five minutes ahead of the shop's."""

    def to_internal_value(self, value: Any) -> datetime:
        """Return the time."""
        when = super().to_internal_value(value)
        if when > timezone.now() + MAX_AHEAD:
            raise serializers.ValidationError(
                "This time is in the future: it would keep out every message until then."
            )
        return when


def _measure_depth(value: Any) -> int:
    depth, layer = 0, [value]
    while layer:
        depth += 1
        layer = [
            part
            for each in layer
            for part in (each.values() if isinstance(each, dict) else each)
            if isinstance(part, dict | list)
        ]
    return depth
