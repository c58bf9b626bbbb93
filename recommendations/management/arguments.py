"""What options of commands may hold, each said in a sentence where it holds something else."""

from argparse import ArgumentTypeError
from datetime import UTC, datetime

LARGEST_SEED = 2**32 - 1


def parse_seed(text: str) -> int:
    """Return the seed of random numbers that a text names."""
    if not text.isdecimal() or int(text) > LARGEST_SEED:
        raise ArgumentTypeError(f"{text} is not a whole number from 0 to {LARGEST_SEED}")
    return int(text)


def parse_count(text: str) -> int:
    """Return how many of something a text asks for, at least one."""
    if not text.isdecimal() or not int(text):
        raise ArgumentTypeError(f"{text} is not a whole number from 1 on")
    return int(text)


def parse_moment(text: str) -> float:
    """Return the seconds since 1970 of a day or a moment, in UTC where it names no zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text} is not a day, such as 2026-03-01") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
