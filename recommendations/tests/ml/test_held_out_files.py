from pathlib import Path

import numpy as np
import pytest

from recommendations.choices import InteractionType
from recommendations.errors import InvalidInputError
from recommendations.ml.data import TYPE_CODES
from recommendations.ml.evaluation.splits import build_histories
from recommendations.ml.held_out_files import read_baskets, read_sessions
from recommendations.tests.ml.builders import WEIGHTS

LEARNT = "session_id,item_id,position\nt0,5,0\nt0,6,1\nt1,6,0\nt1,7,1\n"


def write(folder: Path, **files: str) -> list[Path]:
    paths = []
    for name, text in files.items():
        paths.append(folder / f"{name}.csv")
        paths[-1].write_text(text)
    return paths


def test_every_click_of_a_test_session_but_the_first_is_a_case(tmp_path: Path) -> None:
    learnt, test = write(
        tmp_path,
        learnt=LEARNT,
        test="session_id,item_id,position\ne1,7,0\ne1,6,1\ne1,7,2\ne0,5,0\ne0,9,1\n",
    )

    interactions, splitter = read_sessions(learnt, test, weights=WEIGHTS)
    split = splitter.split(interactions)

    ids = interactions.catalogue.item_ids
    assert dict(
        zip(
            split.case_ids or [], (ids[truth].tolist() for truth in split.ground_truth), strict=True
        )
    ) == {"e1:1": [6], "e1:2": [7], "e0:1": [9]}
    assert {
        case: ids[history.items].tolist()
        for case, history in zip(split.case_ids or [], split.histories, strict=True)
    } == {"e1:1": [7], "e1:2": [7, 6], "e0:1": [5]}
    assert ids[split.training.items].tolist() == [5, 6, 6, 7]
    assert [items.tolist() for items in split.excluded] == [[], [], []]


def test_a_product_clicked_again_is_the_newest_of_the_history(tmp_path: Path) -> None:
    clicks = "".join(f"e0,{item},{step}\n" for step, item in enumerate([3, 4, 3, 5, 4, 3, 6]))
    learnt, test = write(tmp_path, learnt=LEARNT, test=f"session_id,item_id,position\n{clicks}")

    interactions, splitter = read_sessions(learnt, test, weights=WEIGHTS)
    history = splitter.split(interactions).histories[-1]

    session = interactions.select(np.arange(4, 10)).merge_repeats()
    expected = build_histories(session, session.users[:1])[0]
    assert interactions.catalogue.item_ids[history.items].tolist() == [5, 4, 3]
    assert history.repeats.tolist() == [1, 2, 3]
    np.testing.assert_array_equal(history.items, expected.items)
    np.testing.assert_array_equal(history.weights, expected.weights)
    np.testing.assert_allclose(history.ages_in_days, expected.ages_in_days, atol=1e-9)


def test_the_newest_sessions_are_held_back_to_tune_on(tmp_path: Path) -> None:
    sessions = "".join(f"t{each},{each},0\nt{each},{each + 1},1\n" for each in range(10))
    learnt, test = write(
        tmp_path,
        learnt=f"session_id,item_id,position\n{sessions}",
        test="session_id,item_id,position\n" + "".join(f"e{n},1,0\ne{n},2,1\n" for n in range(5)),
    )

    interactions, splitter = read_sessions(learnt, test, weights=WEIGHTS)
    validation = splitter.split_validation(interactions)

    assert validation.case_ids == ["t8:1", "t9:1"], "a fifth of ten"
    assert sorted(set(interactions.user_ids[validation.training.users])) == [
        f"t{each}" for each in range(8)
    ]


def test_timestamps_order_sessions_and_name_cases_by_their_place(tmp_path: Path) -> None:
    learnt, test = write(
        tmp_path,
        learnt="session_id,item_id,timestamp,event\nt0,6,60,cart\nt0,5,0,\n",
        test="session_id,item_id,timestamp\ne0,6,190\ne0,5,100\n",
    )

    interactions, splitter = read_sessions(learnt, test, weights=WEIGHTS)
    split = splitter.split(interactions)

    assert interactions.timestamps.tolist() == [0, 60, 100, 190]
    assert interactions.interaction_types[1] == TYPE_CODES[InteractionType.CART]
    assert split.case_ids == ["e0:1"]
    assert interactions.catalogue.item_ids[split.histories[0].items].tolist() == [5]


@pytest.mark.parametrize(
    ("test", "sentence"),
    [
        ("session_id,item,position\ne0,5,0\n", "has no column item_id"),
        ("user_id,item_id,position\ne0,5,0\n", "has no column session_id"),
        ("session_id,item_id\ne0,5\n", "neither a column timestamp nor position"),
        ("session_id,item_id,position\ne0,5,one\n", "line 2, has a position that is no time"),
        ("session_id,item_id,timestamp\ne0,5,1\n", "both need the same"),
        ("session_id,item_id,position\nt1,5,0\n", "Session t1 is in "),
    ],
)
def test_wrong_test_sessions_are_refused_in_a_sentence(
    tmp_path: Path, test: str, sentence: str
) -> None:
    paths = write(tmp_path, learnt=LEARNT, test=test)

    with pytest.raises(InvalidInputError, match=sentence):
        read_sessions(*paths, weights=WEIGHTS)


def test_the_next_basket_is_found_from_all_baskets_before(tmp_path: Path) -> None:
    learnt, test = write(
        tmp_path,
        learnt="user_id,item_id,position\n1,5,0\n1,6,0\n1,5,1\n2,7,0\n",
        test="user_id,item_id\n1,5\n1,8\n2,5\n",
    )

    interactions, splitter = read_baskets(learnt, test, weights=WEIGHTS)
    split, validation = splitter.split(interactions), splitter.split_validation(interactions)

    ids = interactions.catalogue.item_ids
    assert [ids[truth].tolist() for truth in split.ground_truth] == [[5, 8], [5]]
    assert ids[split.histories[0].items].tolist() == [6, 5]
    assert split.histories[0].repeats.tolist() == [1, 2]
    assert split.histories[0].ages_in_days.tolist() == [1, 0]
    assert ids[split.histories[1].items].tolist() == [7]
    assert split.training.timestamps.max() < interactions.timestamps.max()
    assert [ids[truth].tolist() for truth in validation.ground_truth] == [[5]]
    assert sorted(ids[validation.training.items].tolist()) == [5, 6, 7]
