"""What strangers send must not fill the log."""

import logging
import sys

import pytest

from ecommerce_rec.strangers_log import LONGEST_MESSAGE, StrangersFilter


def make_record(name: str, level: int, message: str, *args: object) -> logging.LogRecord:
    try:
        raise ValueError("odd")
    except ValueError:
        return logging.LogRecord(name, level, __file__, 1, message, args, sys.exc_info())


def test_a_refused_request_has_no_line() -> None:
    record = make_record("django.request", logging.WARNING, "Not Found: %s", "/a")

    assert not StrangersFilter().filter(record)


def test_an_error_of_the_shop_keeps_its_traceback_and_not_the_whole_address() -> None:
    record = make_record("django.request", logging.ERROR, "Error: %s", "/a" * 30_000)

    assert StrangersFilter().filter(record)
    assert len(record.getMessage()) == LONGEST_MESSAGE + 1
    assert record.exc_info is not None


@pytest.mark.parametrize("name", ["django.security.DisallowedHost", "django.security.csrf"])
def test_a_foreign_host_is_one_short_line(name: str) -> None:
    record = make_record(name, logging.ERROR, "Invalid host %s", "h" * 900)

    assert StrangersFilter().filter(record)
    assert record.exc_info is None
    assert len(record.getMessage()) == LONGEST_MESSAGE + 1


def test_other_lines_are_left_alone() -> None:
    record = make_record("recommendations.tasks", logging.WARNING, "x" * 900)

    assert StrangersFilter().filter(record)
    assert (len(record.getMessage()), record.exc_info is not None) == (900, True)
