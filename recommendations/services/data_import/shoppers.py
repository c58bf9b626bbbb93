"""An account for every outside user id."""

from collections.abc import Iterable

from recommendations.services.people.shopper_ids import ensure_shoppers


class Shoppers:
    """Finds the accounts of shoppers by source and own id, and adds missing ones.

    They have no usable password. Memory grows with the number of shoppers, not with that of rows.
    """

    def __init__(self) -> None:
        self._ids: dict[tuple[str, str], int] = {}
        self.added = 0
        self.first: tuple[str, int] | None = None

    def get_ids(self, shoppers: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """Add the missing ones of these shoppers; return user ids, perhaps also of others.

        Call it in a transaction.
        """
        unknown: dict[str, set[str]] = {}
        for source, external_id in set(shoppers) - self._ids.keys():
            unknown.setdefault(source, set()).add(external_id)
        for source, external_ids in unknown.items():
            found, added = ensure_shoppers(source, external_ids)
            self._ids.update(((source, each), user_id) for each, user_id in found.items())
            self.added += added
            if self.first is None:
                first = min(external_ids)
                self.first = (first, self._ids[source, first])
        return self._ids
