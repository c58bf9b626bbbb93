"""`manage.py insight`: print the figures of the shop as a table or as CSV."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from rich.table import Table

from recommendations.management.tables import render_table
from recommendations.services.insight.report import WINDOWS, read_report
from recommendations.services.insight.tables import OF_LISTS, TABLES, write_csv, write_definitions


class Command(BaseCommand):
    help = (
        "Print what happened in the shop and what followed recommendations, in the last days "
        "and in as many days before them. The worker counts every five minutes."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--days",
            type=int,
            choices=WINDOWS,
            default=30,
            help="how many days, the last of which is today (default: %(default)s)",
        )
        parser.add_argument(
            "--by",
            choices=[*TABLES],
            default="shop",
            help="what the rows are: figures of the whole shop, days, or kinds of lists "
            "(default: %(default)s)",
        )
        parser.add_argument("--csv", action="store_true", help="print CSV instead of a table")
        parser.add_argument(
            "--definitions", action="store_true", help="print what each figure is, and no figure"
        )

    def handle(self, *, days: int, by: str, **options: Any) -> None:
        if options["definitions"]:
            self.stdout.write(write_definitions())
            return
        report = read_report(days)
        columns, rows = TABLES[by](report)
        if options["csv"]:
            self.stdout.write(write_csv(TABLES[by](report)), ending="")
            return
        if by in OF_LISTS:
            # There are more figures than kinds of lists.
            columns, *rows = zip(columns, *rows, strict=True)
        table = Table(
            title=f"{report.window.first} to {report.window.last}, {report.time_zone}"
            f", in {report.currency}"
        )
        for column in columns:
            table.add_column(column)
        for row in rows:
            table.add_row(*row)
        self.stdout.write(render_table(table, width=160))
        if report.counted_at is None:
            self.stdout.write(
                "Nothing was counted yet: the worker does so every five minutes, and "
                "`manage.py rebuild_insight` now."
            )
        else:
            self.stdout.write(f"Counted {report.counted_at:%Y-%m-%d %H:%M} UTC.")
