"""The encoder of queries, which this process loads when it first needs it."""

import logging
import threading

from recommendations.conf import configuration
from recommendations.errors import ArtifactError
from recommendations.retrieval.sentence_encoder import SentenceEncoder, is_installed

logger = logging.getLogger(__name__)


class LiveEncoder:
    """The encoder of this process; a thread loads it, and until then there is none."""

    def __init__(self) -> None:
        self._encoder: SentenceEncoder | None = None
        self._loading = threading.Lock()

    def get(self) -> SentenceEncoder | None:
        """Return the encoder; None while it is loading, is off or cannot be loaded."""
        if not is_on():
            return None
        if self._encoder is None and self._loading.acquire(blocking=False):
            threading.Thread(target=self._load, daemon=True).start()
        return self._encoder

    def _load(self) -> None:
        """Load the model; the lock stays taken, so nothing is tried twice."""
        try:
            self._encoder = SentenceEncoder()
        except (ArtifactError, OSError) as problem:
            logger.error("Search goes without meaning: %s", problem)
            return
        logger.info("This process searches by meaning too.")


def is_on() -> bool:
    """Return whether the shop searches by meaning: it is set, and the packages are installed."""
    return configuration().search_by_meaning and is_installed()


_live = LiveEncoder()

get_encoder = _live.get
