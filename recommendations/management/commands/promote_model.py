"""Put a model version live by its name."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recommendations.errors import ShopError
from recommendations.services.training.registry import promote


class Command(BaseCommand):
    help = "Put a model version live, whatever was measured. Its artifact must be whole."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the version's name, as model_status shows it")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            version = promote(options["name"])
        except ShopError as error:
            raise CommandError(f"{error} What was live stays live.") from error
        self.stdout.write(f"Model {version.name} is live.")
