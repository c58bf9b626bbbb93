"""Trained ensembles on disk: folders of arrays, whose manifests have the parameters."""

from importlib.metadata import version
from pathlib import Path
from typing import Any

from recommendations.array_folders import (
    ARRAYS,
    read_folder,
    verify_folder,
    write_folder,
)
from recommendations.array_folders import read_manifest as read_any_manifest
from recommendations.errors import ArtifactError
from recommendations.ml.ensemble import Ensemble
from recommendations.ml.models.base import State
from recommendations.sentences import say

FORMAT = 3
"""Rises when parameters or arrays of a recommender change; `load` reads this format only."""
LIBRARIES = ("numpy", "scipy", "scikit-learn", "numba")
PER_ITEM_SUFFIXES = (
    *(".input_factors", ".item_factors", ".bias", ".scores"),
    *(".queries", ".keys", ".embeddings"),
)
"""Arrays whose names have these endings have one row for each item."""


def save(ensemble: Ensemble, folder: Path, *, fingerprint: str) -> None:
    """Write a fitted ensemble into a new folder; `fingerprint` identifies its training data.

    Raises:
        ArtifactError: The folder exists, an array holds Python objects, or the disk is full.
    """
    facts = {
        "format": FORMAT,
        "fingerprint": fingerprint,
        "parameters": ensemble.get_params(),
        "libraries": {library: version(library) for library in LIBRARIES},
    }
    try:
        write_folder(folder, ensemble.state(), facts)
    except OSError as problem:
        raise ArtifactError(
            say(
                "The model cannot be written to {folder}: {reason}. Make room there, "
                "then train again.",
                folder=folder.parent,
                reason=problem.strerror or problem,
            )
        ) from problem


def load(folder: Path) -> Ensemble:
    """Return the ensemble of a folder, with its arrays in memory and read-only.

    Raises:
        ArtifactError: A file is missing, cut off, altered or not what the manifest describes.
    """
    manifest, state = read_folder(folder, format_number=FORMAT)
    path = folder / ARRAYS
    try:
        ensemble = Ensemble.from_state(manifest["parameters"], state)
    except (RuntimeError, ValueError, KeyError, TypeError) as damage:
        raise ArtifactError(
            say("{path} cannot be read: {damage}", path=path, damage=damage)
        ) from damage
    _check_item_counts(ensemble, state, path)
    return ensemble


def verify(folder: Path) -> None:
    """Check that the files of a folder are whole, without reading the arrays into memory.

    Raises:
        ArtifactError: A file is missing, cut off or altered.
    """
    verify_folder(folder, format_number=FORMAT)


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of an artifact.

    Raises:
        ArtifactError: The manifest is missing, altered or of another format.
    """
    return read_any_manifest(folder, format_number=FORMAT)


def _check_item_counts(ensemble: Ensemble, state: State, path: Path) -> None:
    n_items = len(ensemble.catalogue)
    for name, values in state.items():
        if name.endswith(PER_ITEM_SUFFIXES) and len(values) != n_items:
            raise ArtifactError(
                say(
                    "{path} holds {rows} rows of {name} for {n_items} items.",
                    path=path,
                    rows=len(values),
                    name=name,
                    n_items=n_items,
                )
            )
