"""The ASGI entry point: what web processes run.

It uses the production settings unless DJANGO_SETTINGS_MODULE is set.
"""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecommerce_rec.settings_prod")

from django.conf import settings

from ecommerce_rec.shared_counts import share_counts

share_counts(settings.METRICS_DIR)

# The imports stand here because they make metrics, and the front needs the apps as well.
from ecommerce_rec.wsgi import application as shop  # noqa: E402

from ecommerce_rec.front import Front  # noqa: E402  # isort: skip
from recommendations.realtime.application import LiveApplication  # noqa: E402  # isort: skip

THREADS = 4
"""How many requests one process handles at the same time: while one waits for the database, others
compute."""

application = Front(shop, threads=THREADS, sockets=LiveApplication())
