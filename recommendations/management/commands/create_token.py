"""`manage.py create_token`: create a bearer token for one of the shop's own servers."""

import argparse
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from recommendations.choices import TokenScope
from recommendations.errors import InvalidInputError
from recommendations.services.people.tokens import issue_token


class Command(BaseCommand):
    help = "Create a bearer token for a server and print it. Only its hash is stored."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="name of the server that uses the token")
        parser.add_argument(
            "--scope",
            action="append",
            required=True,
            choices=[scope.value for scope in TokenScope],
            help="what the token may do; repeat the option for several scopes",
        )
        parser.add_argument(
            "--source",
            default="",
            help="the system whose own ids the token speaks: the --source of the import; not "
            "needed while the shop has ids of one source",
        )
        parser.add_argument(
            "--expires-in-days",
            type=_parse_days,
            help="how long the token is valid; without this option it never expires",
        )

    def handle(self, *, name: str, **options: Any) -> None:
        days = options["expires_in_days"]
        expires_at = None if days is None else timezone.now() + timedelta(days=days)
        if not 0 < len(name) <= 100:
            raise CommandError("The name must have 1 to 100 characters.")
        try:
            _, secret = issue_token(
                name=name,
                scopes={TokenScope(scope) for scope in options["scope"]},
                expires_at=expires_at,
                source=options["source"],
            )
        except InvalidInputError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(secret)


def _parse_days(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 3650:
        raise argparse.ArgumentTypeError(f"{text} is not a number of days from 1 to 3650")
    return int(text)
