"""Trained ensembles on disk: arrays in an uncompressed .npz, everything else in a JSON manifest.

Nothing is pickled. `load` copies the arrays into memory and checks them against the manifest, so a
file that changes later does no harm. A folder is complete or absent: `save` writes it under another
name, syncs it and renames it.
"""

import hashlib
import json
import os
import shutil
import zipfile
from collections.abc import Mapping
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from recommendations.errors import ArtifactError
from recommendations.ml.ensemble import Ensemble
from recommendations.ml.models.base import State

FORMAT = 3
"""Rises when parameters or arrays of a recommender change; `load` reads this format only."""
ARRAYS, MANIFEST = "arrays.npz", "manifest.json"
LIBRARIES = ("numpy", "scipy", "scikit-learn", "numba")
PER_ITEM_SUFFIXES = (".input_factors", ".item_factors", ".bias", ".scores")
"""Arrays whose names have these endings have one row for each item."""


def save(ensemble: Ensemble, folder: Path, *, fingerprint: str) -> None:
    """Write a fitted ensemble into a new folder; `fingerprint` identifies its training data.

    Raises:
        ArtifactError: The folder exists, an array holds Python objects, or the disk is full.
    """
    if folder.exists():
        raise ArtifactError(f"{folder} exists already; artifacts are never overwritten.")
    state: dict[str, Any] = {
        name: np.asarray(values, order="C") for name, values in ensemble.state().items()
    }
    for name, values in state.items():
        if values.dtype.hasobject:
            raise ArtifactError(f"Array {name} holds Python objects, which are never stored.")
    partial = folder.with_name(f".{folder.name}.{os.getpid()}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir(parents=True)
        np.savez(partial / ARRAYS, **state)
        manifest = {
            "format": FORMAT,
            "fingerprint": fingerprint,
            "parameters": ensemble.get_params(),
            "libraries": {library: version(library) for library in LIBRARIES},
            "sha256": _compute_sha256(partial / ARRAYS),
            "arrays": _describe(state),
        }
        sealed = {**manifest, "seal": _compute_seal(manifest)}
        (partial / MANIFEST).write_text(json.dumps(sealed, indent=2, sort_keys=True) + "\n")
        for path in (partial / ARRAYS, partial / MANIFEST, partial):
            _sync(path)
        partial.rename(folder)
        _sync(folder.parent)
    except OSError as problem:
        shutil.rmtree(partial, ignore_errors=True)
        raise ArtifactError(
            f"The model cannot be written to {folder.parent}: {problem.strerror or problem}. Make "
            "room there, then train again."
        ) from problem
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


def load(folder: Path) -> Ensemble:
    """Return the ensemble of a folder, with its arrays in memory and read-only.

    Raises:
        ArtifactError: A file is missing, cut off, altered or not what the manifest describes.
    """
    manifest = read_manifest(folder)
    path = folder / ARRAYS
    try:
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() != manifest["sha256"]:
            raise ArtifactError(f"{path} is not the file that its manifest describes.")
        state = _read_arrays(content, path)
        if _describe(state) != manifest["arrays"]:
            raise ArtifactError(f"{path} does not hold the arrays that its manifest lists.")
        ensemble = Ensemble.from_state(manifest["parameters"], state)
    except FileNotFoundError as missing:
        raise ArtifactError(f"{path} is missing.") from missing
    except (
        *(OSError, EOFError, RuntimeError, ValueError, KeyError, TypeError),
        zipfile.BadZipFile,
    ) as damage:
        raise ArtifactError(f"{path} cannot be read: {damage}") from damage
    _check_item_counts(ensemble, state, path)
    return ensemble


def verify(folder: Path) -> None:
    """Check that the files of a folder are whole, without reading the arrays into memory.

    Raises:
        ArtifactError: A file is missing, cut off or altered.
    """
    path = folder / ARRAYS
    expected = read_manifest(folder)["sha256"]
    try:
        actual = _compute_sha256(path)
    except FileNotFoundError as missing:
        raise ArtifactError(f"{path} is missing.") from missing
    except OSError as damage:
        raise ArtifactError(f"{path} cannot be read: {damage}") from damage
    if actual != expected:
        raise ArtifactError(f"{path} is not the file that its manifest describes.")


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of an artifact.

    Raises:
        ArtifactError: The manifest is missing, altered or of another format.
    """
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text())
    except FileNotFoundError as missing:
        raise ArtifactError(f"{folder} holds no {MANIFEST}, so no model.") from missing
    except (OSError, ValueError) as damage:
        raise ArtifactError(f"{path} cannot be read: {damage}") from damage
    if not isinstance(manifest, dict) or manifest.pop("seal", None) != _compute_seal(manifest):
        raise ArtifactError(f"{path} was altered or cut off.")
    if manifest["format"] != FORMAT:
        raise ArtifactError(
            f"{path} is of format {manifest['format']}, this release reads format {FORMAT}."
        )
    return manifest


def _read_arrays(content: bytes, path: Path) -> State:
    state: State = {}
    with np.load(BytesIO(content), allow_pickle=False) as archive:
        for member in archive.zip.infolist():
            if member.compress_type != zipfile.ZIP_STORED:
                raise ArtifactError(
                    f"{member.filename} in {path} is compressed; artifacts never are."
                )
        for name in archive.files:
            values = archive[name]
            if not values.flags.c_contiguous:
                raise ArtifactError(f"{name} in {path} is not stored in C order.")
            values.flags.writeable = False
            state[name] = values
    return state


def _describe(state: State) -> dict[str, dict[str, Any]]:
    return {
        name: {"shape": list(values.shape), "dtype": values.dtype.str}
        for name, values in state.items()
    }


def _check_item_counts(ensemble: Ensemble, state: State, path: Path) -> None:
    n_items = len(ensemble.catalogue)
    for name, values in state.items():
        if name.endswith(PER_ITEM_SUFFIXES) and len(values) != n_items:
            raise ArtifactError(f"{path} holds {len(values)} rows of {name} for {n_items} items.")


def _compute_seal(manifest: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()


def _compute_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
