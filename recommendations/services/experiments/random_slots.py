"""The slots that are filled at random, as this process serves them, cached for ten seconds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from recommendations.choices import Placement
from recommendations.models import RandomSlot
from recommendations.services.experiments.definitions import CACHE_SECONDS
from recommendations.services.infra.computed_values import get_or_compute
from recommendations.services.infra.degradation import ignore_database_errors
from recommendations.services.infra.layered_cache import build_cache_key, delete_cached, get_decoded

KEY = build_cache_key("random-slots")
_COLUMNS = ("placement", "place", "n_candidates", "salt")


@dataclass(frozen=True, slots=True)
class ActiveSlot:
    """A slot that is filled at random."""

    placement: Placement
    place: int
    n_candidates: int
    salt: str

    @property
    def key(self) -> str:
        """A text that differs whenever the slot is another one."""
        return f"{self.salt} {self.place}/{self.n_candidates}"


def get_random_slot(placement: Placement) -> ActiveSlot | None:
    """Return the slot of a placement, None if it has none or slots cannot be read."""
    slots = get_decoded(KEY, _decode)
    if slots is None:
        with ignore_database_errors("random slots"):
            slots = _decode(get_or_compute(KEY, _fetch, is_valid=_is_valid, seconds=CACHE_SECONDS))
    return (slots or {}).get(placement)


def clear_slots_cache() -> None:
    """Drop the cached slots after the commit; other processes see the change later."""
    transaction.on_commit(lambda: delete_cached([KEY]))


def _fetch() -> list[dict[str, Any]]:
    return list(RandomSlot.objects.filter(is_active=True).values(*_COLUMNS))


def _is_valid(stored: Any) -> bool:
    return isinstance(stored, list) and all(
        isinstance(row, dict) and {*_COLUMNS} == row.keys() for row in stored
    )


def _decode(stored: Any) -> Mapping[Placement, ActiveSlot] | None:
    """Return the slots in a cached value, None if another release wrote the value."""
    if not _is_valid(stored):
        return None
    slots = [ActiveSlot(**{**row, "placement": Placement(row["placement"])}) for row in stored]
    return {slot.placement: slot for slot in slots}
