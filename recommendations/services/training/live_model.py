"""The live model in this process: one immutable object, followed in the background.

A request never waits for a registry that changed: it is answered by the version at hand while
the next one is loaded and compiled beside it, and one assignment swaps them.
"""

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import Error as DatabaseFailure

from recommendations.errors import ArtifactError
from recommendations.ml import artifacts
from recommendations.ml.data import FloatArray
from recommendations.ml.ensemble import Ensemble
from recommendations.ml.models.latent_factors import LatentFactorRecommender
from recommendations.ml.numerics.scoring_kernels import normalize_rows
from recommendations.ml.presets import COLLABORATIVE
from recommendations.services.training.registry import get_artifact_folder, list_serving_names

logger = logging.getLogger(__name__)

CHECKED_EVERY_SECONDS = 2.0
DAMAGED_TRIED_AGAIN_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A version's name and its fitted ensemble; its catalogue knows rows and product ids."""

    version: str
    ensemble: Ensemble

    def vectors(self, product_ids: Sequence[int]) -> FloatArray | None:
        """Return the products' vectors of length 1, shape (products, factors).

        Zeros for a product without one; None when no member of the ensemble has vectors.
        """
        member = self.ensemble.members.get(COLLABORATIVE)
        if not isinstance(member, LatentFactorRecommender):
            return None
        return normalize_rows(member.item_factors_, self.ensemble.catalogue.find_rows(product_ids))


class LiveModel:
    """Follows the live version: asks the registry every `CHECKED_EVERY_SECONDS` at most."""

    def __init__(self) -> None:
        self._snapshot: Snapshot | None = None
        self._next_check = 0.0
        self._busy = threading.Lock()
        self._damaged_until: dict[str, float] = {}

    def current(self) -> Snapshot | None:
        """Return the snapshot at hand, None while there is no model that can be read.

        The first call of a process loads it before it answers; later versions are loaded in a
        thread of their own.
        """
        if time.monotonic() >= self._next_check and self._busy.acquire(blocking=False):
            try:
                names = self._ask()
            except BaseException:
                self._busy.release()
                raise
            if self._snapshot is None or not names:
                self._follow(names)
            else:
                threading.Thread(target=self._follow, args=(names,), daemon=True).start()
        return self._snapshot

    def refresh(self) -> Snapshot | None:
        """Follow the registry now and return what is live; for start-up and commands."""
        self._busy.acquire()
        try:
            names = self._ask()
        except BaseException:
            self._busy.release()
            raise
        self._follow(names)
        return self._snapshot

    def forget(self) -> None:
        """Go back to the state of a process that has just started."""
        with self._busy:
            self._snapshot = None
            self._next_check = 0.0
            self._damaged_until = {}

    def _ask(self) -> list[str] | None:
        """Return the versions that may answer, best first; None when the registry is silent."""
        self._next_check = time.monotonic() + CHECKED_EVERY_SECONDS
        try:
            return list_serving_names()
        except DatabaseFailure as problem:
            logger.warning("The registry of models was not read: %s", problem)
            return None

    def _follow(self, names: list[str] | None) -> None:
        """Serve the first of these that can be read; the caller holds `_busy`, this gives it back.

        The one at hand stays when none can be read, and goes only when none is live.
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
                    found = Snapshot(name, artifacts.load(get_artifact_folder(name)).warm_up())
                    found.vectors([])
                except ArtifactError as damage:
                    self._damaged_until[name] = time.monotonic() + DAMAGED_TRIED_AGAIN_SECONDS
                    logger.error("Model %s cannot serve: %s", name, damage)
                    continue
                self._snapshot = found
                logger.info("Model %s answers now.", name)
                return
        finally:
            self._busy.release()


_live = LiveModel()

current = _live.current
refresh = _live.refresh
forget = _live.forget
