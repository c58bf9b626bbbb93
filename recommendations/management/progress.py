"""Progress bars for commands, one for each stage."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from recommendations.progress import Progress


@contextmanager
def show_progress_bars(stream: TextIO) -> Iterator[Progress]:
    """Yield a callback that shows the progress of each stage on `stream`.

    The bar of a stage appears with the stage's first report. If the stream is not a terminal, one
    line for each stage is printed at the end.
    """
    columns = (
        TextColumn("  {task.description:<34}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Bars(*columns, console=Console(file=stream)) as bars:
        stages: dict[str, TaskID] = {}

        def report(stage: str, done: int, total: int) -> None:
            if stage in stages:
                bars.update(stages[stage], completed=done, total=total)
            else:
                stages[stage] = bars.add_task(stage, completed=done, total=total)

        yield report
