"""The WSGI entry point; it uses the production settings unless DJANGO_SETTINGS_MODULE is set."""

import os
import re
from collections.abc import Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecommerce_rec.settings_prod")

_django = get_wsgi_application()

# The import stands here because it needs the apps, which the line above loads.
from recommendations.services.infra.warmup import warm_up_process  # noqa: E402

warm_up_process()


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer a request, and let Django decode all of it as UTF-8.

    Django decodes the query string with the charset of the Content-Type. If the charset named one
    of Python's non-text codecs, that would raise an error before any middleware could handle it.
    """
    content_type = environ.get("CONTENT_TYPE", "")
    environ["CONTENT_TYPE"] = re.sub(r";\s*charset=[^;]*", "", content_type, flags=re.IGNORECASE)
    return _django(environ, start_response)
