import shutil
from collections.abc import Sequence
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from time import sleep
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from recommendations.array_folders import ARRAYS, MANIFEST
from recommendations.models import Product
from recommendations.services.infra import stored_folders
from recommendations.services.search import artifacts, building, live_index
from recommendations.services.search.building import is_due, rebuild
from recommendations.services.search.documents import ProductChange, list_changes
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


def test_looks_after_an_import_do_not_read_its_rows_again_and_miss_no_late_commit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = SimpleNamespace(seconds=0.0)
    clock.monotonic = lambda: clock.seconds
    monkeypatch.setattr(live_index, "time", clock)
    asked: list[datetime] = []

    def list_and_note(*, after: datetime) -> Sequence[ProductChange]:
        asked.append(after)
        return list_changes(after=after)

    monkeypatch.setattr(live_index, "list_changes", list_and_note)
    lamp, late = make_product(name="Lamp"), make_product(name="Chair")
    find("lamp")

    clock.seconds = 40.0
    earlier = lamp.changed_at - timedelta(seconds=5)
    Product.objects.filter(pk=late.pk).update(name="Lamp", changed_at=earlier)
    found = find("lamp")
    clock.seconds = 80.0
    find("lamp")
    clock.seconds = 120.0
    find("lamp")

    assert found == [late.pk, lamp.pk]
    assert asked[-1] >= lamp.changed_at


@pytest.mark.django_db(transaction=True)
def test_many_changes_are_followed_while_searches_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    make_product(name="Chair")
    assert find("lamp") == []
    monkeypatch.setattr(live_index, "MOST_FOLLOWED_AT_ONCE", 1)
    lamps = [make_product(name="Lamp") for _ in range(2)]

    for _ in range(600):
        if find("lamp"):
            break
        sleep(0.1)

    assert find("lamp") == [lamps[1].pk, lamps[0].pk]


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

    assert len(list(artifacts.get_folder().iterdir())) == stored_folders.KEPT


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
