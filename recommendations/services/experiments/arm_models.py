"""The models of arms: other versions than the live one, and other weights of the blend.

No request waits for a model. A version is read in the background; until then, its experiment takes
nobody in this process.
"""

import logging
import threading
import time
from collections.abc import Mapping
from functools import lru_cache

from recommendations.errors import ArtifactError
from recommendations.ml.ensemble import Ensemble
from recommendations.services.training import live_model
from recommendations.services.training.live_model import Snapshot
from recommendations.services.training.registry import load_artifact

logger = logging.getLogger(__name__)

MOST_VERSIONS = 4
"""A process keeps at most this many versions beside the live one."""
RETRY_SECONDS = 30.0
BLENDS_CACHE_SIZE = 16

_loaded: dict[str, Snapshot] = {}
_failed_until: dict[str, float] = {}
_loading: set[str] = set()
_lock = threading.Lock()


def is_ready(version: str) -> bool:
    """Return whether this process can serve a version; if not, begin to read it."""
    if not version or _find(version) is not None:
        return True
    with _lock:
        if version in _loading or _failed_until.get(version, 0.0) > time.monotonic():
            return False
        _loading.add(version)
    threading.Thread(target=load, args=(version,), daemon=True).start()
    return False


def load(version: str) -> None:
    """Read a version into memory, and the oldest one out of it; log why if it cannot be read."""
    try:
        snapshot = Snapshot(version, load_artifact(version).warm_up())
        snapshot.get_vectors([])
        with _lock:
            while len(_loaded) >= MOST_VERSIONS:
                _loaded.pop(next(iter(_loaded)))
            _loaded[version] = snapshot
    except ArtifactError as damage:
        _failed_until[version] = time.monotonic() + RETRY_SECONDS
        logger.error("The model %s of an experiment cannot serve: %s", version, damage)
    finally:
        with _lock:
            _loading.discard(version)


def get_model(version: str, weights: Mapping[str, float] | None) -> Snapshot | None:
    """Return a version, by default the live one, with these weights if there are any."""
    snapshot = _find(version) if version else live_model.get_current()
    return snapshot if snapshot is None or weights is None else blend(snapshot, weights)


def blend(snapshot: Snapshot, weights: Mapping[str, float]) -> Snapshot:
    """Return a model with other weights; members that it lacks or that are not named get 0."""
    return _blend(snapshot, tuple(sorted(weights.items())))


def forget() -> None:
    """Return to the state of a process that has just started."""
    with _lock:
        _loaded.clear()
        _failed_until.clear()
    _blend.cache_clear()


def _find(version: str) -> Snapshot | None:
    live = live_model.get_current()
    return live if live is not None and live.version == version else _loaded.get(version)


@lru_cache(maxsize=BLENDS_CACHE_SIZE)
def _blend(snapshot: Snapshot, weights: tuple[tuple[str, float], ...]) -> Snapshot:
    members = snapshot.ensemble.members
    chosen = dict.fromkeys(members, 0.0) | {name: w for name, w in weights if name in members}
    if not sum(chosen.values()) > 0:
        logger.error("Model %s has no member of %s.", snapshot.version, dict(weights))
        return snapshot
    blend = Ensemble(members, chosen, snapshot.ensemble.shape)
    blend.catalogue = snapshot.ensemble.catalogue
    blend.facts_ = snapshot.ensemble.facts_
    return Snapshot(snapshot.version, blend)
