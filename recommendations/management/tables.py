"""Tables of commands as plain text, whatever they are written to."""

from io import StringIO

from rich.console import Console
from rich.table import Table


def render_table(table: Table, *, width: int = 110) -> str:
    """Return the table drawn with lines, at most `width` columns wide."""
    console = Console(file=StringIO(), width=width)
    with console.capture() as captured:
        console.print(table)
    return captured.get().rstrip("\n")
