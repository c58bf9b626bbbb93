"""The queue, its worker and its schedule."""

from celery.schedules import crontab
from kombu.serialization import disable_insecure_serializers
from kombu.transport import TRANSPORT_ALIASES

from ecommerce_rec.environment import BROKER
from ecommerce_rec.shared_settings.base import VAR_DIR, env
from ecommerce_rec.shared_settings.servers import REDIS_URL

disable_insecure_serializers(allowed=["json"])  # type: ignore[no-untyped-call]

CELERY_BROKER_URL = env.read("CELERY_BROKER_URL", BROKER, REDIS_URL or "filesystem://")
if CELERY_BROKER_URL == "filesystem://":
    TRANSPORT_ALIASES["filesystem"] = "ecommerce_rec.file_queue:Transport"
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
# Workers and beat log as the web processes do: `LOGGING` holds for all.
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
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
    "prune-search-log": {
        "task": "recommendations.tasks.prune_search_log",
        "schedule": crontab(minute="7", hour="3"),
    },
    "count-queries": {
        "task": "recommendations.tasks.count_queries",
        "schedule": crontab(minute="*/5"),
    },
    "learn-from-searches": {
        "task": "recommendations.tasks.learn_from_searches",
        "schedule": crontab(minute="47"),
    },
    "prune-idempotency-keys": {
        "task": "recommendations.tasks.prune_idempotency_keys",
        "schedule": crontab(minute="37", hour="3"),
    },
    "make-partitions-ahead": {
        "task": "recommendations.tasks.make_partitions_ahead",
        "schedule": crontab(minute="57", hour="3"),
    },
    "send-order-confirmations": {
        "task": "recommendations.tasks.send_order_confirmations",
        "schedule": crontab(),
    },
    "keep-figures": {
        "task": "recommendations.tasks.keep_figures",
        "schedule": crontab(minute="*/5"),
    },
    "keep-experiments": {
        "task": "recommendations.tasks.keep_experiments",
        # After the figures of the day, which the reports are made of.
        "schedule": crontab(minute="2-59/5"),
    },
    "begin-and-end-sales": {
        "task": "recommendations.tasks.begin_and_end_sales",
        "schedule": crontab(),
    },
    "fetch-due-feeds": {
        "task": "recommendations.tasks.fetch_due_feeds",
        "schedule": crontab(),
    },
    "fetch-pictures": {
        "task": "recommendations.tasks.fetch_pictures",
        "schedule": crontab(),
    },
    "rebuild-search-when-much-changed": {
        "task": "recommendations.tasks.rebuild_search_when_due",
        "schedule": crontab(),
    },
    "encode-pictures-when-due": {
        "task": "recommendations.tasks.encode_pictures_when_due",
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
    CELERY_BEAT_SCHEDULE["keep-shared-values-fresh"] = {
        "task": "recommendations.tasks.keep_shared_values_fresh",
        "schedule": crontab(),
    }
