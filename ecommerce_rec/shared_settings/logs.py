"""The log: a line for people in development, a JSON object for programs in production."""

from typing import Any

import structlog
from structlog.types import Processor

from ecommerce_rec.environment import LEVEL
from ecommerce_rec.shared_settings.base import env

REQUEST_FIELDS = ("method", "route", "status", "milliseconds", "caller", "request_id")
"""What a line about a request has; `ecommerce_rec/request_log.py` writes them."""

# What is added to the lines of every logger, whether it is ours or a library's.
_ENRICH: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(allow=REQUEST_FIELDS),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
_FOR_PEOPLE: list[Processor] = [
    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
    structlog.dev.ConsoleRenderer(
        colors=False,
        sort_keys=False,
        pad_event_to=0,
        exception_formatter=structlog.dev.plain_traceback,
    ),
]
_FOR_PROGRAMS: list[Processor] = [
    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
    structlog.processors.EventRenamer("message"),
    structlog.processors.format_exc_info,
    structlog.processors.JSONRenderer(),
]


def build_logging(*, as_json: bool) -> dict[str, Any]:
    """Return what `LOGGING` is."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": _FOR_PROGRAMS if as_json else _FOR_PEOPLE,
                "foreign_pre_chain": _ENRICH,
            }
        },
        "filters": {
            "outages": {"()": "recommendations.services.infra.outage_log.OutageFilter"},
            "strangers": {"()": "ecommerce_rec.strangers_log.StrangersFilter"},
        },
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": "line",
                "filters": ["outages", "strangers"],
            }
        },
        "root": {"handlers": ["console"], "level": env.read("LOG_LEVEL", LEVEL, "INFO")},
    }
