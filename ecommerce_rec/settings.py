"""The settings that all environments share, with safe defaults: no debug, no host, no secret.

`settings_dev`, `settings_test` and `settings_prod` add what differs. A deployment sets the
variables of `.env.example`, in the environment or in `.env`.
"""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

from celery.schedules import crontab
from corsheaders.defaults import default_headers
from csp.constants import NONE, SELF, UNSAFE_INLINE
from environ import Env
from kombu.serialization import disable_insecure_serializers
from redis.backoff import NoBackoff
from redis.retry import Retry

from ecommerce_rec.environment import (
    ANY_TEXT,
    BROKER,
    DATABASE,
    HOSTS,
    LEVEL,
    LIMIT,
    ORIGINS,
    PORT,
    PROXIES,
    REDIS,
    SECRET_TEXT,
    SENDER,
    Environment,
)
from recommendations.choices import InteractionType, Source
from recommendations.conf import Configuration
from recommendations.reasons import ReasonCode
from recommendations.setting_types import FOLDER, SWITCH

BASE_DIR = Path(__file__).resolve().parent.parent

env = Environment(os.environ, file=BASE_DIR / ".env")

VAR_DIR = env.read("VAR_DIR", FOLDER, BASE_DIR / "var")
env.prepare_folder("VAR_DIR", VAR_DIR)
# The folders of other settings lie in it.
env.require_right_values()

# The fields of `recommendations.conf.Configuration` that the environment sets.
RECOMMENDATIONS = env.read_configuration(artifacts_dir=VAR_DIR / "models")

SECRET_KEY = env.read("SECRET_KEY", SECRET_TEXT, "")
DEBUG = False
ALLOWED_HOSTS: list[str] = env.read("ALLOWED_HOSTS", HOSTS, [])
CSRF_TRUSTED_ORIGINS: list[str] = env.read("CSRF_TRUSTED_ORIGINS", ORIGINS, [])

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "ecommerce_rec.apps.ShopAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "corsheaders",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_celery_beat",
    "axes",
    "recommendations",
]

MIDDLEWARE = [
    "recommendations.api.middleware.ProblemMiddleware",
    "ecommerce_rec.request_bytes.RequestBytesMiddleware",
    "recommendations.api.middleware.DatabaseLimitMiddleware",
    "recommendations.api.middleware.CostlyWorkMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "ecommerce_rec.compression.CompressionMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "ecommerce_rec.content_policy.ContentPolicyMiddleware",
    "recommendations.api.middleware.OptionalSlashMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
    "recommendations.api.visitor.VisitorMiddleware",
]

ROOT_URLCONF = "ecommerce_rec.urls"
WSGI_APPLICATION = "ecommerce_rec.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- Database ---------------------------------------------------------------------------------

DATABASE_URL = env.read("DATABASE_URL", DATABASE, f"sqlite:///{VAR_DIR / 'db.sqlite3'}")
DATABASES: dict[str, dict[str, Any]] = {"default": Env.db_url_config(DATABASE_URL)}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # If another transaction writes, a DEFERRED transaction that begins to write may fail at once
    # with "database is locked", whatever the timeout is; an IMMEDIATE transaction waits. With WAL,
    # readers do not wait for a writer.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # SQLite reads a memory-mapped file without a system call for each page; long lists are a
        # third faster. What is deleted is overwritten, so that nothing of an erased person stays.
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA mmap_size=268435456; "
            "PRAGMA secure_delete=ON;"
        ),
    }
else:
    DATABASES["default"]["ENGINE"] = "ecommerce_rec.postgresql"
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # A server that stops answering must not block every thread for minutes.
    DATABASES["default"]["OPTIONS"] = {
        "connect_timeout": 3,
        "tcp_user_timeout": 5_000,
        **DATABASES["default"].get("OPTIONS", {}),
    }
# Opening a connection takes longer than serving a cached list, on SQLite as well.
DATABASES["default"]["CONN_MAX_AGE"] = 60
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Cache ------------------------------------------------------------------------------------

REDIS_URL = env.read("REDIS_URL", REDIS, "")
if REDIS_URL:
    CACHES: dict[str, dict[str, Any]] = {
        "default": {
            "BACKEND": "django_redis.cache.RedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": "shop",
            "OPTIONS": {
                # A cache that is down or hangs must not delay a shopper.
                "SOCKET_CONNECT_TIMEOUT": 0.1,
                "SOCKET_TIMEOUT": 0.1,
                # No retries: each would add a timeout.
                "CONNECTION_POOL_KWARGS": {"retry": Retry(NoBackoff(), 0)},
                "REDIS_CLIENT_CLASS": "recommendations.services.infra.redis_breaker.BreakingRedis",
                "IGNORE_EXCEPTIONS": True,
                "SERIALIZER": "django_redis.serializers.json.JSONSerializer",
            },
        }
    }
    DJANGO_REDIS_LOG_IGNORED_EXCEPTIONS = True
else:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            # Django's default of 300 would drop lists whose shoppers are still in the shop.
            "OPTIONS": {"MAX_ENTRIES": 10_000},
        }
    }

# --- Background work --------------------------------------------------------------------------

disable_insecure_serializers(allowed=["json"])  # type: ignore[no-untyped-call]

CELERY_BROKER_URL = env.read("CELERY_BROKER_URL", BROKER, REDIS_URL or "filesystem://")
if CELERY_BROKER_URL == "filesystem://":
    BROKER_DIR = VAR_DIR / "broker"
    for folder in ("queue", "processed", "control"):
        (BROKER_DIR / folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER_DIR / "queue"),
        "data_folder_out": str(BROKER_DIR / "queue"),
        "processed_folder": str(BROKER_DIR / "processed"),
        "control_folder": str(BROKER_DIR / "control"),
        "store_processed": False,
    }
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 60 * 60
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "ecommerce_rec.beat:LivingScheduler"
CELERY_BEAT_SCHEDULE = {
    "retrain-when-enough-is-new": {
        "task": "recommendations.tasks.retrain_when_due",
        "schedule": crontab(minute="*/5"),
    },
    "prune-served-lists": {
        "task": "recommendations.tasks.prune_served_lists",
        "schedule": crontab(minute="17", hour="3"),
    },
    "prune-idempotency-keys": {
        "task": "recommendations.tasks.prune_idempotency_keys",
        "schedule": crontab(minute="37", hour="3"),
    },
    "send-order-confirmations": {
        "task": "recommendations.tasks.send_order_confirmations",
        "schedule": crontab(),
    },
    "prune-traces": {
        "task": "recommendations.tasks.prune_traces",
        "schedule": crontab(minute="27", hour="3"),
    },
    "keep-profiles-current": {
        "task": "recommendations.tasks.keep_profiles_current",
        "schedule": crontab(minute="*/10"),
    },
}
if REDIS_URL:
    # Without Redis the worker would fill a cache that no web process reads.
    CELERY_BEAT_SCHEDULE["prepare-lists"] = {
        "task": "recommendations.tasks.prepare_lists",
        "schedule": crontab(minute="*/5"),
    }

# --- Language and time ------------------------------------------------------------------------

# The admin speaks English; the storefront has languages of its own. API times are in UTC.
LANGUAGE_CODE = "en-us"
TIME_ZONE = RECOMMENDATIONS.get("time_zone", Configuration.time_zone)
USE_TZ = True
USE_I18N = True

# --- Files ------------------------------------------------------------------------------------

FRONTEND_DIST = BASE_DIR / "frontend" / "dist"
STATIC_URL = "/static/"
STATIC_ROOT = env.read("STATIC_ROOT", FOLDER, VAR_DIR / "static")
STATICFILES_DIRS = [("storefront", FRONTEND_DIST)] if FRONTEND_DIST.is_dir() else []
# Browsers may keep these files for ever: Vite and Django change the name with the content.
WHITENOISE_IMMUTABLE_FILE_TEST = (
    r"^/static/(storefront/assets/.+-[\w-]{8}\.\w+|.+\.[0-9a-f]{12}\.\w+)$"
)
MEDIA_URL = "/media/"
MEDIA_ROOT = VAR_DIR / "media"
STORAGES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"file_permissions_mode": 0o600, "directory_permissions_mode": 0o700},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# --- Requests -------------------------------------------------------------------------------

# The largest body of a request: a product's picture in the admin. The front refuses larger ones
# before it reads them. Django's own limit, for forms without their files, is lower.
MAX_BODY_BYTES = 10 * 1024**2

# --- API --------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "recommendations.api.authentication.TokenAuthentication",
        "recommendations.api.authentication.ShopperAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["recommendations.api.policy.DeclaredPolicy"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["recommendations.api.parsers.StrictJSONParser"],
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "recommendations.api.schema.PolicySchema",
    "EXCEPTION_HANDLER": "recommendations.api.errors.handle_error",
    "URL_FORMAT_OVERRIDE": None,
    # How many of the shop's proxies append to X-Forwarded-For; what clients write there is ignored.
    "NUM_PROXIES": env.read("NUM_PROXIES", PROXIES, 0),
}

# How many requests and events each kind of caller may send in a minute; 0 means no limit. Callers
# without a visitor's cookie are counted together by their network address.
REQUESTS_PER_MINUTE = {
    "server": env.read("REQUESTS_PER_MINUTE_OF_A_SERVER", LIMIT, 600_000),
    "shopper": env.read("REQUESTS_PER_MINUTE_OF_A_SHOPPER", LIMIT, 6_000),
    "visitor": env.read("REQUESTS_PER_MINUTE_OF_A_VISITOR", LIMIT, 6_000),
    "address": env.read("REQUESTS_PER_MINUTE_OF_AN_ADDRESS", LIMIT, 60_000),
}
EVENTS_PER_MINUTE = {
    "server": env.read("EVENTS_PER_MINUTE_OF_A_SERVER", LIMIT, 0),
    "shopper": env.read("EVENTS_PER_MINUTE_OF_A_SHOPPER", LIMIT, 3_000),
    "visitor": env.read("EVENTS_PER_MINUTE_OF_A_VISITOR", LIMIT, 3_000),
    "address": env.read("EVENTS_PER_MINUTE_OF_AN_ADDRESS", LIMIT, 30_000),
}

# How much costly work a network address may ask for in a minute, for `reset` in an hour; 0 means no
# limit. docs/security.md says why these numbers lock no office out.
COSTLY_WORK_OF_AN_ADDRESS = {
    "password": env.read("PASSWORDS_PER_MINUTE_OF_AN_ADDRESS", LIMIT, 30),
    "search": env.read("SEARCHES_PER_MINUTE_OF_AN_ADDRESS", LIMIT, 1_200),
    "reset": 20,
    "export": 60,
    "picture": 300,
    "sitemap": 60,
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Recommendation engine API",
    "DESCRIPTION": "What a storefront or a server needs to show recommendations and record what "
    "shoppers do.",
    "VERSION": "0.1.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "COMPONENT_SPLIT_PATCH": False,
    "SCHEMA_PATH_PREFIX": "/api/",
    "SERVE_PERMISSIONS": ["recommendations.api.policy.DeclaredPolicy"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "recommendations.api.schema.add_problem_responses",
    ],
    "ENUM_NAME_OVERRIDES": {
        "InteractionType": [each.value for each in InteractionType],
        "Source": [source.value for source in Source],
        "ReasonCode": [code.value for code in ReasonCode],
        "PartStatus": ["ok", "failing", "missing"],
    },
}

CORS_ALLOWED_ORIGINS: list[str] = env.read("CORS_ALLOWED_ORIGINS", ORIGINS, [])
CORS_ALLOW_CREDENTIALS = True
CORS_ALLOW_HEADERS = [*default_headers, "idempotency-key"]
CORS_URLS_REGEX = r"^/api/"

# A page may load the shop's own files, and pictures in `data:` URLs.
CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "style-src": [SELF, UNSAFE_INLINE],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}

# --- Accounts and browsers --------------------------------------------------------------------

PASSWORD_HASHERS = ["recommendations.services.people.passwords.BoundedPasswordHasher"]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
# After ten wrong passwords for one account from one address, that address cannot sign in to that
# account for 15 minutes. A lock by account alone would let anybody lock a shopper out.
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_CLIENT_IP_CALLABLE = "recommendations.api.client_address.get_client_address"
AXES_USERNAME_CALLABLE = "recommendations.api.lockout.get_counted_name"
AXES_LOCKOUT_CALLABLE = "recommendations.api.lockout.respond_to_lockout"
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"

# --- Mail -------------------------------------------------------------------------------------

# Without a mail server, settings_dev writes mails to a folder and settings_prod drops them.
EMAIL_HOST = env.read("EMAIL_HOST", ANY_TEXT, "")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
EMAIL_PORT = env.read("EMAIL_PORT", PORT, 587)
EMAIL_HOST_USER = env.read("EMAIL_HOST_USER", ANY_TEXT, "")
EMAIL_HOST_PASSWORD = env.read("EMAIL_HOST_PASSWORD", SECRET_TEXT, "")
EMAIL_USE_TLS = env.read("EMAIL_USE_TLS", SWITCH, True)
EMAIL_TIMEOUT = 10
# The folder of mails that stands in for a mail server in development.
EMAIL_FILE_PATH: Path | None = None
DEFAULT_FROM_EMAIL = env.read("DEFAULT_FROM_EMAIL", SENDER, "shop@localhost")

# --- Logging ----------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "filters": {
        "outages": {"()": "recommendations.services.infra.outage_log.OutageFilter"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["outages"],
        }
    },
    "root": {"handlers": ["console"], "level": env.read("LOG_LEVEL", LEVEL, "INFO")},
}

# --- The admin --------------------------------------------------------------------------------

SHOP_NAME = RECOMMENDATIONS.get("shop_name", Configuration.shop_name)
UNFOLD = {
    "SITE_TITLE": f"{SHOP_NAME} admin",
    "SITE_HEADER": f"{SHOP_NAME} admin",
    "DASHBOARD_CALLBACK": "recommendations.admin.training.tell_of_failed_training",
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda _: f"{STATIC_URL}storefront/favicon.svg",
        }
    ],
}
# Django's own sign-in page is for staff only; shoppers sign in through the API.
LOGIN_REDIRECT_URL = "admin:index"
