"""A synthetic shop to measure: products, histories, and a model as large as a trained one."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

import numpy as np
from django.db import connection
from django.test.utils import setup_databases, teardown_databases
from django.utils import timezone

from benchmarks.environment import FOLDER
from benchmarks.made_products import fill_shop
from recommendations.choices import InteractionType
from recommendations.models import UserBehavior
from recommendations.services.infra.planner_statistics import renew_statistics
from recommendations.services.people.subjects import Subject
from recommendations.services.training import live_model

HISTORY = 20


@contextmanager
def create_database() -> Iterator[None]:
    """Make an empty test database."""
    on_sqlite = connection.vendor == "sqlite"
    connection.settings_dict["TEST"]["NAME"] = str(FOLDER / "made.sqlite3") if on_sqlite else None
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        yield
    finally:
        teardown_databases(databases, verbosity=0)


@contextmanager
def create_shop(n_products: int) -> Iterator[None]:
    """Make a test database with the products 1 to `n_products` and a live model of them."""
    with create_database():
        try:
            fill_shop(n_products)
            yield
        finally:
            live_model.forget()


def make_visitors(count: int) -> list[Subject]:
    """Return new visitors."""
    return [Subject(session_id=f"visitor-{number}") for number in range(count)]


def add_histories(subjects: Sequence[Subject], n_products: int) -> None:
    """Let each subject view `HISTORY` products in the last week, popular products more often."""
    rng = np.random.default_rng(0)
    # Zipf-like: low ids are viewed most.
    viewed = (n_products ** rng.random((len(subjects), HISTORY))).astype(int)
    days_ago = np.sort(7 * rng.random((len(subjects), HISTORY)))[:, ::-1]
    now = timezone.now()
    UserBehavior.objects.bulk_create(
        (
            UserBehavior(
                user_id=subject.user_id,
                session_id=subject.session_id,
                product_id=int(product_id),
                interaction_type=InteractionType.VIEW.value,
                timestamp=now - timedelta(days=float(days)),
            )
            for subject, products, past in zip(subjects, viewed, days_ago, strict=True)
            for product_id, days in zip(products, past, strict=True)
        ),
        batch_size=2_000,
    )
    renew_statistics()


def get_database_url() -> str:
    """Return the URL of the synthetic shop's database, for another process."""
    options = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{options['NAME']}"
    password = f":{options['PASSWORD']}" if options["PASSWORD"] else ""
    address = f"{options['HOST']}:{options['PORT'] or 5432}"
    return f"postgres://{options['USER']}{password}@{address}/{options['NAME']}"
