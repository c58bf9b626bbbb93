"""Bring a database to the point where the shop can open."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from recommendations.management.preparation import prepare_shop


class Command(BaseCommand):
    help = (
        "Migrate; with DEMO_SIGN_IN on fill an empty database with the sample shop; train when "
        "there is no live model. What is there already stays as it is."
    )
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        prepare_shop(folder=Path(settings.VAR_DIR), say=self.stdout.write)
        self.stdout.write("The shop can open.")
