"""The lines of the log, as people and as programs read them."""

import json
import logging
import logging.config
from typing import Any

from structlog.contextvars import bound_contextvars

from ecommerce_rec.shared_settings.logs import build_logging


def format_line(
    *, as_json: bool, extra: dict[str, Any] | None = None, error: Exception | None = None
) -> str:
    config = logging.config.DictConfigurator(build_logging(as_json=as_json))
    formatter = config.configure_formatter(config.config["formatters"]["line"])
    record = logging.getLogger("recommendations.odd").makeRecord(
        "recommendations.odd",
        logging.WARNING,
        __file__,
        1,
        "%s went wrong",
        ("Something",),
        (type(error), error, None) if error else None,
        extra=extra,
    )
    return formatter.format(record)


def test_production_logs_json_with_the_id_of_the_request() -> None:
    with bound_contextvars(request_id="0123456789abcdef"):
        line = json.loads(format_line(as_json=True))

    assert line.pop("timestamp")[-1] == "Z"
    assert line == {
        "level": "warning",
        "logger": "recommendations.odd",
        "message": "Something went wrong",
        "request_id": "0123456789abcdef",
    }


def test_a_traceback_stays_within_one_line_of_json() -> None:
    text = format_line(as_json=True, error=ValueError("two\nlines"))

    assert "\n" not in text
    assert json.loads(text)["exception"] == "ValueError: two\nlines"


def test_development_logs_lines_for_people() -> None:
    line = format_line(as_json=False, extra={"route": "/api/cart/", "status": 200})

    time, rest = line.split(" ", 1)
    assert time[-1] == "Z"
    assert rest == (
        "[warning  ] Something went wrong [recommendations.odd] route=/api/cart/ status=200"
    )


def test_a_line_has_only_what_it_was_given_and_none_of_pythons_own_fields() -> None:
    line = json.loads(format_line(as_json=True, extra={"status": 200, "password": "secret"}))

    assert set(line) == {"timestamp", "level", "logger", "message", "status"}
