"""A synthetic shop to measure: products, histories, and a model as large as a trained one."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

import numpy as np
from django.db import connection
from django.test.utils import setup_databases, teardown_databases
from django.utils import timezone

from benchmarks.environment import FOLDER
from benchmarks.random_pair import make_random_pair
from recommendations.choices import InteractionType
from recommendations.conf import configuration
from recommendations.ml import artifacts
from recommendations.models import ModelVersion, UserBehavior
from recommendations.services.people.subjects import Subject
from recommendations.services.training import live_model, registry

HISTORY = 20
CATEGORIES = 40


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
            _add_products(n_products)
            _put_model_live(n_products)
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
    if connection.vendor == "postgresql":
        # The planner needs statistics now; by itself, the server collects them within a minute.
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def get_database_url() -> str:
    """Return the URL of the synthetic shop's database, for another process."""
    options = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{options['NAME']}"
    password = f":{options['PASSWORD']}" if options["PASSWORD"] else ""
    address = f"{options['HOST']}:{options['PORT'] or 5432}"
    return f"postgres://{options['USER']}{password}@{address}/{options['NAME']}"


def _add_products(n_products: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO products (id, name, description, category, brand, price, stock, image,"
            " is_active, is_repeatable, attributes, source, external_id, created_at, changed_at,"
            " description_html, sku, has_variants, has_several_prices)"
            " WITH RECURSIVE numbers (n) AS"
            " (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < %s)"
            " SELECT n, 'Made product ' || n, '', 'Category ' || (n %% %s), 'Brand ' || (n %% 97),"
            " 1 + n %% 300, 10, 'products/' || n || '.svg', %s, %s, '{}', '', '',"
            " CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, '', '', %s, %s FROM numbers",
            [n_products, CATEGORIES, True, False, False, False],
        )


def _put_model_live(n_products: int) -> None:
    name = f"made-{n_products}"
    pair = make_random_pair(
        np.arange(1, n_products + 1),
        collaborative_weight=configuration().collaborative_weight,
        factorization_weight=configuration().factorization_weight,
    )
    artifacts.save(pair, registry.get_artifact_folder(name), fingerprint="made")
    ModelVersion.objects.create(name=name, n_items=n_products)
    registry.promote(name)
