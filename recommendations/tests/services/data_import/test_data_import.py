from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage

from recommendations.errors import DataImportError
from recommendations.models import Product, UserBehavior
from recommendations.record_files import RecordFile
from recommendations.services.data_import import (
    ImportPlan,
    interaction_import,
    product_import,
)
from recommendations.services.data_import import import_data as run_import
from recommendations.tests.services.data_import.imported_files import (
    LAMP,
    import_log,
    import_products,
    list_problems,
    write_file,
)

pytestmark = [pytest.mark.django_db, pytest.mark.stateful]


def test_a_batch_with_bad_rows_still_imports_its_good_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interaction_import, "INTERACTIONS_PER_BATCH", 3)
    rows = [f"u{n},L1,view,,{1700000000 + n}" for n in range(10)]
    rows[1], rows[4], rows[9] = (
        row.replace("view,", "rate,9") for row in (rows[1], rows[4], rows[9])
    )

    report = import_log(
        tmp_path, "user_id,product_id,event,rating,timestamp\n" + "\n".join(rows) + "\n"
    )

    assert [problem.line for problem in report.problems] == [3, 6, 11]
    assert report.reasons == {"rating too high": 3}
    assert UserBehavior.objects.count() == 7


def test_a_batch_that_fails_leaves_nothing_of_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interaction_import, "INTERACTIONS_PER_BATCH", 2)
    monkeypatch.setattr(
        interaction_import,
        "find_all_names",
        lambda source: FailingLookUp(L1=Product.objects.get().pk),
    )
    content = "user_id,product_id,event,timestamp\n" + "".join(
        f"u{n},L1,view,170000000{n}\n" for n in range(4)
    )

    with pytest.raises(KeyError):
        import_log(tmp_path, content)

    assert set(User.objects.values_list("username", flat=True)) == {"shop-u0", "shop-u1"}
    assert UserBehavior.objects.count() == 2


class FailingLookUp(dict[str, int]):
    """Fails at the fourth look-up, in the middle of the second batch of two."""

    looked_up = 0

    def __getitem__(self, key: str) -> int:
        self.looked_up += 1
        if self.looked_up > 3:
            raise KeyError(key)
        return super().__getitem__(key)


def test_only_the_first_twenty_problems_are_kept_and_all_are_counted(tmp_path: Path) -> None:
    reported: list[str] = []
    path = write_file(
        tmp_path, "products.csv", "id,name,price\n" + "L1,Lamp,-1\n" * 50 + "L1,Lamp,1\n"
    )

    report = run_import(
        ImportPlan("shop", products=path), on_problem=lambda problem: reported.append(str(problem))
    )

    assert len(report.problems) == 20
    assert report.reasons == {"price below 0": 50}
    assert reported[49] == "products.csv line 51: price -1 is below 0"


def test_a_dry_run_checks_everything_and_writes_nothing(tmp_path: Path) -> None:
    write_file(tmp_path, "lamp.jpg", b"a picture nobody shall see")
    plan = ImportPlan(
        "dry",
        products=write_file(
            tmp_path, "products.csv", "id,name,price,image\nL1,Lamp,1,lamp.jpg\nL2,Torch,-1,\n"
        ),
        interactions=write_file(
            tmp_path,
            "log.csv",
            "user_id,product_id,event,timestamp\nann,L1,view,1700000000\nann,L2,view,1700000000\n",
        ),
    )

    report = run_import(plan, dry_run=True)

    assert list_problems(report) == [
        "products.csv line 3: price -1 is below 0",
        "log.csv line 3: product 'L2' is neither in the products file "
        "nor in the shop under the source dry",
    ]
    assert report.good == 2
    assert not Product.objects.exists()
    assert not User.objects.exists()
    assert not UserBehavior.objects.exists()
    assert not default_storage.exists("products/dry/lamp.jpg")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "products.csv",
            b"id,name\n1,Lamp\n",
            "products.csv has no column for price or regular_price (looked for price, unit_price, "
            "selling_price, current_price and other usual names); its columns are id, name. "
            "Name it with --map COLUMN=price.",
        ),
        ("products.csv", b"", "products.csv is empty; its first line names the columns."),
        (
            "products.xlsx",
            b"PK",
            "products.xlsx is an Excel workbook, which cannot be read: save it as CSV (UTF-8).",
        ),
    ],
)
def test_a_file_that_cannot_be_imported_is_refused(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    with pytest.raises(DataImportError) as refusal:
        import_products(tmp_path, content, name=name)

    assert str(refusal.value) == message
    assert not Product.objects.exists()


def test_a_file_that_only_claims_to_be_gzip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "products.csv.gz"
    path.write_text(LAMP)

    with pytest.raises(DataImportError, match=r"products.csv.gz ends in .gz but is not a gzip"):
        run_import(ImportPlan("shop", products=path))


def test_a_cut_off_file_keeps_what_came_before_and_goes_on_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(product_import, "PRODUCTS_PER_BATCH", 1000)
    rows = "".join(f"L{n},Lamp {n * 7919 % 10007},{n}\n" for n in range(1, 20_001))
    whole = write_file(tmp_path, "products.csv.gz", f"id,name,price\n{rows}")
    cut = tmp_path / "cut.csv.gz"
    cut.write_bytes(whole.read_bytes()[:-20_000])

    with pytest.raises(DataImportError, match=r"cut.csv.gz is damaged or cut off after line \d+: "):
        run_import(ImportPlan("shop", products=cut))
    there = Product.objects.count()
    report = run_import(ImportPlan("shop", products=whole))

    assert there > 0
    assert there % 1000 == 0
    assert report.products is not None
    assert (report.products.added, report.products.unchanged) == (20_000 - there, there)


def test_nothing_is_written_when_the_second_file_lacks_a_column(tmp_path: Path) -> None:
    with pytest.raises(DataImportError, match=r"log.csv has no column for timestamp or position"):
        import_log(tmp_path, "user_id,product_id,event\nann,L1,view\n")

    assert not Product.objects.exists()


@pytest.mark.parametrize(
    ("name", "start", "line"),
    [
        ("log.csv", "user_id,product_id,event,timestamp\nu1,L1,view,1700000000\n", 2),
        ("log.jsonl", '{"user_id": 1, "product_id": "L1", "event": "view"}\n', 1),
        ("log.csv.gz", "user_id,product_id,event,timestamp\n", 1),
        ("log.csv", "", 0),
    ],
)
def test_a_row_without_an_end_stops_the_import(
    tmp_path: Path, name: str, start: str, line: int
) -> None:
    with pytest.raises(
        DataImportError, match=f"has a row of more than 1,048,576 characters after line {line}: "
    ):
        import_log(tmp_path, start + "x" * 1_100_000, name=name)


def test_no_more_of_an_endless_row_is_read_than_a_row_may_have(tmp_path: Path) -> None:
    path = write_file(tmp_path, "log.jsonl", "x" * 8_000_000)

    with RecordFile(path) as file:
        with pytest.raises(DataImportError, match="has a row of more than"):
            list(file)

        assert file.bytes_read < 1_100_000


def test_a_row_of_many_quoted_lines_stops_the_import_too(tmp_path: Path) -> None:
    row = 'u1,L1,view,1700000000\nu2,"' + '\n","' * 400_000

    with pytest.raises(DataImportError, match="has a row of more than 1,048,576 characters"):
        import_log(tmp_path, f"user_id,product_id,event,timestamp\n{row}")


@pytest.mark.parametrize("name", ["log.csv.gz", "log.jsonl.gz"])
def test_a_gzip_bomb_stops_at_200_times_its_size(tmp_path: Path, name: str) -> None:
    bomb = b"user_id,product_id,event,timestamp\n" if name == "log.csv.gz" else b""
    bomb += (b" " * 99_999 + b"\n") * 680

    with pytest.raises(
        DataImportError,
        match=rf"{name} unpacks to more than 200 times its size.*\. Nothing was imported\.",
    ):
        run_import(ImportPlan("shop", interactions=write_file(tmp_path, name, bomb)))
