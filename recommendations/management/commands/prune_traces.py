"""`manage.py prune_traces`: what the schedule does every night, at once."""

from typing import Any

from django.core.management.base import BaseCommand

from recommendations.services.people import traces


class Command(BaseCommand):
    help = (
        "Delete expired sessions, sign-in attempts that no longer count, and old mails in the "
        "folder that stands in for a mail server. The worker does this every night."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        pruned = traces.prune()
        self.stdout.write(
            f"Expired sessions, {pruned.sign_in_attempts:,} sign-in attempts and "
            f"{pruned.mails:,} mails are deleted."
        )
