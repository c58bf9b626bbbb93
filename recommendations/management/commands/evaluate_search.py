"""`manage.py evaluate_search`: measure searches on judged queries and print a table."""

import csv
import json
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any, cast

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.table import Table

from recommendations.errors import ShopError
from recommendations.retrieval.judged_queries import JudgedQueries, read_judged_queries
from recommendations.services.search.evaluation import Mode, ModeReport, evaluate, list_modes


class Command(BaseCommand):
    help = (
        "Search for queries whose products people have judged, and measure how many relevant "
        "products are found. All modes stand in one table."
    )

    # Files can be measured without a database and without the web part.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        files = {
            "--products": "CSV file, plain or .gz, with item_id, name and perhaps brand, category "
            "and description",
            "--queries": "CSV file with query_id and query",
            "--judgements": "CSV file with query_id, item_id and relevance, from 1 to 3; products "
            "from 2.33 on are relevant",
        }
        for name, text in files.items():
            parser.add_argument(name, type=Path, metavar="FILE", required=True, help=text)
        parser.add_argument(
            "--mode",
            choices=[mode.value for mode in Mode],
            help="measure only this mode (default: all that are installed)",
        )
        parser.add_argument(
            "--database",
            action="store_true",
            help="put the products into the shop's database while they are searched; the "
            "transaction is rolled back",
        )
        parser.add_argument(
            "--json", type=Path, metavar="FILE", help="write all figures to this file"
        )
        parser.add_argument(
            "--predictions",
            type=Path,
            metavar="FILE",
            help="with --mode: write query_id, item_id and rank of the first 50 products to this "
            "CSV file",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["predictions"] and not options["mode"]:
            raise CommandError("--predictions needs --mode: a file holds what one mode found.")
        modes = list_modes()
        if options["mode"]:
            modes = [Mode(options["mode"])]
            if modes[0] not in list_modes():
                raise CommandError("Meaning needs the packages of requirements-meaning.txt.")
        try:
            judged = read_judged_queries(
                products=options["products"],
                queries=options["queries"],
                judgements=options["judgements"],
            )
            reports = evaluate(
                judged,
                modes=modes,
                through_database=options["database"],
            )
            _write_files(judged, reports, options["json"], options["predictions"])
        except ShopError as refused:
            raise CommandError(str(refused)) from refused
        except OSError as problem:
            raise CommandError(f"{problem.filename}: {problem.strerror}.") from problem
        width = None if self.stdout.isatty() else 120
        Console(file=cast(IO[str], self.stdout), width=width).print(_make_table(judged, reports))


def _make_table(judged: JudgedQueries, reports: Sequence[ModeReport]) -> Table:
    first = reports[0]
    table = Table(
        title=f"{first.figures.queries:,} queries, {first.figures.judged:,} with a relevant "
        f"product, {first.misspelt.queries:,} misspelt; {len(judged.documents):,} products"
    )
    table.add_column("mode")
    for heading in ("R@50", "S@10", "N@10", "R@50 misspelt", "without result", "p50", "p95"):
        table.add_column(heading, justify="right")
    for report in reports:
        figures = report.figures
        table.add_row(
            report.mode.value,
            f"{figures.recall_at_50:.4f}",
            f"{figures.success_at_10:.4f}",
            f"{figures.ndcg_at_10:.4f}",
            f"{report.misspelt.recall_at_50:.4f}",
            f"{figures.without_result:.2%}",
            f"{figures.p50_ms:.1f} ms",
            f"{figures.p95_ms:.1f} ms",
        )
    return table


def _write_files(
    judged: JudgedQueries,
    reports: Sequence[ModeReport],
    figures_file: Path | None,
    predictions_file: Path | None,
) -> None:
    if figures_file:
        figures = {
            report.mode.value: {"all": asdict(report.figures), "misspelt": asdict(report.misspelt)}
            for report in reports
        }
        figures_file.write_text(json.dumps(figures, indent=2) + "\n")
    if predictions_file:
        with predictions_file.open("w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["query_id", "item_id", "rank"])
            rows.writerows(
                [query_id, judged.product_ids[product_id - 1], rank]
                for query_id, found in reports[0].found.items()
                for rank, product_id in enumerate(found, start=1)
            )
