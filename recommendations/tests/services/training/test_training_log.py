"""The log in Parquet: what is written, what a second export changes, and what training reads."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NoReturn

import fsspec
import numpy as np
import pytest
from fsspec.implementations.memory import MemoryFileSystem
from pyarrow import parquet

from recommendations.choices import InteractionType
from recommendations.errors import TrainingLogError
from recommendations.ml.data import Interactions
from recommendations.models import Order, OrderLine, Product, UserBehavior
from recommendations.services.people.privacy import erase, erase_by_staff
from recommendations.services.people.subjects import Subject
from recommendations.services.shop.categories import set_categories
from recommendations.services.training.data import load_interactions
from recommendations.services.training.log_export import export_log
from recommendations.services.training.log_parts import (
    COLUMNS,
    INTERACTIONS,
    open_folder,
    read_manifest,
)
from recommendations.services.training.log_reading import load_logged_interactions
from recommendations.tests.builders import (
    make_interactions,
    make_product,
    make_products,
    make_shopper,
    make_visitor,
    switch_personalization_off,
)
from recommendations.tests.relational.builders import change_a_value

pytestmark = [pytest.mark.django_db, pytest.mark.stateful]

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def read(folder: Path) -> Interactions:
    return load_logged_interactions(folder, read_manifest(folder))


def list_parts(folder: Path, table: str = "interactions") -> dict[str, int]:
    """Return when each part was written, in nanoseconds."""
    return {
        path.name: path.stat().st_mtime_ns for path in sorted((folder / table).glob("*.parquet"))
    }


def make_order(subject: Subject, product: Product, *, at: datetime) -> Order:
    order = Order.objects.create(
        user_id=subject.user_id, session_id=subject.session_id, created_at=at, email="a@shop.test"
    )
    OrderLine.objects.create(
        order=order, product=product, product_name=product.name, price=product.price, quantity=2
    )
    return order


def assert_same(one: Interactions, other: Interactions) -> None:
    for column in ("users", "items", "weights", "timestamps", "ratings", "interaction_types"):
        np.testing.assert_array_equal(getattr(one, column), getattr(other, column), strict=True)
    np.testing.assert_array_equal(one.user_ids, other.user_ids, strict=True)
    for column in ("item_ids", "names", "categories", "brands", "is_repeatable"):
        np.testing.assert_array_equal(
            getattr(one.catalogue, column), getattr(other.catalogue, column), strict=True
        )


def test_the_log_gives_the_arrays_of_the_database(tmp_path: Path) -> None:
    shopper, visitor = make_shopper(), make_visitor()
    first, second, sold_out = *make_products(2), make_product(is_active=False)
    set_categories({first.pk: ["Home > Lamps", "Sale"]})
    make_interactions(shopper, [second, sold_out, first], at=NOON)
    make_interactions(visitor, [first], at=NOON - 40 * DAY, rating=4.5)
    make_interactions(
        make_shopper(), [second], at=NOON + DAY, interaction_type=InteractionType.PURCHASE
    )
    make_interactions(visitor, [second], at=NOON + timedelta(microseconds=123_457))

    export_log(tmp_path)

    assert_same(read(tmp_path), load_interactions())


def test_an_empty_shop_has_an_empty_log(tmp_path: Path) -> None:
    export_log(tmp_path)

    assert_same(read(tmp_path), load_interactions())


def test_each_day_of_the_world_s_time_is_a_part(tmp_path: Path) -> None:
    shopper, product = make_shopper(), make_product()
    midnight = datetime(2026, 3, 2, tzinfo=UTC)
    make_interactions(shopper, [product], at=midnight - timedelta(microseconds=1))
    make_interactions(shopper, [product], at=midnight)

    export_log(tmp_path)

    assert list(list_parts(tmp_path)) == ["day=2026-03-01.parquet", "day=2026-03-02.parquet"]
    rows = parquet.read_table(tmp_path / "interactions/day=2026-03-02.parquet").to_pylist()
    assert [(row["subject"], row["product_id"], row["interaction_type"]) for row in rows] == [
        (shopper.key, product.pk, "view")
    ]


def test_a_second_export_writes_only_the_days_that_changed(tmp_path: Path) -> None:
    shopper, product = make_shopper(), make_product()
    make_interactions(shopper, [product], at=NOON)
    make_interactions(shopper, [product], at=NOON + DAY)
    export_log(tmp_path)
    before = list_parts(tmp_path)

    make_interactions(shopper, [product], at=NOON)
    export = export_log(tmp_path)

    after = list_parts(tmp_path)
    assert (export.written, export.kept, export.deleted, export.interactions) == (1, 1, 0, 3)
    assert after["day=2026-03-02.parquet"] == before["day=2026-03-02.parquet"]
    assert_same(read(tmp_path), load_interactions())


def test_what_signing_in_and_returns_change_is_written_anew(tmp_path: Path) -> None:
    visitor, shopper, product = make_visitor(), make_shopper(), make_product()
    make_interactions(visitor, [product], at=NOON)
    make_interactions(shopper, [product], at=NOON + DAY, interaction_type=InteractionType.PURCHASE)
    export_log(tmp_path)

    UserBehavior.objects.filter(session_id=visitor.session_id).update(user_id=shopper.user_id)
    UserBehavior.objects.filter(interaction_type="purchase").update(interaction_type="view")
    export = export_log(tmp_path)

    assert export.written == 2
    assert_same(read(tmp_path), load_interactions())


def test_erased_shoppers_leave_the_parts(tmp_path: Path) -> None:
    erased, by_staff, stays, product = (
        make_shopper(),
        make_visitor(),
        make_shopper(),
        make_product(),
    )
    make_interactions(erased, [product], at=NOON)
    make_interactions(stays, [product], at=NOON)
    make_interactions(by_staff, [product], at=NOON + DAY)
    make_order(erased, product, at=NOON)
    export_log(tmp_path)

    erase(erased)
    erase_by_staff(by_staff)
    export = export_log(tmp_path)

    assert (export.written, export.deleted) == (2, 1)
    rows = parquet.read_table(tmp_path / "interactions/day=2026-03-01.parquet").to_pylist()
    assert [row["subject"] for row in rows] == [stays.key]
    orders = parquet.read_table(tmp_path / "orders/day=2026-03-01.parquet").to_pylist()
    assert [(row["subject"], row["quantity"]) for row in orders] == [("", 2)]


def test_who_switches_personalization_off_is_not_learnt_even_before_the_next_export(
    tmp_path: Path,
) -> None:
    private, other, product = make_shopper(), make_shopper(), make_product()
    make_interactions(private, [product], at=NOON)
    make_interactions(other, [product], at=NOON)
    export_log(tmp_path)

    switch_personalization_off(private)

    assert_same(read(tmp_path), load_interactions())
    export_log(tmp_path)
    part = parquet.read_table(tmp_path / "interactions/day=2026-03-01.parquet")
    assert part["subject"].to_pylist() == [other.key]


def test_the_status_of_an_order_is_brought_up_to_date(tmp_path: Path) -> None:
    order = make_order(make_shopper(), make_product(price="9.99"), at=NOON)
    export_log(tmp_path)

    Order.objects.filter(pk=order.pk).update(status="returned")
    export_log(tmp_path)

    row = parquet.read_table(tmp_path / "orders/day=2026-03-01.parquet").to_pylist()[0]
    assert (row["order_id"], row["price"], row["status"]) == (order.pk, "9.99", "returned")
    assert "a@shop.test" not in str(row)


def test_an_interrupted_export_is_refused_by_training_and_carried_on(tmp_path: Path) -> None:
    shopper, product = make_shopper(), make_product()
    make_interactions(shopper, [product], at=NOON)
    make_interactions(shopper, [product], at=NOON + DAY)

    def interrupt(stage: str, done: int, total: int) -> None:
        if stage == "Exporting interactions" and done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_log(tmp_path, progress=interrupt)
    first = list_parts(tmp_path)
    assert list(first) == ["day=2026-03-01.parquet"]
    with pytest.raises(TrainingLogError, match="holds no whole log"):
        read(tmp_path)

    export = export_log(tmp_path)

    assert (export.written, export.kept) == (1, 1)
    assert list_parts(tmp_path)["day=2026-03-01.parquet"] == first["day=2026-03-01.parquet"]
    assert_same(read(tmp_path), load_interactions())


@pytest.mark.parametrize(
    "name", [".log.json.k3x", ".products.parquet.k3x", "interactions/.day=2026-03-01.parquet.k3x"]
)
def test_what_a_killed_export_left_unfinished_is_deleted(tmp_path: Path, name: str) -> None:
    make_interactions(make_shopper(), [make_product()], at=NOON)
    export_log(tmp_path)
    unfinished = tmp_path / name
    unfinished.write_text("u7")

    export_log(tmp_path)

    assert not unfinished.exists()


@pytest.mark.parametrize("name", [".part-0.parquet.crc", "other/.day=2026-03-01.parquet.k3x"])
def test_the_files_of_other_programs_stay(tmp_path: Path, name: str) -> None:
    other = tmp_path / name
    other.parent.mkdir(exist_ok=True)
    other.write_text("not of the log")

    export_log(tmp_path)

    assert other.exists()


@pytest.mark.parametrize("damage", [b"", b"PAR1 not a file of Parquet"])
def test_a_damaged_part_is_refused_and_written_anew(tmp_path: Path, damage: bytes) -> None:
    make_interactions(make_shopper(), [make_product()], at=NOON)
    export_log(tmp_path)
    (tmp_path / "interactions/day=2026-03-01.parquet").write_bytes(damage)

    with pytest.raises(TrainingLogError, match="cannot be read"):
        read(tmp_path)

    export_log(tmp_path)
    assert len(read(tmp_path)) == 1


def test_a_part_with_a_changed_byte_is_refused_and_written_anew_once_it_is_deleted(
    tmp_path: Path,
) -> None:
    make_interactions(make_shopper(), [make_product()], at=NOON)
    export_log(tmp_path)
    part = tmp_path / "interactions/day=2026-03-01.parquet"
    change_a_value(part, [*COLUMNS[INTERACTIONS]].index("product_id"))

    with pytest.raises(TrainingLogError, match=r"checksum .* Delete it"):
        read(tmp_path)

    part.unlink()
    export_log(tmp_path)
    assert_same(read(tmp_path), load_interactions())


def test_a_part_that_another_export_changed_is_refused(tmp_path: Path) -> None:
    shopper, product = make_shopper(), make_product()
    make_interactions(shopper, [product], at=NOON)
    export_log(tmp_path)
    manifest = read_manifest(tmp_path)
    make_interactions(shopper, [product], at=NOON)
    export_log(tmp_path)

    with pytest.raises(TrainingLogError, match="has 2 rows instead of 1"):
        load_logged_interactions(tmp_path, manifest)


def test_a_log_of_another_schema_is_refused_and_written_anew(tmp_path: Path) -> None:
    make_interactions(make_shopper(), [make_product()], at=NOON)
    export_log(tmp_path)
    manifest = tmp_path / "log.json"
    manifest.write_text('{"schema": 7, "parts": {}}')

    with pytest.raises(TrainingLogError, match="has schema 7, and this release reads 1"):
        read(tmp_path)

    export_log(tmp_path)
    assert len(read(tmp_path)) == 1


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    taken = tmp_path / "file"
    taken.write_text("")

    with pytest.raises(TrainingLogError, match="cannot be written to"):
        export_log(taken)


def test_only_the_owner_may_read_the_log(tmp_path: Path) -> None:
    make_interactions(make_shopper(), [make_product()], at=NOON)

    export_log(tmp_path / "log")

    paths = [tmp_path / "log", *(tmp_path / "log").rglob("*")]
    assert len(paths) == 5
    assert [path for path in paths if path.stat().st_mode & 0o077] == []


# --- At an address ----------------------------------------------------------------------------


@pytest.fixture
def address() -> Iterator[str]:
    """An address of storage in memory, which has no folders and replaces objects as a whole."""
    memory = fsspec.filesystem("memory")
    yield "memory://shop/log"
    memory.rm("/shop", recursive=True)


def test_a_log_at_an_address_is_that_of_a_path(tmp_path: Path, address: str) -> None:
    shopper, product = make_shopper(), make_product()
    make_interactions(shopper, [product], at=NOON)
    make_interactions(make_visitor(), [product], at=NOON + DAY)
    make_order(shopper, product, at=NOON)
    folder = open_folder(address)

    export_log(folder)
    erase(shopper)
    second = export_log(folder)

    export_log(tmp_path)
    assert (second.written, second.kept, second.deleted) == (1, 1, 1)
    assert_same(read(folder), read(tmp_path))
    found = {path.removeprefix("/shop/log/") for path in fsspec.filesystem("memory").find("/shop")}
    assert found == {
        str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()
    }


def test_an_interrupted_export_to_an_address_is_refused_and_carried_on(address: str) -> None:
    make_interactions(make_shopper(), [make_product()], at=NOON)
    folder = open_folder(address)

    def interrupt(stage: str, done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_log(folder, progress=interrupt)
    with pytest.raises(TrainingLogError, match="memory://shop/log holds no whole log"):
        read(folder)

    export_log(folder)
    assert len(read(folder)) == 1


def test_storage_that_cannot_be_reached_is_named(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    exceptions = pytest.importorskip("botocore.exceptions")

    def refuse(*args: object, **options: object) -> NoReturn:
        raise exceptions.EndpointConnectionError(endpoint_url="https://s3.example")

    folder = open_folder(address)
    export_log(folder)
    for method in ("open", "put_file"):
        monkeypatch.setattr(MemoryFileSystem, method, refuse)

    with pytest.raises(TrainingLogError, match=r"cannot be read: Could not connect"):
        read(folder)
    with pytest.raises(TrainingLogError, match=r"cannot be written to .*: Could not connect"):
        export_log(folder)


def test_an_address_that_no_library_reads_is_refused() -> None:
    with pytest.raises(TrainingLogError, match=r"Unsupported filesystem: 'tape'.*pip install"):
        open_folder("tape://shop/log")
