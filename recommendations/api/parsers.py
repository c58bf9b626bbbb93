"""Request bodies: small, UTF-8, strict JSON."""

from collections.abc import Mapping
from typing import IO, Any

from rest_framework import exceptions, status
from rest_framework.parsers import BaseParser

from recommendations.api.fields import read_json

MAX_BODY_BYTES = 16 * 1024


class BodyTooLargeError(exceptions.APIException):
    """The request's body is larger than any route needs."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "The body has more than 16 KB."
    default_code = "too_large"


class StrictJSONParser(BaseParser):
    """Read a JSON body of at most 16 KB; what it refuses is told in `read_json`."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the body's value, whatever charset the client claims: JSON is UTF-8."""
        body = stream.read(MAX_BODY_BYTES + 1)
        if len(body) > MAX_BODY_BYTES:
            raise BodyTooLargeError
        try:
            return read_json(body)
        except ValueError as error:
            raise exceptions.ParseError(f"The body is not JSON that can be used: {error}") from None
