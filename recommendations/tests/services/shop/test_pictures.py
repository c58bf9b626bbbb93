"""Pictures in the widths that screens need."""

import os
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from django.test import Client, override_settings
from PIL import Image

from recommendations.models import Product
from recommendations.services.shop import pictures


@pytest.fixture
def media(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "products").mkdir()
    with override_settings(MEDIA_ROOT=tmp_path):
        yield tmp_path


def save_photograph(folder: Path, name: str, width: int, height: int, colour: str = "teal") -> Path:
    path = folder / "products" / name
    Image.new("RGB", (width, height), colour).save(path)
    return path


def fetch_picture(address: str) -> tuple[str, tuple[int, int]]:
    response = Client().get(address)
    content = BytesIO(b"".join(response.streaming_content))  # type: ignore[attr-defined]
    with Image.open(content) as picture:
        return response["Content-Type"], picture.size


def test_a_photograph_is_named_in_three_widths_and_a_drawing_in_none() -> None:
    photo, drawing = Product(image="products/7.jpg"), Product(image="products/7.svg")

    assert pictures.build_srcset(photo.image) == (
        "/media/products/7.jpg?width=320 320w, /media/products/7.jpg?width=640 640w, "
        "/media/products/7.jpg?width=1280 1280w"
    )
    assert pictures.build_srcset(drawing.image) == ""
    assert pictures.build_srcset(Product().image) == ""


def test_a_narrower_copy_keeps_the_proportions(media: Path) -> None:
    save_photograph(media, "lamp.jpg", 1000, 500)

    assert fetch_picture("/media/products/lamp.jpg?width=320") == ("image/webp", (320, 160))
    assert fetch_picture("/media/products/lamp.jpg") == ("image/jpeg", (1000, 500))


def test_a_copy_is_never_wider_than_the_picture(media: Path) -> None:
    save_photograph(media, "lamp.png", 200, 300)

    assert fetch_picture("/media/products/lamp.png?width=640") == ("image/webp", (200, 300))


@pytest.mark.parametrize("width", ["321", "0", "-1", "abc", "99999999", ""])
def test_an_unknown_width_gets_the_original_picture(media: Path, width: str) -> None:
    save_photograph(media, "lamp.jpg", 1000, 500)

    assert fetch_picture(f"/media/products/lamp.jpg?width={width}") == ("image/jpeg", (1000, 500))
    assert not (media / "narrowed").exists()


def test_a_replaced_picture_gets_a_new_copy(media: Path) -> None:
    path = save_photograph(media, "lamp.jpg", 1000, 500)
    fetch_picture("/media/products/lamp.jpg?width=320")
    save_photograph(media, "lamp.jpg", 600, 600)
    os.utime(path, (4_000_000_000, 4_000_000_000))

    assert fetch_picture("/media/products/lamp.jpg?width=320") == ("image/webp", (320, 320))


def test_a_file_that_is_no_photograph_is_served_unchanged(media: Path) -> None:
    (media / "products" / "lamp.jpg").write_bytes(b"no picture")

    response = Client().get("/media/products/lamp.jpg?width=320")

    assert b"".join(response.streaming_content) == b"no picture"  # type: ignore[attr-defined]
    assert list((media / "narrowed" / "320" / "products").iterdir()) == []


def test_a_photograph_that_is_damaged_is_served_unchanged(media: Path) -> None:
    path = save_photograph(media, "lamp.avif", 8, 6)
    damaged = path.read_bytes().replace(b"iloc", b"xxxx")
    path.write_bytes(damaged)

    response = Client().get("/media/products/lamp.avif?width=320")

    assert b"".join(response.streaming_content) == damaged  # type: ignore[attr-defined]


def test_a_copy_is_rotated_by_its_exif_orientation(media: Path) -> None:
    turned = Image.Exif()
    turned[0x0112] = 6  # a quarter turn
    Image.new("RGB", (400, 200)).save(media / "products" / "lamp.jpg", exif=turned)

    assert fetch_picture("/media/products/lamp.jpg?width=320") == ("image/webp", (200, 400))


def test_a_path_that_leaves_the_media_folder_and_returns_writes_only_inside_it(media: Path) -> None:
    save_photograph(media, "lamp.jpg", 1000, 500)

    fetch_picture(f"/media/../../{media.parent.name}/{media.name}/products/lamp.jpg?width=320")

    assert sorted(path.name for path in media.iterdir()) == ["narrowed", "products"]
    assert (media / "narrowed" / "320" / "products" / "lamp.jpg.webp").is_file()


def test_a_copy_is_not_copied_again(media: Path) -> None:
    save_photograph(media, "lamp.jpg", 1000, 500)
    fetch_picture("/media/products/lamp.jpg?width=640")

    copied = fetch_picture("/media/narrowed/640/products/lamp.jpg.webp?width=320")
    fetch_picture("/media/products/../narrowed/640/products/lamp.jpg.webp?width=640")

    files = [path for path in (media / "narrowed").rglob("*") if path.is_file()]
    assert copied == ("image/webp", (640, 320))
    assert files == [media / "narrowed" / "640" / "products" / "lamp.jpg.webp"]
