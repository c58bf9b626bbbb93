from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.db.models import F
from django.test import Client, override_settings
from django.utils import timezone
from PIL import Image

from recommendations.models import PictureAddress, Product, ProductImage
from recommendations.services.shop import picture_fetching, pictures
from recommendations.services.shop.picture_addresses import (
    remove_addresses,
    set_product_addresses,
    set_variant_addresses,
)
from recommendations.services.shop.picture_fetching import FetchedPictures, fetch_due_pictures
from recommendations.tests.builders import make_product, make_variant
from recommendations.tests.web_server import WebServer, serve, serve_internally

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(tmp_path: Path) -> Iterator[Path]:
    with override_settings(MEDIA_ROOT=tmp_path):
        yield tmp_path


@pytest.fixture
def server() -> Iterator[WebServer]:
    with serve_internally() as running:
        yield running


def draw(kind: str = "JPEG", size: tuple[int, int] = (8, 6), colour: str = "teal") -> bytes:
    content = BytesIO()
    Image.new("RGB", size, colour).save(content, kind)
    return content.getvalue()


def show(server: WebServer, path: str, content: bytes | None = None) -> str:
    return server.say(path, draw() if content is None else content, Content_Type="image/jpeg")


def list_files(media: Path) -> list[str]:
    return sorted(str(each.relative_to(media)) for each in media.rglob("*") if each.is_file())


def list_further(product: Product) -> list[str]:
    rows = ProductImage.objects.filter(product=product).order_by("position", "pk")
    return [row.image.name or "" for row in rows]


def make_due() -> None:
    PictureAddress.objects.filter(next_try_at__isnull=False).update(next_try_at=timezone.now())


def get_images(product: Product) -> list[str]:
    rows = PictureAddress.objects.filter(product=product, variant=None)
    return list(rows.order_by("position").values_list("image", flat=True))


def test_pictures_are_fetched_encoded_anew_and_shown_in_the_order_of_the_source(
    server: WebServer, media: Path
) -> None:
    product = make_product()
    addresses = [show(server, f"/{number}.jpg") for number in range(3)]
    set_product_addresses({product.pk: addresses})

    done = fetch_due_pictures()

    product.refresh_from_db()
    first, *others = get_images(product)
    assert done == FetchedPictures(3, 0)
    assert product.image.name == first
    assert list_further(product) == others
    assert sorted([first, *others]) == list_files(media)
    with Image.open(media / first) as picture:
        assert (picture.format, picture.size) == ("WEBP", (8, 6))
    states = {row.state for row in PictureAddress.objects.all()}
    assert states == {"fetched"}


def test_a_fetched_picture_is_seen_in_the_shop(server: WebServer) -> None:
    product = make_product()
    set_product_addresses({product.pk: [show(server, "/1.jpg"), show(server, "/2.jpg")]})
    fetch_due_pictures()

    answer = Client().get(f"/api/products/{product.pk}/").json()

    product.refresh_from_db()
    assert answer["image"].endswith(product.image.name or "-")
    assert Client().get(product.image.url)["Content-Type"] == "image/webp"
    assert len(answer["images"]) == 2


def test_the_picture_of_a_variant_is_the_variants(server: WebServer) -> None:
    product = make_product()
    variant = make_variant(product)
    set_variant_addresses({(product.pk, variant.pk): show(server, "/red.jpg")})

    fetch_due_pictures()

    variant.refresh_from_db()
    product.refresh_from_db()
    assert variant.image.name == PictureAddress.objects.get().image != ""
    assert not product.image


def test_a_picture_that_staff_uploaded_stays_the_first(server: WebServer) -> None:
    product = make_product(image="products/own.png")
    set_product_addresses({product.pk: [show(server, "/1.jpg")]})

    fetch_due_pictures()

    product.refresh_from_db()
    assert product.image.name == "products/own.png"
    assert list_further(product) == get_images(product)


def test_a_removed_address_removes_its_picture_and_no_other(
    server: WebServer, media: Path, django_capture_on_commit_callbacks: Any
) -> None:
    product = make_product()
    ProductImage.objects.create(product=product, image="products/own.png")
    first, second = show(server, "/1.jpg"), show(server, "/2.jpg")
    set_product_addresses({product.pk: [first, second]})
    fetch_due_pictures()

    with django_capture_on_commit_callbacks(execute=True):
        set_product_addresses({product.pk: [second]})

    product.refresh_from_db()
    assert [product.image.name] == get_images(product) == list_files(media)
    assert list_further(product) == ["products/own.png"]


def test_without_addresses_nothing_that_was_fetched_is_left(
    server: WebServer, media: Path, django_capture_on_commit_callbacks: Any
) -> None:
    product = make_product()
    set_product_addresses({product.pk: [show(server, "/1.jpg")]})
    fetch_due_pictures()
    product.refresh_from_db()
    assert pictures.get_rendition(media / str(product.image.name), width=320) is not None

    with django_capture_on_commit_callbacks(execute=True):
        remove_addresses([row.pk for row in PictureAddress.objects.all()])

    product.refresh_from_db()
    assert (product.image.name, list_files(media)) == ("", [])


def test_a_changed_address_is_fetched_anew_and_the_old_picture_is_shown_until_then(
    server: WebServer, media: Path, django_capture_on_commit_callbacks: Any
) -> None:
    product = make_product()
    set_product_addresses({product.pk: [show(server, "/1.jpg")]})
    fetch_due_pictures()
    product.refresh_from_db()
    before = product.image.name

    set_product_addresses({product.pk: [show(server, "/1.jpg?v=2", draw(colour="red"))]})
    meanwhile = Product.objects.get().image.name
    with django_capture_on_commit_callbacks(execute=True):
        done = fetch_due_pictures()

    after = Product.objects.get().image.name
    assert (meanwhile, done) == (before, FetchedPictures(1, 0))
    assert after != before
    assert list_files(media) == [after]


def test_an_unchanged_address_is_not_fetched_again(server: WebServer) -> None:
    product = make_product()
    address = show(server, "/1.jpg")
    set_product_addresses({product.pk: [address]})
    fetch_due_pictures()

    changed = set_product_addresses({product.pk: [address]})

    assert (changed, fetch_due_pictures()) == (set(), FetchedPictures(0, 0))
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("content_type", "content", "problem"),
    [
        ("image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "sends 'image/svg+xml'"),
        ("text/html", b"<html><script>", "sends 'text/html'"),
        ("image/jpeg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is no photograph"),
        ("image/png", b"<html><script>", "is no photograph"),
        ("image/jpeg", draw()[:60], "is no photograph"),
        ("image/png", draw("PNG", (64, 64))[:80], "is no photograph"),
        ("image/avif", draw("AVIF").replace(b"iloc", b"xxxx"), "is no photograph"),
        ("image/gif", draw("BMP"), "is no photograph"),
        ("application/octet-stream", b"", "is no photograph"),
    ],
)
def test_what_is_no_photograph_is_refused_at_once(
    server: WebServer, media: Path, content_type: str, content: bytes, problem: str
) -> None:
    product = make_product()
    address = server.say("/1", content, Content_Type=content_type)
    set_product_addresses({product.pk: [address]})

    done = fetch_due_pictures()

    row = PictureAddress.objects.get()
    product.refresh_from_db()
    assert (done, row.state, row.tries) == (FetchedPictures(0, 1), "refused", 1)
    assert problem in row.problem
    assert (product.image.name, list_files(media)) == ("", [])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "GIF"])
def test_photographs_of_all_usual_kinds_are_taken(server: WebServer, kind: str) -> None:
    product = make_product()
    content = draw(kind)
    address = server.say("/1", content, Content_Type=f"image/{kind.lower()}")
    set_product_addresses({product.pk: [address]})

    assert fetch_due_pictures() == FetchedPictures(1, 0)


def test_a_picture_of_too_many_pixels_is_not_decoded(
    server: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "MOST_PIXELS", 10_000)
    product = make_product()
    set_product_addresses({product.pk: [show(server, "/1", draw("PNG", (101, 100)))]})

    fetch_due_pictures()

    row = PictureAddress.objects.get()
    assert (row.state, row.problem) == (
        "refused",
        "The picture has 101 × 100 pixels; at most 10,000 are read.",
    )


def test_a_large_picture_is_stored_smaller_upright_and_without_what_the_camera_wrote(
    server: WebServer, media: Path
) -> None:
    product = make_product()
    content = BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # The camera was turned.
    exif[0x010F] = "A camera"
    Image.new("RGB", (3000, 1500)).save(content, "JPEG", exif=exif)
    set_product_addresses({product.pk: [show(server, "/1", content.getvalue())]})

    fetch_due_pictures()

    with Image.open(media / get_images(product)[0]) as picture:
        assert picture.size == (1000, 2000)
        assert dict(picture.getexif()) == {}


def test_a_picture_in_a_private_network_is_refused(server: WebServer) -> None:
    product = make_product()
    with serve() as private:
        set_product_addresses({product.pk: [show(private, "/1.jpg")]})
        fetch_due_pictures()

    row = PictureAddress.objects.get()
    assert (row.state, private.requests) == ("refused", [])
    assert "is in a private network" in row.problem


def test_a_server_that_fails_is_asked_again_at_growing_pauses_and_then_no_more(
    server: WebServer,
) -> None:
    product = make_product()
    set_product_addresses({product.pk: [server.say("/1.jpg", status=503)]})

    pauses = []
    for _ in range(6):
        before = timezone.now()
        fetch_due_pictures()
        row = PictureAddress.objects.get()
        pauses.append(row.next_try_at and round((row.next_try_at - before) / timedelta(minutes=5)))
        make_due()

    assert pauses == [1, 4, 16, 64, 256, None]
    assert (row.state, row.tries) == ("refused", 6)
    assert row.problem == "127.0.0.1 answered with status 503."
    assert fetch_due_pictures() == FetchedPictures(0, 0)


def test_a_picture_that_is_gone_takes_the_one_before_with_it(
    server: WebServer, media: Path, django_capture_on_commit_callbacks: Any
) -> None:
    product = make_product()
    set_product_addresses({product.pk: [show(server, "/1.jpg")]})
    fetch_due_pictures()
    set_product_addresses({product.pk: [server.address("/gone.jpg")]})

    with django_capture_on_commit_callbacks(execute=True):
        fetch_due_pictures()

    product.refresh_from_db()
    assert (product.image.name, list_files(media)) == ("", [])


def test_a_picture_that_ends_the_program_is_given_up(server: WebServer) -> None:
    product = make_product()
    set_product_addresses({product.pk: [show(server, "/1.jpg")]})
    PictureAddress.objects.update(tries=F("tries") + 6)

    done = fetch_due_pictures()

    row = PictureAddress.objects.get()
    assert (done, row.state, server.requests) == (FetchedPictures(0, 0), "refused", [])
    assert row.problem == picture_fetching.GIVEN_UP


def test_an_address_that_changes_while_it_is_fetched_keeps_its_turn(
    server: WebServer,
    media: Path,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    product = make_product()
    set_product_addresses({product.pk: [show(server, "/1.jpg")]})
    encode = pictures.encode_anew

    def change_address(content: Any) -> bytes:
        monkeypatch.setattr(picture_fetching, "encode_anew", encode)
        set_product_addresses({product.pk: [server.address("/2.jpg")]})
        return encode(content)

    monkeypatch.setattr(picture_fetching, "encode_anew", change_address)
    with django_capture_on_commit_callbacks(execute=True):
        fetch_due_pictures(seconds=0)

    row = PictureAddress.objects.get()
    assert (row.state, row.tries, row.image) == ("waiting", 0, "")
    assert list_files(media) == []


def test_a_run_ends_when_its_time_is_over(server: WebServer) -> None:
    product = make_product()
    set_product_addresses({product.pk: [show(server, f"/{number}") for number in range(20)]})

    done = fetch_due_pictures(seconds=0)

    assert done == FetchedPictures(picture_fetching.BATCH, 0)
    waiting = PictureAddress.objects.filter(next_try_at__lte=timezone.now()).count()
    assert waiting == 20 - picture_fetching.BATCH
