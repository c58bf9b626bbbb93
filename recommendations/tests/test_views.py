from pathlib import Path

import pytest
from django.test import Client, override_settings

PICTURE = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.fixture
def media(tmp_path: Path) -> Path:
    folder = tmp_path / "media"
    (folder / "products").mkdir(parents=True)
    (folder / "products" / "lamp.svg").write_text(PICTURE)
    (folder / "products" / "notes.txt").write_text("secret")
    (tmp_path / "outside.svg").write_text(PICTURE)
    return folder


def test_a_picture_is_served_so_that_its_scripts_cannot_run(media: Path) -> None:
    with override_settings(MEDIA_ROOT=media):
        response = Client().get("/media/products/lamp.svg")

    assert b"".join(response.streaming_content).decode() == PICTURE  # type: ignore[attr-defined]
    assert response["Content-Type"] == "image/svg+xml"
    assert "sandbox" in response["Content-Security-Policy"]
    assert "script-src" not in response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "public, max-age=2592000"


@pytest.mark.parametrize(
    "name",
    [
        "../outside.svg",
        "%2e%2e/outside.svg",
        "products/../../outside.svg",
        "/etc/passwd",
        "products/notes.txt",
        "products",
        "products/none.svg",
        "lamp%00.svg",
        "a" * 5000 + ".svg",
    ],
)
def test_nothing_but_pictures_of_the_folder_is_served(media: Path, name: str) -> None:
    with override_settings(MEDIA_ROOT=media):
        response = Client().get(f"/media/{name}")

    assert response.status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "status"),
    [("/", 200), ("/cart", 200), ("/sign-in/", 200), ("/products/5", 404), ("/apiary", 404)],
)
def test_every_page_is_the_storefront_s(tmp_path: Path, path: str, status: int) -> None:
    (tmp_path / "index.html").write_text("<!doctype html><title>Shop</title>")

    with override_settings(FRONTEND_DIST=tmp_path):
        response = Client().get(path)

    assert response.status_code == status
    assert response.content == b"<!doctype html><title>Shop</title>"
    assert response["Cache-Control"] == "no-cache"
    assert response.cookies["csrftoken"]["samesite"] == "Lax"
    assert "default-src 'self'" in response["Content-Security-Policy"]
    assert "unsafe-eval" not in response["Content-Security-Policy"]


def test_without_a_build_the_page_says_how_to_build_the_storefront(tmp_path: Path) -> None:
    with override_settings(FRONTEND_DIST=tmp_path / "none"):
        response = Client().get("/")

    assert response.status_code == 503
    assert "make setup" in response.content.decode()


def test_a_missing_static_file_is_not_answered_with_a_page() -> None:
    assert Client().get("/static/none.js").status_code == 404


def test_a_page_refuses_post() -> None:
    assert Client().post("/").status_code == 405


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "policy"),
    [
        ("/reset-password?uid=MQ&token=c9d1", "strict-origin"),
        ("/Reset-Password/?uid=MQ&token=c9d1", "strict-origin"),
        ("/search?q=lamp", "same-origin"),
    ],
)
def test_requests_of_the_page_of_a_mailed_link_do_not_carry_its_token(
    path: str, policy: str
) -> None:
    assert Client().get(path)["Referrer-Policy"] == policy
