"""No module of tests reads the clock while it is imported: its tests may run on the next day."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard

from django.conf import settings

CLOCKS = ["now", "utcnow", "today", "localdate", "localtime", "time", "time_ns"]


def reads_clock(node: ast.AST) -> TypeGuard[ast.Call]:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in CLOCKS
        and not node.args
    )


def find_reads(node: ast.AST) -> Iterator[int]:
    """Yield the lines that read the clock outside the bodies of functions."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        parts: list[ast.AST] = [*node.decorator_list, node.args]
    elif isinstance(node, ast.Lambda):
        parts = [node.args]
    else:
        parts = list(ast.iter_child_nodes(node))
        if reads_clock(node):
            yield node.lineno
    for part in parts:
        yield from find_reads(part)


def test_no_module_of_tests_reads_the_clock_while_it_is_imported() -> None:
    folder = Path(settings.BASE_DIR) / "recommendations" / "tests"

    reads = [
        f"{path.relative_to(folder)}:{line}"
        for path in folder.rglob("*.py")
        for line in find_reads(ast.parse(path.read_text(encoding="utf-8")))
    ]

    assert reads == []


def test_a_constant_a_default_and_a_parameter_of_a_mark_are_found() -> None:
    module = """
DAY = timezone.now() - timedelta(days=1)

@pytest.mark.parametrize("day", [date.today()])
def test_day(day, at=time.time()):
    assert timezone.now()
"""

    assert list(find_reads(ast.parse(module))) == [2, 4, 5]
