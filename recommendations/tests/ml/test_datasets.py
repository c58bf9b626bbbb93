import gzip
from pathlib import Path

import pytest

from recommendations.errors import DataImportError, InvalidInputError
from recommendations.ml.datasets import read_interactions
from recommendations.tests.ml.builders import WEIGHTS


def write_file(path: Path, text: str) -> Path:
    data = text.encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def test_csv_events_become_weighted_interactions_in_time_order(tmp_path: Path) -> None:
    path = write_file(
        tmp_path / "events.csv",
        "user_id,item_id,event,timestamp\nann,7,purchase,200\nbob,5,view,100\n",
    )

    interactions = read_interactions(path, weights=WEIGHTS)

    assert interactions.user_ids[interactions.users].tolist() == ["bob", "ann"]
    assert interactions.catalogue.item_ids[interactions.items].tolist() == [5, 7]
    assert interactions.weights.tolist() == [1, 5]
    assert interactions.timestamps.tolist() == [100, 200]


def test_gzipped_json_lines_with_iso_times_and_ratings_are_read(tmp_path: Path) -> None:
    path = write_file(
        tmp_path / "events.jsonl.gz",
        '{"user_id": 1, "item_id": "a", "event": "rate", "rating": 4.5,'
        ' "timestamp": "1970-01-02T00:00:00Z"}\n',
    )

    interactions = read_interactions(path, weights=WEIGHTS)

    assert interactions.timestamps.tolist() == [86_400]
    assert interactions.ratings.tolist() == [4.5]
    assert interactions.weights.tolist() == [3]


def test_a_catalogue_keeps_untouched_items_and_gets_the_touched_items_that_it_lacks(
    tmp_path: Path,
) -> None:
    events = write_file(
        tmp_path / "events.csv", "user_id,item_id,event,position\n1,9,view,1\n1,2,view,2\n"
    )
    items = write_file(
        tmp_path / "items.jsonl",
        '{"item_id": 2, "title": "Nail polish", "brand": null,'
        ' "categories": [["Beauty", "Nails"], ["Gifts"]]}\n'
        '{"item_id": 4, "title": "Comb", "brand": "Kent", "categories": []}\n',
    )

    catalogue = read_interactions(events, weights=WEIGHTS, items=items).catalogue

    assert catalogue.item_ids.tolist() == [2, 4, 9]
    assert catalogue.names.tolist() == ["Nail polish", "Comb", ""]
    assert catalogue.categories.tolist() == ["Beauty > Nails\nGifts", "", ""]
    assert catalogue.brands.tolist() == ["", "Kent", ""]


def test_an_empty_title_leaves_the_name_to_the_label(tmp_path: Path) -> None:
    events = write_file(
        tmp_path / "events.csv", "user_id,item_id,event,position\n1,1,view,1\n1,2,view,2\n"
    )
    items = write_file(
        tmp_path / "items.jsonl",
        '{"item_id": 1, "title": null, "label": "Ski helmet"}\n'
        '{"item_id": 2, "title": "", "label": "Ski goggles"}\n',
    )

    catalogue = read_interactions(events, weights=WEIGHTS, items=items).catalogue

    assert catalogue.names.tolist() == ["Ski helmet", "Ski goggles"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("user_id,item_id,timestamp\n1,2,3\n", "has no column event"),
        ("user_id,item_id,event\n1,2,view\n", "neither a column timestamp nor position"),
        ("user_id,item_id,event,timestamp\n1,2,view,5\n1,3,stare,6\n", "line 3, has an event"),
        ("user_id,item_id,event,timestamp\n1,2,view,5\n1,3,view,soon\n", "line 3, .* no time"),
        ("user_id,item_id,event,timestamp\n,2,view,5\n", "line 2, has no user_id"),
        (
            "user_id,item_id,event,timestamp\n1,2,view,5\n1,2\n",
            r"line 3, has another number of values \(2\)",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_column_or_the_line(
    tmp_path: Path, text: str, sentence: str
) -> None:
    path = write_file(tmp_path / "events.csv", text)

    with pytest.raises(InvalidInputError, match=sentence):
        read_interactions(path, weights=WEIGHTS)


def test_a_file_without_a_line_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataImportError, match=r"events\.csv is empty"):
        read_interactions(write_file(tmp_path / "events.csv", ""), weights=WEIGHTS)


@pytest.mark.parametrize("name", ["nowhere.csv", "events.xlsx"])
def test_a_missing_file_or_one_of_another_format_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataImportError, match=name):
        read_interactions(tmp_path / name, weights=WEIGHTS)


def test_a_file_that_is_not_what_its_name_says_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "events.csv.gz"
    path.write_bytes(b"plain text")

    with pytest.raises(DataImportError, match="is not a gzip file"):
        read_interactions(path, weights=WEIGHTS)


def test_ids_that_are_not_all_numbers_stay_text(tmp_path: Path) -> None:
    path = write_file(
        tmp_path / "events.csv", "user_id,item_id,event,position\n007,10,view,1\n8,9,view,2\n"
    )

    interactions = read_interactions(path, weights=WEIGHTS)

    assert interactions.user_ids.tolist() == ["007", "8"]
    assert interactions.catalogue.item_ids.tolist() == [9, 10]
    assert interactions.catalogue.item_ids[interactions.items].tolist() == [10, 9]
