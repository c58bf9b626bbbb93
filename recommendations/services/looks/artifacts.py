"""Vectors of pictures on disk, beside the models: the worker writes them, every process follows."""

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recommendations.array_folders import read_folder
from recommendations.retrieval.picture_encoder import WEIGHTS_SHA256
from recommendations.retrieval.picture_vectors import PictureVectors
from recommendations.services.infra.stored_folders import StoredFolders

FORMAT = 1
"""Rises when the arrays change; older folders are then made anew."""
_FOLDERS = StoredFolders(
    "pictures", FORMAT, what="The vectors of pictures", command="encode_pictures"
)
SERVED = ("product_ids", "vectors")
"""What web processes read; the rest is for the next run."""


@dataclass(frozen=True, slots=True, eq=False)
class EncodedPictures:
    """What was found in pictures, by product, whose ids rise; a row of zeros: unreadable.

    `keys` change whenever the picture does.
    """

    product_ids: NDArray[np.int64]
    keys: NDArray[np.uint8]
    activations: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class PictureCount:
    """How many products on sale have a photograph, and how many of these a vector.

    `waiting` are those whose photograph was not looked at yet.
    """

    photographs: int
    vectors: int
    waiting: int

    @property
    def share(self) -> float:
        """The share of the products with a photograph that have a vector; 1 without any."""
        return self.vectors / self.photographs if self.photographs else 1.0


def get_folder() -> Path:
    """Return the folder of the stored vectors; it need not exist."""
    return _FOLDERS.path


def find_newest() -> str | None:
    """Return the name of the newest folder of this database and this encoder, None without."""
    return _FOLDERS.find_newest(encoder=WEIGHTS_SHA256)


def fetch_newest() -> None:
    """Fetch the newest folder that other hosts have published, if this host has none as new."""
    _FOLDERS.fetch_newest()


def publish_newest() -> None:
    """Copy the newest folder to the storage of artifacts unless it is there."""
    _FOLDERS.publish_newest(encoder=WEIGHTS_SHA256)


def read_count(name: str) -> PictureCount:
    """Return how many products a folder has a vector for, of how many.

    Raises:
        ArtifactError: The manifest is missing, altered or of another format.
    """
    return PictureCount(**_FOLDERS.read_facts(name)["count"])


def read_digest(name: str) -> str:
    """Return the digest of all photographs that there were when a folder was written.

    Raises:
        ArtifactError: The manifest is missing, altered or of another format.
    """
    return str(_FOLDERS.read_facts(name)["digest"])


def load_vectors(name: str) -> PictureVectors:
    """Return the vectors of a folder.

    Raises:
        ArtifactError: A file is missing, damaged or of another format.
    """
    _, arrays = read_folder(_FOLDERS.path / name, format_number=FORMAT, only=SERVED)
    return PictureVectors.from_arrays(arrays)


def load_encoded(name: str) -> EncodedPictures:
    """Return what was found in the pictures of a folder.

    Raises:
        ArtifactError: A file is missing, damaged or of another format.
    """
    _, arrays = read_folder(_FOLDERS.path / name, format_number=FORMAT)
    return EncodedPictures(arrays["encoded_ids"], arrays["keys"], arrays["activations"])


def save(
    encoded: EncodedPictures, vectors: PictureVectors, count: PictureCount, *, digest: str
) -> str:
    """Write a new folder, delete old ones, return its name.

    `digest` is that of all photographs, also of those that wait.

    Raises:
        ArtifactError: The disk is full, or the folder cannot be written.
    """
    arrays = {
        **vectors.get_arrays(),
        "encoded_ids": encoded.product_ids,
        "keys": encoded.keys,
        "activations": encoded.activations,
    }
    return _FOLDERS.write(
        arrays, {"count": asdict(count), "digest": digest}, encoder=WEIGHTS_SHA256
    )
