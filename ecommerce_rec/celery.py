"""The Celery application; its options are the settings that begin with `CELERY_`."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecommerce_rec.settings_prod")

app = Celery("ecommerce_rec")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

NICENESS = 10
"""Web processes on the same machine come first: a training computes for minutes."""


@worker_init.connect  # type: ignore[untyped-decorator]
def _yield_to_web_processes(**_: Any) -> None:
    os.nice(NICENESS - os.nice(0))
