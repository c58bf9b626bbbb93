"""The ASGI entry point; it uses the production settings unless DJANGO_SETTINGS_MODULE is set."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecommerce_rec.settings_prod")

application = get_asgi_application()

# The import stands here because it needs the apps, which the line above loads.
from recommendations.services.infra.warmup import warm_up_process  # noqa: E402

warm_up_process()
