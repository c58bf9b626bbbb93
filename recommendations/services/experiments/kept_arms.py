"""The arms that an account has seen, also as a visitor before signing in: it keeps them.

The arm of a visitor follows from the visitor's id, and that of an account from the account's.
Whoever signs in would change arms, so the arms of accounts are read, and cached.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from recommendations.models import Exposure, UserProfile
from recommendations.services.infra.computed_values import get_or_compute
from recommendations.services.infra.layered_cache import build_cache_key, delete_cached, get_decoded
from recommendations.services.infra.raw_sql import fetch_rows

CACHE_SECONDS = 300
SWITCHED_OFF = (0, 0)
"""The row that stands for a profile without personalization; no experiment has the id 0."""

# One query without the ORM: the first list of a shopper waits for it.
_ARMS = f"""
SELECT {{columns}} FROM (
    SELECT experiment_id, arm_id FROM {Exposure._meta.db_table} WHERE user_id = %(user_id)s
    UNION ALL
    SELECT 0, 0 FROM {UserProfile._meta.db_table}
    WHERE user_id = %(user_id)s AND NOT personalization_enabled
) AS kept"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class KeptArms:
    """The ids of an account's arms by the id of the experiment, and whether it takes part."""

    by_experiment: Mapping[int, int]
    takes_part: bool
    """False for a shopper who turned personalization off."""


def get_kept_arms(user_id: int) -> KeptArms:
    """Return the arms of an account; a DatabaseError if they cannot be read."""
    key = _build_key(user_id)
    kept = get_decoded(key, _decode)
    if kept is None:
        stored = get_or_compute(
            key, lambda: _fetch(user_id), is_valid=_is_valid, seconds=CACHE_SECONDS
        )
        kept = _decode(stored)
    assert kept is not None  # noqa: S101 - `is_valid` has checked the value
    return kept


def forget_kept_arms(user_id: int) -> None:
    """Drop what is cached of an account after the commit."""
    transaction.on_commit(lambda: delete_cached([_build_key(user_id)]))


def _build_key(user_id: int) -> str:
    return build_cache_key("arms", user_id)


def _fetch(user_id: int) -> dict[str, Any]:
    rows = fetch_rows(_ARMS, ["experiment_id", "arm_id"], {"user_id": user_id})
    arms = [(experiment_id, arm_id) for experiment_id, arm_id in rows]
    return {
        "arms": [each for each in arms if each != SWITCHED_OFF],
        "takes_part": SWITCHED_OFF not in arms,
    }


def _is_valid(stored: Any) -> bool:
    return isinstance(stored, dict) and {"arms", "takes_part"} == stored.keys()


def _decode(stored: Any) -> KeptArms | None:
    if not _is_valid(stored):
        return None
    return KeptArms(dict(stored["arms"]), bool(stored["takes_part"]))
