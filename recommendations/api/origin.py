"""The shop's own address, for links that leave it: in mails, heads of pages and the sitemap."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest


def build_origin(request: HttpRequest) -> str:
    """Return the address by which the shop was asked, such as `https://shop.example`.

    `ALLOWED_HOSTS` checks the name only. The client chooses the port, and a link with a foreign one
    would hand its secret to whoever listens there. So behind TLS the port is left out, unless
    `CSRF_TRUSTED_ORIGINS` names it.
    """
    origin = f"{request.scheme}://{request.get_host()}"
    if not request.is_secure() or origin in settings.CSRF_TRUSTED_ORIGINS:
        return origin
    name = urlsplit(origin).hostname or ""
    name = name.rstrip(".")
    return f"https://[{name}]" if ":" in name else f"https://{name}"
