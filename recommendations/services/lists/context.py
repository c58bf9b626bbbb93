"""The context of a list: its subject, and the data that the request has read so far."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from django.db import Error as DatabaseFailure

from recommendations.engine.conditions.resolving import resolve
from recommendations.engine.trace import ListTrace
from recommendations.retrieval.segments import SegmentedIndex
from recommendations.services.experiments.treatments import (
    NO_TREATMENT,
    Treatment,
    choose_treatment,
)
from recommendations.services.infra.degradation import ignore_database_errors
from recommendations.services.lists.history import ShopperHistory, read_history
from recommendations.services.lists.situation import ContextSituation
from recommendations.services.lists.wish import ListWish, Narrowing, find_narrowing
from recommendations.services.people.subjects import Subject
from recommendations.services.search import live_index
from recommendations.services.shop.merchandising import CurrentRules, get_current_rules
from recommendations.services.shop.product_rows import ProductCard, fetch_cards, recall_cards
from recommendations.services.training.live_model import Snapshot


@dataclass(eq=False)
class ListContext:
    """The subject of a list (None: no subject); reads history, model and each product only once."""

    subject: Subject | None
    client_dismissed: Collection[int] = ()
    """Products that a visitor who opted out dismissed; only the visitor's browser stores them."""
    given_history: ShopperHistory | None = None
    """Stands for the subject's history if it is set; nothing is read then."""
    given_model: Snapshot | None = None
    """Stands for the live model if it is set."""
    given_rules: CurrentRules | None = None
    """Stand for the current rules of staff if they are set."""
    takes_part: bool = False
    """Whether the lists are served to the subject, so that experiments may decide about them."""
    wish: ListWish | None = None
    """What the request asks of its lists besides."""
    viewed_product_id: int | None = None
    """The product that the page is about."""
    query: str | None = None
    """What was searched on the page."""
    as_of: datetime | None = None
    """The moment at which the list was asked for; None: now."""
    traces: list[ListTrace] | None = None
    """Takes a trace of each list, in the order in which they are built; None: nobody asks."""
    already_shown: set[int] = field(default_factory=set)
    """Products that no further list of the page may show."""
    products: dict[int, ProductCard] = field(default_factory=dict)
    """All products that were read so far."""
    passed_over: dict[int, Mapping[int, int]] = field(default_factory=dict)
    """What was read of the subject's impressions; see `lists.passed_over`."""
    failure: DatabaseFailure | None = None
    """Why products could not be read; None if they could."""
    _read: set[int] = field(default_factory=set)

    @cached_property
    def history(self) -> ShopperHistory:
        """The subject's history. If it cannot be read, it is empty and has no version."""
        if self.given_history is not None:
            return self.given_history
        history = ShopperHistory(version=None)
        with ignore_database_errors("history"):
            history = read_history(self.subject)
        if not self.client_dismissed:
            return history
        return replace(history, dismissed=frozenset(self.client_dismissed))

    @cached_property
    def model(self) -> Snapshot | None:
        """The live model, or that of an arm; all lists of a page are built with the same one."""
        return self.given_model or self.treatment.get_model()

    @cached_property
    def rules(self) -> CurrentRules:
        """The rules of staff; all lists of a page are built with the same ones."""
        return self.given_rules or self.treatment.rules or get_current_rules()

    @cached_property
    def index(self) -> SegmentedIndex | None:
        """The words of all products; None while nothing is indexed yet."""
        try:
            return live_index.get_current()
        except DatabaseFailure as failure:
            self.note_failure(failure)
            return None

    @cached_property
    def treatment(self) -> Treatment:
        """What experiments change for the subject."""
        if self.subject is None or not self.takes_part or self.is_for_staff:
            return NO_TREATMENT
        return choose_treatment(self.subject)

    @cached_property
    def situation(self) -> ContextSituation:
        """What the conditions of rules ask about the shopper, the page and the search."""
        return ContextSituation(self)

    @cached_property
    def narrowing(self) -> Narrowing | None:
        """The products that the request's filter lets pass; None if it has none, or a wide one.

        None as well while they cannot be read: then the filter alone decides.
        """
        if self.wish is None or self.wish.wanted is None:
            return None
        narrowing = None
        with ignore_database_errors("filter"):
            narrowing = find_narrowing(resolve(self.wish.wanted, self.situation))
        return narrowing  # noqa: RET504 - None if the database fails

    @property
    def is_for_staff(self) -> bool:
        """Whether the lists answer a question of staff; then no cached list will do."""
        given = (self.traces, self.given_model, self.given_rules)
        return any(one is not None for one in given)

    @property
    def trace(self) -> ListTrace | None:
        """The trace of the list that is being built, None if nobody asks."""
        return self.traces[-1] if self.traces else None

    def begin_trace(self) -> ListTrace | None:
        """Begin the trace of the next list, if somebody asks for traces; return it."""
        if self.traces is not None:
            self.traces.append(ListTrace())
        return self.trace

    def read_products(self, product_ids: Iterable[int]) -> None:
        """Read the products that were not read before into `products`, in one query.

        A product that does not exist gets no entry. While the database fails, `failure` is set,
        and only products that this process has read before get an entry, as they were then.
        """
        unread = set(product_ids) - self._read
        if not unread:
            return
        try:
            cards = fetch_cards(unread)
        except DatabaseFailure as failure:
            cards = recall_cards(unread)
            self.note_failure(failure)
        self.add_products(cards)
        self._read.update(unread)

    def note_failure(self, failure: DatabaseFailure) -> None:
        """Note that products could not be read, and that remembered ones take their places."""
        self.failure = failure
        with ignore_database_errors("products"):
            raise failure

    def share_products(self, other: "ListContext") -> None:
        """Read products together with another context: what one has read, the other need not."""
        self.products, self._read = other.products, other._read

    def add_products(self, products: Mapping[int, ProductCard]) -> None:
        """Add products that a source has read itself."""
        # Changed in place, for those who share them: `|=` with keys would make a new set.
        self.products.update(products)
        self._read.update(products)
