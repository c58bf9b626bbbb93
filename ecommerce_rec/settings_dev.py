"""Settings of development and the demo: no server to install, no secret to set.

The secret key is made on the first start and kept in `var/`, so that sessions survive a restart and
the repository holds no key.
"""

import secrets

from ecommerce_rec.environment import HOSTS
from ecommerce_rec.private_files import keep_private
from ecommerce_rec.settings import *  # noqa: F403
from ecommerce_rec.settings import (
    EMAIL_HOST,
    RECOMMENDATIONS,
    SECRET_KEY,
    STATIC_ROOT,
    VAR_DIR,
    env,
)
from recommendations.setting_types import SWITCH

DEBUG = env.read("DEBUG", SWITCH, True)
ALLOWED_HOSTS = env.read("ALLOWED_HOSTS", HOSTS, ["localhost", "127.0.0.1", "[::1]"])
env.prepare_folder("STATIC_ROOT", STATIC_ROOT)
env.require_right_values()
keep_private(VAR_DIR)

_key_file = VAR_DIR / "secret_key"
if not SECRET_KEY:
    if not _key_file.exists():
        _key_file.touch(mode=0o600)
        _key_file.write_text(secrets.token_urlsafe(50))
    SECRET_KEY = _key_file.read_text()

# Static files are served from their folders; `collectstatic` is not needed.
WHITENOISE_USE_FINDERS = True

if not EMAIL_HOST:
    # Not into the log: mails hold names and addresses, and erasing a person deletes theirs here.
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = VAR_DIR / "mail"

RECOMMENDATIONS.setdefault("demo_sign_in", True)
