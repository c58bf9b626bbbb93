"""The worker looks at photographs; every process then knows what looks alike."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from recommendations.array_folders import ARRAYS
from recommendations.choices import Likeness
from recommendations.models import Product
from recommendations.reasons import ReasonCode
from recommendations.retrieval import picture_encoder
from recommendations.retrieval.picture_encoder import PictureEncoder
from recommendations.services.infra.health import PartStatus, check_readiness
from recommendations.services.insight.readiness import check_placements
from recommendations.services.lists import ListContext, recommend_similar
from recommendations.services.looks import artifacts, building, live_vectors
from recommendations.tasks import encode_pictures_when_due
from recommendations.tests.builders import make_product
from recommendations.tests.services.lists.lists import ids
from recommendations.tests.services.looks.photographs import draw, give_photograph

pytestmark = pytest.mark.django_db
needs_packages = pytest.mark.skipif(
    not picture_encoder.is_installed(), reason="needs requirements-pictures.txt"
)


@pytest.fixture(autouse=True)
def compares_pictures(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.RECOMMENDATIONS = {
        **settings.RECOMMENDATIONS,
        "picture_vectors": True,
        "artifacts_dir": tmp_path / "models",
    }


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list with an entry for each picture that is looked at from now on."""
    seen: list[int] = []
    encode = PictureEncoder.encode

    def encode_and_note(self: PictureEncoder, picture: Any) -> Any:
        seen.append(1)
        return encode(self, picture)

    monkeypatch.setattr(PictureEncoder, "encode", encode_and_note)
    return seen


def make_balls_and_fences() -> tuple[list[Product], list[Product]]:
    balls = [make_product(name=f"Thing {number}") for number in range(4)]
    fences = [make_product(name=f"Object {number}") for number in range(4)]
    colours = (("red", "white"), ("navy", "beige"), ("green", "ivory"), ("black", "azure"))
    for number, (colour, wall) in enumerate(colours):
        give_photograph(balls[number], draw("ball", colour, wall, size=70 + 5 * number))
        give_photograph(fences[number], draw("fence", colour, wall, size=70 + 5 * number))
    return balls, fences


def find_lookalikes(product: Product) -> list[int]:
    return ids(
        recommend_similar(
            context=ListContext(None), product_id=product.pk, by=Likeness.PICTURE, count=4
        )
    )


@needs_packages
def test_balls_look_like_balls_and_fences_like_fences() -> None:
    balls, fences = make_balls_and_fences()

    count = building.encode_pictures()
    live_vectors.refresh()
    found = recommend_similar(
        context=ListContext(None), product_id=balls[0].pk, by=Likeness.PICTURE
    )

    assert (count.photographs, count.vectors, count.waiting) == (8, 8, 0)
    assert len(ids(found)) >= 2
    assert set(ids(found)) < {one.pk for one in balls}
    assert {one.reason.code for one in found.entries} == {ReasonCode.LOOKS_LIKE}
    assert len(find_lookalikes(fences[2])) >= 2
    assert set(find_lookalikes(fences[2])) < {one.pk for one in fences}


@needs_packages
def test_only_new_and_changed_photographs_are_looked_at_again(looked_at: list[int]) -> None:
    balls, _ = make_balls_and_fences()
    building.encode_pictures()
    assert len(looked_at) == 8
    assert not building.is_due()

    give_photograph(balls[0], draw("fence", "gold", "white"))
    new = make_product()
    give_photograph(new, draw("ball", "gold", "white"))
    assert building.is_due()
    building.encode_pictures()

    assert len(looked_at) == 10
    assert not building.is_due()
    live_vectors.refresh()
    assert new.pk not in find_lookalikes(balls[0])


@needs_packages
def test_a_picture_of_what_is_not_on_sale_any_more_is_forgotten() -> None:
    balls, _ = make_balls_and_fences()
    building.encode_pictures()
    Product.objects.filter(pk=balls[3].pk).update(is_active=False)

    assert building.is_due()
    assert building.encode_pictures().vectors == 7


@needs_packages
def test_what_one_run_leaves_the_next_one_does() -> None:
    make_balls_and_fences()

    first = building.encode_pictures(seconds=0)
    readiness = check_readiness()
    assert (first.vectors, first.waiting) == (1, 7)
    assert (readiness.pictures, readiness.picture_share) == (PartStatus.MISSING, 1 / 8)
    need = {need.name: need for each in check_placements() for need in each.needs}
    assert (need["picture_vectors"].has, need["picture_vectors"].needs) == (1, 8)

    encode_pictures_when_due()

    readiness = check_readiness()
    assert (readiness.pictures, readiness.picture_share) == (PartStatus.OK, 1.0)
    answer = Client().get("/api/health/ready").json()
    assert answer["picture_share"] == 1.0
    assert "pictures" not in answer["checks"]


@needs_packages
def test_a_file_that_is_no_picture_gets_no_vector_and_is_not_tried_again(
    looked_at: list[int],
) -> None:
    make_balls_and_fences()
    broken = make_product()
    give_photograph(broken, b"no picture", "broken.jpg")
    drawing = make_product()
    give_photograph(drawing, b"<svg/>", "drawing.svg")

    count = building.encode_pictures()

    assert (count.photographs, count.vectors, count.waiting) == (9, 8, 0)
    assert not building.is_due()
    live_vectors.refresh()
    assert find_lookalikes(broken) == find_lookalikes(drawing) == []


@needs_packages
def test_damaged_vectors_serve_nobody_and_are_made_anew(
    caplog: pytest.LogCaptureFixture,
) -> None:
    balls, _ = make_balls_and_fences()
    building.encode_pictures()
    name = artifacts.find_newest()
    assert name is not None
    (artifacts.get_folder() / name / ARRAYS).write_bytes(b"cut off")

    assert live_vectors.refresh() is None
    assert "cannot serve" in caplog.text
    assert find_lookalikes(balls[0]) == []

    assert building.encode_pictures().vectors == 8
    assert live_vectors.refresh() is not None


@needs_packages
def test_the_page_of_a_product_says_whether_anything_looks_like_it() -> None:
    balls, _ = make_balls_and_fences()
    without = make_product()
    building.encode_pictures()
    live_vectors.refresh()

    client = Client()
    assert client.get(f"/api/products/{balls[0].pk}/").json()["has_lookalikes"] is True
    assert client.get(f"/api/products/{without.pk}/").json()["has_lookalikes"] is False


@needs_packages
def test_the_command_says_how_many_have_a_vector() -> None:
    make_balls_and_fences()
    output = StringIO()

    call_command("encode_pictures", stdout=output, stderr=StringIO())

    assert output.getvalue() == "8 of 8 products with a photograph have a vector.\n"


def test_without_the_packages_the_shop_works_and_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(building, "is_installed", lambda: False)
    balls, _ = make_balls_and_fences()

    encode_pictures_when_due()

    assert artifacts.find_newest() is None
    assert find_lookalikes(balls[0]) == []
    assert len(ids(recommend_similar(context=ListContext(None), product_id=balls[0].pk))) == 7
    readiness = check_readiness()
    assert (readiness.pictures, readiness.picture_share) == (PartStatus.FAILING, None)
    assert Client().get("/api/health/ready").json()["checks"]["pictures"] == "failing"
    with pytest.raises(CommandError, match=r"requirements-pictures\.txt"):
        call_command("encode_pictures")


def test_a_shop_that_compares_no_pictures_says_nothing_of_them(settings: Any) -> None:
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "picture_vectors": False}
    make_balls_and_fences()

    encode_pictures_when_due()

    assert artifacts.find_newest() is None
    answer = Client().get("/api/health/ready").json()
    assert answer["picture_share"] is None
    assert "pictures" not in answer["checks"]
