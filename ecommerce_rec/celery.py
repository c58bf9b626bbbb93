"""The Celery application; its options are the settings that begin with `CELERY_`."""

import logging
import os
from typing import Any

from celery import Celery
from celery.signals import after_setup_logger

from recommendations.services.infra.outage_log import OutageFilter

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecommerce_rec.settings_prod")

app = Celery("ecommerce_rec")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@after_setup_logger.connect  # type: ignore[untyped-decorator]
def filter_outages(logger: logging.Logger, **_: Any) -> None:
    """Filter what workers log as the log of web processes is filtered: Celery has own handlers."""
    for handler in logger.handlers:
        handler.addFilter(OutageFilter())
