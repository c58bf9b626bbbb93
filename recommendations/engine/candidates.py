"""A candidate for a list: a product with a score, its candidate source and a reason."""

from typing import NamedTuple, Protocol

from recommendations.choices import Source
from recommendations.reasons import ReasonCode


class Reason(NamedTuple):
    """Why a product is in a list.

    `product_id` is a product of the history, or the product that the list is about. `count` is
    the number of shoppers who bought both that product and the recommended one.
    """

    code: ReasonCode
    product_id: int | None = None
    category: str | None = None
    count: int | None = None  # type: ignore[assignment]


class Candidate(NamedTuple):
    """A product that a list may show.

    `score` is in [0, 1]; the best candidate of a source has 1. `cf_score` and `mf_score` are the
    parts of the score that collaborative filtering and matrix factorization added.
    """

    product_id: int
    score: float
    source: Source
    reason: Reason
    cf_score: float = 0.0
    mf_score: float = 0.0


class ProductFilterFields(Protocol):
    """The fields of a product that filters, rules and the category cap read."""

    @property
    def category(self) -> str:
        """Its category."""

    @property
    def brand(self) -> str:
        """Its brand, empty where it has none."""

    @property
    def is_active(self) -> bool:
        """Whether the shop shows it."""

    @property
    def in_stock(self) -> bool:
        """Whether at least one piece can be bought."""

    @property
    def is_repeatable(self) -> bool:
        """Whether shoppers buy it again."""
