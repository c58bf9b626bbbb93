"""An account for every outside user id."""

import secrets
from collections.abc import Iterable

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX

from recommendations.services.data_import.batches import iter_batches

LONGEST_USERNAME = 150


class Shoppers:
    """Finds accounts by user name and adds missing ones, without a usable password.

    Memory grows with the number of shoppers, not with the number of rows.
    """

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        self.added = 0
        self.first: tuple[str, int] | None = None

    def get_ids(self, usernames: Iterable[str]) -> dict[str, int]:
        """Add the missing ones of these accounts; return ids by user name, perhaps of others, too.

        Call it in a transaction.
        """
        unknown = sorted(set(usernames) - self._ids.keys())
        if unknown:
            self._look_up(unknown)
            missing = [username for username in unknown if username not in self._ids]
            accounts = get_user_model().objects
            accounts.bulk_create(
                [
                    get_user_model()(username=username, password=_make_unusable_password())
                    for username in missing
                ],
                # Another import of the same source may add the same accounts at the same time.
                ignore_conflicts=True,
            )
            self._look_up(missing)
            self.added += len(missing)
            if self.first is None:
                self.first = (unknown[0], self._ids[unknown[0]])
        return self._ids

    def _look_up(self, usernames: list[str]) -> None:
        for names in iter_batches(usernames, 500):
            accounts = get_user_model().objects.filter(username__in=names).order_by()
            self._ids.update(accounts.values_list("username", "id"))


def _make_unusable_password() -> str:
    # Same result as `make_password(None)`, whose 0.1 ms become seconds for many shoppers.
    return UNUSABLE_PASSWORD_PREFIX + secrets.token_urlsafe(30)
