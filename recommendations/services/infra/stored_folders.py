"""Folders of arrays beside the models: the worker writes them, and every process follows.

A folder is named by the time of its writing, so the newest is the last by name. It says from which
database and settings it was made, because folders may be shared. Hosts without a common folder
share them through the storage of artifacts.
"""

import logging
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils import timezone

from recommendations.array_folders import Arrays, read_manifest, write_folder
from recommendations.conf import configuration
from recommendations.errors import ArtifactError
from recommendations.sentences import say
from recommendations.services.infra import artifact_storage

logger = logging.getLogger(__name__)

KEPT = 2
"""How many folders stay: a process may be reading the last but one."""


@dataclass(frozen=True, slots=True)
class StoredFolders:
    """The folders of one kind of arrays.

    `format_number` rises when the arrays change; older folders are then made anew. `what` and
    `command` say in errors what they hold, and what writes them.
    """

    name: str
    format_number: int
    what: str
    command: str

    @property
    def path(self) -> Path:
        """Where the folders lie; it need not exist."""
        return configuration().artifacts_dir / self.name

    def find_newest(self, **origin: Any) -> str | None:
        """Return the name of the newest folder of this database and origin, None without."""
        wanted = describe_origin(**origin)
        for folder in self._list():
            try:
                manifest = read_manifest(folder, format_number=self.format_number)
            except ArtifactError as damage:
                logger.warning("%s %s is not used: %s", self.what, folder.name, damage)
                continue
            if manifest["origin"] == wanted:
                return folder.name
        return None

    def read_facts(self, name: str) -> Mapping[str, Any]:
        """Return what a folder says beside its arrays.

        Raises:
            ArtifactError: The manifest is missing, altered or of another format.
        """
        return read_manifest(self.path / name, format_number=self.format_number)

    def write(self, arrays: Arrays, facts: Mapping[str, Any], **origin: Any) -> str:
        """Write arrays into a new folder, delete old ones, return its name.

        Raises:
            ArtifactError: The disk is full, or the folder cannot be written.
        """
        name = timezone.now().strftime("%Y%m%d-%H%M%S-%f")
        told = {"format": self.format_number, "origin": describe_origin(**origin), **facts}
        try:
            write_folder(self.path / name, arrays, told)
        except OSError as problem:
            raise ArtifactError(
                say(
                    "The folder {folder} cannot be written: {reason}. Make room there, then run "
                    "{command}.",
                    folder=self.path,
                    reason=problem.strerror or problem,
                    command=self.command,
                )
            ) from problem
        self._delete_old()
        return name

    def fetch_newest(self) -> None:
        """Fetch the newest folder that other hosts have published, if this host has none as new.

        A storage that does not answer is told in the log: the host then does with what it has.
        """
        if not artifact_storage.is_on():
            return
        try:
            names = artifact_storage.list_names(self.path)
            own = [folder.name for folder in self._list()]
            newest = self.path / max(names, default="")
            if names and newest.name > max(own, default="") and artifact_storage.has_folder(newest):
                artifact_storage.fetch(newest)
        except ArtifactError as problem:
            logger.warning("%s is not shared: %s", self.what, problem)
        self._delete_old()

    def publish_newest(self, **origin: Any) -> None:
        """Copy the newest folder to the storage of artifacts, and delete older ones there.

        One that is there is not copied again. A storage that does not take it is told in the log;
        the next run tries again.
        """
        name = self.find_newest(**origin) if artifact_storage.is_on() else None
        if name is None:
            return
        try:
            if not artifact_storage.has_folder(self.path / name):
                artifact_storage.publish(self.path / name)
            for old in artifact_storage.list_names(self.path)[:-KEPT]:
                artifact_storage.delete(self.path / old)
        except ArtifactError as problem:
            logger.warning("%s is not shared: %s", self.what, problem)

    def _delete_old(self) -> None:
        for old in self._list()[KEPT:]:
            shutil.rmtree(old, ignore_errors=True)

    def _list(self) -> list[Path]:
        """Return the complete folders, newest first."""
        try:
            folders = [path for path in self.path.iterdir() if not path.name.startswith(".")]
        except FileNotFoundError:
            return []
        return sorted(folders, reverse=True)


def describe_origin(**origin: Any) -> dict[str, Any]:
    """Return what a folder was made from: this database, and more."""
    return {"database": [connection.vendor, str(connection.settings_dict["NAME"])], **origin}
