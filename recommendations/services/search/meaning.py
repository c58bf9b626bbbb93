"""Meaning in searches: whether the shop has it, and the encoder that the machine shares.

The web server starts the encoder once for all of its processes and names its socket in the
environment (`ecommerce_rec/encoder_process.py`). A process without it searches by words.
"""

import os
from enum import StrEnum
from functools import cache

import numpy as np
from numpy.typing import NDArray

from recommendations.conf import configuration
from recommendations.retrieval.encoder_access import SOCKET_VARIABLE, is_installed
from recommendations.retrieval.encoder_service import RemoteEncoder
from recommendations.retrieval.sentence_encoder import (
    EncoderUnavailableError,
    QueryEncoder,
)
from recommendations.services.infra.breaker import Breaker
from recommendations.services.infra.counters import BREAKER_IS_OPEN

PAUSE_SECONDS = 1.0
"""So long after a failure, searches do not wait for the encoder."""

breaker = Breaker(
    pause_seconds=PAUSE_SECONDS,
    trial_seconds=PAUSE_SECONDS,
    gauge=BREAKER_IS_OPEN.labels(of="encoder"),
)
"""The breaker of this process."""


class EncoderState(StrEnum):
    """Whether the encoder answers."""

    OFF = "off"
    """The shop searches by words, as it is set."""
    OK = "ok"
    FAILING = "failing"


class SharedEncoder:
    """The encoder of the machine, behind the breaker of this process.

    `encode_query` raises `EncoderUnavailableError` if it does not answer, or has not a moment ago.
    """

    def __init__(self, socket_path: str) -> None:
        self._remote = RemoteEncoder(socket_path)

    def encode_query(self, text: str) -> NDArray[np.int8]:
        """Return the vector of a text."""
        if not breaker.allows_call():
            raise EncoderUnavailableError("The encoder did not answer a moment ago.")
        try:
            vector = self._remote.encode_query(text)
        except EncoderUnavailableError:
            breaker.record_failure()
            raise
        breaker.record_success()
        return vector


def is_on() -> bool:
    """Return whether the shop searches by meaning: it is set, and the packages are installed."""
    return configuration().search_by_meaning and is_installed()


def get_encoder() -> QueryEncoder | None:
    """Return the encoder; None if meaning is off, or if this process knows of no encoder."""
    path = os.environ.get(SOCKET_VARIABLE)
    return _get_shared_encoder(path) if path and is_on() else None


def check_encoder() -> EncoderState:
    """Ask the encoder for a vector now."""
    if not configuration().search_by_meaning:
        return EncoderState.OFF
    encoder = get_encoder()
    if encoder is None:
        return EncoderState.FAILING
    try:
        encoder.encode_query("shop")
    except EncoderUnavailableError:
        return EncoderState.FAILING
    return EncoderState.OK


@cache
def _get_shared_encoder(path: str) -> SharedEncoder:
    return SharedEncoder(path)
