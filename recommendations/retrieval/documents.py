"""What is searched of a product."""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple


class Document(NamedTuple):
    """What is searched of a product, by field. `codes` are its SKUs and own ids.

    The brand counts as a code too: both name products exactly. `category_paths` has the paths of
    all its categories and of the levels above them, which are suggested.
    """

    product_id: int
    name: str
    brand: str = ""
    category: str = ""
    attributes: str = ""
    description: str = ""
    codes: Sequence[str] = ()
    category_paths: Sequence[str] = ()

    def compute_digest(self) -> int:
        """Return a number that differs for documents that differ."""
        content = repr(tuple(self)).encode()
        return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest(), "big", signed=True)
