"""Read the weights of a file that PyTorch wrote before release 1.6, without PyTorch.

Such a file is a row of pickles and then the numbers. The one pickle that matters names tensors and
where their numbers lie; nothing but these names is let in, so no code of the file ever runs.
"""

import pickle
import struct
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

MAGIC, PROTOCOL = 0x1950A86A20F9469CFC6C, 1001
_TYPES = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}


class _Storage(NamedTuple):
    """Where numbers lie: the key of their block, and their type."""

    key: str
    dtype: np.dtype[Any]


class _Tensor(NamedTuple):
    """Numbers of a block: where the first is, and how far apart they are in each dimension."""

    storage: _Storage
    first: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def read_weights(file: BinaryIO) -> Mapping[str, NDArray[Any]]:
    """Return the tensors of a file by name.

    Raises:
        ValueError: The file is not of the format, or names more than tensors.
    """
    try:
        if (_load(file), _load(file)) != (MAGIC, PROTOCOL):
            raise ValueError("The file is none that PyTorch wrote before release 1.6.")
        _load(file)  # the sizes of types where it was written
        tensors = _load(file)
        blocks = dict.fromkeys(_load(file), b"")
        types = {tensor.storage.key: tensor.storage.dtype for tensor in tensors.values()}
        for key in blocks:
            (length,) = struct.unpack("<q", file.read(8))
            blocks[key] = file.read(length * types[key].itemsize)
    except (pickle.UnpicklingError, struct.error, EOFError, KeyError, AttributeError) as damage:
        raise ValueError(f"The weights cannot be read: {damage}") from damage
    return {name: _take(tensor, blocks) for name, tensor in tensors.items()}


class _Unpickler(pickle.Unpickler):
    """Knows ordered dictionaries, tensors and storages, and refuses everything else."""

    def find_class(self, module: str, name: str) -> Any:
        """Return what stands for a name of PyTorch."""
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _rebuild_tensor
        if module == "torch" and name in _TYPES:
            return _TYPES[name]
        raise pickle.UnpicklingError(f"{module}.{name} is no part of a tensor.")

    def persistent_load(self, pid: Any) -> _Storage:
        """Return the storage that a reference names."""
        _, dtype, key, *_ = pid
        return _Storage(key, dtype)


def _load(file: BinaryIO) -> Any:
    return _Unpickler(file).load()


def _rebuild_tensor(
    storage: _Storage, first: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: Any
) -> _Tensor:
    return _Tensor(storage, first, shape, strides)


def _take(tensor: _Tensor, blocks: Mapping[str, bytes]) -> NDArray[Any]:
    numbers = np.frombuffer(blocks[tensor.storage.key], dtype=tensor.storage.dtype)
    last = tensor.first + sum(
        (length - 1) * step for length, step in zip(tensor.shape, tensor.strides, strict=True)
    )
    if min(tensor.first, *tensor.strides, *tensor.shape, last) < 0 or last >= len(numbers):
        raise ValueError("A tensor lies beyond its numbers.")
    bytes_apart = tuple(step * numbers.itemsize for step in tensor.strides)
    return as_strided(numbers[tensor.first :], tensor.shape, bytes_apart, writeable=False).copy()
