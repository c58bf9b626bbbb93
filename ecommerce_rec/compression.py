"""Compression of responses at request time; static files are compressed beforehand, on disk."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class CompressionMiddleware(GZipMiddleware):
    """Compress every response except photographs, which would not become smaller.

    Django adds random bytes, so that the length of a response gives no secret away (BREACH).
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Return the response, compressed where that makes it smaller."""
        content_type = response.get("Content-Type", "")
        if content_type.startswith("image/") and content_type != "image/svg+xml":
            return response
        return super().process_response(request, response)
