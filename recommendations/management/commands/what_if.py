"""`manage.py what_if`: what a change would have done to the lists that were served last."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from rich.table import Table

from recommendations.choices import Placement, WhatIfState
from recommendations.errors import InvalidInputError, ShopError
from recommendations.management.command_with_examples import CommandWithExamples
from recommendations.management.progress import show_progress_bars
from recommendations.management.tables import render_table
from recommendations.models import WhatIf
from recommendations.services.what_if import runs
from recommendations.services.what_if.changes import plan_change
from recommendations.services.what_if.definitions import DEFINITIONS, Figure
from recommendations.services.what_if.slot_words import (
    describe_slot,
    explain_refusal,
    list_slot_rows,
)


class Command(CommandWithExamples):
    help = (
        "Make the lists that were served last again, as they are and with a change, and tell which "
        "change, whose exposure moves, and how many clicks are expected. Nothing that shoppers see "
        "changes. The admin keeps the result."
    )
    examples = """examples:
  manage.py what_if home --rule 12
  manage.py what_if product --withdraw 7 --withdraw 8 --lists 2000
  manage.py what_if home --model 20261129-101500-1a2b3c4d --json
  manage.py what_if home --weights '{"collaborative": 1}'
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("placement", choices=[placement.value for placement in Placement])
        parser.add_argument(
            "--rule",
            type=int,
            action="append",
            default=[],
            metavar="ID",
            help="a rule of the draft that is tried; may be given several times",
        )
        parser.add_argument(
            "--withdraw",
            type=int,
            action="append",
            default=[],
            metavar="ID",
            help="a published rule that is withdrawn; may be given several times",
        )
        parser.add_argument("--model", default="", help="another model version, by its name")
        parser.add_argument(
            "--weights",
            default="",
            metavar="JSON",
            help="other weights of the blend, by the name of the member",
        )
        parser.add_argument(
            "--lists",
            type=int,
            default=5_000,
            help=f"how many lists, at most {runs.MOST_LISTS:,} (default: %(default)s)",
        )
        parser.add_argument("--json", action="store_true", help="print the whole result as JSON")

    def handle(self, *, placement: str, lists: int, model: str, **options: Any) -> None:
        try:
            change = plan_change(
                tried=options["rule"],
                withdrawn=options["withdraw"],
                model=model,
                weights=_read_weights(options["weights"]),
            )
            what_if = runs.request_run(
                staff=None, placement=Placement(placement), how_many=lists, change=change
            )
            with show_progress_bars(sys.stderr) as progress:
                runs.execute(what_if.pk, progress)
        except ShopError as refused:
            raise CommandError(str(refused)) from refused
        what_if.refresh_from_db()
        if what_if.state != WhatIfState.DONE.value:
            raise CommandError(what_if.problem or "The what-if was cancelled.")
        if options["json"]:
            self.stdout.write(json.dumps(what_if.result, indent=2))
        else:
            self._print(what_if)

    def _print(self, what_if: WhatIf) -> None:
        result: dict[str, Any] = what_if.result or {}
        effects = result["effects"]
        n_lists = effects["n_lists"]
        table = Table(
            title=f"What if, on {n_lists:,} lists ({what_if.placement}, {result['seconds']:g} s)"
        )
        for column in ("figure", "before", "after", "change"):
            table.add_column(column)
        for figure, cells in _list_cells(effects):
            table.add_row(str(DEFINITIONS[figure].title), *cells)
        for one in effects["products"]:
            if abs(one["after"] - one["before"]) > 0:
                table.add_row(one["name"], f"{one['before']:.2%}", f"{one['after']:.2%}", "")
        self.stdout.write(render_table(table))
        if effects["clicks"] is None:
            self.stdout.write(
                f"Expected clicks are not told: {effects['needed_clicks']:,} clicks on products "
                "that stood at several places are needed, and the log has "
                f"{effects['telling_clicks']:,}."
            )
        self._print_slot(result["slot"])
        left_out = result["n_asked"] - n_lists
        if left_out:
            self.stdout.write(f"{left_out:,} lists could not be made again.")
        if result["n_without_request"]:
            self.stdout.write(
                f"Of {result['n_without_request']:,} lists the log does not say what was asked for."
            )

    def _print_slot(self, slot: dict[str, Any] | None) -> None:
        """Print what the change would have earned in the slot that was filled at random."""
        if slot is None:
            return
        rows = list_slot_rows(slot)
        if rows:
            table = Table(title=describe_slot(slot))
            for column in ("clicks per 1,000 draws", "before", "after", "change"):
                table.add_column(column)
            for title, *estimates in rows:
                table.add_row(title, *(_write_estimate(one) for one in estimates))
            self.stdout.write(render_table(table))
        else:
            self.stdout.write(f"{describe_slot(slot)} {explain_refusal(slot)}")


def _read_weights(text: str) -> Any:
    if not text:
        return None
    try:
        return json.loads(text)
    except ValueError as wrong:
        raise InvalidInputError(f"The weights are not JSON: {wrong}") from wrong


def _write_estimate(estimate: dict[str, Any]) -> str:
    low, high = (1_000 * estimate["interval"][end] for end in ("low", "high"))
    return f"{1_000 * estimate['value']:.1f} [{low:.1f}, {high:.1f}]"


def _list_cells(effects: dict[str, Any]) -> list[tuple[Figure, tuple[str, str, str]]]:
    n_lists = max(effects["n_lists"], 1)
    rows = [
        (Figure.CHANGED, ("", "", f"{effects['n_changed'] / n_lists:.1%}")),
        (Figure.OVERLAP, ("", "", f"{effects['mean_overlap']:.1%}")),
    ]
    if clicks := effects["clicks"]:
        rows.append(
            (
                Figure.CLICKS,
                (
                    f"{clicks['before']:.1f}",
                    f"{clicks['after']:.1f}",
                    f"{clicks['change']:+.1%} [{clicks['low']:+.1%}, {clicks['high']:+.1%}]",
                ),
            )
        )
    if margin := effects["clicked_margin"]:
        rows.append(
            (
                Figure.CLICKED_MARGIN,
                (
                    f"{margin['before']:.2f}",
                    f"{margin['after']:.2f}",
                    f"{margin['change']:+.2f} [{margin['low']:+.2f}, {margin['high']:+.2f}]",
                ),
            )
        )
    if effects["margin_before"] is not None and effects["margin_after"] is not None:
        before, after = effects["margin_before"], effects["margin_after"]
        rows.append((Figure.MARGIN, (f"{before:.2f}", f"{after:.2f}", f"{after - before:+.2f}")))
    rows.append((Figure.WITH_COST, (f"{effects['share_with_cost']:.1%}", "", "")))
    rows.append((Figure.AS_SERVED, ("", "", f"{effects['n_as_served'] / n_lists:.1%}")))
    return rows
