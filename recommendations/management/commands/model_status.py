"""`manage.py model_status`: show model versions and whether a training is due."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from rich.table import Table

from recommendations.management.arguments import parse_count
from recommendations.management.tables import render_table
from recommendations.models import ModelVersion, TrainingLease
from recommendations.services.training import gate
from recommendations.services.training.readiness import describe_unlearnt
from recommendations.services.training.registry import find_present
from recommendations.services.training.schedule import (
    describe_failed_training,
    describe_next_training,
)


class Command(BaseCommand):
    help = "Show the newest model versions, a running training, and whether a training is due."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--count",
            type=parse_count,
            default=10,
            help="number of versions to show (default: %(default)s)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        versions = list(ModelVersion.objects.all()[: options["count"]])
        present = find_present(version.name for version in versions)
        table = Table(title="Model versions, newest first")
        for heading in (
            "name",
            "state",
            "NDCG@10",
            "products",
            "interactions",
            "artifact",
            "reason",
        ):
            # Names are copied into promote_model, so they are never cut or broken.
            table.add_column(heading, no_wrap=heading == "name")
        for version in versions:
            ndcg = gate.get_measured(version.metrics).get("ndcg", {}).get("ensemble")
            table.add_row(
                version.name,
                version.state,
                "–" if ndcg is None else f"{ndcg:.4f}",
                f"{version.n_items:,}",
                f"{version.n_interactions:,}",
                "kept" if version.name in present else "–",
                version.reason,
            )
        self.stdout.write(render_table(table))
        for lease in TrainingLease.objects.filter(expires_at__gt=timezone.now()):
            self.stdout.write(f"A {lease.name} is under way, by {lease.holder}.")
        if failure := describe_failed_training():
            self.stdout.write(failure)
        for sentence in describe_unlearnt():
            self.stdout.write(sentence)
        self.stdout.write(describe_next_training())
