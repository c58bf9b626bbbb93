"""Settings of production. It does not start while any is missing or unsafe, and names them all."""

from ecommerce_rec.environment import SECONDS, stop_start
from ecommerce_rec.private_files import keep_private
from ecommerce_rec.secret_strength import has_common_password, is_key_guessable
from ecommerce_rec.settings import *  # noqa: F403
from ecommerce_rec.settings import (
    ALLOWED_HOSTS,
    CELERY_BROKER_URL,
    DATABASE_URL,
    EMAIL_HOST,
    REDIS_URL,
    SECRET_KEY,
    STORAGES,
    VAR_DIR,
    env,
)
from ecommerce_rec.shared_settings.logs import build_logging
from recommendations.setting_types import SWITCH

NEW_KEY = (
    "make one of 50 characters or more with "
    "`python -c 'import secrets; print(secrets.token_urlsafe(50))'`."
)


def _find_problems() -> list[str]:
    needed = ("SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL")
    problems = [f"{name} is missing." for name in needed if not env.is_set(name)]
    if SECRET_KEY and is_key_guessable(SECRET_KEY):
        problems.append(f"SECRET_KEY is easy to guess; {NEW_KEY}")
    if SECRET_KEY and _read_development_key() == SECRET_KEY:
        problems.append(f"SECRET_KEY is the key of a development shop; {NEW_KEY}")
    if "*" in ALLOWED_HOSTS:
        problems.append("ALLOWED_HOSTS must name the shop's hosts; with `*`, links can be forged.")
    if env.is_set("DATABASE_URL") and DATABASE_URL.startswith("sqlite") and not env.problems:
        problems.append("DATABASE_URL names SQLite; several processes need PostgreSQL.")
    problems += [
        f"{name} has a password that everybody tries first; set a random one."
        for name, address in {
            "DATABASE_URL": DATABASE_URL,
            "REDIS_URL": REDIS_URL,
            "CELERY_BROKER_URL": CELERY_BROKER_URL,
        }.items()
        if env.is_set(name) and has_common_password(address)
    ]
    return problems


def _read_development_key() -> str:
    try:
        return (VAR_DIR / "secret_key").read_text()
    except OSError:
        return ""


SECURE_SSL_REDIRECT = env.read("SECURE_SSL_REDIRECT", SWITCH, True)
SECURE_HSTS_SECONDS = env.read("SECURE_HSTS_SECONDS", SECONDS, 31_536_000)

if _problems := [*env.problems, *_find_problems()]:
    stop_start(
        "Production cannot start; .env.example says what each setting means.",
        _problems,
    )

keep_private(VAR_DIR)

STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

LOGGING = build_logging(as_json=True)

# The proxy in front ends TLS. It must set this header itself and drop the client's.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REDIRECT_EXEMPT = [r"^api/(health|metrics)\b"]
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True

# A mail printed to the log would show its link to whoever reads the log.
if not EMAIL_HOST:
    EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
