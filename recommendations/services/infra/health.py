"""Whether this process can serve: its database, its cache, its model."""

import secrets
from dataclasses import dataclass
from enum import StrEnum

from django.db import DatabaseError, connection

from recommendations.services.infra.layered_cache import get_cached, set_cached
from recommendations.services.training.live_model import current
from recommendations.services.training.registry import get_live_version


class Part(StrEnum):
    """How one part is; `missing` means that nothing has been trained yet."""

    OK = "ok"
    FAILING = "failing"
    MISSING = "missing"


class HealthStatus(StrEnum):
    """What the parts come to."""

    OK = "ok"
    DEGRADED = "degraded"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Readiness:
    """How each part is."""

    database: Part
    cache: Part
    model: Part

    @property
    def status(self) -> HealthStatus:
        """Unavailable without a database; without cache or model lists are slower or plainer."""
        if self.database is Part.FAILING:
            return HealthStatus.UNAVAILABLE
        if self.cache is Part.OK and self.model is Part.OK:
            return HealthStatus.OK
        return HealthStatus.DEGRADED


def check_readiness() -> Readiness:
    """Check every part now; loading the live model here spares the first shopper the wait."""
    database = _database()
    model = _model() if database is Part.OK else Part.FAILING
    return Readiness(database=database, cache=_cache(), model=model)


def _database() -> Part:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return Part.FAILING
    return Part.OK


def _cache() -> Part:
    mark = secrets.token_hex(8)
    key = f"health:{mark}"
    set_cached(key, mark, seconds=10)
    return Part.OK if get_cached(key) == mark else Part.FAILING


def _model() -> Part:
    snapshot = current()
    if snapshot is not None:
        return Part.OK
    return Part.MISSING if get_live_version() is None else Part.FAILING
