"""Word indexes on disk, beside the models: the worker writes them, and every process follows.

A folder is named by the time of its building, so the newest is the last by name. It says of which
database and languages it is, because folders may be shared. Hosts without a common folder share it
through the storage of artifacts.
"""

import logging
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from django.db import connection
from django.utils import timezone

from recommendations.array_folders import read_folder, read_manifest, write_folder
from recommendations.conf import configuration
from recommendations.errors import ArtifactError
from recommendations.retrieval.segments import Segment, SegmentedIndex
from recommendations.retrieval.tokens import Tokenizer
from recommendations.retrieval.word_index import WordIndex
from recommendations.retrieval.word_vectors import WordVectors
from recommendations.sentences import say
from recommendations.services.infra import artifact_storage

logger = logging.getLogger(__name__)

FORMAT = 4
"""Rises when tokens, weights or arrays change; older folders are then built anew."""
FOLDER = "search"
KEPT = 2
"""How many folders stay: a process may be reading the last but one."""


@dataclass(frozen=True, slots=True)
class StoredIndex:
    """An index with the time of the newest change that it has."""

    name: str
    index: SegmentedIndex
    newest: datetime


def get_folder() -> Path:
    """Return the folder of the stored indexes; it need not exist."""
    return configuration().artifacts_dir / FOLDER


def find_newest() -> str | None:
    """Return the name of the newest folder of this database and these languages, None without."""
    for folder in _list_folders():
        try:
            manifest = read_manifest(folder, format_number=FORMAT)
        except ArtifactError as damage:
            logger.warning("The search index %s is not used: %s", folder.name, damage)
            continue
        if manifest["origin"] == _describe_origin():
            return folder.name
    return None


def fetch_newest() -> None:
    """Fetch the newest folder that other hosts have published, if this host has none as new.

    A storage that does not answer is told in the log: the host then does with what it has.
    """
    if not artifact_storage.is_on():
        return
    try:
        names = artifact_storage.list_names(get_folder())
        own = [folder.name for folder in _list_folders()]
        newest = get_folder() / max(names, default="")
        if names and newest.name > max(own, default="") and artifact_storage.has_folder(newest):
            artifact_storage.fetch(newest)
    except ArtifactError as problem:
        logger.warning("The search index is not shared: %s", problem)
    _delete_old()


def publish_newest() -> None:
    """Copy the newest folder to the storage of artifacts unless it is there, and delete older ones.

    A storage that does not take it is told in the log; the next run tries again.
    """
    name = find_newest() if artifact_storage.is_on() else None
    if name is None:
        return
    try:
        if not artifact_storage.has_folder(get_folder() / name):
            artifact_storage.publish(get_folder() / name)
        for old in artifact_storage.list_names(get_folder())[:-KEPT]:
            artifact_storage.delete(get_folder() / old)
    except ArtifactError as problem:
        logger.warning("The search index is not shared: %s", problem)


def read_facts(name: str) -> tuple[datetime, int]:
    """Return the time of the newest change that a folder has, and how many products.

    Raises:
        ArtifactError: The manifest is missing, altered or of another format.
    """
    manifest = read_manifest(get_folder() / name, format_number=FORMAT)
    return datetime.fromisoformat(manifest["newest"]), manifest["arrays"]["product_ids"]["shape"][0]


def has_all_vectors(name: str) -> bool:
    """Return whether every product of a folder has a vector, and every common word.

    Raises:
        ArtifactError: The manifest is missing, altered or of another format.
    """
    return bool(read_manifest(get_folder() / name, format_number=FORMAT)["has_all_vectors"])


def load(name: str) -> StoredIndex:
    """Return the index of a folder.

    Raises:
        ArtifactError: A file is missing, damaged or of another format.
    """
    folder = get_folder() / name
    manifest, arrays = read_folder(folder, format_number=FORMAT)
    try:
        words = WordIndex.from_arrays(arrays, manifest["mean_lengths"])
        is_current = np.ones(len(words), dtype=np.float32)
        segment = Segment(
            words,
            is_current,
            arrays["in_stock"],
            arrays.get("vectors"),
            WordVectors.from_arrays(arrays),
        )
        newest = datetime.fromisoformat(manifest["newest"])
        tokenizer = Tokenizer(manifest["languages"])
    except (KeyError, ValueError) as damage:
        raise ArtifactError(
            say("{folder} cannot be read: {damage}", folder=folder, damage=damage)
        ) from damage
    return StoredIndex(name, SegmentedIndex(tokenizer, [segment]), newest)


def save(
    segment: Segment, *, languages: Sequence[str], newest: datetime, has_all_vectors: bool
) -> str:
    """Write the index of all products into a new folder, delete old ones, return its name.

    `languages` are those of its tokenizer. `has_all_vectors` says that none has to be computed.

    Raises:
        ArtifactError: The disk is full, or the folder cannot be written.
    """
    name = timezone.now().strftime("%Y%m%d-%H%M%S-%f")
    facts = {
        "format": FORMAT,
        "origin": _describe_origin(),
        "languages": list(languages),
        "mean_lengths": dict(segment.index.mean_lengths),
        "newest": newest.isoformat(),
        "has_all_vectors": has_all_vectors,
    }
    arrays = {**segment.index.get_arrays(), "in_stock": segment.in_stock}
    if segment.vectors is not None:
        arrays["vectors"] = segment.vectors
    if segment.word_vectors is not None:
        arrays |= segment.word_vectors.get_arrays()
    try:
        write_folder(get_folder() / name, arrays, facts)
    except OSError as problem:
        raise ArtifactError(
            say(
                "The search index cannot be written to {folder}: {reason}. Make "
                "room there, then run rebuild_search.",
                folder=get_folder(),
                reason=problem.strerror or problem,
            )
        ) from problem
    _delete_old()
    return name


def _delete_old() -> None:
    for old in _list_folders()[KEPT:]:
        shutil.rmtree(old, ignore_errors=True)


def _list_folders() -> list[Path]:
    """Return the complete folders, newest first."""
    try:
        folders = [path for path in get_folder().iterdir() if not path.name.startswith(".")]
    except FileNotFoundError:
        return []
    return sorted(folders, reverse=True)


def _describe_origin() -> Mapping[str, Any]:
    return {
        "database": [connection.vendor, str(connection.settings_dict["NAME"])],
        "languages": list(configuration().search_languages),
    }
