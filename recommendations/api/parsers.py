"""Request bodies: small, UTF-8, strict JSON."""

from collections.abc import Mapping
from typing import IO, Any

from rest_framework import exceptions, status
from rest_framework.parsers import BaseParser

from recommendations.api.fields import read_json


class BodyTooLargeError(exceptions.APIException):
    """The body of the request is larger than the parser's `max_bytes`."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"

    def __init__(self, max_bytes: int) -> None:
        super().__init__(f"The body is larger than {max_bytes // 1024:,} KB.")


class StrictJSONParser(BaseParser):
    """Parse a JSON body of at most 16 KB with `read_json`."""

    media_type = "application/json"
    max_bytes = 16 * 1024

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the value of the body; it is UTF-8, whatever charset the header claims."""
        headers = (parser_context or {})["request"].headers
        if headers.get("Content-Encoding", "identity") != "identity":
            raise exceptions.UnsupportedMediaType(
                self.media_type, "Send the body as it is, without a Content-Encoding."
            )
        body = stream.read(self.max_bytes + 1)
        if len(body) > self.max_bytes:
            raise BodyTooLargeError(self.max_bytes)
        try:
            return read_json(body)
        except ValueError as error:
            raise exceptions.ParseError(f"The body is not valid JSON: {error}") from None


class BatchParser(StrictJSONParser):
    """Parse the JSON body of a batch of events, at most 64 KB."""

    max_bytes = 64 * 1024


class CatalogueParser(StrictJSONParser):
    """Parse the JSON body of a batch of products, at most 8 MB: 500 of 16 KB each."""

    max_bytes = 8 * 1024 * 1024
