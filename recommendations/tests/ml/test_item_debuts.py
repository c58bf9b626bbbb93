"""When items were first touched, and which are new at a time."""

from recommendations.choices import InteractionType
from recommendations.ml.ensemble import Ensemble
from recommendations.ml.item_debuts import ItemDebuts
from recommendations.ml.models.popularity import PopularityModel
from recommendations.tests.ml.builders import DAY, build_interactions

VIEW = InteractionType.VIEW
NOW = 100 * DAY
OLD, YOUNG, RARE, UNTOUCHED = range(4)
LOG = build_interactions(
    [
        *((user, OLD, VIEW, 10 * DAY) for user in range(5)),
        *((user, YOUNG, VIEW, 95 * DAY) for user in range(5)),
        (0, RARE, VIEW, 10 * DAY),
    ],
    n_items=4,
)


def find_new(*, within_days: float, fewer_than: int) -> list[int]:
    found = ItemDebuts.of(LOG).find_new(NOW, within_days=within_days, fewer_than=fewer_than)
    return [int(row) for row in found]


def test_an_item_is_new_if_it_was_first_touched_lately_or_seldom() -> None:
    assert find_new(within_days=7, fewer_than=0) == [YOUNG]
    assert find_new(within_days=0, fewer_than=2) == [RARE, UNTOUCHED]
    assert find_new(within_days=7, fewer_than=2) == [YOUNG, RARE, UNTOUCHED]
    assert find_new(within_days=90, fewer_than=0) == [OLD, YOUNG, RARE]


def test_debuts_count_repeated_interactions_that_the_log_merged() -> None:
    repeated = build_interactions([(0, OLD, VIEW, DAY), (0, OLD, VIEW, 3 * DAY)], n_items=1)

    debuts = ItemDebuts.of(repeated.merge_repeats())

    assert (debuts.n_interactions.tolist(), debuts.first_seconds.tolist()) == ([2], [1 * DAY])


def test_a_version_of_an_older_release_knows_no_new_item() -> None:
    ensemble = Ensemble({"popularity": PopularityModel()}, {"popularity": 1.0}).fit(LOG)
    state = ensemble.state()
    loaded = Ensemble.from_state(ensemble.get_params(), state)
    for name in ("first_seconds", "n_interactions"):
        del state[name]

    older = Ensemble.from_state(ensemble.get_params(), state)

    assert loaded.facts_.debuts.find_new(NOW, within_days=7, fewer_than=2).tolist() == [1, 2, 3]
    assert older.facts_.debuts.find_new(NOW, within_days=7, fewer_than=2).tolist() == []
