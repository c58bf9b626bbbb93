"""The Django project: wiring only. Loading Celery here lets `@shared_task` find its app."""

from ecommerce_rec.celery import app as celery_app

__all__ = ["celery_app"]
