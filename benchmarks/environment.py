"""Importing this sets Django up for a shop in a folder of its own, as `make run` would run it.

It comes before whatever imports the shop's tables. `DATABASE_URL` and `REDIS_URL` choose the
servers; without them it is SQLite and the memory of the process.
"""

import os
import tempfile
from pathlib import Path

import django

_folder = tempfile.TemporaryDirectory(prefix="shop-bench-")
FOLDER = Path(_folder.name)
"""Goes away with the process."""

os.environ |= {
    "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
    "VAR_DIR": str(FOLDER),
    "DEBUG": "0",
    "LOG_LEVEL": "ERROR",
    "CELERY_BROKER_URL": "memory://",
}
django.setup()
