"""Word indexes on disk, beside the models: the worker writes them, and every process follows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from recommendations.array_folders import read_folder
from recommendations.conf import configuration
from recommendations.errors import ArtifactError
from recommendations.retrieval.segments import Segment, SegmentedIndex
from recommendations.retrieval.tokens import Tokenizer
from recommendations.retrieval.word_index import WordIndex
from recommendations.retrieval.word_vectors import WordVectors
from recommendations.sentences import say
from recommendations.services.infra.stored_folders import StoredFolders

FORMAT = 4
"""Rises when tokens, weights or arrays change; older folders are then built anew."""
_FOLDERS = StoredFolders("search", FORMAT, what="The search index", command="rebuild_search")


@dataclass(frozen=True, slots=True)
class StoredIndex:
    """An index with the time of the newest change that it has."""

    name: str
    index: SegmentedIndex
    newest: datetime


def get_folder() -> Path:
    """Return the folder of the stored indexes; it need not exist."""
    return _FOLDERS.path


def find_newest() -> str | None:
    """Return the name of the newest folder of this database and these languages, None without."""
    return _FOLDERS.find_newest(languages=list(configuration().search_languages))


def fetch_newest() -> None:
    """Fetch the newest folder that other hosts have published, if this host has none as new."""
    _FOLDERS.fetch_newest()


def publish_newest() -> None:
    """Copy the newest folder to the storage of artifacts unless it is there."""
    _FOLDERS.publish_newest(languages=list(configuration().search_languages))


def read_facts(name: str) -> tuple[datetime, int]:
    """Return the time of the newest change that a folder has, and how many products.

    Raises:
        ArtifactError: The manifest is missing, altered or of another format.
    """
    manifest = _FOLDERS.read_facts(name)
    return datetime.fromisoformat(manifest["newest"]), manifest["arrays"]["product_ids"]["shape"][0]


def has_all_vectors(name: str) -> bool:
    """Return whether every product of a folder has a vector, and every common word.

    Raises:
        ArtifactError: The manifest is missing, altered or of another format.
    """
    return bool(_FOLDERS.read_facts(name)["has_all_vectors"])


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
            say("{path} cannot be read: {damage}", path=folder, damage=damage)
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
    arrays = {**segment.index.get_arrays(), "in_stock": segment.in_stock}
    if segment.vectors is not None:
        arrays["vectors"] = segment.vectors
    if segment.word_vectors is not None:
        arrays |= segment.word_vectors.get_arrays()
    facts = {
        "languages": list(languages),
        "mean_lengths": dict(segment.index.mean_lengths),
        "newest": newest.isoformat(),
        "has_all_vectors": has_all_vectors,
    }
    return _FOLDERS.write(arrays, facts, languages=list(configuration().search_languages))
