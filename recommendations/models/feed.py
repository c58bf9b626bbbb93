"""Feeds: files that a shop's own systems lay down at an address, and how each was fetched."""

from django.db import models
from django.utils import timezone

from recommendations.choices import FeedContent, FeedInterval, FeedRunState, build_choices
from recommendations.models.sentence_field import SentenceField

LONGEST_ADDRESS = 2_000


class Feed(models.Model):
    """A file of products or interactions that is fetched from its address on a schedule.

    `options` has further options, as the command `import_data` takes them. `secret` is the password
    of `user_name`, or the value of the header `header_name`; no page, message or file shows it. The
    first fetch is due at `starts_at`, and the following ones at `interval` from then on.
    """

    name = models.SlugField(
        max_length=50, unique=True, help_text="Short name, such as own-shop-products."
    )
    address = models.CharField(
        max_length=LONGEST_ADDRESS,
        help_text="Where the file lies, beginning with https:// or http://. The file may be CSV, "
        "JSON, JSON Lines or XML, also gzipped or in a zip archive.",
    )
    content = models.CharField(
        "holds",
        max_length=20,
        choices=build_choices(FeedContent),
        default=FeedContent.PRODUCTS.value,
    )
    source = models.CharField(
        max_length=50,
        help_text="Short name for where the ids come from, as import_data --source has it. A "
        "product is identified by source and id.",
    )
    format = models.CharField(
        max_length=30, default="auto", help_text="Auto: the columns of the file tell."
    )
    options = models.TextField(
        blank=True,
        help_text="How to read the file, as import_data takes it; one option a line, such as "
        "--map item.code=id, --ignore type, --time-zone Europe/Berlin or --default-stock 5.",
    )
    is_complete = models.BooleanField(
        "complete",
        default=False,
        help_text="The file holds the whole catalogue: products that it does not name are taken "
        "down. If more than a fifth would go, the file is refused until you confirm it.",
    )
    interval = models.CharField(
        "fetched",
        max_length=20,
        choices=build_choices(FeedInterval),
        default=FeedInterval.DAILY.value,
    )
    starts_at = models.DateTimeField(
        "first fetch",
        default=timezone.now,
        help_text="The following fetches are at the same time of the hour, day or week.",
    )
    is_active = models.BooleanField(
        "active", default=True, help_text="When off, the feed is fetched only by hand."
    )
    user_name = models.CharField(
        max_length=200, blank=True, help_text="If the server asks for a user and a password."
    )
    header_name = models.CharField(
        "header",
        max_length=100,
        blank=True,
        help_text="If the server asks for a header instead, its name, such as X-Api-Key.",
    )
    secret = models.CharField(max_length=500, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        db_table = "feed"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class FeedRun(models.Model):
    """One fetch of a feed.

    `held` counts the good rows of the file; `added`, `changed` and `unchanged` count products or
    interactions. `etag` and `last_modified` name the version of the file for the server, and
    `setup` is a digest of what the feed said about its file: a file that is read in another way is
    another one. A running row whose lease has run out belongs to a killed process.
    """

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="runs")
    state = models.CharField(
        max_length=20, choices=build_choices(FeedRunState), default=FeedRunState.RUNNING.value
    )
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    held = models.PositiveIntegerField("good rows", default=0)
    added = models.PositiveIntegerField("new", default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField("refused rows", default=0)
    taken_down = models.PositiveIntegerField(default=0)
    problem = SentenceField(blank=True, help_text="Why nothing, or not all, was imported.")
    summary = SentenceField(blank=True)
    is_confirmed = models.BooleanField(
        "confirmed", default=False, help_text="Staff said that the file may be much smaller."
    )
    etag = models.TextField(blank=True, editable=False)
    last_modified = models.TextField(blank=True, editable=False)
    setup = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        db_table = "feed_run"
        ordering = ["-started_at", "-id"]
        indexes = [models.Index(fields=["feed", "-started_at", "-id"])]

    def __str__(self) -> str:
        return f"{self.feed.name}, {timezone.localtime(self.started_at):%Y-%m-%d %H:%M}"
