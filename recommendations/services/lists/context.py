"""Who lists are for, as one call knows them."""

from collections.abc import Collection
from dataclasses import replace
from functools import cached_property

from recommendations.engine.pipeline import ProductFilterFields
from recommendations.services.infra.degradation import ignore_database_errors
from recommendations.services.infra.raw_sql import Row
from recommendations.services.lists.history import ShopperHistory, read_history
from recommendations.services.people.subjects import Subject
from recommendations.services.shop.product_rows import (
    ProductCard,
    card_from_row,
    facts_from_row,
    fetch_product_rows,
)


class ListContext:
    """A subject, None being nobody, with what one call reads for it: everything once.

    `already_shown` holds the products that no further list may show: another list of the page
    shows them, or the page is about them. `client_dismissed` holds the products that the browser
    of a visitor who opted out keeps as dismissed.
    """

    def __init__(self, subject: Subject | None, *, client_dismissed: Collection[int] = ()) -> None:
        self.subject = subject
        self.client_dismissed = frozenset(client_dismissed)
        self.already_shown: set[int] = set()
        self.history_is_known = True
        self._rows: dict[int, Row | None] = {}

    @cached_property
    def history(self) -> ShopperHistory:
        """The subject's history; empty, and `history_is_known` false, when it cannot be read.

        Lists are everybody's then, and may hold what the subject bought or dismissed.
        """
        known: ShopperHistory | None = None
        with ignore_database_errors("history"):
            known = read_history(self.subject)
        self.history_is_known = known is not None
        known = known or ShopperHistory()
        return replace(known, dismissed=self.client_dismissed) if self.client_dismissed else known

    def products(self, product_ids: Collection[int]) -> dict[int, ProductCard]:
        """Return those of these products that exist, in any order; the unread in one query."""
        return {pk: card_from_row(row) for pk, row in self._read(product_ids).items()}

    def facts(self, product_ids: Collection[int]) -> dict[int, ProductFilterFields]:
        """Return what the engine asks about those of these products that exist.

        The unread ones are read in one query, with all that `products` needs of them.
        """
        return {pk: facts_from_row(row) for pk, row in self._read(product_ids).items()}

    def _read(self, product_ids: Collection[int]) -> dict[int, Row]:
        unread = set(product_ids).difference(self._rows)
        if not unread:
            return {pk: row for pk in product_ids if (row := self._rows[pk])}
        found = fetch_product_rows(unread)
        self._rows |= dict.fromkeys(unread) | found
        return found if len(unread) == len(product_ids) else self._read(product_ids)
