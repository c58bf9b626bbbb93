"""The API: its form, its schema and its limits."""

from corsheaders.defaults import default_headers

from ecommerce_rec.environment import LIMIT, ORIGINS, PROXIES
from ecommerce_rec.shared_settings.base import env
from recommendations.choices import InteractionType, Source
from recommendations.reasons import ReasonCode

# The largest body of a request: a product's picture in the admin. The front refuses larger ones
# before it reads them. Django's own limit, for forms without their files, is lower.
MAX_BODY_BYTES = 10 * 1024**2

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
        "FailingPart": ["failing"],
        "UnreadyPart": ["failing", "missing"],
        "AnsweredBy": ["words", "both", "filter"],
    },
}

CORS_ALLOWED_ORIGINS: list[str] = env.read("CORS_ALLOWED_ORIGINS", ORIGINS, [])
CORS_ALLOW_CREDENTIALS = True
CORS_ALLOW_HEADERS = [*default_headers, "idempotency-key"]
CORS_URLS_REGEX = r"^/api/"
