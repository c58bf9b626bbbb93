"""`manage.py promote_model`: make a model version live."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recommendations.errors import ShopError
from recommendations.services.training.registry import Overruling, find_name, promote


class Command(BaseCommand):
    help = "Make a model version live, without comparing it. Its artifact must be readable."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "name",
            help="name of the version, or how only its name begins; model_status shows the names",
        )

        parser.add_argument(
            "--reason",
            help="why a version that was rejected, or taken back, is made live all the same",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            reason = options["reason"]
            overruling = Overruling(by="manage.py", reason=reason) if reason else None
            version = promote(find_name(options["name"]), overruling=overruling)
        except ShopError as error:
            raise CommandError(f"{error} The live version has not changed.") from error
        self.stdout.write(f"Model {version.name} is live.")
