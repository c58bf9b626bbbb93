"""`manage.py rollback_model`: make the previous model version live again."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recommendations.errors import ShopError
from recommendations.services.training.registry import roll_back


class Command(BaseCommand):
    help = "Reject the live model version and make its predecessor live again."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            version = roll_back()
        except ShopError as error:
            raise CommandError(f"{error} The live version has not changed.") from error
        self.stdout.write(f"Model {version.name} is live again.")
