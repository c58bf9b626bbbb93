"""How long work tells of its progress, whoever shows it."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Told the stage in words, and how many of how many are done in it."""


def report_nothing(stage: str, done: int, total: int) -> None:
    """Tell nobody."""
