"""What happened to the candidates of one list: who named them, who dropped them, who moved them.

The pipeline reports to a trace only if somebody asks why a list is as it is. A list that is served
has none.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.candidates import Candidate
from recommendations.engine.rules import NO_RULES, Rules


class Stage(StrEnum):
    """Where a product left a list, in the order of the pipeline."""

    NOT_IN_CATALOGUE = "not_in_catalogue"
    INACTIVE = "inactive"
    SOLD_OUT = "sold_out"
    IN_CART = "in_cart"
    DISMISSED = "dismissed"
    BOUGHT = "bought"
    SAME_KIND = "same_kind"
    """The cart or the page holds one of the same kind, and one is enough."""
    HIDDEN = "hidden"
    """A rule of staff hides it."""
    SAME_STYLE = "same_style"
    """The list was offered another colour or size of it before."""
    SHOWN_ELSEWHERE = "shown_elsewhere"
    """The page is about it, or shows it in a list above."""
    NOT_NAMED = "not_named"
    """No source of the list names it."""
    NOT_NEEDED = "not_needed"
    """A source names it, and the list was full before it was looked at."""
    CAPPED = "capped"
    """Its category or department had as many products as the list takes."""
    TOO_SIMILAR = "too_similar"
    """MMR put products below it before it, because it is like those chosen already."""
    OUTRANKED = "outranked"
    """It was looked at to the end, and others scored higher."""
    GAVE_WAY = "gave_way"
    """It was chosen, and a product in a reserved place moved it beyond the end of the list."""
    WITHOUT_REASON = "without_reason"
    """The list shows only products whose reason names another product."""


class Bar(StrEnum):
    """What kept a candidate from a place, in `Turns.bars`."""

    CATEGORY = "category"
    DEPARTMENT = "department"
    CHOSEN = "chosen"


BARS: tuple[Bar | None, ...] = (None, Bar.CATEGORY, Bar.DEPARTMENT, Bar.CHOSEN)
"""The meaning of the numbers in `Turns.bars`."""


class Asked(NamedTuple):
    """A source that was asked, for how many candidates, and what it answered."""

    source: Callable[[int], list[Candidate]]
    limit: int
    candidates: Sequence[Candidate]


@dataclass(frozen=True, eq=False, slots=True)
class Turns:
    """The choice of a list's products, place by place.

    All arrays have a column for each candidate. `relevance` is lambda × its score, less the step of
    its source; `values` and `bars` have a row for each place: what the candidate was worth then,
    relevance less similarity, and what kept it from the place (see `BARS`).
    """

    candidates: Sequence[Candidate]
    relevance: NDArray[np.float64]
    values: NDArray[np.float64]
    bars: NDArray[np.int8]
    chosen: Sequence[int]
    """The column that got each place; places beyond are filled without regard to caps."""


@dataclass(eq=False, slots=True)
class ListTrace:
    """What the pipeline reports of one list."""

    name: str = ""
    """Which list of its page it is."""
    rules: Rules = NO_RULES
    excluded: frozenset[int] = frozenset()
    """Products that the list must not hold, whoever names them."""
    sources: tuple[Callable[[int], list[Candidate]], ...] = ()
    """All sources, in the order in which they are asked while the list is not full."""
    asked: list[Asked] = field(default_factory=list)
    dropped: dict[int, Stage] = field(default_factory=dict)
    """Where the pipeline dropped a candidate; the first reason that holds."""
    named: dict[int, Candidate] = field(default_factory=dict)
    """Candidates that passed the filters, as their source named them."""
    ruled: dict[int, Candidate] = field(default_factory=dict)
    """The same candidates after the rules of staff."""
    passed_over: dict[int, int] = field(default_factory=dict)
    """How often candidates came into view without an interaction, as far as a rule lowers them."""
    weighed: tuple[Candidate, ...] = ()
    """What the list is chosen from, by source and score, seen and passed over products lowered."""
    turns: Turns | None = None
    choose: Callable[[list[Candidate]], list[Candidate]] | None = None
    """Chooses the list anew from candidates like `weighed`, in the same order, scores apart."""
    facts: dict[str, Any] = field(default_factory=dict)
    """Further numbers of the list, such as its caps."""

    def ask(
        self, source: Callable[[int], list[Candidate]], limit: int, found: Sequence[Candidate]
    ) -> None:
        """Note what a source answered; a later answer of the same source replaces it."""
        self.asked = [one for one in self.asked if one.source is not source]
        self.asked.append(Asked(source, limit, tuple(found)))

    def drop(self, stage: Stage, product_ids: Iterable[int]) -> None:
        """Note the stage at which products left, unless they left before."""
        for product_id in product_ids:
            self.dropped.setdefault(product_id, stage)

    def pass_filters(self, candidates: Collection[Candidate]) -> None:
        """Note who passed the filters; the first source that named a product counts."""
        for one in candidates:
            self.named.setdefault(one.product_id, one)

    def apply_rules(self, candidates: Collection[Candidate]) -> None:
        """Note the scores after the rules."""
        for one in candidates:
            self.ruled.setdefault(one.product_id, one)
