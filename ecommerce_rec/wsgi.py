"""The WSGI entry point; it uses the production settings unless DJANGO_SETTINGS_MODULE is set."""

import os
from collections.abc import Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecommerce_rec.settings_prod")

_django = get_wsgi_application()

# The imports stand here because they need the apps, which the line above loads.
from ecommerce_rec.request_bytes import drop_parameters  # noqa: E402
from recommendations.api.docs import render_schema  # noqa: E402
from recommendations.api.shared_values import warm_up_shared_values  # noqa: E402
from recommendations.services.infra.warmup import warm_up_process  # noqa: E402

render_schema()
warm_up_shared_values()
warm_up_process()


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer a request; its bodies are UTF-8, whatever charset its header names."""
    environ["CONTENT_TYPE"] = drop_parameters(environ.get("CONTENT_TYPE", ""))
    return _django(environ, start_response)
