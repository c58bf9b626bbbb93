"""Files that staff upload: each is tried first, then imported, both by the worker."""

import logging
import shutil
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.text import get_valid_filename

from recommendations.choices import ImportContent, ImportState
from recommendations.errors import DataImportError, TrainingUnderWayError
from recommendations.models import ImportJob
from recommendations.sentences import get_sentence, say, simplify
from recommendations.services.data_import.importing import import_data
from recommendations.services.data_import.options import parse_options, plan_files
from recommendations.services.data_import.plan import ImportPlan
from recommendations.services.data_import.report import FileTaken, ImportReport
from recommendations.services.data_import.summary import describe_report
from recommendations.services.infra.locks import hold

FILES_ARE_KEPT = timedelta(days=7)
JOBS_ARE_KEPT = timedelta(days=90)
STALLED_AFTER = timedelta(minutes=3)
"""A process renews its lease for less than this after it was killed."""
SECONDS_BETWEEN_REPORTS = 1.0
ANY_FILE = Path("file")

logger = logging.getLogger(__name__)


def require_plan(
    *, content: ImportContent, source: str, file_format: str, options: str, is_complete: bool
) -> None:
    """Refuse what an import cannot have.

    Raises:
        DataImportError: The source, an option or the completeness is impossible.
    """
    job = ImportJob(
        content=content.value,
        source=source,
        format=file_format,
        options=options,
        is_complete=is_complete,
    )
    _make_plan(job, ANY_FILE)


def create_job(
    *,
    staff: User | None,
    file_name: str,
    chunks: Iterable[bytes],
    content: ImportContent,
    source: str,
    file_format: str,
    options: str = "",
    is_complete: bool = False,
) -> ImportJob:
    """Store a file that is to be tried; the worker does so in `check_job`."""
    job = ImportJob.objects.create(
        staff=staff,
        # The name says how a file is packed.
        file_name=get_valid_filename(Path(file_name).name)[-200:],
        content=content.value,
        source=source,
        format=file_format,
        options=options,
        is_complete=is_complete,
    )
    # A restored database may use an id again.
    _delete_file(job)
    folder = _get_folder(job)
    folder.mkdir(parents=True)
    with (folder / job.file_name).open("wb") as file:
        for chunk in chunks:
            file.write(chunk)
    return job


def check_job(job_id: int) -> None:
    """Try an import without writing anything; its row says what came of it."""
    _run(job_id, ImportState.CHECKING)


def request_import(job: ImportJob) -> bool:
    """Let a checked import begin; return False if somebody else did. `run_job` does the work."""
    rows = ImportJob.objects.filter(pk=job.pk, state=ImportState.CHECKED.value)
    return bool(
        rows.update(
            state=ImportState.IMPORTING.value,
            stage="",
            done=0,
            total=0,
            changed_at=timezone.now(),
        )
    )


def run_job(job_id: int) -> None:
    """Import a file that staff have seen the preview of; its row says what came of it."""
    _run(job_id, ImportState.IMPORTING)


def is_stalled(job: ImportJob) -> bool:
    """Return whether the process that worked on it was probably killed, or none began."""
    is_running = job.state in {ImportState.CHECKING.value, ImportState.IMPORTING.value}
    return is_running and job.changed_at < timezone.now() - STALLED_AFTER


def prune_jobs() -> None:
    """Delete the files that nobody imported, and what is told of old imports."""
    now = timezone.now()
    for job in ImportJob.objects.filter(changed_at__lt=now - FILES_ARE_KEPT):
        _delete_file(job)
    ImportJob.objects.filter(changed_at__lt=now - JOBS_ARE_KEPT).delete()


def _run(job_id: int, state: ImportState) -> None:
    job = ImportJob.objects.filter(pk=job_id, state=state.value).first()
    if job is None:
        return
    try:
        with hold(f"import {job.pk}"):
            _import(job, dry_run=state is ImportState.CHECKING)
    except TrainingUnderWayError as busy:
        logger.info("%s", busy)


def _import(job: ImportJob, *, dry_run: bool) -> None:
    file = _get_folder(job) / job.file_name
    taken: list[FileTaken] = []
    try:
        if not file.exists():
            raise DataImportError(
                say(
                    "The file is not on this machine. Workers and web processes must share VAR_DIR."
                )
            )
        report = import_data(
            _make_plan(job, file),
            dry_run=dry_run,
            progress=_Reporter(job),
            on_taken=taken.append,
        )
    except DataImportError as problem:
        _end(job, ImportState.FAILED, problem=get_sentence(problem))
    except BaseException as failure:
        # The row says why it stopped; the queue still gets the exception.
        _end(job, ImportState.FAILED, problem=get_sentence(failure))
        raise
    else:
        preview = _describe(taken, report) if dry_run else job.preview
        state = ImportState.CHECKED if dry_run else ImportState.IMPORTED
        trouble = ""
        if not report.good:
            state, trouble = ImportState.FAILED, say("No row of the file can be imported.")
        summary = describe_report(report, dry_run=dry_run)
        _end(job, state, preview=preview, summary=summary, problem=trouble)
    if job.state != ImportState.CHECKED.value:
        _delete_file(job)


def _end(job: ImportJob, state: ImportState, **columns: Any) -> None:
    job.state = state.value
    job.stage = ""
    for name, value in columns.items():
        setattr(job, name, value)
    job.save()


def _describe(taken: list[FileTaken], report: ImportReport) -> dict[str, Any]:
    """Return what the file was taken for and its first rows, as JSON has them."""
    return {
        "files": [
            {
                "format": simplify(each.format),
                "encoding": simplify(each.encoding),
                "columns": [list(pair) for pair in each.columns],
                "unused": list(each.unused),
                "repeated": list(each.repeated),
                "notes": [simplify(note) for note in each.notes],
            }
            for each in taken
        ],
        "examples": [simplify(each) for tally in report.tallies for each in tally.examples],
        "problems": [simplify(problem.sentence) for problem in report.problems],
    }


def _make_plan(job: ImportJob, file: Path) -> ImportPlan:
    if job.is_complete and job.content != ImportContent.PRODUCTS.value:
        raise DataImportError(say("Only a file of products can be complete."))
    options = parse_options(job.options) | {
        "format": job.format,
        "complete": job.is_complete,
        "take_down_many": False,
    }
    return plan_files(options, source=job.source, **{job.content: file})


def _get_folder(job: ImportJob) -> Path:
    return Path(settings.VAR_DIR) / "imports" / str(job.pk)


def _delete_file(job: ImportJob) -> None:
    with suppress(OSError):
        shutil.rmtree(_get_folder(job))


class _Reporter:
    """Writes how far an import is into its row, at most once a second."""

    def __init__(self, job: ImportJob) -> None:
        self._row = ImportJob.objects.filter(pk=job.pk)
        self._last = -SECONDS_BETWEEN_REPORTS

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Note the progress."""
        if monotonic() - self._last < SECONDS_BETWEEN_REPORTS:
            return
        self._last = monotonic()
        self._row.update(stage=stage, done=done, total=total, changed_at=timezone.now())
