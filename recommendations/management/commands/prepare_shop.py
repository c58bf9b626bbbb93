"""`manage.py prepare_shop`: prepare the database, so that the shop can open."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from recommendations.management.preparation import prepare_shop


class Command(BaseCommand):
    help = (
        "Migrate the database; with DEMO_SIGN_IN on, add the sample shop if there are no products; "
        "train if there is no live model. Existing data is not changed."
    )
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        prepare_shop(folder=Path(settings.VAR_DIR), announce=self.stdout.write)
        self.stdout.write("The shop can open.")
