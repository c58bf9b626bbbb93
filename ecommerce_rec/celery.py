"""The Celery application; its options are the settings that begin with `CELERY_`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecommerce_rec.settings_prod")

app = Celery("ecommerce_rec")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
