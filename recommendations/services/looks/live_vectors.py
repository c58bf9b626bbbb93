"""The vectors of pictures of this process: those that the worker wrote last."""

import logging
import threading
import time

from recommendations.errors import ArtifactError
from recommendations.retrieval.picture_vectors import PictureVectors
from recommendations.services.looks import artifacts
from recommendations.services.looks.building import is_on

logger = logging.getLogger(__name__)

LOOK_SECONDS = 2.0
"""How often the process looks for newer vectors."""
FETCH_SECONDS = 30.0
"""How often it asks other hosts for newer ones, where they share a storage."""


class LiveVectors:
    """The vectors of this process, replaced as a whole when the worker has written newer ones."""

    def __init__(self) -> None:
        self._vectors: PictureVectors | None = None
        self._name: str | None = None
        self._next_look = self._next_fetch = 0.0
        self._loading = threading.Lock()

    def get_current(self) -> PictureVectors | None:
        """Return the vectors; None if the shop compares no pictures, or has none yet.

        The first call loads them. Later ones answer at once, and a thread looks for newer ones.
        """
        if not is_on():
            return None
        now = time.monotonic()
        if now >= self._next_look and self._loading.acquire(blocking=False):
            is_first = not self._next_look
            self._next_look = now + LOOK_SECONDS
            if is_first:
                self._load_newer(fetches=False)
            else:
                threading.Thread(
                    target=self._load_newer, kwargs={"fetches": True}, daemon=True
                ).start()
        return self._vectors

    def has_lookalikes(self, product_id: int) -> bool:
        """Return whether another product's picture looks like that of a product."""
        vectors = self.get_current()
        return vectors is not None and len(vectors.find_nearest(product_id, 1)[0]) > 0

    def refresh(self) -> PictureVectors | None:
        """Load the newest vectors now; for start-up."""
        with self._loading:
            self._next_look = time.monotonic() + LOOK_SECONDS
            self._load()
        return self._vectors

    def forget(self) -> None:
        """Return to the state of a process that has just started."""
        with self._loading:
            self._vectors = self._name = None
            self._next_look = self._next_fetch = 0.0

    def _load_newer(self, *, fetches: bool) -> None:
        """Load the newest vectors; with `fetches`, ask other hosts for newer ones first."""
        try:
            if fetches and time.monotonic() >= self._next_fetch:
                self._next_fetch = time.monotonic() + FETCH_SECONDS
                artifacts.fetch_newest()
            self._load()
        finally:
            self._loading.release()

    def _load(self) -> None:
        """Serve the newest vectors; if they cannot be read, those in memory stay."""
        name = artifacts.find_newest() if is_on() else None
        if name is None or name == self._name:
            return
        try:
            self._vectors, self._name = artifacts.load_vectors(name).warm_up(), name
        except ArtifactError as damage:
            logger.error("The vectors of pictures %s cannot serve: %s", name, damage)
            return
        logger.info("This process compares the pictures %s.", name)


_live = LiveVectors()

get_current = _live.get_current
has_lookalikes = _live.has_lookalikes
refresh = _live.refresh
forget = _live.forget
