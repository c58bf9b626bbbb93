"""Settings of development and the demo: no server to install, no secret to set.

The secret key is made on the first start and kept in `var/`, so that sessions survive a restart and
the repository holds no key.
"""

import secrets

from ecommerce_rec.settings import *  # noqa: F403
from ecommerce_rec.settings import RECOMMENDATIONS, STATIC_ROOT, VAR_DIR, env

DEBUG = env.bool("DEBUG", default=True)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])

for _folder in (VAR_DIR, STATIC_ROOT):
    _folder.mkdir(parents=True, exist_ok=True)
_key_file = VAR_DIR / "secret_key"
if not env.str("SECRET_KEY", default=""):
    if not _key_file.exists():
        _key_file.touch(mode=0o600)
        _key_file.write_text(secrets.token_urlsafe(50))
    SECRET_KEY = _key_file.read_text()

# Static files are served from their folders; `collectstatic` is not needed.
WHITENOISE_USE_FINDERS = True

RECOMMENDATIONS.setdefault("demo_sign_in", True)
