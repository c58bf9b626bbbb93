"""What the engine reports to a trace, and that a trace changes nothing."""

from itertools import product as combine

import numpy as np
import pytest

from recommendations.choices import Source
from recommendations.engine.candidates import Candidate, Reason
from recommendations.engine.filters import filter_candidates, name_obstacle
from recommendations.engine.mmr import rerank_mmr
from recommendations.engine.trace import BARS, Bar, ListTrace, Stage
from recommendations.reasons import ReasonCode
from recommendations.tests.engine.products import ProductFields


def candidate(product_id: int, score: float = 1.0) -> Candidate:
    return Candidate(product_id, score, Source.MODEL, Reason(ReasonCode.POPULAR))


def test_a_product_has_an_obstacle_exactly_if_the_filter_drops_it() -> None:
    switches = combine((False, True), repeat=6)
    for active, in_stock, repeatable, bought, in_cart, dismissed in switches:
        facts = ProductFields("Lamps", active, in_stock, repeatable)
        kept = filter_candidates(
            [candidate(1)],
            {1: facts},
            purchased={1} if bought else set(),
            excluded={1} if in_cart or dismissed else set(),
        )

        obstacle = name_obstacle(
            facts, is_purchased=bought, is_in_cart=in_cart, is_dismissed=dismissed
        )

        assert (obstacle is None) == bool(kept)


@pytest.mark.parametrize(
    ("facts", "bought", "stage"),
    [
        (None, False, Stage.NOT_IN_CATALOGUE),
        (ProductFields(is_active=False, in_stock=False), True, Stage.INACTIVE),
        (ProductFields(in_stock=False), True, Stage.SOLD_OUT),
        (ProductFields(), True, Stage.BOUGHT),
        (ProductFields(is_repeatable=True), True, None),
    ],
)
def test_the_first_obstacle_of_the_pipeline_counts(
    facts: ProductFields | None, bought: bool, stage: Stage | None
) -> None:
    found = name_obstacle(facts, is_purchased=bought, is_in_cart=False, is_dismissed=False)

    assert found is stage


def test_a_trace_has_every_turn_of_the_choice_and_changes_nothing() -> None:
    candidates = [candidate(1, 0.9), candidate(2, 0.8), candidate(3, 0.6), candidate(4, 0.5)]
    facts = dict(zip((1, 2, 3, 4), map(ProductFields, ("A", "A", "B", "A")), strict=True))
    vectors = np.array([(1, 0), (1, 0), (0, 1), (0, 1)], dtype=np.float32)
    trace = ListTrace()

    def rerank(trace: ListTrace | None) -> list[Candidate]:
        return rerank_mmr(
            candidates,
            facts,
            vectors,
            count=3,
            max_per_category=1,
            max_per_department=2,
            mmr_lambda=0.5,
            trace=trace,
        )

    traced = rerank(trace)

    assert traced == rerank(None)
    assert [one.product_id for one in traced] == [1, 3, 2]
    turns = trace.turns
    assert turns is not None
    assert turns.chosen == [0, 2]
    assert turns.relevance.tolist() == pytest.approx([0.45, 0.4, 0.3, 0.25])
    assert turns.values[0].tolist() == pytest.approx([0.45, 0.4, 0.3, 0.25])
    assert turns.values[1, 1:].tolist() == pytest.approx([0.4 - 0.5, 0.3, 0.25])
    assert [[BARS[bar] for bar in row] for row in turns.bars.tolist()] == [
        [None, None, None, None],
        [Bar.CHOSEN, Bar.CATEGORY, None, Bar.CATEGORY],
    ]
