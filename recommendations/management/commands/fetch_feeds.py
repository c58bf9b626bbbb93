"""`manage.py fetch_feeds`: fetch feeds now."""

import sys
from contextlib import nullcontext
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from recommendations.choices import FeedRunState
from recommendations.errors import FeedUnderWayError
from recommendations.management.progress import show_progress_bars
from recommendations.models import Feed
from recommendations.progress import report_nothing
from recommendations.services.feeds.runs import run_feed

GOOD = {FeedRunState.IMPORTED.value, FeedRunState.UNCHANGED.value}


class Command(BaseCommand):
    help = (
        "Fetch a feed now, or all active ones, whether they are due or not. Feeds are set up in "
        "the admin; docs/data-import.md describes them."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="?", help="The name of one feed.")

    def handle(self, *args: Any, name: str | None, verbosity: int, **options: Any) -> None:
        feeds = list(
            Feed.objects.filter(name=name) if name else Feed.objects.filter(is_active=True)
        )
        if not feeds:
            raise CommandError(_describe_lack(name))
        failed = [feed.name for feed in feeds if not self.fetch(feed, verbosity)]
        if failed:
            raise CommandError(f"Not imported: {', '.join(failed)}.")

    def fetch(self, feed: Feed, verbosity: int) -> bool:
        """Fetch the feed and print what came of it; return whether the shop is up to date."""
        bars = show_progress_bars(sys.stderr) if verbosity else nullcontext(report_nothing)
        try:
            with bars as progress:
                run = run_feed(feed, progress=progress)
        except FeedUnderWayError as busy:
            self.stdout.write(str(busy))
            return False
        self.stdout.write(f"{feed.name}: {run.state}. {run.problem}".rstrip())
        if run.summary:
            self.stdout.write(run.summary)
        return run.state in GOOD


def _describe_lack(name: str | None) -> str:
    if name is None:
        return "There is no active feed; feeds are set up in the admin."
    names = ", ".join(Feed.objects.values_list("name", flat=True))
    return f"There is no feed {name}" + (f"; there are {names}." if names else ".")
