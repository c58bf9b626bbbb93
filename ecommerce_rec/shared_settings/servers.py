"""The database, the cache and the mail server."""

from pathlib import Path
from typing import Any

from environ import Env
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

from ecommerce_rec.environment import (
    ANY_TEXT,
    DATABASE,
    PORT,
    REDIS,
    SECRET_TEXT,
    SENDER,
    SERVER,
)
from ecommerce_rec.shared_settings.base import VAR_DIR, env
from recommendations.setting_types import SWITCH

# --- Database ---------------------------------------------------------------------------------


def _describe_server(address: dict[str, Any]) -> dict[str, Any]:
    """Return the settings of a PostgreSQL server."""
    return {
        **address,
        "ENGINE": "ecommerce_rec.postgresql",
        "CONN_HEALTH_CHECKS": True,
        # A server that stops answering must not block every thread for minutes.
        "OPTIONS": {
            "connect_timeout": 3,
            "tcp_user_timeout": 5_000,
            **address.get("OPTIONS", {}),
        },
    }


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
    DATABASES["default"] = _describe_server(DATABASES["default"])
# Opening a connection takes longer than serving a cached list, on SQLite as well.
DATABASES["default"]["CONN_MAX_AGE"] = 60

DATABASE_REPLICA_URL = env.read("DATABASE_REPLICA_URL", SERVER, "")
if DATABASE_REPLICA_URL and DATABASE_URL.startswith("sqlite"):
    env.problems.append("DATABASE_REPLICA_URL needs a DATABASE_URL that names PostgreSQL.")
elif DATABASE_REPLICA_URL:
    DATABASES["replica"] = _describe_server(Env.db_url_config(DATABASE_REPLICA_URL)) | {
        "CONN_MAX_AGE": 60,
        "TEST": {"MIRROR": "default"},
    }
    DATABASE_ROUTERS = ["recommendations.services.infra.replica.ReplicaRouter"]
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

# --- Open pages -------------------------------------------------------------------------------

# What web processes and workers tell each other about open pages.
CHANNEL_LAYERS: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}
}
if REDIS_URL:
    CHANNEL_LAYERS["default"] = {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {
            "hosts": [
                {
                    "address": REDIS_URL,
                    "socket_connect_timeout": 1,
                    "socket_timeout": 1,
                    "retry": AsyncRetry(NoBackoff(), 0),
                }
            ]
        },
    }

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
