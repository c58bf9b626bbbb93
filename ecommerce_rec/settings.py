"""The settings that all environments share, with safe defaults: no debug, no host, no secret.

`settings_dev`, `settings_test` and `settings_prod` add what differs. A deployment sets the
variables of `.env.example`, in the environment or in `.env`.
"""

from typing import Any

from ecommerce_rec.environment import PROJECT
from ecommerce_rec.shared_settings.api import *  # noqa: F403
from ecommerce_rec.shared_settings.artifacts import build_artifact_storage
from ecommerce_rec.shared_settings.background import *  # noqa: F403
from ecommerce_rec.shared_settings.base import *  # noqa: F403
from ecommerce_rec.shared_settings.base import BASE_DIR, RECOMMENDATIONS, VAR_DIR, env
from ecommerce_rec.shared_settings.logs import build_logging
from ecommerce_rec.shared_settings.security import *  # noqa: F403
from ecommerce_rec.shared_settings.servers import *  # noqa: F403
from ecommerce_rec.shared_settings.traces import read_traces
from recommendations.conf import Configuration
from recommendations.setting_types import FOLDER

DEBUG = False

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
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
    "recommendations.api.middleware.AnyHostMiddleware",
    "recommendations.api.middleware.DatabaseLimitMiddleware",
    "recommendations.api.middleware.CostlyWorkMiddleware",
    "recommendations.api.middleware.TabMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "ecommerce_rec.compression.CompressionMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "ecommerce_rec.content_policy.ContentPolicyMiddleware",
    "recommendations.api.middleware.OptionalSlashMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "ecommerce_rec.admin_language.AdminLanguageMiddleware",
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
        # These come before the theme's own.
        "DIRS": [BASE_DIR / "ecommerce_rec" / "templates"],
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

# --- Language and time ------------------------------------------------------------------------

# The languages of the admin; the storefront has languages of its own. API times are in UTC.
LANGUAGE_CODE = "en-us"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
TIME_ZONE = RECOMMENDATIONS.get("time_zone", Configuration.time_zone)
USE_TZ = True
USE_I18N = True

# --- Files ------------------------------------------------------------------------------------

FRONTEND_DIST = BASE_DIR / "frontend" / "dist"
STATIC_URL = "/static/"
STATIC_ROOT = env.read("STATIC_ROOT", FOLDER, VAR_DIR / "static")
STATICFILES_DIRS = [("storefront", FRONTEND_DIST)] if FRONTEND_DIST.is_dir() else []
METRICS_DIR = env.read("METRICS_DIR", FOLDER, VAR_DIR / "metrics")
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
    # Only if the hosts of the shop share artifacts.
    **build_artifact_storage(),
}

# --- Logging ----------------------------------------------------------------------------------

LOGGING = build_logging(as_json=False)

SENTRY_DSN = env.read("SENTRY_DSN", PROJECT, "")
TRACES_COLLECTOR, TRACES_HEADERS, TRACES_SHARE = read_traces()

# --- The admin --------------------------------------------------------------------------------

SHOP_NAME = RECOMMENDATIONS.get("shop_name", Configuration.shop_name)
UNFOLD = {
    "SITE_TITLE": f"{SHOP_NAME} admin",
    "SITE_HEADER": f"{SHOP_NAME} admin",
    "DASHBOARD_CALLBACK": "recommendations.admin.dashboard.tell_staff",
    "SIDEBAR": {
        "show_search": True,
        "navigation": "recommendations.admin.navigation.build_navigation",
    },
    "SCRIPTS": [lambda _: f"{STATIC_URL}recommendations/admin/names.js"],
    "STYLES": [lambda _: f"{STATIC_URL}recommendations/admin/pages.css"],
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
