"""An account for every outside user id."""

from collections.abc import Iterable

from recommendations.services.people.shopper_ids import ensure_shoppers


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
        unknown = set(external_ids) - self._ids.keys()
        if unknown:
            found, added = ensure_shoppers(self._source, unknown)
            self._ids.update(found)
            self.added += added
            if self.first is None:
                first = min(unknown)
                self.first = (first, self._ids[first])
        return self._ids
