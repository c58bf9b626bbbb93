import pytest

from recommendations.choices import Source
from recommendations.engine.candidates import Candidate, Reason
from recommendations.engine.result import build_ranked_list, get_list_source
from recommendations.reasons import ReasonCode

MODEL, PINNED, SESSION, TRENDING, POPULAR = (
    Source.MODEL,
    Source.PINNED,
    Source.SESSION,
    Source.TRENDING,
    Source.POPULAR,
)


def candidate(product_id: int, score: float = 1.0, source: Source = MODEL) -> Candidate:
    return Candidate(product_id, score, source, Reason(ReasonCode.POPULAR))


def test_confidence_never_rises_and_is_capped_by_the_source() -> None:
    entries = build_ranked_list([candidate(1, 0.8), candidate(2, 0.9), candidate(3, 1.0, TRENDING)])

    assert [entry.confidence_score for entry in entries] == [0.8, 0.8, 0.4]


@pytest.mark.parametrize(
    ("source", "confidence"),
    [
        (PINNED, 1.0),
        (MODEL, 1.0),
        (SESSION, 0.6),
        (TRENDING, 0.4),
        (POPULAR, 0.3),
        (Source.NEWEST, 0.1),
    ],
)
def test_the_best_product_of_a_source_has_the_sources_confidence(
    source: Source, confidence: float
) -> None:
    (entry,) = build_ranked_list([candidate(1, 1.0, source)])

    assert entry.confidence_score == confidence


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        ([MODEL, TRENDING], MODEL),
        ([SESSION, MODEL], SESSION),
        ([PINNED, PINNED, POPULAR], POPULAR),
        ([PINNED], PINNED),
        ([], Source.NEWEST),
    ],
)
def test_a_list_has_the_source_of_its_first_product_that_is_not_pinned(
    sources: list[Source], expected: Source
) -> None:
    assert get_list_source(sources) is expected
