"""The arms that an account has seen, also as a visitor before signing in: it keeps them.

The arm of a visitor follows from the visitor's id, and that of an account from the account's.
Whoever signs in would change arms, so the arms of accounts are read. A process remembers them for
seconds and shares them with nobody: the first list of a shopper waits for this, and one query costs
less than to ask a shared cache, ask the database, and fill the cache.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass

from cachetools import TTLCache
from django.db import transaction

from recommendations.models import Exposure, UserProfile
from recommendations.services.infra.raw_sql import fetch_rows

MEMORY_SECONDS = 5.0
"""How late other processes may see that an account keeps an arm, or takes part no longer."""
MAX_REMEMBERED = 20_000
SWITCHED_OFF = (0, 0)
"""The row that stands for a profile without personalization; no experiment has the id 0."""

_ARMS = f"""
SELECT {{columns}} FROM (
    SELECT experiment_id, arm_id, exposed_at FROM {Exposure._meta.db_table}
    WHERE user_id = %(user_id)s
    UNION ALL
    SELECT 0, 0, NULL FROM {UserProfile._meta.db_table}
    WHERE user_id = %(user_id)s AND NOT personalization_enabled
) AS kept"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class KeptArms:
    """The ids of an account's arms by the id of the experiment, and whether it takes part."""

    by_experiment: Mapping[int, int]
    """In the order of the first exposures."""
    takes_part: bool
    """False for a shopper who turned personalization off."""


_remembered: TTLCache[int, KeptArms] = TTLCache(MAX_REMEMBERED, MEMORY_SECONDS)
_lock = threading.Lock()


def get_kept_arms(user_id: int) -> KeptArms:
    """Return the arms of an account; a DatabaseError if they cannot be read."""
    with _lock:
        kept = _remembered.get(user_id)
    if kept is None:
        kept = _fetch(user_id)
        with _lock:
            _remembered[user_id] = kept
    return kept


def forget_kept_arms(user_id: int) -> None:
    """Forget the arms of an account after the commit."""
    transaction.on_commit(lambda: _forget(user_id))


def forget_all() -> None:
    """Return to the state of a process that has just started."""
    with _lock:
        _remembered.clear()


def _forget(user_id: int) -> None:
    with _lock:
        _remembered.pop(user_id, None)


def _fetch(user_id: int) -> KeptArms:
    rows = fetch_rows(_ARMS, ["experiment_id", "arm_id", "exposed_at"], {"user_id": user_id})
    # The text of a time has the order of the times.
    arms = [(row[0], row[1]) for row in sorted(rows, key=lambda row: row[2] or "")]
    return KeptArms(
        by_experiment=dict(each for each in arms if each != SWITCHED_OFF),
        takes_part=SWITCHED_OFF not in arms,
    )
