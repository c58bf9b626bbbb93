"""The ASGI entry point; production settings unless DJANGO_SETTINGS_MODULE says otherwise."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecommerce_rec.settings_prod")

application = get_asgi_application()

# It needs the apps that the line above has loaded.
from recommendations.services.infra.warmup import warm_up_process  # noqa: E402

warm_up_process()
