"""While a server is away, the log says so once a minute."""

import logging
import sys

import pytest
from django.db import OperationalError
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import ConnectionError as RedisConnectionError

from recommendations.services.infra import outage_log
from recommendations.services.infra.outage_log import OutageFilter


def make_record(
    message: str, *arguments: object, error: Exception | None = None
) -> logging.LogRecord:
    exc_info = None
    if error is not None:
        try:
            raise error
        except type(error):
            exc_info = sys.exc_info()
    return logging.LogRecord("shop", logging.ERROR, "", 0, message, arguments, exc_info)


def write(one: OutageFilter, *records: logging.LogRecord) -> list[str]:
    return [logging.Formatter().format(record) for record in records if one.filter(record)]


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("connection refused"),
        RedisConnectionError("connection refused"),
        ConnectionInterrupted(None),
    ],
)
def test_an_outage_is_one_line_without_a_traceback(error: Exception) -> None:
    records = [make_record("Exception ignored", error=error) for _ in range(3)]

    written = write(OutageFilter(), *records)

    assert written == [f"Exception ignored: {error}"]


def test_a_line_with_the_error_as_its_argument_is_about_an_outage_too() -> None:
    problem = OperationalError("the table\nis locked")

    written = write(
        OutageFilter(),
        make_record("Reading the %s failed: %s", "history", problem),
        make_record("Reading the %s failed: %s", "rules", problem),
        make_record("Served lists were not written: %s", problem),
    )

    assert written == [
        "Reading the history failed: the table is locked",
        "Served lists were not written: the table is locked",
    ]


def test_the_line_a_minute_later_says_how_many_were_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, problem = OutageFilter(), OperationalError("gone")
    write(one, *[make_record("It failed: %s", problem) for _ in range(8)])

    monkeypatch.setattr(outage_log, "INTERVAL_SECONDS", 0.0)
    one._next.clear()
    written = write(one, make_record("It failed: %s", problem))

    assert written == ["It failed: gone (7 more since the last such line)"]


def test_answers_with_503_are_one_line_and_other_failures_one_each() -> None:
    records = [make_record("%s: %s", "Failed", f"/{status}") for status in (503, 503, 500, 500)]
    for record, status in zip(records, (503, 503, 500, 500), strict=True):
        record.status_code = status

    written = write(OutageFilter(), *records)

    assert written == ["Failed: /503", "Failed: /500", "Failed: /500"]


def test_an_error_of_the_code_keeps_its_traceback() -> None:
    records = [make_record("It failed", error=ValueError("wrong")) for _ in range(2)]

    written = write(OutageFilter(), *records)

    assert [text.count("Traceback") for text in written] == [1, 1]
