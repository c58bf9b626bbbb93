"""A backup of the shop in one file: the database, the pictures and the models.

The file is a compressed tar archive, readable by its owner alone: it holds personal data. It begins
with `manifest.json`. Secrets are not in it: they come from the environment.
"""

import json
import os
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from recommendations.conf import configuration
from recommendations.errors import BackupError
from recommendations.progress import Progress, report_nothing
from recommendations.services.backups import database

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = "database"
NARROWED = "media/narrowed"
"""Copies of photographs in the widths of screens."""


def back_up(path: Path, *, progress: Progress = report_nothing) -> None:
    """Write everything that the shop knows to a new file, also while the shop is open.

    The database is copied as it was at one moment, and the files after it: they never change, so a
    model or picture of the database is among them.

    Raises:
        BackupError: The file is there already or cannot be written.
    """
    if path.exists():
        raise BackupError(f"{path} is there already. Nothing was written.")
    partial = path.with_name(f"{path.name}.partial")
    try:
        with TemporaryDirectory(dir=path.parent, prefix=f"{path.name}.") as scratch:
            manifest = {
                "format": FORMAT,
                "made_at": timezone.now().isoformat(),
                "vendor": connection.vendor,
                **database.dump(Path(scratch), progress=progress),
            }
            descriptor = os.open(partial, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
            with open(descriptor, "wb") as file, tarfile.open(fileobj=file, mode="w:gz") as archive:
                _add_text(archive, MANIFEST, json.dumps(manifest))
                archive.add(scratch, DATABASE)
                for name, folder in _get_folders().items():
                    if folder.is_dir():
                        archive.add(folder, name, filter=_leave_out_scratch)
        partial.replace(path)
    except OSError as problem:
        raise BackupError(f"The backup was not written: {problem}.") from problem
    finally:
        partial.unlink(missing_ok=True)


def restore(path: Path, *, replace: bool = False, progress: Progress = report_nothing) -> None:
    """Make the shop what it was when this file was written; no process of it may run meanwhile.

    A backup of an earlier release is brought up to date. If the restore fails before its end, the
    shop is not usable and the restore has to be made again.

    Raises:
        BackupError: The file is no backup, is one of another kind of database or of a later
            release, or the shop has data that `replace` does not allow to drop.
    """
    with _open(path) as (archive, manifest), TemporaryDirectory(dir=settings.VAR_DIR) as folder:
        if manifest["vendor"] != connection.vendor:
            raise BackupError(
                f"{path} is a backup of {manifest['vendor']}, and this shop runs on "
                f"{connection.vendor}."
            )
        if not replace and database.has_data():
            raise BackupError(
                "This shop has data of its own. Nothing was restored; --replace drops it."
            )
        scratch = Path(folder)
        _unpack(archive, scratch)
        database.load(scratch / DATABASE, manifest, progress=progress)
        for name, target in _get_folders().items():
            _move_files(scratch / name, target)
    call_command("migrate", verbosity=0, interactive=False)


@contextmanager
def _open(path: Path) -> Iterator[tuple[tarfile.TarFile, dict[str, Any]]]:
    """Open a backup, and read its manifest."""
    try:
        with tarfile.open(path, "r:gz") as archive:
            first = archive.next()
            file = archive.extractfile(first) if first and first.name == MANIFEST else None
            manifest = json.load(file) if file else {}
            if manifest.get("format") != FORMAT:
                raise BackupError(f"{path} is no backup that this release knows.")
            yield archive, manifest
    except (OSError, EOFError, tarfile.TarError, ValueError) as problem:
        raise BackupError(f"{path} cannot be read as a backup: {problem}.") from problem


def _unpack(archive: tarfile.TarFile, folder: Path) -> None:
    """Write what the archive holds below the folder, and nothing elsewhere.

    Python before 3.11.4, as in Debian 12, has no filters of its own for this.
    """
    root = folder.resolve()
    for member in archive:
        place = (root / member.name).resolve()
        is_known = member.isdir() or member.isreg() or member.islnk()
        if not place.is_relative_to(root) or not is_known:
            raise BackupError(f"{member.name} does not belong into a backup. Nothing was restored.")
        content = archive.extractfile(member)
        if content is None:  # A folder.
            place.mkdir(parents=True, exist_ok=True)
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("wb") as file:
            shutil.copyfileobj(content, file)
        place.chmod(member.mode & 0o644)


def _get_folders() -> dict[str, Path]:
    return {"media": Path(settings.MEDIA_ROOT), "models": configuration().artifacts_dir}


def _leave_out_scratch(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Leave out what is being written, and pictures that are made anew when they are asked for."""
    is_scratch = Path(member.name).name.startswith(".") or member.name == NARROWED
    return None if is_scratch else member


def _move_files(source: Path, target: Path) -> None:
    """Move what the backup has of a folder to its place; what else is there stays."""
    for file in sorted(source.rglob("*")):
        if file.is_file():
            place = target / file.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            file.replace(place)


def _add_text(archive: tarfile.TarFile, name: str, text: str) -> None:
    content = text.encode()
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), 0o600
    archive.addfile(member, BytesIO(content))
