"""What takes a product off sale: words, yes and no, and dates, in columns of many names."""

from pathlib import Path

import pytest

from recommendations.models import Product
from recommendations.services.data_import import ImportPlan, ImportReport, import_data
from recommendations.tests.services.data_import.imported_files import write_file

pytestmark = [pytest.mark.django_db, pytest.mark.stateful]


def take(folder: Path, content: str) -> ImportReport:
    return import_data(ImportPlan("q", products=write_file(folder, "p.csv", content)))


def is_on_sale(folder: Path, column: str, value: str) -> bool:
    take(folder, f"id,name,price,{column}\n1,A,1,{value}\n")
    return Product.objects.get().is_active


@pytest.mark.parametrize(
    "column",
    [
        *("deleted_at", "Deleted On", "archivedAt", "discontinued_date", "removed_at"),
        *("unpublished_at", "end_of_life_date", "SellEndDate", "available_until", "valid_to"),
        *("expires_at", "unpublish_on", "retired_at", "verfügbar_bis", "discontinued", "archived"),
        *("is_deleted", "hidden_since", "deleted"),
    ],
)
@pytest.mark.parametrize(
    ("value", "on_sale"),
    [
        ("2024-05-01", False),
        ("2024-05-01 10:00:00 UTC", False),
        ("1714557600", False),
        ("31.12.2098", True),
        ("9999-12-31", True),
        ("0000-00-00 00:00:00", True),
        ("", True),
        ("NULL", True),
        ("true", False),
        ("no", True),
    ],
)
def test_what_ended_is_not_on_sale(tmp_path: Path, column: str, value: str, on_sale: bool) -> None:
    assert is_on_sale(tmp_path, column, value) is on_sale


@pytest.mark.parametrize(
    "column", ["available_from", "Publish At", "published_at", "launchDate", "valid_from"]
)
@pytest.mark.parametrize(
    ("value", "on_sale"),
    [("2098-01-01T00:00:00Z", False), ("2024-05-01", True), ("", True), ("0000-00-00", True)],
)
def test_what_has_not_begun_is_not_on_sale(
    tmp_path: Path, column: str, value: str, on_sale: bool
) -> None:
    assert is_on_sale(tmp_path, column, value) is on_sale


def test_what_begins_later_is_said_and_goes_on_sale_by_a_later_import(tmp_path: Path) -> None:
    report = take(tmp_path, "id,name,price,available_from\n1,A,1,2098-01-01\n")
    before = Product.objects.get().is_active
    take(tmp_path, "id,name,price,available_from\n1,A,1,2024-01-01\n")

    assert report.warnings == {
        "available_from is later: not on sale until an import after that time": 1
    }
    assert (before, Product.objects.get().is_active) == (False, True)


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("is_hidden,is_deleted", "no,yes"),
        ("active,visible", "1,0"),
        ("status,lifecycle_status", "active,discontinued"),
        ("is_deleted,deleted_at", "0,2024-01-01"),
        ("valid_until,archived_at", "2098-01-01,2024-01-01"),
    ],
)
def test_one_column_that_says_no_is_enough(tmp_path: Path, header: str, row: str) -> None:
    take(tmp_path, f"id,name,price,{header}\n1,A,1,{row}\n")

    assert not Product.objects.get().is_active


@pytest.mark.parametrize(
    "word",
    [
        *("removed", "Not published", "coming-soon", "sold_out", "end of life", "withdrawn"),
        *("in review", "gelöscht", "borrador", "brouillon", "deaktiviert", "auto-draft"),
    ],
)
def test_words_of_shops_for_not_on_sale(tmp_path: Path, word: str) -> None:
    assert is_on_sale(tmp_path, "status", word) is False


def test_unknown_words_are_named_and_counted(tmp_path: Path) -> None:
    rows = "".join(f"{number},A,1,seasonal,ships soon,maybe\n" for number in range(3))

    report = take(tmp_path, "id,name,price,status,availability,archived_at\n" + rows)

    assert report.warnings == {
        "status 'seasonal' is no known word: not regarded": 3,
        "availability 'ships soon' is no known word: not regarded": 3,
        "available_until 'maybe' is no known word: not regarded": 3,
    }


def test_after_many_unknown_words_the_others_are_counted_together(tmp_path: Path) -> None:
    rows = "".join(f"{number},A,1,word {number}\n" for number in range(25))

    report = take(tmp_path, "id,name,price,status\n" + rows)

    assert len(report.warnings) == 21
    assert report.warnings["status with other words is no known word: not regarded"] == 5


def test_a_status_of_shopify_that_nobody_knows_is_named(tmp_path: Path) -> None:
    report = take(
        tmp_path,
        "Handle,Title,Option1 Name,Option1 Value,Variant Price,Status\n"
        "cup,Cup,Title,Default Title,4,resting\n",
    )

    assert report.warnings == {"status 'resting' is no known word: not regarded": 1}
