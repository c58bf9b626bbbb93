"""Product pictures in the widths that screens need.

A rendition is a narrower copy of a photograph. It is made when it is first requested and stored in
the media folder, so that the import of a large catalogue need not wait. If the photograph is
replaced, the rendition is made again. Vector images are sharp at any width and have no renditions.
"""

import io
import logging
import os
import struct
import tempfile
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.core.files.storage import FileSystemStorage, storages
from django.db.models.fields.files import FieldFile
from django.utils.encoding import filepath_to_uri
from PIL import Image, ImageOps

from recommendations.errors import PictureError
from recommendations.models import Product
from recommendations.sentences import say
from recommendations.services.infra.costly_work import RENDITION

WIDTHS = (320, 640, 1280)
QUALITY = 80
RENDITIONS = "narrowed"
"""The folder of all renditions, in the media folder."""
LONGEST_SIDE = 2_000
STORED_QUALITY = 90
"""Of pictures from elsewhere, which are stored anew and then narrowed."""
COMPARED_SIDE = 640
"""Pictures are compared at this size at most."""
MOST_PIXELS = 40_000_000
"""A decoded picture of this size takes 160 MB."""
FOREIGN_FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF")
DAMAGE = (
    *(OSError, ValueError, SyntaxError, EOFError, RuntimeError, struct.error),
    Image.DecompressionBombError,
)
"""What Pillow raises for files that are no pictures."""
_PHOTOGRAPHS = frozenset({".webp", ".png", ".jpg", ".jpeg", ".avif"})

logger = logging.getLogger(__name__)


def get_pictures(product: Product) -> list[FieldFile]:
    """Return all pictures of a product; the first is the one that lists show."""
    further = [picture.image for picture in product.further_images.all()]
    return [image for image in (product.image, *further) if image]


def build_srcset(image: FieldFile) -> str:
    """Return the `srcset` for the `<img>` of a picture; empty for a vector image."""
    return get_urls(image.name or "")[1]


def get_urls(name: str) -> tuple[str | None, str]:
    """Return the URL of a picture in the media storage, and its `srcset`."""
    if not name:
        return None, ""
    storage = storages["default"]
    if isinstance(storage, FileSystemStorage):
        # Equal to `storage.url(name)`, which also parses and joins URLs and so takes longer.
        url = f"{storage.base_url}{filepath_to_uri(name)}"
    else:
        url = storage.url(name)
    if not is_photograph(name):
        return url, ""
    return url, ", ".join(f"{url}?width={width} {width}w" for width in WIDTHS)


def get_rendition(picture: Path, *, width: int) -> Path | None:
    """Return the rendition of a media file in one of WIDTHS; make it if it is missing or outdated.

    None for a vector image, for a rendition, and for a file that cannot be read as a picture. A
    rendition is never wider than the picture. Making one raises what `Work.perform` raises.
    """
    # Relative to the media folder, without the ".." that a URL may contain.
    name = os.path.relpath(picture, settings.MEDIA_ROOT)
    # Copies of copies would have no end: anyone could fill the disk with them.
    if not is_photograph(name) or Path(name).parts[0] == RENDITIONS:
        return None
    rendition = Path(settings.MEDIA_ROOT) / RENDITIONS / str(width) / f"{name}.webp"
    if rendition.exists() and rendition.stat().st_mtime >= picture.stat().st_mtime:
        return rendition
    try:
        with RENDITION.perform():
            _write(picture, rendition, width)
    except DAMAGE as problem:
        logger.warning("No rendition of %s, %s pixels wide, was made: %s", name, width, problem)
        return None
    return rendition


def read_photograph(name: str) -> Image.Image:
    """Return a photograph of the media storage, upright and no larger than the vectors need.

    Raises:
        PictureError: It is missing, damaged or has more than `MOST_PIXELS`.
    """
    try:
        with (
            storages["default"].open(name) as file,
            Image.open(file, formats=FOREIGN_FORMATS) as opened,
        ):
            _check_size(opened)
            return _fit(opened, COMPARED_SIDE, COMPARED_SIDE)
    except DAMAGE as problem:
        raise PictureError(say("{name} is no photograph that can be read.", name=name)) from problem


def encode_anew(content: BinaryIO) -> bytes:
    """Return a photograph from elsewhere as WebP, upright, with no side over `LONGEST_SIDE`.

    Only what is seen is kept: no place, no name of a camera, nothing that hides behind the picture.

    Raises:
        PictureError: It is no photograph, is damaged, or has more than `MOST_PIXELS`.
    """
    try:
        with Image.open(content, formats=FOREIGN_FORMATS) as opened:
            _check_size(opened)
            encoded = io.BytesIO()
            _fit(opened, LONGEST_SIDE, LONGEST_SIDE).save(encoded, "WEBP", quality=STORED_QUALITY)
    except DAMAGE as problem:
        raise PictureError(
            say("The file is no photograph that can be read (JPEG, PNG, WebP, AVIF or GIF).")
        ) from problem
    return encoded.getvalue()


def delete_picture(name: str) -> None:
    """Delete a picture of the media storage, with its renditions."""
    storage = storages["default"]
    storage.delete(name)
    for width in WIDTHS:
        storage.delete(f"{RENDITIONS}/{width}/{name}.webp")


def is_photograph(name: str) -> bool:
    """Return whether a picture is one of pixels, by its name."""
    return os.path.splitext(name)[1].lower() in _PHOTOGRAPHS


def _check_size(opened: Image.Image) -> None:
    if opened.width * opened.height > MOST_PIXELS:
        raise PictureError(
            say(
                "The picture has {width:,} × {height:,} pixels; at most {most_pixels:,} are read.",
                width=opened.width,
                height=opened.height,
                most_pixels=MOST_PIXELS,
            )
        )


def _fit(opened: Image.Image, width: int, height: int | None = None) -> Image.Image:
    """Return the picture upright and no larger than this."""
    # A JPEG is decoded at a fraction of its size, which is faster.
    opened.draft("RGB", (width, height or width))
    upright = ImageOps.exif_transpose(opened)
    upright.thumbnail((width, height or upright.height))
    return upright.convert("RGBA" if upright.has_transparency_data else "RGB")


def _write(picture: Path, rendition: Path, width: int) -> None:
    rendition.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(picture) as opened:
        narrowed = _fit(opened, width)
        # Several processes may write the same rendition: each moves a complete file into place.
        handle, temporary = tempfile.mkstemp(dir=rendition.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                narrowed.save(file, "WEBP", quality=QUALITY)
            Path(temporary).chmod(0o644)
            Path(temporary).replace(rendition)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
