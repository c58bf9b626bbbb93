"""An account for every outside user id."""

import secrets
from collections.abc import Iterable
from hashlib import blake2b

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX

from recommendations.models import ShopperId
from recommendations.services.data_import.batches import iter_batches

LONGEST_USERNAME = 150


class Shoppers:
    """Finds the accounts of a source's shoppers and adds missing ones, without a usable password.

    Memory grows with the number of shoppers, not with the number of rows.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self._ids: dict[str, int] = {}
        self.added = 0
        self.first: tuple[str, int] | None = None

    def get_ids(self, external_ids: Iterable[str]) -> dict[str, int]:
        """Add the missing ones of these shoppers; return user ids by outside id, perhaps of others.

        Call it in a transaction.
        """
        unknown = sorted(set(external_ids) - self._ids.keys())
        if unknown:
            self._look_up(unknown)
            missing = [external_id for external_id in unknown if external_id not in self._ids]
            if missing:
                self._add(missing)
            self.added += len(missing)
            if self.first is None:
                self.first = (unknown[0], self._ids[unknown[0]])
        return self._ids

    def _add(self, external_ids: list[str]) -> None:
        accounts = get_user_model().objects
        names = {each: f"{self._source}-{each}" for each in external_ids}
        # A name that is too long, or that somebody else has, is replaced by a digest.
        taken = set(_list_taken(names.values()))
        for external_id, name in names.items():
            if len(name) > LONGEST_USERNAME or name in taken:
                digest = blake2b(external_id.encode(), digest_size=16).hexdigest()
                names[external_id] = f"{self._source}-{digest}"
        accounts.bulk_create(
            [
                get_user_model()(username=name, password=_make_unusable_password())
                for name in names.values()
            ],
            # Another import of the same source may add the same accounts at the same time.
            ignore_conflicts=True,
        )
        user_ids: dict[str, int] = {}
        for batch in iter_batches(names.values(), 500):
            found = accounts.filter(username__in=batch).order_by()
            user_ids.update(found.values_list("username", "id"))
        ShopperId.objects.bulk_create(
            [
                ShopperId(source=self._source, external_id=each, user_id=user_ids[name])
                for each, name in names.items()
            ],
            ignore_conflicts=True,
        )
        self._look_up(external_ids)

    def _look_up(self, external_ids: list[str]) -> None:
        for batch in iter_batches(external_ids, 500):
            rows = ShopperId.objects.filter(source=self._source, external_id__in=batch).order_by()
            self._ids.update(rows.values_list("external_id", "user_id"))


def _list_taken(usernames: Iterable[str]) -> Iterable[str]:
    for batch in iter_batches(usernames, 500):
        accounts = get_user_model().objects.filter(username__in=batch).order_by()
        yield from accounts.values_list("username", flat=True)


def _make_unusable_password() -> str:
    # Same result as `make_password(None)`, whose 0.1 ms become seconds for many shoppers.
    return UNUSABLE_PASSWORD_PREFIX + secrets.token_urlsafe(30)
