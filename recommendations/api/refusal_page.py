"""The page outside of the API that says that somebody must wait."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def render_refusal(
    request: HttpRequest, sentence: str, *, status: int, headers: Mapping[str, str]
) -> HttpResponse:
    """Return the page with a sentence that says why, and these headers."""
    response = render(
        request, "recommendations/try_again.html", {"sentence": sentence}, status=status
    )
    for name, value in headers.items():
        response[name] = value
    response["Cache-Control"] = "private, no-store"
    return response
