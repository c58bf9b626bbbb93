"""The pictures whose vectors are compared: the first photograph of each product on sale."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from django.core.files.storage import default_storage
from numpy.typing import NDArray

from recommendations.models import Product
from recommendations.services.shop.pictures import is_photograph

KEY_BYTES = 16


def list_photographs() -> dict[int, str]:
    """Return the name of the first picture of each product on sale, if it is a photograph."""
    rows = Product.objects.filter(is_active=True).exclude(image="").order_by("pk")
    return {pk: name for pk, name in rows.values_list("pk", "image") if is_photograph(name)}


def make_keys(names: Iterable[str]) -> NDArray[np.uint8]:
    """Return what changes whenever a picture does, shape (pictures, KEY_BYTES)."""
    keys = b"".join(_make_key(name) for name in names)
    return np.frombuffer(keys, dtype=np.uint8).reshape(-1, KEY_BYTES)


def _make_key(name: str) -> bytes:
    told = repr((name, *_read_state(name))).encode()
    return hashlib.blake2b(told, digest_size=KEY_BYTES).digest()


def _read_state(name: str) -> tuple[int, int]:
    """Return size and time of a picture's file; zeros if it is missing or in another storage.

    There, a picture that changes has a new name.
    """
    try:
        state = Path(default_storage.path(name)).stat()
    except (NotImplementedError, OSError):
        return 0, 0
    return state.st_size, state.st_mtime_ns
