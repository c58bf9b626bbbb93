"""`manage.py export_data`: write products, interactions, orders and served lists to files."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import DatabaseError
from django.utils.dateparse import parse_date, parse_datetime

from recommendations.errors import ShopError
from recommendations.management.command_with_examples import CommandWithExamples
from recommendations.management.progress import show_progress_bars
from recommendations.services.data_export import (
    FORMATS,
    TABLES,
    check_format,
    count_rows,
    export_to_file,
    list_sources,
)

EXAMPLES = """\
examples:
  Everything, into a folder that is made if need be:
    manage.py export_data --to exports/

  The interactions since March, as JSON Lines:
    manage.py export_data interactions --since 2026-03-01 --format jsonl --to march.jsonl

  The products of one source, and what people did with them:
    manage.py export_data --source erp --to erp/

Interactions, orders and served lists hold personal data; docs/data-import.md says which.
"""


class Command(CommandWithExamples):
    examples = EXAMPLES
    help = (
        "Write products, interactions, orders and served lists to files: CSV, JSON Lines or "
        "Parquet. import_data reads the products and interactions again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "tables",
            nargs="*",
            metavar="TABLE",
            help=f"What to export: {', '.join(TABLES)}. The default is all of them.",
        )
        parser.add_argument(
            "--to",
            type=Path,
            required=True,
            metavar="PATH",
            help="The file of a single table, or a folder, in which files are called as TABLES.",
        )
        parser.add_argument("--format", default="csv", choices=FORMATS, help="(default: csv)")
        parser.add_argument(
            "--since",
            metavar="TIME",
            help="Only what happened from this day or time on, such as 2026-03-01 (UTC). Products "
            "are always exported whole.",
        )
        parser.add_argument(
            "--source",
            metavar="NAME",
            help="Only the products of this source, and what people did with them. Without it, "
            "every row names its source, and import_data puts it there again.",
        )
        parser.add_argument("--force", action="store_true", help="Overwrite files.")

    def handle(self, *args: Any, **options: Any) -> None:
        names = list(dict.fromkeys(options["tables"])) or [
            name for name, table in TABLES.items() if options["source"] is None or table.source
        ]
        unknown = [name for name in names if name not in TABLES]
        if unknown:
            raise CommandError(f"There is no {unknown[0]}. There are {', '.join(TABLES)}.")
        _check_source(options["source"])
        since = _parse_since(options["since"]) if options["since"] else None
        try:
            check_format(options["format"])
            paths = _choose_paths(names, options["to"], options["format"])
            taken = [path for path in paths.values() if path.exists()]
            if taken and not options["force"]:
                raise CommandError(
                    f"{taken[0]} is there already. Nothing was written; --force overwrites files."
                )
            for name, path in paths.items():
                self.export(name, path, since, options)
        except ShopError as error:
            raise CommandError(str(error)) from error
        except DatabaseError as problem:
            raise CommandError(
                f"The export stopped, because the database refused a query: {problem}. The file "
                "under way was not written."
            ) from problem

    def export(self, name: str, path: Path, since: datetime | None, options: Any) -> None:
        table = TABLES[name]
        since = since if table.time else None
        with show_progress_bars(sys.stderr) as progress:
            size = export_to_file(
                name,
                options["format"],
                path,
                since=since,
                source=options["source"],
                may_overwrite=options["force"],
                progress=progress,
            )
        count = count_rows(table, since=since, source=options["source"])
        personal = "; it holds personal data" if table.is_personal else ""
        self.stdout.write(f"{path}: {count:,} {name.replace('-', ' ')}, {size:,} bytes{personal}.")


def _check_source(name: str | None) -> None:
    if name is None or name in (sources := list_sources()):
        return
    there = f"There are {', '.join(sources)}." if sources else "No product has one."
    raise CommandError(f"No product is of the source {name}. {there}")


def _choose_paths(names: list[str], target: Path, format_name: str) -> dict[str, Path]:
    """Return the file of each table: `target` itself, or files in it if it is a folder."""
    if len(names) == 1 and target.suffix and not target.is_dir():
        if not target.parent.is_dir():
            raise CommandError(f"There is no folder {target.parent}.")
        return {names[0]: target}
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise CommandError(f"{target} cannot be a folder: {problem.strerror}.") from problem
    return {name: target / f"{name}.{format_name}" for name in names}


def _parse_since(text: str) -> datetime:
    try:
        moment = parse_datetime(text)
        day = parse_date(text)
    except ValueError:
        moment = day = None
    if moment is None and day is not None:
        moment = datetime(day.year, day.month, day.day, tzinfo=UTC)
    if moment is None:
        raise CommandError(
            f"--since {text} is no day or time. Write 2026-03-01 or 2026-03-01T08:00Z."
        )
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
