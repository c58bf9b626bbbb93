"""Product pictures in the widths that screens need.

A rendition is a narrower copy of a photograph. It is made when it is first requested and stored in
the media folder, so that the import of a large catalogue need not wait. If the photograph is
replaced, the rendition is made again. Vector images are sharp at any width and have no renditions.
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
from recommendations.services.infra.costly_work import RENDITION

WIDTHS = (320, 640, 1280)
QUALITY = 80
RENDITIONS = "narrowed"
"""The folder of all renditions, in the media folder."""
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
    if not _is_photograph(name):
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
    if not _is_photograph(name) or Path(name).parts[0] == RENDITIONS:
        return None
    rendition = Path(settings.MEDIA_ROOT) / RENDITIONS / str(width) / f"{name}.webp"
    if rendition.exists() and rendition.stat().st_mtime >= picture.stat().st_mtime:
        return rendition
    try:
        with RENDITION.perform():
            _write(picture, rendition, width)
    except (OSError, ValueError, Image.DecompressionBombError) as problem:
        logger.warning("No rendition of %s, %s pixels wide, was made: %s", name, width, problem)
        return None
    return rendition


def _is_photograph(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in _PHOTOGRAPHS


def _write(picture: Path, rendition: Path, width: int) -> None:
    rendition.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(picture) as opened:
        # A JPEG is decoded at a fraction of its size, which is faster.
        opened.draft("RGB", (width, width))
        upright = ImageOps.exif_transpose(opened)
        upright.thumbnail((width, upright.height))
        mode = "RGBA" if upright.has_transparency_data else "RGB"
        # Several processes may write the same rendition: each moves a complete file into place.
        handle, temporary = tempfile.mkstemp(dir=rendition.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                upright.convert(mode).save(file, "WEBP", quality=QUALITY)
            Path(temporary).chmod(0o644)
            Path(temporary).replace(rendition)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
