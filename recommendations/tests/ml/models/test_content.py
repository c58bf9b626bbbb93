import numpy as np
import pytest

from recommendations.ml.models import content
from recommendations.ml.models.content import ContentModel
from recommendations.tests.ml.builders import build_catalogue, build_history, build_interactions

SHOES = build_catalogue(
    4,
    categories=["Shoes", "Shoes", "Shoes > Boots", "Kitchen"],
    brands=["Acme", "Acme", "Other", "Other"],
)


def test_a_score_is_the_cosine_of_the_attributes() -> None:
    model = ContentModel().fit(build_interactions([], n_items=4, catalogue=SHOES))

    scores = model.score([build_history(0)])[0]

    assert scores[1] == pytest.approx(1), "the same category and brand"
    assert 0 < scores[2] < 1, "the category alone"
    assert np.isnan(scores[3])


def test_the_size_of_the_blocks_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    interactions = build_interactions([], n_items=4, catalogue=SHOES)
    histories = [build_history(item) for item in range(4)]
    whole = ContentModel().fit(interactions).score(histories)

    monkeypatch.setattr(content, "ITEMS_PER_BLOCK", 1)

    np.testing.assert_allclose(ContentModel().fit(interactions).score(histories), whole)


def test_an_item_keeps_its_nearest_neighbors_only() -> None:
    model = ContentModel(n_neighbors=1).fit(build_interactions([], n_items=4, catalogue=SHOES))

    scores = model.score([build_history(0)])[0]

    assert np.flatnonzero(~np.isnan(scores)).tolist() == [1]
