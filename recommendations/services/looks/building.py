"""Compute the vectors of products' photographs, which every process then follows."""

import hashlib
from contextlib import suppress
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from recommendations.conf import configuration
from recommendations.errors import ArtifactError, PictureError
from recommendations.progress import Progress, report_nothing
from recommendations.retrieval.picture_encoder import PictureEncoder, is_installed
from recommendations.retrieval.picture_vectors import ACTIVATIONS, PictureVectors
from recommendations.sentences import say
from recommendations.services.infra.locks import hold
from recommendations.services.looks import artifacts
from recommendations.services.looks.artifacts import EncodedPictures, PictureCount
from recommendations.services.looks.photographs import list_photographs, make_keys
from recommendations.services.shop.pictures import read_photograph

LEASE = "encoding of pictures"
ENCODING_SECONDS = 240.0


def is_on() -> bool:
    """Return whether the shop compares pictures: it is set, and the packages are installed."""
    return configuration().picture_vectors and is_installed()


def read_count() -> PictureCount | None:
    """Return how many products have a vector; None before the first run.

    Raises:
        ArtifactError: The newest folder has just been deleted or damaged.
    """
    name = artifacts.find_newest()
    return None if name is None else artifacts.read_count(name)


def is_due() -> bool:
    """Return whether photographs came, changed or went since the vectors were written."""
    if not is_on():
        return False
    name = artifacts.find_newest()
    photographs = list_photographs()
    if name is None:
        return bool(photographs)
    has_waiting = artifacts.read_count(name).waiting > 0
    return has_waiting or artifacts.read_digest(name) != _digest(*_describe(photographs))


def encode_pictures(
    *, seconds: float = ENCODING_SECONDS, progress: Progress = report_nothing
) -> PictureCount:
    """Compute the vectors of new and changed photographs, write all, return how many there are.

    The others are taken from the folder before. After `seconds`, what is left waits for the next
    run. A picture that cannot be read gets no vector, and is not tried again until it changes.

    Raises:
        TrainingUnderWayError: Another process is encoding.
        ArtifactError: The vectors cannot be written, or the encoder is not the known one.
    """
    with hold(LEASE):
        photographs = list_photographs()
        product_ids, keys = _describe(photographs)
        names = list(photographs.values())
        activations = np.zeros((len(names), ACTIVATIONS), dtype=np.uint8)
        is_known = _take_known(product_ids, keys, activations)
        new = np.flatnonzero(~is_known).tolist()
        encoder = PictureEncoder() if new else None
        ends_at = monotonic() + seconds
        for done, row in enumerate(new):
            progress(say("Looking at pictures"), done, len(new))
            if encoder is None or (done and monotonic() > ends_at):
                break
            with suppress(PictureError):
                activations[row] = encoder.encode(read_photograph(names[row]))
            is_known[row] = True
        else:
            progress(say("Looking at pictures"), len(new), len(new))
        encoded = EncodedPictures(product_ids[is_known], keys[is_known], activations[is_known])
        return _write(encoded, digest=_digest(product_ids, keys), n_photographs=len(names))


def _write(encoded: EncodedPictures, *, digest: str, n_photographs: int) -> PictureCount:
    is_readable = encoded.activations.any(axis=1)
    vectors = PictureVectors.build(
        encoded.product_ids[is_readable], encoded.activations[is_readable]
    )
    count = PictureCount(
        photographs=n_photographs,
        vectors=len(vectors),
        waiting=n_photographs - len(encoded.product_ids),
    )
    artifacts.save(encoded, vectors, count, digest=digest)
    return count


def _take_known(
    product_ids: NDArray[np.int64], keys: NDArray[np.uint8], activations: NDArray[np.uint8]
) -> NDArray[np.bool_]:
    """Fill in what was found before in pictures that did not change; return which they are."""
    is_known = np.zeros(len(product_ids), dtype=bool)
    name = artifacts.find_newest()
    if name is None:
        return is_known
    with suppress(ArtifactError):
        before = artifacts.load_encoded(name)
        if not len(before.product_ids):
            return is_known
        rows = np.searchsorted(before.product_ids, product_ids)
        rows = rows.clip(max=len(before.product_ids) - 1)
        is_known = (before.product_ids[rows] == product_ids) & (before.keys[rows] == keys).all(1)
        activations[is_known] = before.activations[rows[is_known]]
    return is_known


def _describe(photographs: dict[int, str]) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    return np.array(list(photographs), dtype=np.int64), make_keys(photographs.values())


def _digest(product_ids: NDArray[np.int64], keys: NDArray[np.uint8]) -> str:
    return hashlib.sha256(product_ids.tobytes() + keys.tobytes()).hexdigest()
