import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.choices import Source
from recommendations.engine.candidates import Candidate, Reason
from recommendations.engine.rules import (
    NO_RULES,
    Rules,
    Target,
    apply_rules,
    get_categories,
    get_pins,
)
from recommendations.reasons import ReasonCode
from recommendations.tests.engine.products import ProductFields

LAMP, TENT = 1, 2
FACTS = {
    LAMP: ProductFields("Lamps", True, True, False, "Acme"),
    TENT: ProductFields("Tents", True, True, False, "Fjell"),
}


def candidate(product_id: int, score: float, source: Source = Source.MODEL) -> Candidate:
    return Candidate(
        product_id, score, source, Reason(ReasonCode.POPULAR), score * 0.7, score * 0.3
    )


@pytest.mark.parametrize("target", [TENT, ("category", "Tents"), ("brand", "Fjell")])
def test_a_hidden_target_is_dropped(target: Target) -> None:
    rules = Rules(hidden=frozenset({target}))

    left = apply_rules([candidate(TENT, 1.0), candidate(LAMP, 0.5)], FACTS, rules)

    assert left == [candidate(LAMP, 0.5)]


@pytest.mark.parametrize("path", ["Outdoor", "Outdoor > Tents", "Sale"])
def test_a_rule_holds_at_every_level_of_every_category(path: str) -> None:
    facts = {TENT: ProductFields("Outdoor > Tents"), LAMP: ProductFields("Lamps")}
    rules = Rules(hidden=frozenset({("category", path)}))

    left = apply_rules([candidate(TENT, 1.0), candidate(LAMP, 0.5)], facts, rules, {TENT: {"Sale"}})

    assert left == [candidate(LAMP, 0.5)]
    assert get_categories(rules) == {path}


@pytest.mark.parametrize(("boost", "score"), [(1, 0.7), (2, 0.85), (-1, 0.2), (-2, 0.1)])
def test_a_boost_halves_the_distance_to_1_and_a_bury_halves_the_score(
    boost: int, score: float
) -> None:
    [moved, other] = apply_rules(
        [candidate(TENT, 0.4), candidate(LAMP, 0.5)],
        FACTS,
        Rules(boosts={("brand", "Fjell"): boost}),
    )

    assert moved.score == pytest.approx(score)
    assert moved.cf_score + moved.mf_score == pytest.approx(score)
    assert other == candidate(LAMP, 0.5)


def test_boosts_of_product_category_and_brand_add_up() -> None:
    rules = Rules(boosts={TENT: 1, ("category", "Tents"): 1, ("brand", "Fjell"): -1})

    [moved] = apply_rules([candidate(TENT, 0.4)], FACTS, rules)

    assert moved.score == pytest.approx(0.7)


@given(st.floats(0, 1), st.integers(-60, 60))
def test_a_boosted_or_buried_score_stays_between_0_and_1(score: float, boost: int) -> None:
    [moved] = apply_rules(
        [candidate(TENT, score)], FACTS, Rules(boosts={TENT: boost} if boost else {})
    )

    assert 0 <= moved.score <= 1
    assert (moved.score >= score) if boost > 0 else (moved.score <= score)


def test_a_pinned_product_keeps_its_score_unless_it_is_hidden() -> None:
    rules = Rules(pinned=(TENT, LAMP), hidden=frozenset({LAMP}), boosts={TENT: -1})

    pinned = apply_rules(get_pins(rules), FACTS, rules)

    assert pinned == [Candidate(TENT, 1.0, Source.PINNED, Reason(ReasonCode.PINNED))]


def test_without_rules_nothing_changes() -> None:
    candidates = [candidate(TENT, 0.4), candidate(LAMP, 0.5)]

    assert apply_rules(candidates, FACTS, NO_RULES) == candidates
