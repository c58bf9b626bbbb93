"""Prepare the database, so that the shop can open."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from recommendations.management.preparation import prepare_shop


class Command(BaseCommand):
    help = (
        "Migrate; with DEMO_SIGN_IN on, add the sample shop to an empty database; train when there "
        "is no live model. Nothing existing is changed."
    )
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        prepare_shop(folder=Path(settings.VAR_DIR), say=self.stdout.write)
        self.stdout.write("The shop can open.")
