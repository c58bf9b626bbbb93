"""`manage.py experiments`: list, start, pause and stop experiments, and report on them."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.table import Table

from recommendations.errors import ShopError
from recommendations.management.tables import render_table
from recommendations.models import Experiment
from recommendations.money import format_amount
from recommendations.services.experiments.lifecycle import (
    HOLD_OUT_SHARE,
    begin_holdout,
    find_experiment,
    pause_experiment,
    start_experiment,
    stop_experiment,
)
from recommendations.services.experiments.reporting import make_report
from recommendations.services.experiments.reports import (
    list_with_reports,
    write_course_csv,
    write_report_csv,
)
from recommendations.services.experiments.verdict_words import (
    describe_earnings,
    describe_verdicts,
    list_notes,
)
from recommendations.services.insight.upkeep import keep_figures

CSV = {"metric": write_report_csv, "day": write_course_csv}


class Command(BaseCommand):
    help = "List, start, pause and stop experiments, and report on them. Draft them in the admin."

    def add_arguments(self, parser: ArgumentParser) -> None:
        steps = parser.add_subparsers(dest="step", required=True)
        steps.add_parser("list", help="show all experiments, the newest first")
        texts = {
            "start": "start a draft, or let a paused experiment go on",
            "pause": "serve everybody as without the experiment, until it is started again",
            "stop": "end an experiment for good",
            "report": "count now, and say what is known of an experiment",
        }
        for name, text in texts.items():
            step = steps.add_parser(name, help=text)
            step.add_argument("experiment", help="its name or its id")
            if name in {"pause", "stop"}:
                step.add_argument("--reason", default="", help="why, for the history")
            if name == "report":
                step.add_argument("--csv", choices=[*CSV], help="print CSV instead of sentences")
        holdout = steps.add_parser("hold-out", help="switch the standing hold-out on")
        holdout.add_argument(
            "--share",
            type=float,
            default=HOLD_OUT_SHARE,
            help="the share of subjects without recommendations (default: %(default)s)",
        )

    def handle(self, *, step: str, **options: Any) -> None:
        try:
            match step:
                case "list":
                    self._list()
                case "hold-out":
                    experiment = begin_holdout(author=None, share=options["share"])
                    self.stdout.write(f"{experiment} runs.")
                case "report":
                    self._report(find_experiment(options["experiment"]), options["csv"])
                case _:
                    self._take_step(step, find_experiment(options["experiment"]), options)
        except ShopError as refused:
            raise CommandError(str(refused)) from refused

    def _list(self) -> None:
        table = Table(title="Experiments, newest first")
        for heading in ("id", "name", "state", "arms", "started", "needs", "verdict"):
            table.add_column(heading, no_wrap=heading == "id")
        for one in list_with_reports():
            report: Any = one.report  # type: ignore[attr-defined]
            table.add_row(
                str(one.pk),
                one.name,
                one.state,
                ", ".join(arm.name for arm in one.arms.all()),
                f"{one.started_at:%Y-%m-%d}" if one.started_at else "–",
                f"{one.needed_days} days, {one.needed_subjects:,} subjects"
                if one.needed_days and one.needed_subjects
                else "–",
                report["verdict"].replace("_", " ") if report else "–",
            )
        self.stdout.write(render_table(table))

    def _take_step(self, step: str, experiment: Experiment, options: dict[str, Any]) -> None:
        match step:
            case "start":
                start_experiment(experiment_id=experiment.pk, author=None)
            case "pause":
                pause_experiment(experiment_id=experiment.pk, author=None, reason=options["reason"])
            case _:
                stop_experiment(experiment_id=experiment.pk, author=None, reason=options["reason"])
        experiment.refresh_from_db()
        self.stdout.write(f"{experiment} is {experiment.state}.")

    def _report(self, experiment: Experiment, table: str | None) -> None:
        if experiment.started_at is None:
            raise CommandError(f"{experiment} is a draft: there is nothing to report.")
        keep_figures()
        report = make_report(experiment)
        if table is not None:
            self.stdout.write(CSV[table](report), ending="")
            return
        sentences = describe_verdicts(report.content)
        if experiment.is_holdout:
            sentences = [describe_earnings(report.content, amount=format_amount)]
        for sentence in (*sentences, *list_notes(report.content)):
            self.stdout.write(sentence)
