"""Production: refuses to start until everything it needs is set, and says all that is missing."""

from django.core.exceptions import ImproperlyConfigured

from ecommerce_rec.settings import *  # noqa: F403
from ecommerce_rec.settings import ALLOWED_HOSTS, SECRET_KEY, env

_missing = [
    name
    for name, value in {
        "SECRET_KEY": SECRET_KEY,
        "ALLOWED_HOSTS": ALLOWED_HOSTS,
        "DATABASE_URL": env.str("DATABASE_URL", default=""),
        "REDIS_URL": env.str("REDIS_URL", default=""),
    }.items()
    if not value
]
if _missing:
    raise ImproperlyConfigured(
        f"Production needs {', '.join(_missing)} in the environment; .env.example says what each "
        "one means."
    )
if len(SECRET_KEY) < 50:
    raise ImproperlyConfigured(
        f"SECRET_KEY has {len(SECRET_KEY)} characters and needs 50 or more; make one with "
        "`python -c 'import secrets; print(secrets.token_urlsafe(50))'`."
    )

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Off only behind something that already speaks TLS to shoppers and cannot set the header below.
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REDIRECT_EXEMPT = [r"^api/health/"]
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
