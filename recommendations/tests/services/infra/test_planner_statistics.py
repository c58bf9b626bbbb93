"""After many new rows, the database knows of them at once."""

import pytest
from django.db import connection, transaction

from recommendations.models import Product
from recommendations.services.infra.planner_statistics import LEAST_ROWS, collect_statistics
from recommendations.tests.builders import make_product

pytestmark = pytest.mark.django_db(transaction=True)

PAGES_ALL_SEE = "SELECT reltuples, relpages, relallvisible FROM pg_class WHERE relname = 'products'"


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no such pages.")
def test_an_index_is_enough_to_read_what_was_just_loaded() -> None:
    make_product()

    collect_statistics(new_rows=LEAST_ROWS)

    with connection.cursor() as cursor:
        cursor.execute(PAGES_ALL_SEE)
        rows, pages, seen_by_all = cursor.fetchone()
    assert rows == 1
    assert pages == seen_by_all > 0


def test_statistics_are_collected_within_a_transaction_too() -> None:
    with transaction.atomic():
        make_product()
        collect_statistics(new_rows=LEAST_ROWS)

    assert Product.objects.count() == 1
