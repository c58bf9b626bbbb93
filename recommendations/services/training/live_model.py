"""The live model of this process: an immutable object that a background thread replaces.

A request never waits for a new version: the version in memory answers until the next one is
loaded and warm, then one assignment swaps them.
"""

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress

from recommendations.errors import ArtifactError
from recommendations.ml.data import FloatArray
from recommendations.ml.ensemble import Ensemble
from recommendations.ml.models.latent_factors import LatentFactorRecommender
from recommendations.ml.numerics.scoring_kernels import normalize_rows
from recommendations.ml.presets import COLLABORATIVE
from recommendations.services.infra.degradation import ignore_database_errors
from recommendations.services.training.registry import (
    list_serving_names,
    load_artifact,
    must_fetch,
)

logger = logging.getLogger(__name__)

POLL_SECONDS = 2.0
RETRY_DAMAGED_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A model version: its name and its fitted ensemble."""

    version: str
    ensemble: Ensemble

    def get_vectors(self, product_ids: Sequence[int]) -> FloatArray | None:
        """Return the products' item factors, each of length 1, shape (products, factors).

        The row of a product that the model does not know is zeros. Return None if the ensemble has
        no collaborative member.
        """
        member = self.ensemble.members.get(COLLABORATIVE)
        if not isinstance(member, LatentFactorRecommender):
            return None
        rows = self.ensemble.catalogue.find_rows(product_ids)
        vectors: FloatArray = normalize_rows(member.item_factors_, rows)
        return vectors

    def find_popular_in_category(self, product_ids: Sequence[int]) -> frozenset[int]:
        """Return those of the products that are popular among those of their main category."""
        rows = self.ensemble.catalogue.find_rows(product_ids)
        is_popular = (rows >= 0) & self.ensemble.facts_.is_popular_in_category[rows]
        return frozenset(compress(product_ids, is_popular.tolist()))


class LiveModel:
    """The snapshot that this process serves; polls the registry every `POLL_SECONDS` at most."""

    def __init__(self) -> None:
        self._snapshot: Snapshot | None = None
        self._next_poll = 0.0
        self._loading = threading.Lock()
        self._damaged_until: dict[str, float] = {}

    def get_current(self) -> Snapshot | None:
        """Return the snapshot in memory, None while there is no readable model.

        The first call in a process loads the snapshot from this host's disk. A thread loads later
        versions, and what has to be fetched from the storage of artifacts.
        """
        if time.monotonic() >= self._next_poll and self._loading.acquire(blocking=False):
            names = self._poll_registry()
            if not names or (self._snapshot is None and not must_fetch(names[0])):
                self._load_first_readable(names)
            else:
                thread = threading.Thread(
                    target=self._load_first_readable, args=(names,), daemon=True
                )
                thread.start()
        return self._snapshot

    def refresh(self) -> Snapshot | None:
        """Poll the registry now and return the live snapshot; for start-up and commands."""
        self._loading.acquire()
        self._load_first_readable(self._poll_registry())
        return self._snapshot

    def forget(self) -> None:
        """Return to the state of a process that has just started."""
        with self._loading:
            self._snapshot = None
            self._next_poll = 0.0
            self._damaged_until = {}

    def _poll_registry(self) -> list[str] | None:
        """Return the names of the versions that may serve, best first; None on a database error.

        The caller holds `_loading`; an exception releases it.
        """
        self._next_poll = time.monotonic() + POLL_SECONDS
        names = None
        try:
            with ignore_database_errors("model registry"):
                names = list_serving_names()
        except BaseException:
            self._loading.release()
            raise
        return names

    def _load_first_readable(self, names: list[str] | None) -> None:
        """Serve the first of these versions that can be read, then release `_loading`.

        If none of them can be read, the snapshot in memory stays. An empty list removes it.
        """
        try:
            if names == []:
                self._snapshot = None
            for name in names or []:
                if self._snapshot is not None and self._snapshot.version == name:
                    return
                if self._damaged_until.get(name, 0.0) > time.monotonic():
                    continue
                try:
                    snapshot = Snapshot(name, load_artifact(name).warm_up())
                    snapshot.get_vectors([])
                except ArtifactError as damage:
                    self._damaged_until[name] = time.monotonic() + RETRY_DAMAGED_SECONDS
                    logger.error("Model %s cannot serve: %s", name, damage)
                    continue
                self._snapshot = snapshot
                logger.info("This process serves model %s.", name)
                return
        finally:
            self._loading.release()


_live = LiveModel()

get_current = _live.get_current
refresh = _live.refresh
forget = _live.forget
