"""The data sets themselves, where they lie on this machine."""

import gzip
import os
from itertools import islice
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.storage import default_storage

from benchmarks.import_presets import plan_import
from recommendations.models import Product, UserBehavior
from recommendations.services.data_import import import_data

pytestmark = [pytest.mark.django_db, pytest.mark.stateful]


def data_set(name: str) -> Path:
    folder = Path(os.environ.get("SHOP_DATA_DIR", settings.BASE_DIR.parent / "shared/data")) / name
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there; SHOP_DATA_DIR says where the data sets are.")
    return folder


def copy_lines(source: Path, target: Path, how_many: int) -> None:
    with gzip.open(source, "rt") as lines, gzip.open(target, "wt") as copy:
        copy.writelines(islice(lines, how_many))


def test_the_luma_store_comes_with_pictures_and_ratings() -> None:
    plan = plan_import("magento_luma", data_set("magento_luma"))

    first, second = import_data(plan), import_data(plan)

    assert (first.good, first.skipped) == (539, 0)
    assert Product.objects.count() == 191
    assert Product.objects.values("category").distinct().count() == 7
    tee = Product.objects.get(external_id="WS06")
    assert (tee.name, str(tee.price), tee.category) == (
        "Elisa EverCool™ Tee",
        "29.00",
        "Women > Tops",
    )
    assert default_storage.size(str(tee.image)) > 1000
    assert UserBehavior.objects.filter(interaction_type="like").count() == 191
    assert UserBehavior.objects.count() == 348
    assert second.products is not None
    assert second.interactions is not None
    assert (second.products.unchanged, second.interactions.unchanged) == (191, 348)


def test_a_slice_of_amazon_beauty_keeps_each_shoppers_order(tmp_path: Path) -> None:
    folder = data_set("amazon_beauty")
    copy_lines(folder / "items.jsonl.gz", tmp_path / "items.jsonl.gz", 2000)
    copy_lines(folder / "interactions.csv.gz", tmp_path / "interactions.csv.gz", 1001)

    report = import_data(plan_import("amazon_beauty", tmp_path))

    assert (report.good, report.skipped) == (3000, 0)
    history = UserBehavior.objects.filter(user__username="amazon_beauty-1").order_by("timestamp")
    assert list(history.values_list("product__external_id", flat=True)) == ["1", "2", "3", "4", "5"]
