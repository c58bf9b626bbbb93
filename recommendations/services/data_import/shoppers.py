"""Shoppers: an account for every outside user id."""

import secrets
from collections.abc import Iterable

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX

from recommendations.services.data_import.batches import batched

LONGEST_USERNAME = 150


class Shoppers:
    """Accounts by name, added when first met; they have no usable password.

    Memory grows with the number of shoppers, not of rows.
    """

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        self.added = 0
        self.first: tuple[str, int] | None = None

    def ids(self, usernames: Iterable[str]) -> dict[str, int]:
        """Return the id of at least each of these accounts; for use inside a transaction."""
        unknown = sorted(set(usernames) - self._ids.keys())
        if unknown:
            self._look_up(unknown)
            missing = [username for username in unknown if username not in self._ids]
            accounts = get_user_model().objects
            accounts.bulk_create(
                [
                    get_user_model()(username=username, password=_unusable_password())
                    for username in missing
                ],
                # Another import of the same source may have added some of them meanwhile.
                ignore_conflicts=True,
            )
            self._look_up(missing)
            self.added += len(missing)
            if self.first is None:
                self.first = (unknown[0], self._ids[unknown[0]])
        return self._ids

    def _look_up(self, usernames: list[str]) -> None:
        for names in batched(usernames, 500):
            accounts = get_user_model().objects.filter(username__in=names).order_by()
            self._ids.update(accounts.values_list("username", "id"))


def _unusable_password() -> str:
    # What `make_password(None)` makes, which takes 0.1 ms: seconds for a shop's worth of shoppers.
    return UNUSABLE_PASSWORD_PREFIX + secrets.token_urlsafe(30)
