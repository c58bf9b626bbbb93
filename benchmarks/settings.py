"""The shop as `make run` serves it, with one more route beside its own."""

from ecommerce_rec.settings_dev import *  # noqa: F403

ROOT_URLCONF = "benchmarks.urls"
