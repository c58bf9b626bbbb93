"""Fetch feeds: download a file, check it, import it, and note what came of it."""

import logging
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection
from django.utils import timezone

from recommendations.choices import FeedRunState
from recommendations.errors import (
    DataImportError,
    DownloadError,
    FeedUnderWayError,
    ShrunkenFileError,
    TrainingUnderWayError,
)
from recommendations.models import Feed, FeedRun
from recommendations.progress import Progress, report_nothing
from recommendations.sentences import get_sentence, join, join_lines, say
from recommendations.services.data_import import (
    FileTaken,
    ImportPlan,
    describe_file,
    describe_report,
    import_data,
)
from recommendations.services.feeds.setup import build_credentials, compute_setup, make_feed_plan
from recommendations.services.feeds.status import INTERRUPTED, build_lease_name, read_statuses
from recommendations.services.infra.downloads import Download, DownloadLimits, download
from recommendations.services.infra.locks import hold

KEPT_RUNS = 200
"""How many runs of a feed are kept."""
LIMITS = DownloadLimits(
    kind=say("a feed"),
    # Not HTML, which is what a server sends when it asks people to sign in.
    content_types=re.compile(
        r"text/(?!html)[\w.+-]+|binary/octet-stream"
        r"|application/([\w.-]+\+)?(json|xml)|application/(x-)?(ndjson|jsonl|jsonlines|csv|gzip)"
        r"|application/(x-)?(zip|zip-compressed)|application/octet-stream"
        r"|application/(vnd\.ms-excel|x-download|force-download)"
    ),
    most_bytes=2**30,
    seconds=10 * 60,
)
CONFIRM = say("Nothing was imported. If the file is right, confirm it on the page of the feed.")

logger = logging.getLogger(__name__)


def run_due_feeds() -> list[FeedRun]:
    """Fetch the feeds that are due, one after the other; return what came of them."""
    runs = []
    for status in read_statuses():
        if status.is_due:
            try:
                runs.append(run_feed(status.feed))
            except FeedUnderWayError as busy:
                logger.info("%s", busy)
    return runs


def run_feed(
    feed: Feed, *, is_confirmed: bool = False, progress: Progress = report_nothing
) -> FeedRun:
    """Fetch a feed now; return the run, which says what came of it.

    The whole file is checked before anything of it is written. If the server says that the file is
    the one that was imported last, nothing is done. A file of products with less than four fifths
    of the rows that the last import found is refused, unless staff confirm it: an export that was
    cut off is more likely than a shop that has lost a fifth of its products.

    Raises:
        FeedUnderWayError: Another process is fetching the feed.
    """
    try:
        with hold(build_lease_name(feed)):
            _close_leftover_runs(feed)
            run = FeedRun.objects.create(
                feed=feed, is_confirmed=is_confirmed, setup=compute_setup(feed)
            )
            try:
                _fetch(run, progress)
            except (DownloadError, DataImportError) as problem:
                _end(run, FeedRunState.FAILED, problem=get_sentence(problem))
            except BaseException as failure:
                # The row says why the run stopped; the caller still gets the exception.
                _note_failure(run, get_sentence(failure))
                raise
            _prune_runs(feed)
    except TrainingUnderWayError as busy:
        raise FeedUnderWayError(
            f"The feed {feed.name} is being fetched. If its process was killed, it can be fetched "
            "again within two minutes."
        ) from busy
    logger.info("Feed %s: %s", feed.name, f"{run.state}. {run.problem}".rstrip())
    return run


def _fetch(run: FeedRun, progress: Progress) -> None:
    last = run.feed.runs.filter(state=FeedRunState.IMPORTED.value).first()
    with _make_folder(run.feed) as folder:
        file = folder / run.feed.content
        with file.open("wb") as into:
            got = download(
                run.feed.address,
                into=into,
                limits=LIMITS,
                conditions=_build_conditions(run, last),
                credentials=build_credentials(run.feed),
                progress=progress,
            )
        if not connection.in_atomic_block:
            # The database may have closed a connection that was idle during the download.
            close_old_connections()
        if got.is_unchanged:
            _end(run, FeedRunState.UNCHANGED, held=last.held if last else 0)
            return
        plan = make_feed_plan(run.feed, file, takes_down_many=run.is_confirmed)
        if _check(run, plan, last, progress):
            _import(run, plan, got, progress)


@contextmanager
def _make_folder(feed: Feed) -> Iterator[Path]:
    """Yield an empty folder for the feed's file; what a killed process left there is deleted."""
    folder = Path(settings.VAR_DIR) / "feeds" / str(feed.pk)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _build_conditions(run: FeedRun, last: FeedRun | None) -> dict[str, str]:
    """Return the headers that name the version that was imported last, if it was read alike."""
    if last is None or last.setup != run.setup or run.is_confirmed:
        return {}
    named = {"If-None-Match": last.etag, "If-Modified-Since": last.last_modified}
    return {name: value for name, value in named.items() if value}


def _check(run: FeedRun, plan: ImportPlan, last: FeedRun | None, progress: Progress) -> bool:
    """Return whether the file is to be imported; if not, end the run."""
    try:
        report = import_data(plan, dry_run=True, progress=progress)
    except ShrunkenFileError as shrunken:
        problem = say(
            "{gone:,} of {on_sale:,} products would be taken down, more than a fifth.",
            gone=shrunken.gone,
            on_sale=shrunken.on_sale,
        )
        _end(run, FeedRunState.REFUSED, problem=join([problem, CONFIRM]))
        return False
    summary = describe_report(report, dry_run=True)
    if not report.good and (plan.products or report.skipped):
        problem = say("The file has no row that can be imported.")
        _end(run, FeedRunState.FAILED, refused=report.skipped, problem=problem, summary=summary)
        return False
    if plan.products and last and not run.is_confirmed and report.good * 5 < last.held * 4:
        problem = say(
            "The file has {good:,} good rows, and the last one that was imported had {held:,}: "
            "more than a fifth is missing.",
            good=report.good,
            held=last.held,
        )
        told = join([problem, CONFIRM])
        _end(run, FeedRunState.REFUSED, held=report.good, problem=told, summary=summary)
        return False
    return True


def _import(run: FeedRun, plan: ImportPlan, got: Download, progress: Progress) -> None:
    taken: list[FileTaken] = []
    report = import_data(plan, progress=progress, on_taken=taken.append)
    [tally] = report.tallies
    # The summary outlives shoppers who have their data erased, so it names none.
    kept = replace(report, example_shopper=None)
    _end(
        run,
        FeedRunState.IMPORTED,
        held=report.good,
        added=tally.added,
        changed=tally.updated,
        unchanged=tally.unchanged,
        refused=report.skipped,
        taken_down=report.taken_down,
        summary=join_lines([*map(describe_file, taken), describe_report(kept, dry_run=False)]),
        etag=got.etag,
        last_modified=got.last_modified,
    )


def _end(run: FeedRun, state: FeedRunState, **columns: Any) -> None:
    """Note the end of a run; staff may have deleted its feed meanwhile."""
    for name, value in {"state": state.value, "ended_at": timezone.now(), **columns}.items():
        setattr(run, name, value)
    names = ("state", "ended_at", *columns)
    FeedRun.objects.filter(pk=run.pk).update(**{name: getattr(run, name) for name in names})


def _note_failure(run: FeedRun, reason: str) -> None:
    """Store why the run failed; if the database cannot store it, the log has it."""
    logger.error("The run of the feed %s failed: %s", run.feed.name, reason)
    try:
        _end(run, FeedRunState.FAILED, problem=reason)
    except DatabaseError as problem:
        logger.error("The failure could not be stored: %s", problem)


def _close_leftover_runs(feed: Feed) -> None:
    """Close the runs of killed processes; the holder of the lease is the only one that fetches."""
    feed.runs.filter(state=FeedRunState.RUNNING.value).update(
        state=FeedRunState.INTERRUPTED.value, problem=INTERRUPTED, ended_at=timezone.now()
    )


def _prune_runs(feed: Feed) -> None:
    """Delete old runs, but for the last import, which the next file is compared with."""
    imported = feed.runs.filter(state=FeedRunState.IMPORTED.value)[:1]
    kept = [run.pk for rows in (imported, feed.runs.all()[:KEPT_RUNS]) for run in rows.only("pk")]
    feed.runs.exclude(pk__in=kept).delete()
