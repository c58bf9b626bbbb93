"""The routes of the site and a constant answer to compare them with."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ecommerce_rec.urls import urlpatterns as site_urlpatterns

CONSTANT = "constant.json"
"""The file in `VAR_DIR` with the constant answer; each process reads it once."""


@extend_schema(exclude=True)
class ConstantView(APIView):
    """The cheapest answer of Django REST framework: no authentication, no query."""

    authentication_classes = ()
    permission_classes = ()

    def get(self, request: Request) -> Response:
        """Return the constant."""
        return Response(_read_constant())


@cache
def _read_constant() -> Any:
    return json.loads(Path(settings.VAR_DIR, CONSTANT).read_text())


urlpatterns: list[Any] = [
    path("api/constant/", ConstantView.as_view()),
    *site_urlpatterns,
]
