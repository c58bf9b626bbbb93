"""How long-running work reports its progress."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called with the name of a stage, the steps done and the steps in total."""


def report_nothing(stage: str, done: int, total: int) -> None:
    """Ignore the progress."""
