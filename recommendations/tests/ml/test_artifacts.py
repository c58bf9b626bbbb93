import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recommendations import array_folders
from recommendations.errors import ArtifactError
from recommendations.ml import artifacts
from recommendations.ml.ensemble import Ensemble
from recommendations.ml.models.popularity import PopularityModel
from recommendations.ml.presets import default_ensemble
from recommendations.tests.ml.builders import (
    UNTOUCHED,
    build_history,
    build_interactions,
    make_two_taste_events,
)

N_ITEMS = UNTOUCHED + 1


@pytest.fixture(scope="module")
def ensemble() -> Ensemble:
    return default_ensemble().fit(build_interactions(make_two_taste_events(), n_items=N_ITEMS))


@pytest.fixture
def folder(tmp_path: Path, ensemble: Ensemble) -> Path:
    artifacts.save(ensemble, tmp_path / "model", fingerprint="a1b2")
    return tmp_path / "model"


def rewrite_manifest(folder: Path, **changes: Any) -> None:
    """Change a manifest and seal it anew, as an attacker would."""
    path = folder / array_folders.MANIFEST
    manifest = json.loads(path.read_text())
    del manifest["seal"]
    manifest |= changes
    path.write_text(json.dumps({**manifest, "seal": array_folders.compute_seal(manifest)}))


def test_a_loaded_ensemble_ranks_like_the_saved_one(folder: Path, ensemble: Ensemble) -> None:
    history = build_history(0, 1, 9)

    loaded = artifacts.load(folder)

    mine, theirs = loaded.recommend(history, 8), ensemble.recommend(history, 8)
    np.testing.assert_array_equal(mine.items, theirs.items)
    np.testing.assert_array_equal(mine.scores, theirs.scores)
    assert loaded.catalogue.item_ids.tolist() == list(range(100, 100 + N_ITEMS))


def test_loaded_arrays_are_read_only(folder: Path) -> None:
    loaded = artifacts.load(folder)

    for name, array in loaded.state().items():
        if name.endswith(("input_factors", "item_factors", "bias")):
            assert not array.flags.writeable, name


def test_a_file_that_is_cut_off_after_loading_harms_nobody(folder: Path) -> None:
    loaded = artifacts.load(folder)
    before = {name: values.copy() for name, values in loaded.state().items()}

    with (folder / array_folders.ARRAYS).open("r+b") as file:
        file.truncate(0)

    for name, values in loaded.state().items():
        np.testing.assert_array_equal(values, before[name])


def test_numpy_reads_the_arrays_as_well(folder: Path, ensemble: Ensemble) -> None:
    with np.load(folder / array_folders.ARRAYS, allow_pickle=False) as arrays:
        np.testing.assert_array_equal(
            arrays["popularity.scores"], ensemble.members["popularity"].state()["scores"]
        )


def test_the_manifest_has_the_fingerprint_and_the_versions_of_libraries(folder: Path) -> None:
    manifest = artifacts.read_manifest(folder)

    assert manifest["fingerprint"] == "a1b2"
    assert manifest["libraries"]["numpy"] == np.__version__


def test_an_existing_folder_is_never_overwritten(folder: Path, ensemble: Ensemble) -> None:
    before = (folder / array_folders.ARRAYS).read_bytes()

    with pytest.raises(ArtifactError, match="exists already"):
        artifacts.save(ensemble, folder, fingerprint="other")

    assert (folder / array_folders.ARRAYS).read_bytes() == before


def test_nothing_is_left_behind_when_saving_fails(tmp_path: Path) -> None:
    broken = Ensemble({"popularity": PopularityModel()}, {"popularity": 1.0})
    broken.fit(build_interactions(make_two_taste_events(), n_items=N_ITEMS))
    broken.members["popularity"].best_ = np.array([None, {}], dtype=object)  # type: ignore[attr-defined]

    with pytest.raises(ArtifactError, match="Python objects"):
        artifacts.save(broken, tmp_path / "model", fingerprint="")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", [array_folders.ARRAYS, array_folders.MANIFEST])
def test_a_missing_file_is_refused(folder: Path, name: str) -> None:
    (folder / name).unlink()

    with pytest.raises(ArtifactError, match=r"missing|holds no"):
        artifacts.load(folder)


@pytest.mark.parametrize("name", [array_folders.ARRAYS, array_folders.MANIFEST])
@pytest.mark.parametrize("share_left", [0.0, 0.5, 0.99])
def test_a_file_cut_off_is_refused(folder: Path, name: str, share_left: float) -> None:
    whole = (folder / name).read_bytes()
    (folder / name).write_bytes(whole[: int(len(whole) * share_left)])

    with pytest.raises(ArtifactError):
        artifacts.load(folder)


@pytest.mark.parametrize("name", [array_folders.ARRAYS, array_folders.MANIFEST])
@pytest.mark.parametrize("position", [0.1, 0.5, 0.9])
def test_a_flipped_bit_is_refused(folder: Path, name: str, position: float) -> None:
    damaged = bytearray((folder / name).read_bytes())
    damaged[int(len(damaged) * position)] ^= 1
    (folder / name).write_bytes(damaged)

    with pytest.raises(ArtifactError):
        artifacts.load(folder)


def test_another_format_is_refused_by_name(folder: Path) -> None:
    rewrite_manifest(folder, format=99)

    with pytest.raises(ArtifactError, match="format 99"):
        artifacts.load(folder)


def test_planted_objects_are_refused_even_with_a_matching_manifest(folder: Path) -> None:
    np.savez(folder / array_folders.ARRAYS, planted=np.array([{}], dtype=object))
    rewrite_manifest(folder, sha256=array_folders.compute_sha256(folder / array_folders.ARRAYS))

    with pytest.raises(ArtifactError):
        artifacts.load(folder)


@pytest.mark.parametrize("content", [b"", b"no archive", np.float32(1).dumps()])
def test_a_file_that_is_no_archive_is_refused_even_with_a_matching_manifest(
    folder: Path, content: bytes
) -> None:
    (folder / array_folders.ARRAYS).write_bytes(content)
    rewrite_manifest(folder, sha256=array_folders.compute_sha256(folder / array_folders.ARRAYS))

    with pytest.raises(ArtifactError, match=r"arrays\.npz cannot be read"):
        artifacts.load(folder)


def test_wrong_shapes_are_refused_even_with_a_matching_manifest(
    tmp_path: Path, ensemble: Ensemble
) -> None:
    short = Ensemble.from_state(ensemble.get_params(), ensemble.state())
    short.members["collaborative"].item_factors_ = short.members["collaborative"].item_factors_[:-1]  # type: ignore[attr-defined]
    artifacts.save(short, tmp_path / "short", fingerprint="")

    with pytest.raises(ArtifactError, match=r"rows of collaborative\.item_factors for 17 items"):
        artifacts.load(tmp_path / "short")


def test_an_unknown_recommender_is_refused(folder: Path) -> None:
    parameters = artifacts.read_manifest(folder)["parameters"]
    parameters["members"]["subprocess"] = parameters["members"].pop("collaborative")
    rewrite_manifest(folder, parameters=parameters)

    with pytest.raises(ArtifactError, match="subprocess"):
        artifacts.load(folder)


def test_compressed_arrays_are_refused(folder: Path) -> None:
    with np.load(folder / array_folders.ARRAYS) as arrays:
        everything = dict(arrays)
    np.savez_compressed(folder / array_folders.ARRAYS, **everything)
    rewrite_manifest(folder, sha256=array_folders.compute_sha256(folder / array_folders.ARRAYS))

    with pytest.raises(ArtifactError, match="compressed"):
        artifacts.load(folder)
    assert zipfile.is_zipfile(folder / array_folders.ARRAYS)
