"""`manage.py populate_sample_data`."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from recommendations.models import Product, UserBehavior
from recommendations.tests.builders import make_product

pytestmark = pytest.mark.django_db

SMALL = ("--products=80", "--users=10", "--interactions=1000", "--seed=5")


@pytest.fixture(autouse=True)
def _own_media(tmp_path: Path) -> Iterator[None]:
    with override_settings(MEDIA_ROOT=tmp_path):
        yield


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("populate_sample_data", *arguments, stdout=out)
    return out.getvalue()


def test_the_requested_sizes_are_written_and_printed(capsys: pytest.CaptureFixture[str]) -> None:
    printed = run(*SMALL)

    assert Product.objects.count() == 80
    assert UserBehavior.objects.count() == 1_000
    assert "80" in printed
    assert "views" in printed
    progress = capsys.readouterr().err
    assert "Products and pictures" in progress
    assert "1000/1000" in progress


def test_a_filled_shop_is_refused_with_the_way_out() -> None:
    run(*SMALL)

    with pytest.raises(CommandError, match="--flush replaces it"):
        run(*SMALL)

    assert UserBehavior.objects.count() == 1_000


def test_flush_replaces_the_sample_shop_and_keeps_real_products() -> None:
    run(*SMALL)
    lamp = make_product(name="Real lamp")
    old = set(Product.objects.filter(source="sample").values_list("pk", flat=True))

    run(*SMALL, "--flush")

    assert Product.objects.filter(pk=lamp.pk).exists()
    assert not Product.objects.filter(pk__in=old).exists()
    assert Product.objects.count() == 81


def test_an_impossible_size_is_refused_in_a_sentence() -> None:
    with pytest.raises(CommandError, match="users is 2 and must be from 6 to 200,000"):
        run("--users=2")

    assert not Product.objects.exists()


def test_a_size_that_is_no_number_is_refused() -> None:
    with pytest.raises(CommandError, match="invalid int value: 'many'"):
        run("--products=many")
