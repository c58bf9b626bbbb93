"""Strict input: serializers and fields that convert nothing and ignore nothing."""

import json
import math
import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NoReturn, Self
from uuid import UUID

from django.http import QueryDict
from django.utils.dateparse import parse_datetime
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from recommendations.money import format_amount

MAX_ID = 2**63 - 1
QUERY = "query"
QUERY_NUMBER = re.compile(r"-?[0-9]{1,30}", re.ASCII)
PRICE = re.compile(r"[0-9]{1,12}(\.[0-9]{1,3})?", re.ASCII)
AMOUNT = re.compile(r"[0-9]{1,24}(\.[0-9]{1,3})?", re.ASCII)
CANONICAL_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
UNSTORABLE = re.compile("[\0\ud800-\udfff]")


class StrictSerializer(serializers.Serializer[Any]):
    """An input that refuses every name it does not declare."""

    @classmethod
    def from_query(cls, parameters: QueryDict, **context: Any) -> Self:
        """Return the serializer of a query string; only lists take a repeated parameter."""
        lists = {
            name
            for name, field in cls().get_fields().items()
            if isinstance(field, serializers.ListField)
        }
        repeated = [
            name for name in parameters if len(parameters.getlist(name)) > 1 and name not in lists
        ]
        if repeated:
            raise serializers.ValidationError(
                {name: ["Give this parameter once."] for name in repeated}, "repeated"
            )
        # A plain dictionary: DRF takes an empty value of a QueryDict for a missing one.
        data = {
            name: parameters.getlist(name) if name in lists else parameters[name]
            for name in parameters
        }
        return cls(data=data, context={**context, QUERY: True})

    def to_internal_value(self, data: Any) -> Any:
        """Return the valid values; DRF alone would ignore unknown names."""
        if isinstance(data, Mapping):
            unknown = [str(name) for name in data if name not in self.fields]
            if unknown:
                known = ", ".join(self.fields) or "nothing"
                raise serializers.ValidationError(
                    {name: [f"Unknown; known here: {known}."] for name in unknown}, "unknown_field"
                )
        return super().to_internal_value(data)


class StrictIntegerField(serializers.IntegerField):
    """A JSON integer, 1 to 2^63 - 1 unless bounded otherwise; in a query string, digits."""

    def __init__(self, *, min_value: int = 1, max_value: int = MAX_ID, **options: Any) -> None:
        super().__init__(min_value=min_value, max_value=max_value, **options)

    def to_internal_value(self, data: Any) -> int:
        """Return the number; validators check its bounds afterwards."""
        if isinstance(data, str) and is_query(self) and QUERY_NUMBER.fullmatch(data):
            return int(data)
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return data


class StrictFloatField(serializers.FloatField):
    """A JSON number; strings and booleans are refused."""

    def to_internal_value(self, data: Any) -> float:
        """Return the number; validators check its bounds afterwards."""
        if isinstance(data, bool) or not isinstance(data, int | float):
            self.fail("invalid")
        # Clipped first: float() of a huge integer raises OverflowError.
        return float(max(-MAX_ID, min(data, MAX_ID)))


class StrictCharField(serializers.CharField):
    """A JSON string; numbers and booleans are refused."""

    def to_internal_value(self, data: Any) -> str:
        """Return the text, trimmed unless `trim_whitespace` is False."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictBooleanField(serializers.BooleanField):
    """A JSON boolean; strings and numbers are refused."""

    def to_internal_value(self, data: Any) -> bool:
        """Return the boolean."""
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class StrictDateTimeField(serializers.DateTimeField):
    """An RFC 3339 timestamp with an offset from UTC."""

    default_error_messages = {
        "no_offset": "A timestamp needs an offset from UTC, as in 2026-01-05T09:30:00Z."
    }

    def to_internal_value(self, value: Any) -> datetime:
        """Return the timestamp in UTC."""
        try:
            has_offset = isinstance(value, str) and (
                (moment := parse_datetime(value)) is None or moment.tzinfo is not None
            )
        except ValueError:
            self.fail("invalid", format="RFC 3339")
        if not has_offset:
            self.fail("no_offset")
        return super().to_internal_value(value)


@extend_schema_field({"type": "string", "format": "decimal", "pattern": f"^{PRICE.pattern}$"})
class PriceField(serializers.DecimalField):
    """A price of a query string: up to twelve digits, and up to three after a point."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=15, decimal_places=3, **options)

    def to_internal_value(self, data: Any) -> Decimal:
        """Return the price."""
        if not isinstance(data, str) or PRICE.fullmatch(data) is None:
            self.fail("invalid")
        return super().to_internal_value(data)


@extend_schema_field({"type": "string", "format": "decimal", "pattern": f"^{AMOUNT.pattern}$"})
class AmountField(serializers.Field[Decimal, Any, str, Decimal]):
    """An amount of money in a body, as the API writes it: "19.99"."""

    default_error_messages = {"invalid": 'Give an amount as text, such as "19.99".'}

    def to_internal_value(self, data: Any) -> Decimal:
        """Return the amount."""
        if not isinstance(data, str) or AMOUNT.fullmatch(data) is None:
            self.fail("invalid")
        return Decimal(data)

    def to_representation(self, value: Decimal) -> str:
        """Return the amount as text."""
        return format_amount(value)


@extend_schema_field({"type": "string", "format": "decimal", "pattern": r"^[0-9]+(\.[0-9]+)?$"})
class MoneyField(serializers.Field[Decimal, Any, str, Decimal]):
    """An amount of money in an answer, with as many decimals as the shop's currency has."""

    def to_representation(self, value: Decimal) -> str:
        """Return the amount as text."""
        return format_amount(value)


class UuidField(serializers.UUIDField):
    """A UUID in its form of 36 characters; numbers and shorter forms are refused."""

    def to_internal_value(self, data: Any) -> UUID:
        """Return the UUID."""
        if not isinstance(data, str) or CANONICAL_UUID.fullmatch(data) is None:
            self.fail("invalid", value=data)
        return super().to_internal_value(data)


def is_query(field: serializers.Field[Any, Any, Any, Any]) -> bool:
    """Return whether the field reads a query string, where everything is text."""
    return bool(field.context.get(QUERY))


def read_json(body: bytes) -> Any:
    """Return the value of a JSON text; ValueError for what is not JSON or cannot be stored.

    Python's own reader accepts more. This one also refuses an object with a repeated name, NaN and
    infinities (1e999 too), and strings that PostgreSQL cannot store (the NUL character, half of a
    surrogate pair). A number without a fraction is an integer: 3.0 is 3.
    """
    try:
        value = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_refuse_repeats,
            parse_constant=_refuse_constant,
            parse_float=_parse_number,
        )
    except RecursionError:
        raise ValueError("The body has too many nested levels.") from None
    _refuse_unstorable(value)
    return value


def _refuse_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("An object of the body has a field twice.")
    return members


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a JSON number.")


def _parse_number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("A number of the body is too large.")
    if number == 0:
        return 0
    if not number.is_integer() or abs(number) > MAX_ID:
        return number
    # From the text: beyond 2^53 the float may be another number.
    exact = Decimal(text)
    return int(exact) if exact == int(exact) else number


def _refuse_unstorable(value: Any) -> None:
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            waiting.extend(part)
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)
        elif isinstance(part, str) and UNSTORABLE.search(part):
            raise ValueError("A string of the body has a NUL character or half a surrogate pair.")
