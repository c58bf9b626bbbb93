"""Product pictures in the widths that screens need.

Narrower copies of photographs are made when they are first asked for and kept beside the media:
importing a large catalogue waits for none, and a picture that was replaced gets new ones by
itself. Vector images are sharp at any width and have none.
"""

import logging
import os
import tempfile
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage, storages
from django.db.models.fields.files import FieldFile
from django.utils.encoding import filepath_to_uri
from PIL import Image, ImageOps

from recommendations.models import Product

WIDTHS = (320, 640, 1280)
QUALITY = 80
_PHOTOGRAPHS = frozenset({".webp", ".png", ".jpg", ".jpeg", ".avif"})

logger = logging.getLogger(__name__)


def get_pictures(product: Product) -> list[FieldFile]:
    """Return all pictures of a product, the one that lists show first."""
    further = [picture.image for picture in product.further_images.all()]
    return [image for image in (product.image, *further) if image]


def srcset(image: FieldFile) -> str:
    """Return the picture's addresses by width as `<img srcset>` has them; empty for vectors."""
    return get_urls(image.name or "")[1]


def get_urls(name: str) -> tuple[str | None, str]:
    """Return the address of a picture in the storage of media, and its `srcset`."""
    if not name:
        return None, ""
    address = _address(name)
    if not _is_photograph(name):
        return address, ""
    return address, ", ".join(f"{address}?width={width} {width}w" for width in WIDTHS)


def _address(name: str) -> str:
    storage = storages["default"]
    if isinstance(storage, FileSystemStorage):
        # What its `url` gives, which takes the address apart and puts it together again.
        return f"{storage.base_url}{filepath_to_uri(name)}"
    return storage.url(name)


def get_rendition(picture: Path, *, width: int) -> Path | None:
    """Return the copy of a file in the media folder in one of WIDTHS, made now if there is none.

    It is never wider than the picture itself. None for what has no copies: a vector, or a file
    that cannot be read as the picture that its name says it is.
    """
    # From the file's real place: an address may lead out of the folder and in again.
    name = os.path.relpath(picture, settings.MEDIA_ROOT)
    if not _is_photograph(name):
        return None
    copy = Path(settings.MEDIA_ROOT) / "narrowed" / str(width) / f"{name}.webp"
    if copy.exists() and copy.stat().st_mtime >= picture.stat().st_mtime:
        return copy
    try:
        _write(picture, copy, width)
    except (OSError, ValueError, Image.DecompressionBombError) as problem:
        logger.warning("There is no copy of %s in %s pixels: %s", name, width, problem)
        return None
    return copy


def _is_photograph(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in _PHOTOGRAPHS


def _write(picture: Path, copy: Path, width: int) -> None:
    copy.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(picture) as opened:
        # Lets a JPEG be read at a fraction of its size, which takes a fraction of the time.
        opened.draft("RGB", (width, width))
        upright = ImageOps.exif_transpose(opened)
        upright.thumbnail((width, upright.height))
        mode = "RGBA" if upright.has_transparency_data else "RGB"
        # Several processes may be asked for it at once; each puts a whole file in its place.
        handle, aside = tempfile.mkstemp(dir=copy.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                upright.convert(mode).save(file, "WEBP", quality=QUALITY)
            Path(aside).chmod(0o644)
            Path(aside).replace(copy)
        except BaseException:
            Path(aside).unlink(missing_ok=True)
            raise
