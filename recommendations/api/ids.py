"""Ids in requests: ours, a shop's own (`ext:ABC-7`), and its sessions (`session:XYZ`).

A number is ours. `ext:` stands before an id of the shop's own systems, `session:` before the name
of one of its anonymous visitors. A server may leave out `ext:`: in a body, a JSON string is an id
of its own and a JSON number is ours; in an address, digits are ours and any other text its own.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from recommendations.api.fields import MAX_ID, is_query
from recommendations.errors import InvalidInputError
from recommendations.models.product import LONGEST_ID

ME = "me"
OWN_PREFIX, SESSION_PREFIX = "ext:", "session:"
SERVER = "server"
"""The name in a serializer's context that says whether the caller is a server."""
DIGITS = re.compile(r"[0-9]+", re.ASCII)

OWN_PATTERN = r"[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]{0," + str(LONGEST_ID - 1) + "}"
"""An own id has no control characters and does not begin with a space."""

NUMBER_SCHEMA = {"type": "integer", "minimum": 1, "maximum": MAX_ID}
PRODUCT_SCHEMA = {
    "oneOf": [
        NUMBER_SCHEMA,
        {
            "type": "string",
            "minLength": 1,
            "maxLength": LONGEST_ID + len(OWN_PREFIX),
            "pattern": f"^{OWN_PREFIX}{OWN_PATTERN}$",
            "description": "`ext:` and the shop's own id, such as `ext:ABC-7`.",
        },
    ]
}
SHOPPER_SCHEMA = {
    "oneOf": [
        NUMBER_SCHEMA,
        {
            "type": "string",
            "minLength": 1,
            "maxLength": LONGEST_ID + len(SESSION_PREFIX),
            "pattern": f"^({ME}|({OWN_PREFIX}|{SESSION_PREFIX}){OWN_PATTERN})$",
            "description": "`me` for the caller. For servers, `ext:` and the shop's own id of the "
            "shopper, or `session:` and the shop's own name of an anonymous visitor.",
        },
    ]
}


@dataclass(frozen=True, slots=True)
class OwnId:
    """An id of the shop's own systems; `is_exact` says whether `ext:` stood before it."""

    text: str
    is_exact: bool = True


@dataclass(frozen=True, slots=True)
class SessionName:
    """The shop's own name of an anonymous visitor."""

    text: str


ProductReference = int | OwnId
ShopperReference = int | str | OwnId | SessionName
"""How a request names a shopper; the only text is `me`."""


class IdConverter:
    """An id in a path. Own ids may have slashes, which are decoded before Django sees the path."""

    regex = r"(?:ext:.+|session:.+|[^/]+)"

    def to_python(self, value: str) -> str:
        """Return the text; the route parses it."""
        return value

    def to_url(self, value: object) -> str:
        """Return the id as text."""
        return str(value)


@extend_schema_field(PRODUCT_SCHEMA)
class ProductIdField(serializers.Field[ProductReference, Any, int | str, Any]):
    """The id of a product: ours, or the shop's own."""

    def to_internal_value(self, data: Any) -> ProductReference:
        """Return the number or the own id."""
        try:
            return _parse_product(data, **_describe_input(self))
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from None


class VariantIdField(ProductIdField):
    """The id of a variant of a product: ours, or the shop's own, which may be its SKU."""


@extend_schema_field(SHOPPER_SCHEMA)
class ShopperIdField(serializers.Field[ShopperReference, Any, int | str, Any]):
    """The id of a shopper, ours or the shop's own; a session of the shop's own; `me`."""

    def to_internal_value(self, data: Any) -> ShopperReference:
        """Return the reference."""
        try:
            return _parse_shopper(data, **_describe_input(self))
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from None


@extend_schema_field({"type": ["string", "null"]})
class OwnIdField(serializers.Field[str, Any, str | None, Any]):
    """The shop's own id in an answer; null for what has none."""

    def to_representation(self, value: str) -> str | None:
        """Return the id, None for an empty one."""
        return value or None


@extend_schema_field(
    {"type": "string", "minLength": 1, "maxLength": LONGEST_ID + len(SESSION_PREFIX)}
)
class SessionNameField(serializers.Field[SessionName, Any, str, Any]):
    """The shop's own name of an anonymous visitor, with or without `session:` before it."""

    def to_internal_value(self, data: Any) -> SessionName:
        """Return the name."""
        if not isinstance(data, str):
            raise serializers.ValidationError("Give the name of a session as text.")
        try:
            return SessionName(check_own_id(data.removeprefix(SESSION_PREFIX)))
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from None


def check_own_id(text: str) -> str:
    """Return the id without space around it, as an import reads it.

    Raises:
        ValueError: It is empty, too long, or has control characters.
    """
    text = text.strip()
    if not 1 <= len(text) <= LONGEST_ID:
        raise ValueError(f"An own id has 1 to {LONGEST_ID} characters.")
    if any(unicodedata.category(sign) in {"Cc", "Cs"} for sign in text):
        raise ValueError("An own id has no control characters.")
    return text


def parse_path_product(text: str, *, is_server: bool) -> ProductReference:
    """Return the product that a part of a path names; InvalidInputError names the parameter."""
    try:
        return _parse_product(text, is_address=True, is_server=is_server)
    except ValueError as error:
        raise InvalidInputError(str(error), field="product_id") from None


def parse_path_shopper(text: str, *, is_server: bool) -> ShopperReference:
    """Return the shopper that a part of a path names; InvalidInputError names the parameter."""
    try:
        return _parse_shopper(text, is_address=True, is_server=is_server)
    except ValueError as error:
        raise InvalidInputError(str(error), field="user_id") from None


def _describe_input(field: serializers.Field[Any, Any, Any, Any]) -> dict[str, bool]:
    return {"is_address": is_query(field), "is_server": bool(field.context.get(SERVER))}


def _parse_product(data: Any, *, is_address: bool, is_server: bool) -> ProductReference:
    found = _parse_id(data, is_address=is_address, is_server=is_server)
    if found is None:
        raise ValueError(
            "Give a whole number from 1 to 2^63 - 1, or the shop's own id as `ext:ABC-7`."
        )
    return found


def _parse_shopper(data: Any, *, is_address: bool, is_server: bool) -> ShopperReference:
    if data == ME:
        return ME
    if isinstance(data, str) and data.startswith(SESSION_PREFIX):
        return SessionName(check_own_id(data.removeprefix(SESSION_PREFIX)))
    found = _parse_id(data, is_address=is_address, is_server=is_server)
    if found is None:
        raise ValueError("Give the id of a shopper, or `me`.")
    return found


def _parse_id(data: Any, *, is_address: bool, is_server: bool) -> int | OwnId | None:
    """Return our number or the shop's own id; None for what is neither."""
    if isinstance(data, str) and is_address and DIGITS.fullmatch(data):
        # Python refuses to convert very long texts.
        data = int(data) if len(data) <= len(str(MAX_ID)) else 0
    if isinstance(data, str) and data.startswith(OWN_PREFIX):
        return OwnId(check_own_id(data.removeprefix(OWN_PREFIX)))
    if isinstance(data, str) and is_server:
        return OwnId(check_own_id(data), is_exact=False)
    if isinstance(data, bool) or not isinstance(data, int) or not 1 <= data <= MAX_ID:
        return None
    return data
