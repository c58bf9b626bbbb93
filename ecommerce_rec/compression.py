"""Compression of what is made at request time; static files are compressed when they are built."""

import re

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

# The length of a compressed answer tells how well a secret in it matches words of an attacker's
# choice beside it (BREACH). Nothing here holds a secret: the pages carry no token, the lists no
# word of the caller. The admin's forms do carry tokens, accounts and orders what is personal.
COMPRESSED = re.compile(
    r"/(?!admin/|api/)"
    r"|/api/(?:categories|page|popular|products|recently-viewed|recommendations|search|trending)/"
)
ALREADY_COMPRESSED = re.compile(r"image/(?!svg)|font/")


class CompressionMiddleware(GZipMiddleware):
    """Compress pages, vector pictures and lists of products, and nothing else."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Return the response, compressed where that is safe and helps."""
        helps = response.status_code in {200, 404} and not ALREADY_COMPRESSED.match(
            response.get("Content-Type", "")
        )
        if helps and COMPRESSED.match(request.path_info):
            return super().process_response(request, response)
        return response
