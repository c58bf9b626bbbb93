"""Importing this module sets Django up for a shop in a temporary folder, with development settings.

Import it before any module that imports the tables of the shop. `DATABASE_URL` and `REDIS_URL`
choose the servers; the defaults are SQLite and the memory of the process.
"""

import os
import tempfile
from pathlib import Path

import django

_folder = tempfile.TemporaryDirectory(prefix="shop-bench-")
FOLDER = Path(_folder.name)
"""Deleted when the process ends."""

os.environ |= {
    "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
    "VAR_DIR": str(FOLDER),
    "DEBUG": "0",
    "LOG_LEVEL": "ERROR",
    "CELERY_BROKER_URL": "memory://",
}
django.setup()
