"""Tables of the sample shop: what does not fit is refused, with its place and the reason."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from recommendations.sample_data import tables
from recommendations.sample_data.tables import SampleTableError, check_names, read_table


@dataclass(frozen=True)
class Shelf:
    wood: str
    width: float
    boards: int = 3


@dataclass(frozen=True)
class Furniture:
    shelves: tuple[Shelf, ...]


def read(text: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Furniture:
    (folder / "rooms.toml").write_text(text)
    monkeypatch.setattr(tables, "DATA", folder)
    return read_table("rooms.toml", Furniture)


def test_a_table_becomes_dataclasses_with_their_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    furniture = read('[[shelves]]\nwood = "oak"\nwidth = 2', tmp_path, monkeypatch)

    assert furniture == Furniture(shelves=(Shelf(wood="oak", width=2.0, boards=3),))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("shelves = [", "rooms.toml: Invalid value"),
        ("", "rooms.toml: 'shelves' is missing."),
        ("shelves = 1", "rooms.toml, shelves: 1 is not of type list."),
        ('[[shelves]]\nwood = "oak"', "rooms.toml, shelves, no. 1: 'width' is missing."),
        ("shelves = [{ wod = 1 }]", "no. 1: 'wod' is none of wood, width, boards."),
        ('shelves = [{ wood = "oak", width = true }]', "width: True is not of type float."),
        ('shelves = [{ wood = "oak", width = 1, boards = 1.5 }]', "1.5 is not of type int."),
    ],
)
def test_a_table_that_does_not_fit_is_refused_with_its_place_and_the_reason(
    text: str, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SampleTableError) as refused:
        read(text, tmp_path, monkeypatch)

    assert problem in str(refused.value)


def test_a_name_that_another_table_lacks_is_refused() -> None:
    with pytest.raises(SampleTableError, match=r"looks, palettes: 'Snow' is none of Sage, Sand\."):
        check_names(["Sand", "Snow"], ["Sage", "Sand"], "looks, palettes")
