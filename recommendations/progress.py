"""How long-running work reports its progress. Plain Python: every layer may import it."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called with the name of the stage, the number of steps done in it, and their total."""


def report_nothing(stage: str, done: int, total: int) -> None:
    """Ignore the report; the default of `progress` arguments."""
