"""Copy the pictures that a products file names into the media of the shop."""

import re
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.files.storage import default_storage

from recommendations.models.picture_address import LONGEST_ADDRESS
from recommendations.services.data_import.values import parse_cell

# No SVG: an SVG may hold scripts, and media are served from the origin of the shop.
PICTURE_SUFFIXES = {".avif", ".jpeg", ".jpg", ".png", ".webp"}
LONGEST_NAME = 200
MOST_PICTURES = 20
ADDRESS_KEYS = ("src", "url", "large", "hi_res", "original", "href", "link", "image", "thumb")

_BETWEEN = re.compile(r"\s*[,;|\s]\s*(?=(?:https?:)?//)")


def split_pictures(value: Any) -> list[str]:
    """Return the pictures that a value names: paths, or addresses, of which one may hold several.

    Values are texts, objects with an address under a usual key, and lists of them.
    """
    value = parse_cell(value)
    if isinstance(value, list):
        return [picture for each in value for picture in split_pictures(each)][:MOST_PICTURES]
    if isinstance(value, dict):
        found = next((value[key] for key in ADDRESS_KEYS if value.get(key)), None)
        return split_pictures(found) if found else []
    text = str(value).strip()
    if not text or "\0" in text:
        return []
    return [
        f"https:{picture}" if picture.startswith("//") else picture
        for picture in _BETWEEN.split(text)
        if picture and len(picture) <= LONGEST_ADDRESS
    ][:MOST_PICTURES]


def is_address(picture: str) -> bool:
    """Return whether a picture is named by its address on the web."""
    return picture.startswith(("http://", "https://"))


def find_picture(name: str, folder: Path) -> Path | None:
    """Return the picture of this name in the folder, None if the folder has none.

    Names may begin with a slash, as in Magento's export. A path that leads out of the folder finds
    nothing: an imported file must not publish other files of this machine.
    """
    try:
        path = (folder / name.lstrip("/")).resolve()
        is_in_folder = path.is_relative_to(folder.resolve()) and path.is_file()
    except OSError:  # The file system cannot have a file of this name.
        return None
    return path if is_in_folder and path.suffix.lower() in PICTURE_SUFFIXES else None


def build_media_name(picture: Path, *, folder: Path, source: str) -> str:
    """Return the name of the picture in media; it is the same in every import."""
    return f"products/{source}/{picture.relative_to(folder.resolve()).as_posix()}"


def store_picture(picture: Path, name: str) -> None:
    """Copy the picture into media unless media have a file of this name and size."""
    if default_storage.exists(name):
        if default_storage.size(name) == picture.stat().st_size:
            return
        default_storage.delete(name)
    with picture.open("rb") as content:
        default_storage.save(name, File(content))
