"""What is asked of a list, whoever it is built for."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from recommendations.choices import Placement
from recommendations.engine.candidates import Candidate
from recommendations.engine.reserved_places import Reservation
from recommendations.services.lists.reserved_places import NewProducts
from recommendations.services.lists.sources import CandidateSource
from recommendations.services.shop.product_rows import NamedProduct


@dataclass(frozen=True, slots=True)
class ListSpec:
    """The contents of a list; a `ListContext` has the subject that it is built for."""

    placement: Placement
    count: int
    sources: Sequence[CandidateSource]
    """Asked in this order until the list is full."""
    fallback: CandidateSource | None
    """Asked last, for more and more candidates until the list is full.

    It names every product that the list may hold, so a list with a fallback has an entry as long
    as the shop sells anything: see `collecting.FEWEST_ENTRIES`.

    A list without a fallback may be short. It has no pinned products, and only products whose
    reason names another product.
    """
    explain: Callable[[list[Candidate]], list[Candidate]] | None = None
    """Replaces the reasons of the chosen candidates, which are those of their sources."""
    reason_names: Mapping[int, NamedProduct] | None = None
    """Names of the products that reasons point at; None means those of the history."""
    exclude: Collection[int] = ()
    """Products that the list must not hold."""
    avoid: Collection[int] = ()
    """Products of a kind of which one is enough; the list has them only if all else is missing."""
    find_new: Callable[[Reservation], NewProducts] | None = None
    """Names the products for reserved places; None: the list has no such places."""
    shows_styles_once: bool = False
    """Whether the list has one product of each style, whatever colours and sizes there are."""
    is_personal: bool = False
    """Whether the candidates of the model and the session come from the subject's history."""
