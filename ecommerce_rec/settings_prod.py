"""Settings of production. It does not start while any is missing or unsafe, and names them all."""

from django.core.exceptions import ImproperlyConfigured

from ecommerce_rec.settings import *  # noqa: F403
from ecommerce_rec.settings import ALLOWED_HOSTS, SECRET_KEY, env


def _find_problems() -> list[str]:
    needed = {
        "SECRET_KEY": SECRET_KEY,
        "ALLOWED_HOSTS": ALLOWED_HOSTS,
        "DATABASE_URL": env.str("DATABASE_URL", default=""),
        "REDIS_URL": env.str("REDIS_URL", default=""),
    }
    problems = [f"{name} is missing." for name, value in needed.items() if not value]
    if SECRET_KEY and (len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5):
        problems.append(
            "SECRET_KEY is easy to guess; make one of 50 characters or more with "
            "`python -c 'import secrets; print(secrets.token_urlsafe(50))'`."
        )
    if "*" in ALLOWED_HOSTS:
        problems.append("ALLOWED_HOSTS must name the shop's hosts; with `*`, links can be forged.")
    if needed["DATABASE_URL"].startswith("sqlite"):
        problems.append("DATABASE_URL names SQLite; several processes need PostgreSQL.")
    return problems


if _problems := _find_problems():
    raise ImproperlyConfigured(
        "Production cannot start; .env.example says what each setting means.\n- "
        + "\n- ".join(_problems)
    )

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# The proxy in front ends TLS. It must set this header itself and drop the client's.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^api/health/"]
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
