"""A point or a comma before decimals: what the whole file tells, and what nobody can tell."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from recommendations.models import Product
from recommendations.services.data_import import (
    FileTaken,
    ImportPlan,
    ImportReport,
    describe_report,
    import_data,
    parse_options,
    plan_files,
)
from recommendations.services.data_import.number_styles import AMBIGUOUS, classify
from recommendations.tests.services.data_import.imported_files import write_file

pytestmark = [pytest.mark.django_db, pytest.mark.stateful]


def take(folder: Path, content: str, name: str = "p.csv", **plan: Any) -> ImportReport:
    taken: list[FileTaken] = []
    path = write_file(folder, name, content)
    report = import_data(ImportPlan("q", products=path, **plan), on_taken=taken.append)
    assert list(taken[0].notes) == report.notes
    return report


def read(*fields: str) -> list[tuple[str, ...]]:
    rows = Product.objects.order_by("external_id").values_list(*fields)
    return [tuple(str(value) for value in row) for row in rows]


@pytest.mark.parametrize(
    ("written", "decimal"),
    [
        ("19,90", ","),
        ("19.90 €", "."),
        ("1.249,50", ","),
        ("$1,249.50", "."),
        ("1.249.000", ","),
        ("1,249,000", "."),
        ("0.125", "."),
        ("0,125", ","),
        ("1249.125", "."),
        ("34.000000", "."),
        ("1 249,5", ","),
        ("12,-", ","),
        ("1'249.—", "."),
        ("1249", None),
        ("free", None),
        ("1.249", AMBIGUOUS),
        ("€ 1,249", AMBIGUOUS),
        ("12.500", AMBIGUOUS),
    ],
)
def test_most_numbers_tell_by_themselves(written: str, decimal: str | None) -> None:
    assert classify(written) == decimal


def test_a_comma_in_the_last_row_tells_what_all_rows_mean(tmp_path: Path) -> None:
    rows = "".join(f"{number};A;1.249;1.200\n" for number in range(300))

    report = take(tmp_path, f"id;name;price;stock\n{rows}z;B;19,90;3\n")

    assert report.notes == [
        "prices have a decimal comma: 19,90 says so",
        "numbers of pieces have a decimal comma: 19,90 says so",
    ]
    assert "Assumed: prices have a decimal comma: 19,90 says so." in describe_report(
        report, dry_run=False
    )
    assert set(read("price", "stock")) == {("1249.00", "1200"), ("19.90", "3")}


def test_a_point_in_the_last_row_tells_what_all_rows_mean(tmp_path: Path) -> None:
    rows = "".join(f"{number},A,1.255\n" for number in range(300))

    report = take(tmp_path, f"id,name,price\n{rows}z,B,9.5\n")

    assert report.notes == ["prices have a decimal point: 9.5 says so"]
    assert set(read("price")) == {("1.26",), ("9.50",)}


@pytest.mark.parametrize(
    ("header", "row", "other"),
    [
        ("ID;Type;SKU;Name;Regular price;Sale price", "1;simple;a;A;1.249;", "2;simple;b;B;19,90;"),
        ("id;name;compare_at_price;price", "1;A;2.000;1.249", "2;B;19,90;9"),
        ("id;name;price;sale_price", "1;A;1.249;", "2;B;30;19,90"),
    ],
)
def test_every_column_of_prices_tells(tmp_path: Path, header: str, row: str, other: str) -> None:
    take(tmp_path, f"{header}\n{row}\n{other}\n")

    assert read("price")[0] == ("1249.00",)


def test_what_could_be_two_numbers_is_refused_with_both(tmp_path: Path) -> None:
    report = take(tmp_path, "id;name;price\n1;A;1.249\n2;B;999\n")

    assert [str(problem) for problem in report.problems] == [
        "p.csv line 2: price 1.249 could be 1249 or 1.249: say --decimal comma, or --decimal point"
    ]
    assert read("external_id") == [("2",)]


def test_numbers_that_say_different_things_leave_the_others_open(tmp_path: Path) -> None:
    report = take(tmp_path, 'id,name,price\n1,A,"19,90"\n2,B,19.90\n3,C,1.249\n4,D,"1.249,00"\n')

    assert report.reasons == {
        "price could be two numbers: --decimal comma or --decimal point says which": 1
    }
    assert read("price") == [("19.90",), ("19.90",), ("1249.00",)]


@pytest.mark.parametrize(("word", "price"), [("comma", "1249.00"), ("point", "1.25")])
def test_the_caller_can_say_it(tmp_path: Path, word: str, price: str) -> None:
    path = write_file(tmp_path, "p.csv", "id;name;price\n1;A;1.249\n")
    options = parse_options(f"--decimal {word}") | {
        **{"format": "auto", "complete": False, "take_down_many": False},
    }

    report = import_data(plan_files(options, source="q", products=path))

    assert report.notes == [f"prices have a decimal {word}: --decimal {word} says so"]
    assert read("price") == [(price,)]


def test_a_comma_before_three_digits_separates_thousands_and_is_said(tmp_path: Path) -> None:
    report = take(tmp_path, 'id,name,price\n1,A,"1,249"\n')

    assert read("price") == [("1249.00",)]
    assert report.notes == [
        "prices have commas between thousands: no other number tells; --decimal says otherwise"
    ]


def test_numbers_of_json_are_what_they_are(tmp_path: Path) -> None:
    report = take(tmp_path, '[{"id": 1, "name": "A", "price": 1.249}]', "p.json")

    assert (read("price"), report.notes) == ([("1.25",)], [])


@pytest.mark.parametrize(
    ("currency", "price"),
    [("JPY", Decimal(1249)), ("KWD", Decimal("1.249"))],
)
def test_the_decimals_of_the_currency_tell(
    tmp_path: Path, settings: Any, currency: str, price: Decimal
) -> None:
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "currency": currency}

    take(tmp_path, "id,name,price\n1,A,1.249\n")

    assert Product.objects.get().price == price


def test_prestashops_impacts_and_discounts_are_read_in_the_files_style(tmp_path: Path) -> None:
    write_file(
        tmp_path,
        "combinations.csv",
        "Product ID;Attribute (Name:Type:Position);Value (Value:Position);Impact on price\n"
        '1;"Size:select:0";"S:0";-0,50\n1;"Size:select:0";"L:0";1.000,00\n',
    )

    take(
        tmp_path,
        "Product ID;Active (0/1);Name;Price tax included;Discount amount\n"
        '1;1;Tee;1.249,50;\n2;1;Cup;"1.249,00";"1,50"\n',
    )

    tee, cup = Product.objects.order_by("external_id")
    assert [str(each.price) for each in tee.variants.order_by("position")] == ["1249.00", "2249.50"]
    assert (str(cup.price), str(cup.regular_price)) == ("1247.50", "1249.00")


def test_a_date_late_in_a_log_tells_the_order_of_all(tmp_path: Path) -> None:
    rows = "".join(f"u{number},1,view,03/04/2022 10:00\n" for number in range(300))
    log = write_file(
        tmp_path, "log.csv", f"user_id,product_id,event,timestamp\n{rows}v,1,view,24/06/2022 9:00\n"
    )

    report = import_data(ImportPlan("q", interactions=log))

    assert report.notes == ["dates are read as day/month, as 24/06/2022 9:00 says"]
    first = Product.objects.get().interactions.earliest("timestamp")
    assert first.timestamp.isoformat() == "2022-04-03T10:00:00+00:00"
