"""Raw SQL finds the same rows prepared or not, and each connection prepares it once."""

from collections.abc import Iterator

import pytest
from django.db import ProgrammingError, connection, transaction

from recommendations.services.infra import raw_sql
from recommendations.services.infra.raw_sql import fetch_rows
from recommendations.tests.builders import make_product, make_products

pytestmark = pytest.mark.django_db(transaction=True)

on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite prepares every statement by itself."
)
NAMES = "SELECT {columns} FROM products WHERE category = %(category)s AND id {among_ids}"
PREPARED = "SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'written_%'"


@pytest.fixture(autouse=True)
def _no_pooler_found() -> Iterator[None]:
    connection.close()
    raw_sql._behind_pooler.clear()
    yield
    raw_sql._behind_pooler.clear()


def names(category: str, ids: list[int]) -> set[str]:
    return {name for (name,) in fetch_rows(NAMES, ["name"], {"category": category}, ids=ids)}


def count_prepared() -> int:
    with connection.cursor() as cursor:
        cursor.execute(PREPARED)
        return int(cursor.fetchone()[0])


def test_rows_match_the_ids_and_parameters() -> None:
    tent, lamp = make_product(category="Tents"), make_product(category="Lamps")
    odd = make_product(category='It\'s 100% "odd" – {ids} %s', name="Öd\\d")

    for _ in range(2):
        assert names("Tents", [tent.pk, lamp.pk, odd.pk]) == {tent.name}
        assert names("Lamps", [lamp.pk]) == {lamp.name}
        assert names(odd.category, [tent.pk, odd.pk]) == {"Öd\\d"}
        assert names("Lamps", []) == set()
        assert names("Nothing", [lamp.pk]) == set()


def test_values_have_their_json_types() -> None:
    made = make_product(price="1234567.80", stock=3, is_active=False)
    columns = ["id", "price", "stock", "CAST(NULL AS integer)"]

    found = fetch_rows(NAMES, columns, {"category": made.category}, ids=[made.pk])

    assert found == [[made.pk, 1234567.8, 3, None]]


def test_a_failing_query_raises_and_the_next_one_works() -> None:
    tent = make_product(category="Tents")

    with pytest.raises(Exception, match="no_such_column"):
        fetch_rows(NAMES, ["no_such_column"], {"category": "Tents"}, ids=[1])

    assert names("Tents", [tent.pk]) == {tent.name}


@on_postgresql
def test_a_connection_prepares_a_query_once_for_any_number_of_ids() -> None:
    made = make_products(9, category="Tents")
    ids = [product.pk for product in made]

    found = [len(names("Tents", ids[:count])) for count in (1, 5, 9, 9)]
    once = count_prepared()
    connection.close()

    assert found == [1, 5, 9, 9]
    assert once == 1
    assert count_prepared() == 0
    assert len(names("Tents", ids)) == 9


@on_postgresql
def test_a_prepared_query_is_planned_once() -> None:
    make_product(category="Tents")

    for number in range(20):
        names(("Tents", "Lamps")[number % 2], list(range(number)))

    with connection.cursor() as cursor:
        cursor.execute("SELECT generic_plans, custom_plans FROM pg_prepared_statements")
        assert cursor.fetchall() == [(20, 0)]


@on_postgresql
def test_a_statement_that_a_pooler_dropped_runs_unprepared() -> None:
    tent = make_product(category="Tents")
    names("Tents", [tent.pk])
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")

    found = [names("Tents", [tent.pk]) for _ in range(2)]

    assert found == [{tent.name}] * 2
    assert count_prepared() == 0


@on_postgresql
def test_a_statement_prepared_by_another_client_of_the_pooler_is_used() -> None:
    tent = make_product(category="Tents")
    names("Tents", [tent.pk])
    raw_sql._prepared.clear()

    assert names("Tents", [tent.pk]) == {tent.name}
    assert not raw_sql._behind_pooler.is_set()


@on_postgresql
def test_a_prepared_query_survives_a_migration() -> None:
    tent = make_product(category="Tents")
    names("Tents", [tent.pk])

    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE products ALTER COLUMN name TYPE text")
    try:
        found = names("Tents", [tent.pk])
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE products ALTER COLUMN name TYPE varchar(255)")

    assert found == {tent.name} == names("Tents", [tent.pk])


@on_postgresql
def test_within_a_transaction_nothing_is_prepared() -> None:
    tent = make_product(category="Tents")

    with transaction.atomic():
        found = names("Tents", [tent.pk])
        count = count_prepared()

    assert (found, count) == ({tent.name}, 0)


@on_postgresql
def test_other_errors_of_a_prepared_query_are_raised() -> None:
    tent = make_product(category="Tents")
    names("Tents", [tent.pk])
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE products RENAME TO products_away")
    try:
        with pytest.raises(ProgrammingError, match="products"):
            names("Tents", [tent.pk])
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE products_away RENAME TO products")

    assert names("Tents", [tent.pk]) == {tent.name}
