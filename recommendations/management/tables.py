"""Tables as plain text, for the output of commands."""

from io import StringIO

from rich.console import Console
from rich.table import Table


def render_table(table: Table, *, width: int = 110) -> str:
    """Return the table as text, at most `width` characters wide."""
    console = Console(file=StringIO(), width=width)
    with console.capture() as captured:
        console.print(table)
    return captured.get().rstrip("\n")
