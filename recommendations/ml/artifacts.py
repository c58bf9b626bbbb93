"""Trained ensembles on disk: arrays in an uncompressed .npz, all else in a JSON manifest.

No pickle anywhere. The arrays are copied into memory: a process whose mapped file is cut off is
killed by the next look at it, and what was checked must be what serves. A folder is either whole
or not there: it is written aside, synced and renamed.
"""

import hashlib
import json
import mmap
import os
import shutil
import struct
import zipfile
from collections.abc import Mapping
from importlib.metadata import version
from io import BytesIO, RawIOBase
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from recommendations.errors import ArtifactError
from recommendations.ml.ensemble import Ensemble
from recommendations.ml.models.base import State

FORMAT = 3
"""Rises when what models keep changes, so that older ones are told from damaged ones."""
ARRAYS, MANIFEST = "arrays.npz", "manifest.json"
LIBRARIES = ("numpy", "scipy", "scikit-learn", "numba")
PER_ITEM = (".input_factors", ".item_factors", ".bias", ".scores")
"""Endings of the arrays that have one row for each item."""
ALIGNMENT = 64
LOCAL_HEADER = 30
"""Bytes of a zip member's header before its name (APPNOTE 4.3.7)."""
_PADDING_ID = 0xD935
"""Kind of the extra field that aligns a member, as Android's zipalign writes it."""


def save(ensemble: Ensemble, folder: Path, *, fingerprint: str) -> None:
    """Write a fitted ensemble into a new folder; `fingerprint` names the data it learnt from.

    Raises ArtifactError when the folder exists or an array is of object type.
    """
    if folder.exists():
        raise ArtifactError(f"{folder} exists already; artifacts are never overwritten.")
    state = {name: np.asarray(values, order="C") for name, values in ensemble.state().items()}
    for name, values in state.items():
        if values.dtype.hasobject:
            raise ArtifactError(f"Array {name} holds Python objects, which are never stored.")
    aside = folder.with_name(f".{folder.name}.{os.getpid()}.partial")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    try:
        _write_arrays(aside / ARRAYS, state)
        manifest = {
            "format": FORMAT,
            "fingerprint": fingerprint,
            "parameters": ensemble.get_params(),
            "libraries": {library: version(library) for library in LIBRARIES},
            "sha256": _sha256(aside / ARRAYS),
            "arrays": {
                name: {"shape": list(values.shape), "dtype": values.dtype.str}
                for name, values in state.items()
            },
        }
        sealed = {**manifest, "seal": _seal(manifest)}
        (aside / MANIFEST).write_text(json.dumps(sealed, indent=2, sort_keys=True) + "\n")
        for path in (aside / ARRAYS, aside / MANIFEST, aside):
            _sync(path)
        aside.rename(folder)
        _sync(folder.parent)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise


def load(folder: Path) -> Ensemble:
    """Return the ensemble of a folder, its arrays in memory, read-only.

    Raises ArtifactError when anything is missing, cut off, altered or not what the manifest says.
    """
    manifest = read_manifest(folder)
    path = folder / ARRAYS
    try:
        content = _content(path)
        if hashlib.sha256(content).hexdigest() != manifest["sha256"]:
            raise ArtifactError(f"{path} is not the file that its manifest describes.")
        state = _arrays(content, path)
        told = {
            name: (tuple(array["shape"]), array["dtype"])
            for name, array in manifest["arrays"].items()
        }
        if told != {name: (values.shape, values.dtype.str) for name, values in state.items()}:
            raise ArtifactError(f"{path} holds other arrays than its manifest says.")
        ensemble = Ensemble.from_state(manifest["parameters"], state)
    except FileNotFoundError as missing:
        raise ArtifactError(f"{path} is missing.") from missing
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile, struct.error) as damage:
        raise ArtifactError(f"{path} cannot be read: {damage}") from damage
    _check_shapes(ensemble, state, path)
    return ensemble


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of an artifact; raises ArtifactError when it is missing or altered."""
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text())
    except FileNotFoundError as missing:
        raise ArtifactError(f"{folder} holds no {MANIFEST}, so no model.") from missing
    except (OSError, ValueError) as damage:
        raise ArtifactError(f"{path} cannot be read: {damage}") from damage
    if not isinstance(manifest, dict) or manifest.pop("seal", None) != _seal(manifest):
        raise ArtifactError(f"{path} was altered or cut off.")
    if manifest["format"] != FORMAT:
        raise ArtifactError(
            f"{path} is of format {manifest['format']}, this release reads format {FORMAT}."
        )
    return manifest


def _check_shapes(ensemble: Ensemble, state: State, path: Path) -> None:
    n_items = len(ensemble.catalogue)
    for name, values in state.items():
        if name.endswith(PER_ITEM) and len(values) != n_items:
            raise ArtifactError(f"{path} holds {len(values)} rows of {name} for {n_items} items.")


def _write_arrays(path: Path, state: State) -> None:
    """Write what np.savez would, each array's bytes starting at a multiple of `ALIGNMENT`.

    Compiled loops run slower over arrays that are not aligned, and mapping keeps the offset.
    """
    with path.open("wb") as raw, zipfile.ZipFile(raw, "w", zipfile.ZIP_STORED) as archive:
        for name, values in state.items():
            member = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            header = BytesIO()
            np.lib.format.write_array_header_2_0(
                header, np.lib.format.header_data_from_array_1_0(values)
            )
            zip64 = values.nbytes > zipfile.ZIP64_LIMIT // 2
            start = raw.tell() + LOCAL_HEADER + len(member.filename) + (20 if zip64 else 0)
            gap = -(start + 4 + header.tell()) % ALIGNMENT
            member.extra = struct.pack("<HH", _PADDING_ID, gap) + bytes(gap)
            with archive.open(member, "w", force_zip64=zip64) as out:
                out.write(header.getvalue())
                out.write(np.ascontiguousarray(values).reshape(-1).view(np.uint8).data)


def _content(path: Path) -> memoryview:
    """Return the bytes of a file, read-only and at the start of a page, so that arrays align."""
    size = path.stat().st_size
    pages = mmap.mmap(-1, max(size, 1))
    with path.open("rb") as file:
        read = file.readinto(pages)
    return memoryview(pages).toreadonly()[:read]


def _arrays(content: memoryview, path: Path) -> State:
    """Return the arrays of an uncompressed .npz as views of its bytes."""
    state: State = {}
    raw = _Bytes(content)
    with zipfile.ZipFile(raw) as archive:
        for member in archive.infolist():
            if member.compress_type != zipfile.ZIP_STORED:
                raise ArtifactError(f"{member.filename} in {path} is compressed: not ours.")
            raw.seek(member.header_offset + 26)
            name_length, extra_length = struct.unpack("<HH", raw.read(4))
            raw.seek(member.header_offset + LOCAL_HEADER + name_length + extra_length)
            np.lib.format.read_magic(raw)
            shape, fortran, dtype = np.lib.format.read_array_header_2_0(raw)
            if dtype.hasobject or fortran:
                raise ArtifactError(f"{member.filename} in {path} is not a plain array.")
            name = member.filename.removesuffix(".npy")
            values = np.frombuffer(content, dtype, count=prod(shape), offset=raw.tell())
            state[name] = values.reshape(shape)
    return state


class _Bytes(RawIOBase):
    """Bytes in memory as a file to read, without a second copy of them."""

    def __init__(self, content: memoryview) -> None:
        self._content = content
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: len(self._content)}
        self._place = max(0, start[whence] + offset)
        return self._place

    def tell(self) -> int:
        return self._place

    def readinto(self, buffer: Any) -> int:
        part = self._content[self._place : self._place + len(buffer)]
        buffer[: len(part)] = part
        self._place += len(part)
        return len(part)


def _seal(manifest: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
