"""Request bodies: small, UTF-8, strict JSON."""

from collections.abc import Mapping
from typing import IO, Any

from rest_framework import exceptions, status
from rest_framework.parsers import BaseParser

from recommendations.api.fields import read_json


class BodyTooLargeError(exceptions.APIException):
    """The request's body is larger than the route needs."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"

    def __init__(self, max_bytes: int) -> None:
        super().__init__(f"The body has more than {max_bytes // 1024} KB.")


class StrictJSONParser(BaseParser):
    """Read a JSON body of at most 16 KB; what it refuses is told in `read_json`."""

    media_type = "application/json"
    max_bytes = 16 * 1024

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the body's value, whatever charset the client claims: JSON is UTF-8."""
        body = stream.read(self.max_bytes + 1)
        if len(body) > self.max_bytes:
            raise BodyTooLargeError(self.max_bytes)
        try:
            return read_json(body)
        except ValueError as error:
            raise exceptions.ParseError(f"The body is not JSON that can be used: {error}") from None


class BatchParser(StrictJSONParser):
    """The same for many events at once, in at most 64 KB."""

    max_bytes = 64 * 1024
