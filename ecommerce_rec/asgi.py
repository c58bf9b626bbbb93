"""The ASGI entry point: what web processes run.

It uses the production settings unless DJANGO_SETTINGS_MODULE is set.
"""

from ecommerce_rec.wsgi import application as shop

# The import stands here because it needs the apps, which the line above loads.
from ecommerce_rec.front import Front  # isort: skip

THREADS = 4
"""How many requests one process handles at the same time: while one waits for the database, others
compute."""

application = Front(shop, threads=THREADS)
