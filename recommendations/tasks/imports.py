"""Tasks that try and import files of staff."""

from celery import shared_task

from recommendations.services.data_import import jobs


@shared_task(name="recommendations.tasks.check_import", acks_late=True)
def check_import(job_id: int) -> None:
    """Try an import without writing anything."""
    jobs.check_job(job_id)


@shared_task(name="recommendations.tasks.run_import", acks_late=True)
def run_import(job_id: int) -> None:
    """Import a file whose preview staff have seen."""
    jobs.run_job(job_id)
