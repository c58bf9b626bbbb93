"""The Django project. Importing the Celery app here lets `@shared_task` find it."""

from ecommerce_rec.celery import app as celery_app

__all__ = ["celery_app"]
