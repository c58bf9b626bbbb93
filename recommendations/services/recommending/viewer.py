"""Who lists are for, as one call knows them."""

from collections.abc import Collection
from dataclasses import replace
from functools import cached_property

from recommendations.engine.pipeline import ProductFacts
from recommendations.models import Product
from recommendations.services.failing_reads import tolerated
from recommendations.services.history import ShopperHistory, read_history
from recommendations.services.product_rows import (
    Row,
    facts_of_row,
    product_of,
    rows_by_id,
)
from recommendations.services.subjects import Subject


class Viewer:
    """A subject, None being nobody, with what one call reads for it: everything once.

    `shown` holds the products that must not come, because another list of the same page shows
    them or because the page is about them; `hidden` those that a browser which is not to be known
    says it does not want to see.
    """

    def __init__(self, subject: Subject | None, *, hidden: Collection[int] = ()) -> None:
        self.subject = subject
        self.hidden = frozenset(hidden)
        self.shown: set[int] = set()
        self.history_is_known = True
        self._rows: dict[int, Row | None] = {}

    @cached_property
    def history(self) -> ShopperHistory:
        """The subject's history; empty, and `history_is_known` false, when it cannot be read.

        Lists are everybody's then, and may hold what the subject bought or dismissed.
        """
        known: ShopperHistory | None = None
        with tolerated("history"):
            known = read_history(self.subject)
        self.history_is_known = known is not None
        known = known or ShopperHistory()
        return replace(known, dismissed=self.hidden) if self.hidden else known

    def products(self, product_ids: Collection[int]) -> dict[int, Product]:
        """Return those of these products that exist, the unread ones read in one query."""
        return {pk: product_of(row) for pk, row in self._read(product_ids).items()}

    def facts(self, product_ids: Collection[int]) -> dict[int, ProductFacts]:
        """Return what the engine asks about those of these products that exist.

        The unread ones are read in one query, with all that `products` needs of them.
        """
        return {pk: facts_of_row(row) for pk, row in self._read(product_ids).items()}

    def _read(self, product_ids: Collection[int]) -> dict[int, Row]:
        unread = [product_id for product_id in product_ids if product_id not in self._rows]
        if unread:
            found = rows_by_id(unread)
            self._rows |= {product_id: found.get(product_id) for product_id in unread}
        known = {product_id: self._rows[product_id] for product_id in product_ids}
        return {product_id: row for product_id, row in known.items() if row}
