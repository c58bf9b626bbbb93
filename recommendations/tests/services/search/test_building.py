import shutil
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from recommendations.array_folders import ARRAYS, MANIFEST
from recommendations.models import Product
from recommendations.services.search import artifacts, building, live_index
from recommendations.services.search.building import is_due, rebuild
from recommendations.services.search.query import AnsweredBy, find_products
from recommendations.services.shop.catalogue import set_active
from recommendations.tasks import rebuild_search_when_due
from recommendations.tests.builders import make_product, make_products

pytestmark = pytest.mark.django_db


def find(text: str) -> list[int]:
    return list(find_products(text=text).product_ids)


def get_newest_folder() -> Path:
    name = artifacts.find_newest()
    assert name is not None
    return artifacts.get_folder() / name


def test_a_process_begins_with_the_index_of_the_worker_and_what_changed_since(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lamp, desk, gone = (make_product(name=name) for name in ("Lamp", "Desk", "Lamp, small"))
    rebuild()
    Product.objects.filter(pk=desk.pk).update(name="Lamp table")
    set_active([gone.pk], active=False)
    new = make_product(name="Lamp shade")

    index = live_index.get_current()

    assert find("lamp") == [lamp.pk, new.pk, desk.pk]
    assert index is not None
    assert [len(segment.index) for segment in index.segments] == [3, 2]


def test_a_process_follows_a_newer_index() -> None:
    make_product(name="Lamp")
    rebuild()
    live_index.get_current()
    make_product(name="Lamp")

    rebuild()
    index = live_index.refresh()

    assert index is not None
    assert [len(segment.index) for segment in index.segments] == [2]
    assert len(find("lamp")) == 2


@pytest.mark.parametrize("name", [ARRAYS, MANIFEST])
def test_a_damaged_index_is_refused_and_another_one_is_built(name: str) -> None:
    lamp = make_product(name="Lamp")
    rebuild()
    path = get_newest_folder() / name
    path.write_bytes(path.read_bytes()[:-9] + b"planted {}")

    assert find("lamp") == [lamp.pk]


def test_while_a_newer_index_is_damaged_the_one_in_memory_answers() -> None:
    lamp = make_product(name="Lamp")
    rebuild()
    find("lamp")
    rebuild()
    (get_newest_folder() / ARRAYS).write_bytes(b"")

    live_index.refresh()

    assert find("lamp") == [lamp.pk]


def test_an_index_of_another_database_or_language_is_not_used(settings: Any) -> None:
    make_product(name="Lamp")
    rebuild()
    assert artifacts.find_newest() is not None

    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "search_languages": ("de",)}

    assert artifacts.find_newest() is None
    assert is_due()


def test_only_the_newest_indexes_are_kept() -> None:
    make_product()

    for _ in range(4):
        rebuild()

    assert len(list(artifacts.get_folder().iterdir())) == artifacts.KEPT


def test_building_is_due_without_an_index_and_when_much_has_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(building, "MOST_CHANGED", 2)
    make_products(3)
    due = [is_due()]

    rebuild_search_when_due()
    due.append(is_due())
    Product.objects.update(name="Lamp")
    due.append(is_due())

    assert due == [True, False, True]


def test_building_is_due_after_a_day_if_anything_changed() -> None:
    product = make_product()
    Product.objects.update(changed_at=timezone.now() - timedelta(days=2))
    rebuild()
    before = is_due()

    product.save()

    assert (before, is_due()) == (False, True)


def test_the_command_says_how_many_products_are_indexed() -> None:
    make_products(3)
    make_product(is_active=False)
    out = StringIO()

    call_command("rebuild_search", stdout=out)

    assert out.getvalue() == "The search index has 3 products.\n"


def test_while_the_index_of_a_large_shop_is_being_built_the_database_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lamp, _ = make_product(name="Desk lamp", brand="Norden"), make_product(name="Lamp")
    monkeypatch.setattr(live_index, "MOST_BUILT_AT_ONCE", 1)
    monkeypatch.setattr(live_index.LiveIndex, "_build", lambda self: self._loading.release())

    found = find_products(text="norden LAMP")

    assert (found.product_ids, found.answered_by) == ([lamp.pk], AnsweredBy.FILTER)


def test_a_stored_index_that_vanished_is_no_error() -> None:
    lamp = make_product(name="Lamp")
    rebuild()
    find("lamp")

    shutil.rmtree(artifacts.get_folder())
    live_index.refresh()

    assert find("lamp") == [lamp.pk]


def test_only_products_without_a_vector_are_encoded(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "search_by_meaning": True}
    make_product(name="Kettle")
    with monkeypatch.context() as hurried:
        hurried.setattr(building, "ENCODING_SECONDS", -1.0)
        rebuild()
    due = [is_due()]

    rebuild()
    monkeypatch.delattr(building, "SentenceEncoder")
    rebuild()
    due.append(is_due())

    assert due == [True, False]
