"""How the feeds stand: what became of the last fetches, when the next one is due, what to tell."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

from django.db.models import CharField, Exists, OuterRef, Prefetch, QuerySet, Value
from django.db.models.functions import Cast, Concat, Now
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations.choices import FeedInterval, FeedRunState
from recommendations.models import Feed, FeedRun, TrainingLease
from recommendations.sentences import say
from recommendations.services.infra.translation import tell

LATEST_RUNS = 10
FIRST_PAUSE = timedelta(minutes=10)
LONGEST_PAUSE = timedelta(hours=6)
OVERDUE_AFTER = timedelta(hours=1)
"""How late a fetch may be before staff are told; a worker may be busy with a training."""
LEASE_PREFIX = "feed:"
INTERRUPTED = say("The process that fetched it was killed.")

GOOD = {FeedRunState.IMPORTED.value, FeedRunState.UNCHANGED.value}
BROKEN = {FeedRunState.FAILED.value, FeedRunState.INTERRUPTED.value}
"""States after which the schedule tries again, at growing pauses."""


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """How one feed stands.

    Attributes:
        feed: The feed.
        runs: Its latest runs, newest first.
        is_running: Whether a process is fetching it.
        next_run_at: When it is fetched next; None while it is switched off or being fetched.
    """

    feed: Feed
    runs: Sequence[FeedRun]
    is_running: bool
    next_run_at: datetime | None

    @property
    def last(self) -> FeedRun | None:
        """The newest run that has ended."""
        return next((run for run in self.runs if run.state != FeedRunState.RUNNING.value), None)

    @property
    def last_good(self) -> FeedRun | None:
        """The newest run that brought the shop up to date, if it is among the latest."""
        return next((run for run in self.runs if run.state in GOOD), None)

    @property
    def is_due(self) -> bool:
        """Whether the schedule fetches it now."""
        return self.next_run_at is not None and self.next_run_at <= timezone.now()

    @property
    def is_overdue(self) -> bool:
        """Whether the schedule should have fetched it long ago."""
        late = timezone.now() - OVERDUE_AFTER
        return self.next_run_at is not None and self.next_run_at < late

    @property
    def is_failing(self) -> bool:
        """Whether the last run left the shop as it was, although the file may have changed."""
        return self.last is not None and self.last.state not in GOOD

    def describe_problem(self) -> str | None:
        """Return what staff should know of an active feed, in sentences; None if all is well."""
        if not self.feed.is_active:
            return None
        if self.last is not None and self.is_failing:
            begun = timezone.localtime(self.last.started_at)
            sentence = _("The feed {name} was not imported at {begun}: {problem}").format(
                name=self.feed.name,
                begun=f"{begun:%Y-%m-%d %H:%M}",
                problem=tell(self.last.problem),
            )
            if self.next_run_at is None:
                return sentence
            again = timezone.localtime(self.next_run_at)
            told = _("The schedule tries again after {}.").format(f"{again:%Y-%m-%d %H:%M}")
            return f"{sentence} {told}"
        if self.is_overdue and self.next_run_at is not None:
            due = timezone.localtime(self.next_run_at)
            return _(
                "The feed {name} was due at {due} and was not fetched: see whether the background "
                "worker and its schedule run."
            ).format(name=self.feed.name, due=f"{due:%Y-%m-%d %H:%M}")
        return None


def annotate_status(feeds: QuerySet[Feed]) -> QuerySet[Feed]:
    """Return the feeds with what `get_status` needs of them, read in two queries."""
    latest = FeedRun.objects.order_by("-started_at", "-id")[:LATEST_RUNS]
    return feeds.annotate(is_running=is_leased("pk")).prefetch_related(
        Prefetch("runs", latest, to_attr="latest_runs")
    )


def get_status(feed: Feed) -> FeedStatus:
    """Return how a feed of `annotate_status` stands."""
    is_running: bool = feed.is_running  # type: ignore[attr-defined]
    runs: list[FeedRun] = feed.latest_runs  # type: ignore[attr-defined]
    for run in runs:
        run.feed = feed
        if run.state == FeedRunState.RUNNING.value and not is_running:
            run.state, run.problem = FeedRunState.INTERRUPTED.value, INTERRUPTED
    is_awaited = feed.is_active and not is_running
    return FeedStatus(feed, runs, is_running, _plan_next_run(feed, runs) if is_awaited else None)


def read_statuses() -> list[FeedStatus]:
    """Return how all feeds stand."""
    return [get_status(feed) for feed in annotate_status(Feed.objects.all())]


def describe_problems() -> list[str]:
    """Return what staff should know of the active feeds."""
    told = (status.describe_problem() for status in read_statuses())
    return [sentence for sentence in told if sentence]


def is_leased(feed_id: str) -> Exists:
    """Return the condition that a process fetches the feed with the id in this column."""
    name = Concat(Value(LEASE_PREFIX), Cast(OuterRef(feed_id), CharField()))
    return Exists(TrainingLease.objects.filter(name=name, expires_at__gt=Now()))


def build_lease_name(feed: Feed) -> str:
    """Return the name of the lease that the process which fetches the feed holds."""
    return f"{LEASE_PREFIX}{feed.pk}"


def _plan_next_run(feed: Feed, runs: Sequence[FeedRun]) -> datetime:
    """Return when a feed is fetched next.

    After a failure, that is after a pause, which doubles with each further one.
    """
    if not runs:
        return feed.starts_at
    last = runs[0]
    failures = len(list(takewhile(lambda run: run.state in BROKEN, runs)))
    if failures:
        pause: timedelta = FIRST_PAUSE * 2 ** (failures - 1)
        return (last.ended_at or last.started_at) + min(pause, LONGEST_PAUSE)
    if last.started_at < feed.starts_at:
        return feed.starts_at
    length = FeedInterval(feed.interval).length
    return feed.starts_at + length * ((last.started_at - feed.starts_at) // length + 1)
