"""The settings of `make run` with one more route."""

from ecommerce_rec.settings_dev import *  # noqa: F403

ROOT_URLCONF = "benchmarks.urls"
