from recommendations.choices import Source
from recommendations.engine import pipeline
from recommendations.engine.pipeline import Candidate, ProductFilterFields
from recommendations.engine.result import Reason, ReasonCode


def candidate(product_id: int, score: float = 1.0, source: Source = Source.MODEL) -> Candidate:
    return Candidate(product_id, score, source, Reason(ReasonCode.POPULAR))


def facts(
    category: str = "Lamps",
    *,
    is_active: bool = True,
    in_stock: bool = True,
    is_repeatable: bool = False,
) -> ProductFilterFields:
    return ProductFilterFields(category, is_active, in_stock, is_repeatable)


def ids(candidates: list[Candidate]) -> list[int]:
    return [candidate.product_id for candidate in candidates]


def test_what_cannot_be_bought_is_left_out() -> None:
    known = {1: facts(), 2: facts(is_active=False), 3: facts(in_stock=False)}

    left = pipeline.filter_candidates(
        [candidate(n) for n in (4, 3, 2, 1)], known, purchased=set(), excluded=set()
    )

    assert ids(left) == [1]


def test_what_was_bought_comes_back_only_if_people_buy_it_again() -> None:
    known = {1: facts(), 2: facts(is_repeatable=True), 3: facts()}

    left = pipeline.filter_candidates(
        [candidate(1), candidate(2), candidate(3)], known, purchased={1, 2}, excluded=set()
    )

    assert ids(left) == [2, 3]


def test_what_is_not_wanted_is_left_out_even_if_people_buy_it_again() -> None:
    known = {n: facts(is_repeatable=True) for n in (1, 2, 3)}

    left = pipeline.filter_candidates(
        [candidate(1), candidate(2), candidate(3)], known, purchased=set(), excluded={1, 3}
    )

    assert ids(left) == [2]


def test_a_seen_product_stays_behind_fresh_ones_of_like_score() -> None:
    candidates = [candidate(1, 1.0), candidate(2, 0.6), candidate(3, 0.4)]

    order = pipeline.demote_seen(candidates, seen={1})

    assert ids(order) == [2, 1, 3]
    assert [entry.score for entry in order] == [0.6, 0.5, 0.4]


def test_a_better_source_stays_before_a_worse_one_whatever_the_scores() -> None:
    candidates = [candidate(1, 0.2), candidate(2, 1.0, Source.TRENDING)]

    order = pipeline.demote_seen(candidates, seen={1})

    assert ids(order) == [1, 2]


def test_confidence_never_rises_and_is_capped_by_the_source() -> None:
    ranked = pipeline.build_ranked_list(
        [candidate(1, 0.8), candidate(2, 0.9), candidate(3, 1.0, Source.TRENDING)],
        model_version="v1",
    )

    assert [entry.confidence_score for entry in ranked.entries] == [0.8, 0.8, 0.4]


def test_sources_keep_the_order_in_which_the_ladder_named_them() -> None:
    candidates = [candidate(1, 0.2, Source.SESSION), candidate(2, 1.0), candidate(3, 0.9)]

    order = pipeline.demote_seen(candidates, seen=set())

    assert ids(order) == [1, 2, 3]


def test_a_list_names_its_first_source_and_the_model_only_if_it_answered() -> None:
    mixed = pipeline.build_ranked_list(
        [candidate(2), candidate(1, 0.1, Source.TRENDING)], model_version="v1"
    )
    completed = pipeline.build_ranked_list(
        [candidate(1, 1, Source.SESSION), candidate(2)], model_version="v1"
    )
    without_model = pipeline.build_ranked_list(
        [candidate(1, 1, Source.POPULAR)], model_version="v1"
    )

    assert (mixed.source, mixed.model_version) == (Source.MODEL, "v1")
    assert (completed.source, completed.model_version) == (Source.SESSION, "v1")
    assert (without_model.source, without_model.model_version) == (Source.POPULAR, None)


def test_a_reason_is_kept_where_nothing_better_is_found() -> None:
    found = Reason(ReasonCode.VIEWED, product_id=9)

    explained = pipeline.attach_reasons([candidate(1), candidate(2)], [found, None])

    assert [entry.reason.code for entry in explained] == [
        ReasonCode.VIEWED,
        ReasonCode.POPULAR,
    ]


def test_only_what_is_within_its_categorys_share_makes_a_list_full() -> None:
    known = {n: facts("Lamps" if n <= 4 else "Tents") for n in range(1, 6)}

    held = pipeline.count_within_category_cap(
        [candidate(n) for n in range(1, 6)], known, most_per_category=2
    )

    assert held == 3
