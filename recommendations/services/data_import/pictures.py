"""Copy the pictures that a products file names into the shop's media."""

from pathlib import Path

from django.core.files import File
from django.core.files.storage import default_storage

# No SVG: it may carry scripts, and media are served from the shop's own origin.
PICTURE_SUFFIXES = {".avif", ".jpeg", ".jpg", ".png", ".webp"}
LONGEST_NAME = 200


def find_picture(name: str, folder: Path) -> Path | None:
    """Return the picture of that name in the folder; None when it is no picture lying in it.

    Names that lead out of the folder are refused, so that a file from elsewhere cannot publish
    this machine's other files.
    """
    try:
        path = (folder / name).resolve()
        lies_there = path.is_relative_to(folder.resolve()) and path.is_file()
    except OSError:  # no name that this file system could have
        return None
    return path if lies_there and path.suffix.lower() in PICTURE_SUFFIXES else None


def stored_name(picture: Path, *, folder: Path, source: str) -> str:
    """Return the name in media under which the picture belongs; the same one every time."""
    return f"products/{source}/{picture.relative_to(folder.resolve()).as_posix()}"


def store_picture(picture: Path, name: str) -> None:
    """Copy the picture into media under that name, unless it is there already."""
    if default_storage.exists(name):
        if default_storage.size(name) == picture.stat().st_size:
            return
        default_storage.delete(name)
    with picture.open("rb") as content:
        default_storage.save(name, File(content))
