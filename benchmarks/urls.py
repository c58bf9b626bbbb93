"""The site's routes, and a constant answer that they are compared with."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ecommerce_rec.urls import urlpatterns as of_the_site

CONSTANT = "constant.json"
"""The file in `VAR_DIR` that the constant answer is read from, once in each process."""


class ConstantView(APIView):
    """What Django REST framework takes to answer at all: it knows nobody and looks nothing up."""

    authentication_classes = ()
    permission_classes = ()

    def get(self, request: Request) -> Response:
        """Return the constant."""
        return Response(_constant())


@cache
def _constant() -> Any:
    return json.loads(Path(settings.VAR_DIR, CONSTANT).read_text())


urlpatterns: list[Any] = [
    path("api/constant/", ConstantView.as_view()),
    *of_the_site,
]
