"""Artifacts that several hosts share: copies of folders of arrays in a storage of Django's.

Every host reads artifacts from its own disk. `ARTIFACT_STORAGE` names a storage that all hosts
reach. Whoever writes an artifact publishes it there, and a host that lacks one fetches it. A folder
of `artifacts_dir` has the same place in the storage.
"""

import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.core.files.storage import Storage, storages

from recommendations.array_folders import ARRAYS, MANIFEST, receive_folder
from recommendations.conf import configuration
from recommendations.errors import ArtifactError
from recommendations.sentences import say
from recommendations.services.infra.storage_errors import list_storage_errors

logger = logging.getLogger(__name__)

ALIAS = "artifacts"
"""The name of the storage in `STORAGES`, which has it only if the setting names one."""


def is_on() -> bool:
    """Return whether the hosts of the shop share artifacts."""
    return ALIAS in settings.STORAGES


def publish(folder: Path) -> None:
    """Copy a folder of this host to the storage; its manifest comes last and makes it complete.

    Raises:
        ArtifactError: The storage does not take it.
    """
    with _translate_errors(f"{folder.name} cannot be copied to the storage of artifacts"):
        storage, place = _get_storage(), _find_place(folder)
        for name in (ARRAYS, MANIFEST):
            with (folder / name).open("rb") as file:
                storage.delete(f"{place}/{name}")
                storage.save(f"{place}/{name}", File(file))
    logger.info("Copied %s to the storage of artifacts.", place)


def fetch(folder: Path) -> None:
    """Copy a folder of the storage to this host, once its checksums hold.

    Raises:
        ArtifactError: The storage does not answer, or has no whole folder of this name. The folder
            on this host stays as it is.
    """
    storage, place = _get_storage(), _find_place(folder)

    def copy_file(name: str, path: Path) -> None:
        with storage.open(f"{place}/{name}") as source, path.open("wb") as target:
            shutil.copyfileobj(source, target)

    with _translate_errors(f"{folder.name} cannot be fetched from the storage of artifacts"):
        receive_folder(folder, copy_file)
    logger.info("Fetched %s from the storage of artifacts.", place)


def has_folder(folder: Path) -> bool:
    """Return whether the storage has a complete folder of this name.

    Raises:
        ArtifactError: The storage does not answer.
    """
    with _translate_errors("The storage of artifacts does not answer"):
        return _get_storage().exists(f"{_find_place(folder)}/{MANIFEST}")


def list_names(parent: Path) -> list[str]:
    """Return the names of the folders that the storage has below a folder, sorted.

    Raises:
        ArtifactError: The storage does not answer.
    """
    with _translate_errors("The storage of artifacts does not answer"):
        try:
            folders, _ = _get_storage().listdir(_find_place(parent))
        except FileNotFoundError:
            return []
        return sorted(folders)


def delete(folder: Path) -> None:
    """Delete a folder of the storage, if it is there; one that does not answer keeps it.

    The manifest goes first, so nobody fetches half of a folder.
    """
    place = _find_place(folder)
    try:
        with _translate_errors(f"{folder.name} cannot be deleted in the storage of artifacts"):
            storage = _get_storage()
            for name in (MANIFEST, ARRAYS):
                storage.delete(f"{place}/{name}")
            # A folder of a disk stays when its files are gone; in S3 there are no folders.
            storage.delete(place)
    except ArtifactError as problem:
        logger.warning("%s", problem)


def _get_storage() -> Storage:
    return storages[ALIAS]


def _find_place(folder: Path) -> str:
    place = folder.relative_to(configuration().artifacts_dir).as_posix()
    return "" if place == "." else place


@contextmanager
def _translate_errors(told: str) -> Iterator[None]:
    try:
        yield
    except list_storage_errors() as problem:
        raise ArtifactError(say("{told}: {problem}", told=told, problem=problem)) from problem
