"""What a list was asked for, beside its subject: the log keeps it, so the list can be made again.

The text of a search is not kept: no log says who searched what.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from recommendations.choices import Placement
from recommendations.engine.conditions.parsing import parse_condition, write_condition
from recommendations.services.lists.context import ListContext
from recommendations.services.lists.wish import ListWish
from recommendations.services.people.subjects import Subject


@dataclass(frozen=True, slots=True)
class ListRequest:
    """The request that a list answered."""

    count: int
    """The length that was asked for."""
    page_id: UUID | None = None
    """The same for all lists of one page; None for a list that was asked for alone."""
    product_id: int | None = None
    """The product that the page is about."""
    category: str | None = None
    in_cart: tuple[int, ...] = ()
    """The cart, at the placement of that name; the present cart tells it nowhere else."""
    wish: ListWish | None = None

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """Return the request that `write` wrote."""
        wanted, boosted = (
            parse_condition(data[name]) if name in data else None for name in ("filter", "boost")
        )
        return cls(
            count=data["count"],
            page_id=UUID(data["page"]) if "page" in data else None,
            product_id=data.get("product"),
            category=data.get("category"),
            in_cart=tuple(data.get("cart", ())),
            wish=None if wanted is None and boosted is None else ListWish(wanted, boosted),
        )

    def write(self) -> dict[str, Any]:
        """Return the request as JSON has it, without what it does not say."""
        wish = self.wish or ListWish()
        parts = {
            "page": self.page_id and self.page_id.hex,
            "product": self.product_id,
            "category": self.category,
            "cart": list(self.in_cart) or None,
            "filter": wish.wanted and write_condition(wish.wanted),
            "boost": wish.boosted and write_condition(wish.boosted),
        }
        return {"count": self.count} | {
            name: part for name, part in parts.items() if part is not None
        }


def describe_request(
    context: ListContext,
    *,
    placement: Placement,
    subject: Subject | None,
    count: int,
    category: str | None = None,
    page_id: UUID | None = None,
) -> ListRequest:
    """Return the request of a context's list; `subject` is whom the log will name.

    The log has no cart of somebody whom it does not name.
    """
    has_cart = placement is Placement.CART and subject is not None
    return ListRequest(
        count=count,
        page_id=page_id,
        product_id=context.viewed_product_id,
        category=category,
        in_cart=tuple(sorted(context.history.in_cart)) if has_cart else (),
        wish=context.wish,
    )
