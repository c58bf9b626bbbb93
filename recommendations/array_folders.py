"""Folders of arrays: an uncompressed .npz, and everything else in a JSON manifest.

Nothing is pickled. Reading copies the arrays into memory and checks them against the manifest, so a
file that changes later does no harm. A folder is complete or absent: it is written under another
name, synced and renamed.
"""

import hashlib
import json
import os
import secrets
import shutil
import zipfile
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommendations.errors import ArtifactError, ArtifactFormatError
from recommendations.sentences import say

ARRAYS, MANIFEST = "arrays.npz", "manifest.json"

Arrays = dict[str, NDArray[Any]]


def write_folder(
    folder: Path, arrays: Mapping[str, NDArray[Any]], facts: Mapping[str, Any]
) -> None:
    """Write arrays and facts into a new folder.

    Raises:
        ArtifactError: The folder exists, or an array holds Python objects.
        OSError: The disk is full, or the folder cannot be written.
    """
    if folder.exists():
        raise ArtifactError(
            say("{folder} exists already; artifacts are never overwritten.", folder=folder)
        )
    ordered = {name: np.asarray(values, order="C") for name, values in arrays.items()}
    for name, values in ordered.items():
        if values.dtype.hasobject:
            raise ArtifactError(
                say("Array {name} holds Python objects, which are never stored.", name=name)
            )
    partial = folder.with_name(f".{folder.name}.{os.getpid()}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir(parents=True)
        np.savez(partial / ARRAYS, **ordered)  # type: ignore[arg-type]
        manifest = {
            **facts,
            "sha256": compute_sha256(partial / ARRAYS),
            "arrays": _describe(ordered),
        }
        sealed = {**manifest, "seal": compute_seal(manifest)}
        (partial / MANIFEST).write_text(json.dumps(sealed, indent=2, sort_keys=True) + "\n")
        for path in (partial / ARRAYS, partial / MANIFEST, partial):
            _sync(path)
        partial.rename(folder)
        _sync(folder.parent)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


def receive_folder(folder: Path, copy_file: Callable[[str, Path], None]) -> None:
    """Fill a folder with files from elsewhere once they are checked; replace what it holds.

    `copy_file` is given the name of a file and the path to write it to. If another process fills
    the folder meanwhile, its files stay.

    Raises:
        ArtifactError: A file was cut off or altered. The folder stays as it is, here and if
            `copy_file` raises.
    """
    token = secrets.token_hex(4)
    partial = folder.with_name(f".{folder.name}.{token}.partial")
    replaced = folder.with_name(f".{folder.name}.{token}.old.partial")
    try:
        partial.mkdir(parents=True)
        for name in (MANIFEST, ARRAYS):
            copy_file(name, partial / name)
        _check_sum(partial / ARRAYS, _read_sealed(partial)["sha256"])
        for path in (partial / ARRAYS, partial / MANIFEST, partial):
            _sync(path)
        with suppress(FileNotFoundError):
            folder.rename(replaced)
        try:
            partial.rename(folder)
        except OSError:
            if not (folder / MANIFEST).exists():
                raise
        _sync(folder.parent)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        shutil.rmtree(replaced, ignore_errors=True)


def read_folder(
    folder: Path, *, format_number: int, only: Collection[str] | None = None
) -> tuple[dict[str, Any], Arrays]:
    """Return the manifest of a folder and its arrays, in memory and read-only.

    With `only`, the arrays are those with these names. The whole file is checked all the same.

    Raises:
        ArtifactError: A file is missing, cut off, altered, of another format or not what the
            manifest describes.
    """
    manifest = read_manifest(folder, format_number=format_number)
    path = folder / ARRAYS
    try:
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() != manifest["sha256"]:
            raise ArtifactError(
                say("{path} is not the file that its manifest describes.", path=path)
            )
        arrays = _read_arrays(content, path, only)
        expected = manifest["arrays"]
        if only is not None:
            expected = {name: expected[name] for name in only}
        if _describe(arrays) != expected:
            raise ArtifactError(
                say("{path} does not hold the arrays that its manifest lists.", path=path)
            )
    except FileNotFoundError as missing:
        raise ArtifactError(say("{path} is missing.", path=path)) from missing
    except (
        *(OSError, EOFError, RuntimeError, ValueError, KeyError, TypeError),
        zipfile.BadZipFile,
    ) as damage:
        raise ArtifactError(
            say("{path} cannot be read: {damage}", path=path, damage=damage)
        ) from damage
    return manifest, arrays


def verify_folder(folder: Path, *, format_number: int) -> None:
    """Check that the files of a folder are whole, without reading the arrays into memory.

    Raises:
        ArtifactError: A file is missing, cut off or altered.
    """
    _check_sum(folder / ARRAYS, read_manifest(folder, format_number=format_number)["sha256"])


def read_manifest(folder: Path, *, format_number: int) -> dict[str, Any]:
    """Return the manifest of a folder.

    Raises:
        ArtifactError: The manifest is missing, altered or of another format.
    """
    manifest = _read_sealed(folder)
    if manifest["format"] != format_number:
        raise ArtifactFormatError(
            say(
                "{path} is of format {format}, this release reads format {format_number}.",
                path=folder / MANIFEST,
                format=manifest["format"],
                format_number=format_number,
            )
        )
    return manifest


def compute_seal(manifest: Mapping[str, Any]) -> str:
    """Return the checksum of a manifest."""
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()


def compute_sha256(path: Path) -> str:
    """Return the checksum of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_sealed(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text())
    except FileNotFoundError as missing:
        raise ArtifactError(
            say("{folder} holds no {manifest}, so no model.", folder=folder, manifest=MANIFEST)
        ) from missing
    except (OSError, ValueError) as damage:
        raise ArtifactError(
            say("{path} cannot be read: {damage}", path=path, damage=damage)
        ) from damage
    if not isinstance(manifest, dict) or manifest.pop("seal", None) != compute_seal(manifest):
        raise ArtifactError(say("{path} was altered or cut off.", path=path))
    return manifest


def _check_sum(path: Path, expected: str) -> None:
    try:
        actual = compute_sha256(path)
    except FileNotFoundError as missing:
        raise ArtifactError(say("{path} is missing.", path=path)) from missing
    except OSError as damage:
        raise ArtifactError(
            say("{path} cannot be read: {damage}", path=path, damage=damage)
        ) from damage
    if actual != expected:
        raise ArtifactError(say("{path} is not the file that its manifest describes.", path=path))


def _read_arrays(content: bytes, path: Path, only: Collection[str] | None) -> Arrays:
    arrays: Arrays = {}
    with np.load(BytesIO(content), allow_pickle=False) as archive:
        for member in archive.zip.infolist():
            if member.compress_type != zipfile.ZIP_STORED:
                raise ArtifactError(
                    say(
                        "{filename} in {path} is compressed; artifacts never are.",
                        filename=member.filename,
                        path=path,
                    )
                )
        for name in archive.files if only is None else only:
            values = archive[name]
            if not values.flags.c_contiguous:
                raise ArtifactError(
                    say("{name} in {path} is not stored in C order.", name=name, path=path)
                )
            values.flags.writeable = False
            arrays[name] = values
    return arrays


def _describe(arrays: Mapping[str, NDArray[Any]]) -> dict[str, dict[str, Any]]:
    return {
        name: {"shape": list(values.shape), "dtype": values.dtype.str}
        for name, values in arrays.items()
    }


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
