"""Settings of tests: a fast password hash, plain static files, and a temporary folder for files."""

import tempfile
from pathlib import Path

from ecommerce_rec.settings import *  # noqa: F403
from ecommerce_rec.settings import CACHES, DATABASES, STORAGES, env

env.require_right_values()

SECRET_KEY = "only-for-tests"  # noqa: S105
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
WHITENOISE_USE_FINDERS = True
# Without it, every test client would list all static files before its first request.
WHITENOISE_AUTOREFRESH = True

_scratch = Path(tempfile.mkdtemp(prefix="shop-tests-"))
VAR_DIR = _scratch
MEDIA_ROOT = _scratch / "media"
STATIC_ROOT = _scratch / "static"
STATIC_ROOT.mkdir()
# The values of this file win, so that a developer's .env does not decide what is tested.
TIME_ZONE = "UTC"
RECOMMENDATIONS = {
    "artifacts_dir": _scratch / "models",
    "demo_sign_in": True,
    # A background thread would not see the transaction of a test; tests flush the log themselves.
    "served_log_flush_seconds": 3600.0,
}

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, as in the shop: a database in memory has neither WAL nor writers that wait.
    DATABASES["default"]["TEST"] = {"NAME": str(_scratch / "test.sqlite3")}
CACHES["default"]["KEY_PREFIX"] = f"test-{_scratch.name}"
STORAGES = {name: storage for name, storage in STORAGES.items() if name != "artifacts"}
CELERY_BROKER_URL = "memory://"
