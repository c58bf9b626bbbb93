"""The WSGI entry point; production settings unless DJANGO_SETTINGS_MODULE says otherwise."""

import os
import re
from collections.abc import Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecommerce_rec.settings_prod")

_django = get_wsgi_application()

# It needs the apps that the line above has loaded.
from recommendations.services.infra.warmup import warm_up_process  # noqa: E402

warm_up_process()


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer a request, reading all of it as UTF-8.

    Django reads the query string by the charset that the body claims to have, and fails before
    any middleware could help where that is one of Python's codecs for something else than text.
    """
    content_type = environ.get("CONTENT_TYPE", "")
    environ["CONTENT_TYPE"] = re.sub(r";\s*charset=[^;]*", "", content_type, flags=re.IGNORECASE)
    return _django(environ, start_response)
