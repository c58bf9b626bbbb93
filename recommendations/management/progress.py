"""Progress bars of commands: one line for each stage of the work."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from recommendations.progress import Progress


@contextmanager
def progress_bars(stream: TextIO) -> Iterator[Progress]:
    """Give a callable that shows on `stream` how far each stage is.

    A stage appears when it is first told of. Where the stream is no terminal, each stage leaves
    one line when all is done.
    """
    columns = (
        TextColumn("  {task.description:<34}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Bars(*columns, console=Console(file=stream)) as bars:
        stages: dict[str, TaskID] = {}

        def tell(stage: str, done: int, total: int) -> None:
            if stage in stages:
                bars.update(stages[stage], completed=done, total=total)
            else:
                stages[stage] = bars.add_task(stage, completed=done, total=total)

        yield tell
